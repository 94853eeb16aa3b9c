// One request: busy, its answer, idle.

import type { Header, Json, Message } from "../flow.js";
import type { Outlet, Output } from "./needs.js";
import { InvalidRequest } from "./read-execute.js";
import { isCell, type Shell, unknownSubshell } from "./subshells.js";

/** What a request is answered with. */
export interface Reply {
  msgType: string;
  content: Json;
  /** Abort the cells that wait behind this one. */
  abort?: boolean;
  /** What happens once the reply has been sent. */
  after?(): void;
}

/** Answers requests of one type; `undefined`: they have no reply. */
export type Handler = (request: Message, shell: Shell) => Reply | undefined | Promise<Reply | undefined>;

export interface ServeOptions {
  outlet: Outlet;
  output: Output;
  /** By message type. */
  handlers: Record<string, Handler>;
  mainShell(): Shell;
  /** Who asks has subscribed, too. */
  listening(): Promise<void> | undefined;
}

/** @param options.shell whose request it is; `undefined`: of a subshell that is not there */
export type Serve = (
  request: Message,
  options: { shell: Shell | undefined; aborted?: boolean },
) => Promise<void>;

export function createServe({ outlet, output, handlers, mainShell, listening }: ServeOptions): Serve {
  /** Cells between their busy and their idle, of all subshells. */
  const cells = new Set<Header>();
  const serve: Serve = async (request, { shell, aborted = false }) => {
    const { header, channel, identities } = request;
    await listening();
    output.message("status", { execution_state: "busy" }, header);
    const cell = isCell(request);
    if (cell) cells.add(header);
    const reply = aborted
      ? { msgType: "execute_reply", content: (shell ?? mainShell()).executor.aborted() }
      : await answer(request, shell).catch((error) => failure(request, error));
    await output.flushed();
    if (reply?.abort) {
      // Also those that have arrived but were not read yet; what is sent after the reply is not aborted.
      await outlet.shellDrained();
      shell?.lane.abort();
    }
    if (reply && channel !== "iopub") {
      const send = (content: Json): Promise<unknown> =>
        outlet.send(channel, identities, reply.msgType, content, header).sent;
      // A reply that cannot be written (nested too deeply) is still owed.
      await send(reply.content)
        .catch((error) => send({ execution_count: reply.content.execution_count, ...errorContent(error) }))
        .catch(() => {});
    }
    if (shell && cell) shell.cells--;
    cells.delete(header);
    output.message("status", { execution_state: "idle" }, header);
    // Front ends show the status that they heard last, whomever it was about.
    const [running] = cells;
    if (running) output.message("status", { execution_state: "busy" }, running);
    reply?.after?.();
  };

  const answer = async (request: Message, shell: Shell | undefined): Promise<Reply | undefined> => {
    const { msg_type: msgType, subshell_id: id } = request.header;
    const handler = Object.hasOwn(handlers, msgType) ? handlers[msgType] : undefined;
    // Code runs on shell only: control must stay free for interrupts.
    if (!handler || (msgType === "execute_request" && request.channel !== "shell")) return undefined;
    if (!shell) throw unknownSubshell(id);
    return await handler(request, shell);
  };

  const failure = (request: Message, error: unknown): Reply | undefined => {
    if (!(error instanceof InvalidRequest)) console.error("wirebook:", error);
    // A comm's message has no reply.
    if (!request.header.msg_type.endsWith("_request")) return undefined;
    const content = errorContent(error);
    if (request.header.msg_type === "execute_request") {
      content.execution_count = mainShell().executor.aborted().execution_count;
    }
    return { msgType: request.header.msg_type.replace(/_request$/, "_reply"), content };
  };

  return serve;
}

function errorContent(error: unknown): Json {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  return { status: "error", ename: name, evalue: message, traceback: [`${name}: ${message}`] };
}

export function ok(msgType: string, content: Json): Reply {
  return { msgType, content: { status: "ok", ...content } };
}

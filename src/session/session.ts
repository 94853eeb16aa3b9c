// The session: who asked, what is answered, in which order. The table below is the whole protocol of requests.

import type { Event, Json, Message, TypesMode } from "../flow.js";
import { createComms } from "./comms.js";
import { createExecutor } from "./execute.js";
import { createHistory } from "./history.js";
import { createInput } from "./input.js";
import { complete, diagnose, inspect, type Oracles } from "./introspect.js";
import { createLane } from "./lane.js";
import { createMissedOutput } from "./missed.js";
import type { Engine, Outlet, Output, Translation, Types } from "./needs.js";
import { InvalidRequest } from "./read-execute.js";
import type { Runs } from "./runs.js";
import { createTypeCheck } from "./typed.js";

export interface SessionOptions {
  outlet: Outlet;
  output: Output;
  engine(): Engine;
  /** The translator, loaded when it is first needed. */
  translation(): Promise<Translation>;
  /** The type checker, loaded when it is first needed; `undefined`: there is none. */
  types(): Promise<Types | undefined>;
  /** How strictly types are taken where no cell says otherwise. */
  typesMode(): Promise<TypesMode>;
  runs: Runs;
  /** Content of `kernel_info_reply`. */
  kernelInfo: Json;
  /** Content of `connect_reply`. */
  connectInfo: Json;
  /** Called once the answer to a shutdown_request is on its way. */
  onShutdown(restart: boolean): void;
}

/** One kernel's session. */
export interface Session {
  receive(message: Message): void;
  /** A client subscribed to this topic of iopub. */
  subscribed(topic: string): void;
  interrupt(): void;
  onEvent(event: Event): void;
  onDeath(reason: string, givenUp: boolean): void;
  /** No request is served any more. */
  stop(): void;
}

interface Reply {
  msgType: string;
  content: Json;
  /** Abort the cells that wait behind this one. */
  abort?: boolean;
  /** What happens once the reply has been sent. */
  after?(): void;
}

type Handler = (request: Message) => Reply | undefined | Promise<Reply | undefined>;

/** A client whose subscription is still on its way would miss the first `idle` and wait for it for ever. */
const subscriptionGrace = 250;

/** Creates the session. `runs` comes from outside because tracebacks need the cells' sources too. */
export function createSession(options: SessionOptions): Session {
  const { outlet, output, engine, translation, types, runs, kernelInfo, connectInfo, onShutdown } = options;
  const history = createHistory();
  const input = createInput(outlet, output);
  let audience = 0;
  /** Cells that run or wait. */
  let cells = 0;
  const executor = createExecutor({
    output,
    engine,
    translation,
    typeCheck: createTypeCheck({ output, types, mode: options.typesMode }),
    runs,
    history,
    input,
    missed: createMissedOutput(),
    audience: () => audience,
    queued: () => cells > 1,
  });

  const comms = createComms({
    output,
    engine,
    diagnose: async (code) => await diagnose(code, await oracles()),
  });

  const oracles = async (): Promise<Oracles> => ({
    translation: await translation(),
    engine: engine(),
    types: await types().catch(() => undefined),
  });

  const handlers: Record<string, Handler> = {
    async execute_request(request) {
      const { content, abort } = await executor.execute(request);
      return { msgType: "execute_reply", content, abort };
    },
    kernel_info_request: () => ok("kernel_info_reply", kernelInfo),
    connect_request: () => ok("connect_reply", connectInfo),
    async is_complete_request({ content }) {
      const code = typeof content.code === "string" ? content.code : "";
      return { msgType: "is_complete_reply", content: { ...(await translation()).isComplete(code) } };
    },
    async complete_request({ content }) {
      return ok("complete_reply", await complete(content, await oracles()));
    },
    async inspect_request({ content }) {
      return ok("inspect_reply", await inspect(content, await oracles()));
    },
    history_request: ({ content }) => ok("history_reply", { history: history.find(content) }),
    comm_info_request: ({ content }) => ok("comm_info_reply", { comms: comms.list(content.target_name) }),
    comm_open: (request) => comms.receive("open", request),
    comm_msg: (request) => comms.receive("msg", request),
    comm_close: (request) => comms.receive("close", request),
    interrupt_request() {
      executor.interrupt();
      return ok("interrupt_reply", {});
    },
    shutdown_request({ content, header }) {
      const restart = content.restart === true;
      const reply = ok("shutdown_reply", { restart });
      output.message("shutdown_reply", reply.content, header);
      return { ...reply, after: () => onShutdown(restart) };
    },
  };

  const serve = async (request: Message, aborted: boolean): Promise<void> => {
    const { header, channel, identities } = request;
    await listening;
    output.message("status", { execution_state: "busy" }, header);
    const reply = aborted
      ? { msgType: "execute_reply", content: executor.aborted() }
      : await answer(request).catch((error) => failure(request, error));
    await output.flushed();
    if (reply?.abort) {
      // Also those that have arrived but were not read yet; what is sent after the reply is not aborted.
      await outlet.shellDrained();
      shell.abort();
    }
    if (reply && channel !== "iopub") {
      await outlet.send(channel, identities, reply.msgType, reply.content, header).sent.catch(() => {});
    }
    if (isCell(request)) cells--;
    output.message("status", { execution_state: "idle" }, header);
    reply?.after?.();
  };

  const answer = async (request: Message): Promise<Reply | undefined> => {
    const { msg_type: msgType } = request.header;
    const handler = Object.hasOwn(handlers, msgType) ? handlers[msgType] : undefined;
    // Code runs on shell only: control must stay free for interrupts.
    if (!handler || (msgType === "execute_request" && request.channel !== "shell")) return undefined;
    return await handler(request);
  };

  const failure = (request: Message, error: unknown): Reply => {
    const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
    if (!(error instanceof InvalidRequest)) console.error("wirebook:", error);
    const content: Json = {
      status: "error",
      ename: name,
      evalue: message,
      traceback: [`${name}: ${message}`],
    };
    if (request.header.msg_type === "execute_request") {
      content.execution_count = executor.aborted().execution_count;
    }
    return { msgType: request.header.msg_type.replace(/_request$/, "_reply"), content };
  };

  // A widget must not wait for the cell that awaits it: while a cell runs, comms have a lane of their own. Otherwise they
  // wait their turn as all requests do, and never overtake each other.
  const turns = { shell: 0, beside: 0, next: Promise.resolve(), come(): void {} };
  const shell = createLane(async (request, aborted) => {
    await serve(request, aborted);
    if (isComm(request) && --turns.shell === 0) turns.come();
  });
  const beside = createLane(async (request, aborted) => {
    await turns.next;
    await serve(request, aborted);
    turns.beside--;
  });
  const receiveComm = (message: Message): void => {
    if (cells > 0 || turns.beside > 0) {
      turns.beside++;
      beside.push(message);
      return;
    }
    if (turns.shell++ === 0)
      turns.next = new Promise((come) => {
        turns.come = come;
      });
    shell.push(message);
  };
  const control = createLane(serve);

  let heard: () => void = () => {};
  let listening: Promise<void> | undefined = new Promise((resolve) => {
    heard = () => {
      listening = undefined;
      resolve();
    };
  });
  let grace: NodeJS.Timeout | undefined;

  return {
    receive(message) {
      if (listening) grace ??= setTimeout(heard, subscriptionGrace);
      if (isCell(message) && ++cells > 1) executor.onQueued();
      if (isComm(message)) receiveComm(message);
      else if (message.channel === "shell") shell.push(message);
      else if (message.channel === "control") control.push(message);
      else if (message.header.msg_type === "input_reply") input.reply(message);
    },
    subscribed(topic) {
      audience++;
      clearTimeout(grace);
      output.message("iopub_welcome", { subscription: topic }, {});
      heard();
    },
    interrupt: () => executor.interrupt(),
    onEvent(event) {
      if (event.type === "target") comms.target(event.name);
      else if (event.type === "comm") comms.send(event, runs.get(event.run)?.parent ?? {});
      else executor.onEvent(event);
    },
    onDeath(reason, givenUp) {
      comms.reset();
      executor.onDeath(reason, givenUp);
    },
    stop() {
      clearTimeout(grace);
      shell.stop();
      beside.stop();
      control.stop();
    },
  };
}

function isComm({ channel, header }: Message): boolean {
  return channel === "shell" && /^comm_(open|msg|close)$/.test(header.msg_type);
}

function isCell({ channel, header }: Message): boolean {
  return channel === "shell" && header.msg_type === "execute_request";
}

function ok(msgType: string, content: Json): Reply {
  return { msgType, content: { status: "ok", ...content } };
}

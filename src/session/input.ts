// `input()` and `prompt()`: the engine asks, the client that runs the cell answers.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#messages-on-the-stdin-router-dealer-channel

import type { Command, Json, Message } from "../flow.js";
import type { Outlet, Output } from "./needs.js";
import { type RunRecord, sameIdentity } from "./runs.js";

type Answer = Omit<Extract<Command, { type: "return" }>, "type" | "id">;

/** The questions that wait for an answer. */
export interface Input {
  /**
   * Resolves with the answer for the engine (`null` at the end of the input), or the reason why there is none; with
   * nothing if it no longer cares.
   */
  ask(run: RunRecord | undefined, params: Json): Promise<Answer | undefined>;
  /** An `input_reply` came. One that nobody waits for is dropped. */
  reply(message: Message): void;
  /** Nobody waits for an answer any more: this cell has ended, or all were interrupted. */
  cancel(run?: RunRecord): void;
}

/** Creates the desk where questions queue: one at a time, as a client shows one box at a time. */
export function createInput(outlet: Outlet, output: Output): Input {
  let tail: Promise<unknown> = Promise.resolve();
  let cancelled = 0;
  let open: { asker: RunRecord; msgId: string; settle(answer: Answer | undefined): void } | undefined;

  const ask = async (run: RunRecord, params: Json, since: number): Promise<Answer | undefined> => {
    // What was printed before the question must stand before it.
    await output.flushed();
    if (run.ended || cancelled !== since) return undefined;
    return await new Promise<Answer | undefined>((settle) => {
      const content = { prompt: String(params.prompt ?? ""), password: params.password === true };
      const { msgId, sent } = outlet.send("stdin", run.identities, "input_request", content, run.parent);
      open = { asker: run, msgId, settle };
      sent.catch((error: Error) => settle({ error: error.message }));
    }).finally(() => {
      open = undefined;
    });
  };

  return {
    ask(run, params) {
      // The engine looks first; what has changed since then is said here.
      const error = !run
        ? "no cell is asking, so nobody can answer"
        : run.ended
          ? `no cell is asking: ${run.label} has ended, so nobody can answer`
          : run.allowStdin
            ? undefined
            : "this front end does not answer questions; give the value in the cell instead";
      if (!run || error !== undefined) return Promise.resolve({ error: error ?? "" });
      const since = cancelled;
      const answer = tail.then(() => ask(run, params, since));
      tail = answer.catch(() => {});
      return answer;
    },
    reply(message) {
      if (!open || !sameIdentity(message.identities, open.asker.identities)) return;
      // jupyter_client sends no parent with its answers; who sends one must mean this question.
      const parent = message.parent_header.msg_id;
      if (parent !== undefined && parent !== open.msgId) return;
      const { value } = message.content;
      if (typeof value !== "string") return open.settle({ error: "the front end sent no text" });
      // Ctrl-D, as terminals' front ends send it: the end of the input.
      open.settle({ value: value === "\x04" ? null : value });
    },
    cancel(run) {
      // Those that still wait in line look for themselves whether their cell has ended.
      if (!run) cancelled++;
      if (!run || open?.asker === run) open?.settle(undefined);
    },
  };
}

// What a cell asks whoever sits at the front end: `input`, `getpass`, and browsers' `prompt`, `confirm` and `alert`. A cell
// can be answered only while it runs: the protocol knows questions as parts of a request.
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Event, Json } from "../flow.js";
import { currentRun, type RunState } from "./attribution.js";
import { type Shared, Word } from "./ring.js";

interface Parts {
  say(event: Event): void;
  shared: Shared;
  /** Where the answer to a synchronous question arrives. */
  answers: MessagePort;
}

/** Nobody can answer, because the cell that would ask has ended, or there is none. */
export class NoCellAsks extends Error {}

/** As Python calls it: the end of the input (Ctrl-D) came where a line was needed. */
export class EOFError extends Error {
  override name = "EOFError";
  constructor(asker: string) {
    super(`${asker}: the input has ended (Ctrl-D)`);
  }
}

export interface Asking {
  globals: Record<string, (...args: never[]) => unknown>;
  /**
   * The cell for which the calling code may ask.
   * @throws {NoCellAsks} there is none; the reason of the interrupt; or an Error that the front end allows no questions
   */
  asker(name: string): RunState;
  /** Asks without waiting for it. `undefined`: the input has ended. */
  line(name: string, question?: string, options?: { password?: boolean }): Promise<string | undefined>;
  /** Asks the supervisor for something; an interrupt ends the wait. */
  call(run: RunState, method: "input" | "missed", params: Json): Promise<unknown>;
  /** An answer to a `call`. */
  answer(id: number, value: unknown, error: string | undefined): void;
  /** What this run has asked is not answered any more. */
  ended(run: RunState): void;
}

export function createAsking({ say, shared, answers }: Parts): Asking {
  const pending = new Map<
    number,
    { run: RunState; method: string; resolve(value: unknown): void; reject(error: Error): void }
  >();
  let calls = 0;

  const asker = (name: string): RunState => {
    const run = currentRun();
    if (!run) throw new NoCellAsks(`${name}: no cell is asking, so nobody can answer`);
    if (run.interrupted) throw run.controller.signal.reason;
    if (!run.active)
      throw new NoCellAsks(
        `${name}: no cell is asking: ${run.label} has ended, so nobody can answer. Ask while the cell runs, and await the answer`,
      );
    if (!run.allowStdin)
      throw new Error(
        `${name}: this front end does not answer questions; give the value in the cell instead`,
      );
    return run;
  };

  const call: Asking["call"] = (run, method, params) => {
    const id = ++calls;
    const answered = new Promise<unknown>((resolve, reject) => {
      pending.set(id, { run, method, resolve, reject });
    });
    say({ type: "call", id, run: run.run, method, params });
    return run.until(answered).finally(() => pending.delete(id));
  };

  const line: Asking["line"] = async (name, question = "", { password = false } = {}) =>
    toLine(await call(asker(name), "input", { prompt: question, password }));

  /** The thread stands still until the answer is there; an interrupt terminates it. */
  const lineNow = (name: string, question: string): string | undefined => {
    const run = asker(name);
    const id = ++calls;
    Atomics.store(shared.words, Word.prompt as number, id);
    say({ type: "call", id, run: run.run, method: "input", params: { prompt: question, password: false } });
    while (Atomics.load(shared.words, Word.prompt as number) === id)
      Atomics.wait(shared.words, Word.prompt as number, id, 1000);
    let message: { id: number; value?: unknown; error?: string } | undefined;
    // An answer to a question that was interrupted may still lie there.
    do message = receiveMessageOnPort(answers)?.message;
    while (message && message.id !== id);
    if (message?.error !== undefined) throw new Error(message.error);
    return toLine(message?.value);
  };

  const needed = async (name: string, question: string, options?: { password: boolean }): Promise<string> => {
    const text = await line(name, question, options);
    if (text === undefined) throw new EOFError(name);
    return text;
  };

  return {
    globals: {
      input: (question: unknown = "") => needed("input", String(question)),
      getpass: (question: unknown = "Password: ") => needed("getpass", String(question), { password: true }),
      // As in browsers, `null` is a question that was dismissed: here with Ctrl-D.
      prompt(question: unknown = "", otherwise?: unknown): string | null {
        const hint = otherwise === undefined ? "" : ` [${String(otherwise)}] `;
        const text = lineNow("prompt", String(question) + hint);
        if (text === undefined) return null;
        return text === "" && otherwise !== undefined ? String(otherwise) : text;
      },
      confirm: (question: unknown = "") =>
        /^y(es)?$/i.test((lineNow("confirm", `${String(question)} [y/N] `) ?? "").trim()),
      alert(message: unknown = ""): void {
        lineNow("alert", `${String(message)} [Enter] `);
      },
    },
    asker,
    line,
    call,
    answer(id, value, error) {
      const waiting = pending.get(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    },
    ended(run) {
      for (const { run: asking, method, reject } of pending.values())
        if (asking === run && method === "input")
          reject(
            new NoCellAsks(
              `no cell is asking: ${run.label} has ended before the answer came. Put await in front of the call`,
            ),
          );
    },
  };
}

/** The supervisor answers `null` at the end of the input. */
function toLine(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

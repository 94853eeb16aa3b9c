// The names that every cell has without importing them, and the host contract that the helpers look for.
import { randomUUID } from "node:crypto";
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Bundle, Event, Json } from "../flow.js";
import { currentRun, type RunState, within } from "./attribution.js";
import type { Comms } from "./comms.js";
import { keep, own } from "./opened.js";
import { createProgress } from "./progress.js";
import { type Shared, Word } from "./ring.js";
import { html, md, svg } from "./tags.js";

interface Parts {
  say(event: Event): void;
  toBundle(value: unknown): Bundle | Promise<Bundle>;
  /** Of what is a bundle already. */
  rawBundle(made: Json, metadata?: Json): Bundle;
  shared: Shared;
  comms: Comms;
  /** Where the answer to a synchronous prompt arrives. */
  prompt: MessagePort;
}

export interface Globals {
  /** An answer to an asynchronous `call`. */
  answer(id: number, value: unknown, error: string | undefined): void;
}

/** Options of `display`. */
interface DisplayOptions {
  id?: string;
  /** The same, as Deno calls it. */
  display_id?: string;
  raw?: boolean;
  metadata?: Json;
  update?: boolean;
}

export function installGlobals({ say, toBundle, rawBundle, shared, comms, prompt: answers }: Parts): Globals {
  const pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let calls = 0;

  const runOf = (): RunState | undefined => {
    const run = currentRun();
    return run && !(run.interrupted && !run.active) ? run : undefined;
  };
  const show = (bundle: Bundle, options: { id?: string; update?: boolean; last?: Bundle } = {}): void => {
    const run = runOf();
    if (run?.silent || currentRun()?.interrupted) return;
    say({
      type: "display",
      run: run?.run ?? 0,
      bundle,
      ...(options.id !== undefined && { displayId: options.id }),
      ...(options.update && { update: true }),
      ...(options.last && { last: options.last }),
    });
  };

  const mayAsk = (name: string): RunState => {
    const run = currentRun();
    if (!run) throw new Error(`${name}: no cell is asking`);
    if (!run.allowStdin)
      throw new Error(
        `${name}: this front end does not answer questions; give the value in the cell instead`,
      );
    return run;
  };
  const call = (run: RunState, method: "input" | "missed", params: Json): Promise<unknown> => {
    const id = ++calls;
    say({ type: "call", id, run: run.run, method, params });
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
      run.controller.signal.addEventListener("abort", () => reject(run.controller.signal.reason), {
        once: true,
      });
    });
  };
  const ask = (question: string, password: boolean): string => {
    const run = mayAsk("prompt");
    const id = ++calls;
    Atomics.store(shared.words, Word.prompt as number, id);
    say({ type: "call", id, run: run.run, method: "input", params: { prompt: question, password } });
    while (Atomics.load(shared.words, Word.prompt as number) === id)
      Atomics.wait(shared.words, Word.prompt as number, id, 1000);
    let message: { id: number; value?: unknown; error?: string } | undefined;
    // An answer to a question that was interrupted may still lie there.
    do message = receiveMessageOnPort(answers)?.message;
    while (message && message.id !== id);
    if (message?.error !== undefined) throw new Error(message.error);
    return String(message?.value ?? "");
  };

  const progress = createProgress(() => {
    // Of the cell that called it, whoever takes the steps.
    const cell = currentRun();
    const id = randomUUID();
    return {
      show: (bundle) => within(cell, () => show(bundle, { id })),
      renew: (bundle) => within(cell, () => show(bundle, { id, update: true })),
    };
  });

  const globals = {
    // Nothing comes back unless it has to be waited for: `display(x)` at the end of a cell must not show a promise.
    display(value: unknown, options: DisplayOptions = {}): void | Promise<void> {
      const { raw = false, update = false, metadata, id = options.display_id } = options;
      if (raw && (typeof value !== "object" || value === null))
        throw new TypeError("display: with `raw` the value is a MIME bundle, an object");
      if (update && id === undefined)
        throw new TypeError("display: `update` needs the `id` of the output to replace");
      const place = { update, ...(id !== undefined && { id: String(id) }) };
      const showMade = ({ data, metadata: own }: Bundle): void =>
        show({ data, metadata: metadata ? { ...own, ...metadata } : own }, place);
      const bundle = raw ? rawBundle(value as Json) : toBundle(value);
      if (bundle instanceof Promise) return bundle.then(showMade);
      showMade(bundle);
    },
    html,
    md,
    svg,
    async input(question: unknown = ""): Promise<string> {
      return String(await call(mayAsk("input"), "input", { prompt: String(question), password: false }));
    },
    async getpass(question: unknown = "Password: "): Promise<string> {
      return String(await call(mayAsk("getpass"), "input", { prompt: String(question), password: true }));
    },
    prompt(question: unknown = "", otherwise?: string): string {
      return ask(String(question), false) || (otherwise ?? "");
    },
    confirm(question: unknown = ""): boolean {
      return /^y(es)?$/i.test(ask(`${String(question)} [y/N] `, false).trim());
    },
    clearOutput(options: { wait?: boolean } = {}): void {
      if (!currentRun()?.silent) say({ type: "clear", run: runOf()?.run ?? 0, wait: options.wait ?? false });
    },
    async missed(): Promise<void> {
      const run = currentRun();
      if (run) process.stdout.write(String((await call(run, "missed", {})) ?? ""));
    },
    keep,
    progress,
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, enumerable: false, writable: true });
  }

  const host = {
    display: (data: Json, options: { id?: string; last?: Json } = {}): void =>
      show(rawBundle(data), {
        ...(options.id !== undefined && { id: options.id }),
        ...(options.last && { last: rawBundle(options.last) }),
      }),
    update: (id: string, data: Json, options: { last?: Json } = {}): void =>
      show(rawBundle(data), {
        id,
        update: true,
        ...(options.last && { last: rawBundle(options.last) }),
      }),
    cell: (): RunState | undefined => currentRun(),
    run: <T>(cell: RunState | undefined, fn: () => T): T => within(cell, fn),
    own(
      closeable: Disposable | AsyncDisposable,
      options: { keep?: boolean; name?: string } = {},
    ): () => void {
      return own(closeable, options);
    },
    comms: { open: comms.open, serve: comms.serve },
    signal: (): AbortSignal | undefined => currentRun()?.controller.signal,
  };
  Object.defineProperty(globalThis, Symbol.for("wirebook.host"), { value: Object.freeze(host) });
  return {
    answer(id, value, error) {
      const waiting = pending.get(id);
      pending.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else waiting?.reject(new Error(error));
    },
  };
}

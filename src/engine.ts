// The engine process: joins what turns a cell's JavaScript into events. No Jupyter in here.
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { bindAcceptedSockets, currentRun, RunState, within } from "./engine/attribution.js";
import { Evaluator, Interrupted } from "./engine/evaluate.js";
import { installGlobals } from "./engine/globals.js";
import { createModules } from "./engine/modules.js";
import { disposeOf, watchOpenings } from "./engine/opened.js";
import { framesOfError, installStackFormat } from "./engine/positions.js";
import { createShared, Kind, openShared, RingWriter, Word } from "./engine/ring.js";
import { installStreams } from "./engine/streams.js";
import type { Command, Event, Job } from "./flow.js";
import { toBundle } from "./output/bundle.js";
import { toErrorReport } from "./output/report.js";
import { translateModule } from "./translate/module.js";

const [token = "", ...rest] = (process.env["WIREBOOK_ENGINE"] ?? "").split(" ");
delete process.env["WIREBOOK_ENGINE"];

// ── the control worker first: it starts while the rest is set up
const buffers = createShared();
const shared = openShared(buffers);
const prompts = new MessageChannel();
const control = new Worker(new URL("./control.js", import.meta.url), {
  workerData: { shared: buffers, token, path: rest.join(" "), prompt: prompts.port2 },
  transferList: [prompts.port2],
  stdin: false,
  env: {},
});
const ring = new RingWriter(shared, () => control.postMessage({ type: "wake" }));
const stringify = JSON.stringify;
const say = (event: Event): void => ring.event(stringify(event));

installStreams((name, run, text) => {
  if (run?.silent || (run?.interrupted && !run.active)) return;
  ring.text(Kind[name] as number, run?.run ?? 0, text);
});
installStackFormat();
watchOpenings();
bindAcceptedSockets();
const modules = createModules({ directory: process.cwd(), translate: translateModule });
const toReport = (error: unknown, origin?: string): ReturnType<typeof toErrorReport> =>
  toErrorReport(error, { frames: framesOfError, ...(origin && { origin }) });
const evaluator = new Evaluator({ say, toBundle, toReport });
const globals = installGlobals({ say, toBundle, shared, prompt: prompts.port1 as MessagePort });

// ── what translated cells call
const usings = new Map<RunState, [value: unknown, asynchronous: boolean][]>();
Object.defineProperty(globalThis, "__wirebook", {
  value: Object.freeze({
    import: modules.import,
    require: modules.require,
    meta: modules.meta,
    take: evaluator.take,
    running: () => currentRun()?.run ?? 0,
    wait,
    each,
    using(value: unknown, asynchronous: boolean): unknown {
      const run = currentRun();
      if (run && value !== null && value !== undefined) usings.set(run, [...(usings.get(run) ?? []), [value, asynchronous]]);
      return value;
    },
    constant(): never {
      throw new TypeError("Assignment to constant variable.");
    },
  }),
});
Object.defineProperty(globalThis, "require", { value: modules.require, configurable: true, writable: true, enumerable: false });

/** A top-level await: ends when the run is interrupted, and leaves nothing behind when it is done. */
function wait(value: unknown): unknown {
  const run = currentRun();
  if (!run) return value;
  if (run.interrupted) return Promise.reject(run.controller.signal.reason);
  return new Promise((resolve, reject) => {
    run.waiting.add(reject);
    Promise.resolve(value).then(
      (result) => {
        run.waiting.delete(reject);
        resolve(result);
      },
      (error) => {
        run.waiting.delete(reject);
        reject(error);
      },
    );
  });
}

/** A top-level `for await`. */
function each(iterable: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterable<unknown> {
  const from = (iterable as AsyncIterable<unknown>)[Symbol.asyncIterator]?.() ?? (iterable as Iterable<unknown>)[Symbol.iterator]();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          return (await wait(from.next())) as IteratorResult<unknown>;
        } catch (error) {
          if (error instanceof Interrupted) void Promise.resolve(from.return?.()).catch(() => {});
          throw error;
        }
      },
      async return(value?: unknown) {
        await from.return?.();
        return { done: true, value };
      },
    }),
  };
}

async function disposeUsings(which: (run: RunState) => boolean): Promise<void> {
  for (const [run, values] of usings) {
    if (!which(run)) continue;
    usings.delete(run);
    for (const [value, asynchronous] of values.reverse()) {
      const it = value as { [Symbol.asyncDispose]?: () => unknown; [Symbol.dispose]?: () => unknown };
      const dispose = (asynchronous && it[Symbol.asyncDispose]) || it[Symbol.dispose] || it[Symbol.asyncDispose];
      try {
        await within(run, () => dispose?.call(value));
      } catch (error) {
        report(error, run, "dispose");
      }
    }
  }
}

// ── errors outside a cell's own flow
function report(error: unknown, run: RunState | undefined, origin: string): void {
  if (run?.interrupted || error instanceof Interrupted) return;
  say({ type: "error", run: run?.run ?? 0, error: toReport(error, origin) });
}
process.setUncaughtExceptionCaptureCallback((error) => report(error, currentRun(), "callback"));
process.on("unhandledRejection", (reason) => report(reason, currentRun(), "unhandled rejection"));
process.on("warning", (warning) => {
  if (warning.name !== "ExperimentalWarning") process.stderr.write(`${warning.name}: ${warning.message}\n`);
});
const realExit = process.exit.bind(process);
Object.defineProperty(process, "exit", {
  configurable: true,
  writable: true,
  value(code: number | string = process.exitCode ?? 0): never {
    throw Object.assign(new Error(`process.exit(${code}) ends the cell here; the kernel and its variables stay`), { name: "SystemExit" });
  },
});

// ── commands, one run at a time
let active: { job: Job; state: RunState; settled: boolean } | undefined;

function settle(one: NonNullable<typeof active>, status: "ok" | "error", expressions: Awaited<ReturnType<Evaluator["run"]>>["expressions"]): void {
  if (one.settled) return;
  one.state.active = false;
  say({ type: "done", run: one.state.run, status, expressions });
  one.settled = true;
  Atomics.store(shared.words, Word.run as number, 0);
  if (active === one) active = undefined;
}

async function start(job: Job): Promise<void> {
  const state = new RunState(job);
  const one = { job, state, settled: false };
  active = one;
  if (job.cellId !== undefined) {
    const earlier = (run: RunState): boolean => run.cellId === job.cellId && run !== state;
    await disposeUsings(earlier);
    const closed = await disposeOf(earlier);
    if (closed) say({ type: "notice", run: job.run, text: `closed what this cell's earlier run had left open: ${closed}` });
  }
  Atomics.store(shared.words, Word.run as number, job.run);
  const { status, expressions } = await evaluator.run(job, state);
  settle(one, status, expressions);
}

async function interrupt(run: number): Promise<void> {
  const one = active;
  if (!one || one.state.run !== run || one.state.interrupted) return;
  const reason = new Interrupted();
  one.state.controller.abort(reason);
  for (const reject of one.state.waiting) reject(reason);
  one.state.waiting.clear();
  await disposeOf((state) => state === one.state, { keepToo: true });
}

/** After a termination: whatever was lost on the way is said now. */
function settleTerminated(run: number, callback: number): void {
  const one = active;
  if (one && one.state.run === run && !one.settled) {
    void interrupt(run);
    // Its evaluation may still come to its end by itself.
    setTimeoutKept(() => {
      if (one.settled) return;
      say({ type: "error", run, error: toReport(new Interrupted()) });
      settle(one, "error", {});
    }, 50);
  }
  if (run === 0) say({ type: "error", run: callback, error: toReport(new Interrupted("the callback was interrupted"), "callback") });
}
const setTimeoutKept = globalThis.setTimeout;

control.on("message", (message: Command | { type: "interrupt"; run: number } | { type: "noop"; seq: number } | { type: "settle"; run: number; callback: number }) => {
  switch (message.type) {
    case "run":
      void start(message.job);
      return;
    case "noop":
      Atomics.store(shared.words, Word.pong as number, message.seq);
      return;
    case "interrupt":
      if ("run" in message) void interrupt(message.run);
      return;
    case "settle":
      settleTerminated(message.run, message.callback);
      return;
    case "return":
      globals.answer(message.id, message.value, message.error);
      return;
    case "dispose": {
      const which = (run: RunState): boolean => run.cellId !== undefined && message.cellIds.includes(run.cellId);
      void disposeUsings(which).then(() => disposeOf(which));
      return;
    }
    case "shutdown":
      void disposeUsings(() => true)
        .then(() => disposeOf(() => true, { keepToo: true }))
        .finally(() => realExit(0));
  }
});
say({ type: "ready", pid: process.pid, node: process.version });

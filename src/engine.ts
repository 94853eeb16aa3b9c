// The engine process: joins what turns a cell's JavaScript into events. No Jupyter in here. The bundle begins with a line
// that takes the globals it needs (rolldown.config.ts): later a cell may hide them, and timers are watched.
import { createRequire } from "node:module";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { bindAcceptedSockets, currentRun, RunState, withoutInspectorHook } from "./engine/attribution.js";
import { disposeUsings, each, using, wait } from "./engine/awaits.js";
import { createComms } from "./engine/comms.js";
import { Evaluator, Interrupted } from "./engine/evaluate.js";
import { installGlobals } from "./engine/globals.js";
import { createModules } from "./engine/modules.js";
import { disposeOf } from "./engine/opened.js";
import { watchOpenings } from "./engine/openings.js";
import { drop, dropAtTop, forgottenAwaits, framesAt, framesOfDropped } from "./engine/origins.js";
import { framesOfError, installStackFormat } from "./engine/positions.js";
import { createShared, Kind, openShared, RingWriter, Word } from "./engine/ring.js";
import { installStreams } from "./engine/streams.js";
import type { Command, ErrorReport, Event, Frame, Job } from "./flow.js";
import { toBundle } from "./output/bundle.js";
import { toErrorReport } from "./output/report.js";
import type { translateModule } from "./translate/module.js";

const [token = "", ...rest] = (process.env.WIREBOOK_ENGINE ?? "").split(" ");
delete process.env.WIREBOOK_ENGINE;

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
// The parser is loaded with the first TypeScript file that a cell imports; in the middle of loading that cannot wait.
const load = createRequire(import.meta.url);
const translate = (source: string, path: string): string =>
  (load("./translate-module.js") as { translateModule: typeof translateModule }).translateModule(
    source,
    path,
  );
// jupyter_server tells the notebook's path; others don't.
const name = /[^\\/]+\.ipynb$/.exec(process.env.JPY_SESSION_NAME ?? "")?.[0] ?? "notebook.ipynb";
const modules = createModules({ directory: process.cwd(), name, translate });
const toReport = (error: unknown, origin?: string): ReturnType<typeof toErrorReport> =>
  toErrorReport(error, { frames: framesOfError, ...(origin && { origin }) });
/** Where the run waits for what failed, unless the error knows a place in the run itself. */
const toRunReport = (error: unknown): ErrorReport => {
  const run = currentRun();
  const made = toReport(error);
  return made.frames.some((frame) => frame.run === run?.run)
    ? made
    : placed(made, framesAt(run?.awaiting).slice(0, 1));
};
const evaluator = new Evaluator({
  say,
  toBundle,
  toReport: toRunReport,
  noticed: () => Atomics.load(shared.words, Word.exceptions as number) === 1,
});
const comms = createComms(say);
const globals = installGlobals({ say, toBundle, shared, comms, prompt: prompts.port1 as MessagePort });

// ── what translated cells call
const nothing = Object.freeze([]);
Object.defineProperty(globalThis, "__wirebook", {
  value: Object.freeze({
    import: modules.import,
    require: modules.require,
    meta: modules.meta,
    take: evaluator.take,
    taken: evaluator.taken,
    bundle: toBundle,
    withoutInspectorHook,
    running: () => currentRun()?.run ?? 0,
    wait,
    drop,
    dropAtTop,
    each,
    using,
    at(mark: number): readonly never[] {
      const run = currentRun();
      // Functions are evaluated first, wherever they stand, so marks are passed in order.
      if (run) run.passed = mark;
      return nothing;
    },
    constant(): never {
      throw new TypeError("Assignment to constant variable.");
    },
  }),
});
Object.defineProperty(globalThis, "require", {
  value: modules.require,
  configurable: true,
  writable: true,
  enumerable: false,
});

/** @param where what to add to the way that the error knows */
function placed(report: ErrorReport, where: Frame[]): ErrorReport {
  return { ...report, frames: [...report.frames, ...where] };
}

// ── errors outside a cell's own flow
function report(error: unknown, run: RunState | undefined, origin: string, where: Frame[] = []): void {
  if (run?.interrupted || error instanceof Interrupted) return;
  say({ type: "error", run: run?.run ?? 0, error: placed(toReport(error, origin), where) });
}
process.setUncaughtExceptionCaptureCallback((error) => report(error, currentRun(), "callback"));
process.on("unhandledRejection", (reason, promise) =>
  report(reason, currentRun(), "unhandled rejection", framesOfDropped(promise)),
);
process.on("warning", (warning) => {
  if (warning.name !== "ExperimentalWarning") process.stderr.write(`${warning.name}: ${warning.message}\n`);
});
const realExit = process.exit.bind(process);
Object.defineProperty(process, "exit", {
  configurable: true,
  writable: true,
  value(code: number | string = process.exitCode ?? 0): never {
    throw Object.assign(
      new Error(`process.exit(${code}) ends the cell here; the kernel and its variables stay`),
      { name: "SystemExit" },
    );
  },
});

// ── commands, one run at a time
let latest: { state: RunState; settled: boolean } | undefined;

/** Closes what runs left open, each thing within a second, then lets it be. */
async function tidy(
  which: (run: RunState) => boolean,
  options: { all?: boolean } = {},
): Promise<string | undefined> {
  const usings = disposeUsings(which, (error, run) => report(error, run, "dispose"));
  await Promise.race([usings, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
  return disposeOf(which, options);
}

async function start(job: Job): Promise<void> {
  const one = { state: new RunState(job), settled: false };
  latest = one;
  let outcome: Awaited<ReturnType<Evaluator["run"]>> = { status: "error", expressions: {} };
  try {
    if (job.cellId !== undefined) {
      const closed = await tidy((run) => run.cellId === job.cellId && run !== one.state);
      if (closed && one.state.active)
        say({
          type: "notice",
          run: job.run,
          text: `closed what this cell's earlier run had left open: ${closed}`,
        });
    }
    outcome = await evaluator.run(job, one.state);
    const forgotten = forgottenAwaits(one.state);
    if (forgotten && outcome.status === "ok" && one.state.active)
      say({ type: "notice", run: job.run, text: forgotten });
  } catch (error) {
    if (one.state.active) say({ type: "error", run: job.run, error: toReport(error) });
  }
  settle(one, outcome);
}

function settle(
  one: NonNullable<typeof latest>,
  { status, expressions }: Awaited<ReturnType<Evaluator["run"]>>,
): void {
  if (one.settled) return;
  one.state.active = false;
  say({ type: "done", run: one.state.run, status, passed: one.state.passed, expressions });
  one.settled = true;
  // The next run may have been announced already.
  Atomics.compareExchange(shared.words, Word.run as number, one.state.run, 0);
}

async function interrupt(run: number): Promise<void> {
  const one = latest;
  if (one?.state.run !== run || one.settled) return;
  one.state.interrupt(new Interrupted());
  await disposeOf((state) => state === one.state, { all: true });
}

/** After a termination: whatever was lost on the way is said now. */
function settleTerminated(run: number, callback: number): void {
  if (run === 0) {
    say({
      type: "error",
      run: callback,
      error: toReport(new Interrupted("the callback was interrupted"), "callback"),
    });
    return;
  }
  void interrupt(run);
  const one = latest?.state.run === run ? latest : undefined;
  // Its evaluation may still come to its end by itself.
  setTimeout(() => {
    if (one?.settled) return;
    evaluator.renew();
    setImmediate(() => {
      if (one?.settled) return;
      say({ type: "error", run, error: toReport(new Interrupted()) });
      if (one) settle(one, { status: "error", expressions: {} });
      else {
        say({ type: "done", run, status: "error", passed: 0, expressions: {} });
        Atomics.compareExchange(shared.words, Word.run as number, run, 0);
      }
    });
  }, 50);
}

control.on(
  "message",
  (
    message:
      | Command
      | { type: "interrupt"; run: number }
      | { type: "noop"; seq: number }
      | { type: "settle"; run: number; callback: number }
      | { type: "ended" },
  ) => {
    switch (message.type) {
      case "run":
        void start(message.job);
        return;
      case "noop":
        Atomics.store(shared.words, Word.pong as number, message.seq);
        return;
      case "interrupt":
        if ("run" in message && message.run > 0) void interrupt(message.run);
        return;
      case "settle":
        settleTerminated(message.run, message.callback);
        return;
      case "comm":
        comms.receive(message);
        return;
      case "return":
        globals.answer(message.id, message.value, message.error);
        return;
      case "dispose":
        void tidy((run) => run.cellId !== undefined && message.cellIds.includes(run.cellId));
        return;
      case "shutdown":
        void tidy(() => true, { all: true }).finally(() => {
          control.postMessage({ type: "end" });
          setTimeout(() => realExit(0), 1000);
        });
        return;
      case "ended":
        realExit(0);
    }
  },
);
say({ type: "ready", pid: process.pid, node: process.version });

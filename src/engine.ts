// The engine process: joins what turns a cell's JavaScript into events. No Jupyter in here. The bundle begins with a line
// that takes the globals it needs (rolldown.config.ts): later a cell may hide them, and timers are watched.
import { createRequire } from "node:module";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { createAsking } from "./engine/ask.js";
import {
  bindAcceptedSockets,
  currentRun,
  forSession,
  type RunState,
  runOfUncaught,
  withoutInspectorHook,
} from "./engine/attribution.js";
import { each, using, wait } from "./engine/awaits.js";
import { createCells } from "./engine/cells.js";
import { createComms } from "./engine/comms.js";
import { enterBy } from "./engine/door.js";
import { Evaluator, Interrupted } from "./engine/evaluate.js";
import { Kind } from "./engine/frames.js";
import { installGlobals } from "./engine/globals.js";
import { createModules } from "./engine/modules.js";
import { watchOpenings } from "./engine/openings.js";
import { drop, dropAtTop, framesOfDropped, site, via, watchPromiseTexts } from "./engine/origins.js";
import { sendCommitted } from "./engine/outgoing.js";
import { framesAt, framesOfError, installStackFormat } from "./engine/positions.js";
import { createShared, openShared, RingWriter, Word } from "./engine/ring.js";
import { enter } from "./engine/running.js";
import { installStdin } from "./engine/stdin.js";
import { takeStraight } from "./engine/straight.js";
import { installStreams } from "./engine/streams.js";
import { createStrike } from "./engine/strike.js";
import { hintOf } from "./engine/unawaited.js";
import type { Command, ErrorReport, Event, Frame } from "./flow.js";
import { rawBundle, toBundle } from "./output/bundle.js";
import { toErrorReport } from "./output/report.js";
import type { translateModule } from "./translate/module.js";
import { adviceOn, toNodeSpecifier } from "./translate/specifier.js";
import { compileSoonInEngine, findGlobalsAtOnce } from "./v8-flags.js";

const invitation = process.env.WIREBOOK_ENGINE ?? "";
delete process.env.WIREBOOK_ENGINE;

// ── the control worker first: it starts while the rest is set up
const buffers = createShared();
const shared = openShared(buffers);
const prompts = new MessageChannel();
const control = new Worker(new URL("./control.js", import.meta.url), {
  workerData: { shared: buffers, invitation, prompt: prompts.port2 },
  transferList: [prompts.port2],
  stdin: false,
  env: {},
});
const ring = new RingWriter(shared, {
  wake: () => control.postMessage({ type: "wake" }),
  send: () => sendCommitted(shared),
});
const stringify = JSON.stringify;
const say = (event: Event, next?: "more" | "answer"): void => ring.event(stringify(event), next);

installStreams((name, run, text) => {
  if (run?.silent || (run?.interrupted && !run.active)) return;
  ring.text(Kind[name] as number, run?.run ?? 0, text);
});
const asking = createAsking({ say, shared, answers: prompts.port1 as MessagePort });
const stdin = installStdin(asking);
installStackFormat();
watchPromiseTexts();
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
const modules = createModules({ directory: process.cwd(), name, translate, toNodeSpecifier, adviceOn });
const toReport = (error: unknown, origin?: string): ReturnType<typeof toErrorReport> =>
  toErrorReport(error, {
    frames: framesOfError,
    hint: (one) => hintOf(one, evaluator.look),
    ...(origin && { origin }),
  });
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
  killed: () => Atomics.load(shared.words, Word.killed as number) === 1,
  hasManyNames: findGlobalsAtOnce,
});
const comms = createComms(say);
installGlobals({ say, toBundle, rawBundle, comms, asking, imported: modules.imported });

const fromBase64 = Buffer.from;
/** For a check, which reads it from outside. */
let held: unknown;
// ── what translated cells call
Object.defineProperty(globalThis, "__wirebook", {
  value: Object.freeze({
    import: modules.import,
    require: modules.require,
    meta: modules.meta,
    // Not a global: libraries look for that to know where they run.
    get Deno(): unknown {
      return forSession(() => (load("./helpers/deno/index.js") as { Deno: unknown }).Deno);
    },
    hold(value: unknown): void {
      held = value;
    },
    held: (): unknown => held,
    bytes: (base64: string): Buffer => fromBase64(base64, "base64"),
    take: evaluator.take,
    taken: evaluator.taken,
    bundle: toBundle,
    withoutInspectorHook,
    strike: createStrike(shared),
    wait,
    drop,
    dropAtTop,
    site,
    via,
    each,
    using,
    at(mark: number): void {
      const run = currentRun();
      // Functions are evaluated first, wherever they stand, so marks are passed in order.
      if (run) run.passed = mark;
    },
    by: (detour: number): void => void currentRun()?.detours.add(detour),
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
process.setUncaughtExceptionCaptureCallback((error) => report(error, runOfUncaught(error), "callback"));
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

// ── commands
const cells = createCells({ shared, say, evaluator, asking, stdin, toReport, report });
type Message =
  | Command
  | { type: "interrupt"; runs: number[]; alone?: boolean }
  | { type: "noop"; seq: number }
  | { type: "settle"; runs: number[]; callback: number }
  | { type: "ended" };
function obey(message: Message): void {
  switch (message.type) {
    case "run":
      void cells.start(message.job);
      return;
    case "noop":
      ring.recover();
      Atomics.store(shared.words, Word.pong as number, message.seq);
      return;
    case "interrupt":
      if (!("runs" in message)) return;
      cells.interrupt(message.runs, message);
      return;
    case "settle":
      cells.settleTerminated(message.runs, message.callback);
      return;
    case "comm":
      comms.receive(message);
      return;
    case "return":
      asking.answer(message.id, message.value, message.error);
      return;
    case "dispose":
      void cells.tidy((run) => run.cellId !== undefined && message.cellIds.includes(run.cellId));
      return;
    case "compileSoon":
      compileSoonInEngine();
      return;
    case "shutdown":
      void cells
        .tidy(() => true, { all: true })
        .finally(() => {
          control.postMessage({ type: "end" });
          setTimeout(() => realExit(0), 1000);
        });
      return;
    case "ended":
      realExit(0);
  }
}
const parse = JSON.parse;
control.on("message", (sent: string | Message) => obey(typeof sent === "string" ? parse(sent) : sent));
takeStraight(enterBy(invitation, "main"), ({ json, run }) => {
  if (run > 0) enter(shared, run);
  obey(parse(json));
});
say({ type: "ready", pid: process.pid, node: process.version });

// The runs of the main thread, of each subshell one at a time: each begins, comes to one end whatever happens, and is tidied up after.
import type { ErrorReport, Event, Job } from "../flow.js";
import type { createAsking } from "./ask.js";
import { RunState } from "./attribution.js";
import { disposeUsings } from "./awaits.js";
import { type Evaluator, Interrupted } from "./evaluate.js";
import { disposeOf } from "./opened.js";
import { forgottenAwaits } from "./origins.js";
import { type Shared, Word } from "./ring.js";
import { leave, runsIn } from "./running.js";

interface Parts {
  shared: Shared;
  /** @param next `answer`: somebody waits for it */
  say(event: Event, next?: "answer"): void;
  evaluator: Evaluator;
  asking: ReturnType<typeof createAsking>;
  stdin: { renew(): void };
  toReport(error: unknown, origin?: string): ErrorReport;
  /** Tells of an error outside a cell's own flow. */
  report(error: unknown, run: RunState | undefined, origin: string): void;
}

/** How long a run that was interrupted alone may take to end. */
const ALONE_MS = 2000;

interface Started {
  state: RunState;
  settled: boolean;
}

export interface Cells {
  start(job: Job): Promise<void>;
  /** @param options.alone nothing else will end those that do not end by themselves */
  interrupt(runs: number[], options: { alone?: boolean }): void;
  /** After a termination: whatever was lost on the way is said now. */
  settleTerminated(runs: number[], callback: number): void;
  /** Closes what runs left open, each thing within a second, then lets it be. @returns what that was */
  tidy(which: (run: RunState) => boolean, options?: { all?: boolean }): Promise<string | undefined>;
}

export function createCells({ shared, say, evaluator, asking, stdin, toReport, report }: Parts): Cells {
  const started = new Map<number, Started>();
  /** Runs that were ended before they came. */
  const early = new Set<number>();

  async function tidy(
    which: (run: RunState) => boolean,
    options: { all?: boolean } = {},
  ): Promise<string | undefined> {
    const usings = disposeUsings(which, (error, run) => report(error, run, "dispose"));
    await Promise.race([usings, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
    return disposeOf(which, options);
  }

  /** Unless another subshell's cell may be reading. */
  function renewStdin(): void {
    if ([...started.values()].every(({ state }) => !state.active || state.interrupted)) stdin.renew();
  }

  async function start(job: Job): Promise<void> {
    renewStdin();
    const one = { state: new RunState(job), settled: false };
    started.set(job.run, one);
    // Its turn came only because the one before it was ended.
    if (early.delete(job.run) || Atomics.load(shared.words, Word.interrupt as number) !== 0)
      one.state.interrupt(new Interrupted());
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

  function settle(one: Started, { status, expressions }: Awaited<ReturnType<Evaluator["run"]>>): void {
    if (one.settled) return;
    one.state.active = false;
    asking.ended(one.state);
    renewStdin();
    const { detours } = one.state;
    say(
      {
        type: "done",
        run: one.state.run,
        status,
        passed: one.state.passed,
        ...(detours.size > 0 && { detours: [...detours] }),
        expressions,
      },
      "answer",
    );
    one.settled = true;
    leave(shared, one.state.run);
    started.delete(one.state.run);
  }

  async function end(run: number): Promise<void> {
    const one = started.get(run);
    if (!one && runsIn(shared).includes(run)) early.add(run);
    if (!one || one.settled) return;
    one.state.interrupt(new Interrupted());
    await disposeOf((state) => state === one.state, { all: true });
  }

  /** Ends runs that do not end by themselves. One that never began, because its beginning was terminated, is ended as well. */
  function abandon(runs: number[]): void {
    for (const run of runs) {
      if (!runsIn(shared).includes(run)) continue;
      say({ type: "error", run, error: toReport(new Interrupted()) });
      const one = started.get(run);
      if (one) settle(one, { status: "error", expressions: {} });
      else {
        say({ type: "done", run, status: "error", passed: 0, expressions: {} });
        leave(shared, run);
      }
    }
  }

  /** After a termination: whatever was lost on the way is said now. */
  function settleTerminated(runs: number[], callback: number): void {
    if (runs.length === 0) {
      say({
        type: "error",
        run: callback,
        error: toReport(new Interrupted("the callback was interrupted"), "callback"),
      });
      return;
    }
    for (const run of runs) void end(run);
    // Their evaluations may still come to their ends by themselves.
    setTimeout(() => {
      const left = new Set(runsIn(shared));
      if (!runs.some((run) => left.has(run))) return;
      evaluator.renew();
      setImmediate(() => abandon(runs));
    }, 50);
  }

  return {
    start,
    interrupt(runs, { alone }) {
      for (const run of runs) void end(run);
      if (alone) setTimeout(() => abandon(runs), ALONE_MS).unref();
    },
    settleTerminated,
    tidy,
  };
}

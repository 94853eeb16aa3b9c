// Reads a value of the engine for a check. The expression runs as a cell would, silently, so that it can be interrupted like one and ends
// when the engine does; what it gives is then read from outside.

import { setTimeout as sleep } from "node:timers/promises";
import type { ErrorReport, Reading } from "../flow.js";
import type { History } from "./history.js";
import { toJob } from "./job.js";
import type { Engine, Translation } from "./needs.js";
import type { Outcome, Running, RunRecord, Runs } from "./runs.js";

interface ProbeOptions {
  engine(): Engine;
  translation(): Promise<Translation>;
  runs: Runs;
  running: Map<number, Running>;
  history: History;
}

/** What an expression gives, or in words why nothing was read. */
export type Probe = (
  expression: string,
  options: { seconds: number; check: RunRecord },
) => Promise<Exclude<Reading, { pending: true }> | { failed: string }>;

/** For an interrupt to come to its end, beside the time itself. */
const graceMs = 10_000;
const readMs = 5000;
const pollMs = 5;

export function createProbe({ engine, translation, runs, running, history }: ProbeOptions): Probe {
  const runOf = async (expression: string, check: RunRecord, seconds: number): Promise<Outcome | "late"> => {
    const translate = await translation();
    const { run: _, cellId: __, ended: ___, ...fields } = check;
    const run = runs.add({ ...fields, label: "a check", code: expression, silent: true, allowStdin: false });
    const program = translate.expression(`__wirebook.hold(${expression}\n)`, run.label);
    const content = { userExpressions: {} } as Parameters<typeof toJob>[2];
    let late = false;
    const timers = [
      setTimeout(() => {
        late = true;
        void engine().ask((id) => ({ type: "interrupt", id }), 0);
      }, seconds * 1000),
    ];
    try {
      const outcome = await new Promise<Outcome>((settle) => {
        const fail = (error: ErrorReport): void => settle({ status: "error", error, expressions: {} });
        running.set(run.run, { run, history, settle, fail });
        timers.push(setTimeout(settle, seconds * 1000 + graceMs, { status: "error", expressions: {} }));
        if (!engine().send({ type: "run", job: toJob(run, program, content, translate) }))
          settle({ status: "error", expressions: {} });
      });
      return late ? "late" : outcome;
    } finally {
      run.ended = true;
      running.delete(run.run);
      for (const timer of timers) clearTimeout(timer);
    }
  };

  return async (expression, { seconds, check }) => {
    const outcome = await runOf(expression, check, seconds);
    if (outcome === "late") return { failed: `there was no answer within ${seconds} s` };
    if (outcome.status === "error") {
      const { ename = "Error", evalue = "it failed without saying why" } = outcome.error ?? {};
      return { thrown: { name: ename, message: evalue } };
    }
    // A promise is watched, not awaited: for that the notebook's own `then` might be asked.
    for (const end = performance.now() + seconds * 1000; ; await sleep(pollMs)) {
      const read = (await engine().ask((id) => ({ type: "read", id }), readMs)) as Reading | undefined;
      if (read !== undefined && !("pending" in read)) return read;
      if (read !== undefined && performance.now() <= end) continue;
      // What goes on from one await to the next for ever would leave no time to the next cell. Who merely waits is left alone.
      await engine().ask((id) => ({ type: "interrupt", id }), graceMs);
      return { failed: read ? `there was no answer within ${seconds} s` : "the value could not be read" };
    }
  };
}

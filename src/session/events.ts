// What becomes of the engine's events, which may come long after the cell that caused them has been answered.

import type { Bundle, Event } from "../flow.js";
import type { Input } from "./input.js";
import type { MissedOutput } from "./missed.js";
import type { Engine, Output } from "./needs.js";
import { diedError } from "./own-errors.js";
import type { Running, RunRecord, Runs } from "./runs.js";

export interface EventsOptions {
  output: Output;
  engine(): Engine;
  runs: Runs;
  /** The cells that run, of all subshells. */
  running: Map<number, Running>;
  input: Input;
  missed: MissedOutput;
  /** What the next cell has to say, whichever it is. */
  notices: string[];
  /** How many subscriptions there have been. */
  audience(): number;
}

export interface Events {
  onEvent(event: Event): void;
  onDeath(reason: string, givenUp: boolean): void;
}

export function createEvents(options: EventsOptions): Events {
  const { output, engine, runs, running, input, missed, notices, audience } = options;
  /** The ended run whose callbacks were heard of last. */
  let lastLate: RunRecord | undefined;
  /** What open displays shall show when their engine has died, by display id. */
  const lastWords = new Map<string, { run: RunRecord; bundle: Bundle }>();

  const answerCall = async (
    call: Extract<Event, { type: "call" }>,
    run: RunRecord | undefined,
  ): Promise<void> => {
    const answer = call.method === "missed" ? { value: missed.take() } : await input.ask(run, call.params);
    if (answer) engine().send({ type: "return", id: call.id, ...answer });
  };

  return {
    onEvent(event) {
      if (!("run" in event) || event.type === "comm") return;
      const run = event.run === 0 ? runs.newest() : runs.get(event.run);
      if (event.type === "call") return void answerCall(event, run?.check ? undefined : run);
      const mine = run && running.get(run.run);
      if (event.type === "done") {
        const settle = (): void =>
          mine?.settle({
            status: event.status,
            passed: event.passed,
            ...(event.detours && { detours: event.detours }),
            expressions: event.expressions,
            ...(event.status === "error" && mine.error && { error: mine.error }),
          });
        if (mine?.showing) void mine.showing.then(settle);
        else settle();
        return;
      }
      if (!run) return output.event({ parent: {}, silent: false, executionCount: 0 }, event);
      if (run.ended && !run.check) lastLate = run;
      if (event.type === "error" && mine && event.error.origin === undefined) mine.error = event.error;
      // What a check shows comes from the checker alone, whatever the engine says of its run.
      if (run.check) return;
      if (event.type === "result") {
        const text = event.bundle.data["text/plain"];
        if (typeof text === "string") mine?.history.output(run.executionCount, text);
        const { callable } = event.bundle;
        if (callable && mine?.signed) {
          mine.showing = mine
            .signed(event.bundle, callable)
            .then((bundle) => output.event(run, { ...event, bundle }));
          return;
        }
      }
      if (event.type === "display" && event.displayId !== undefined) {
        if (event.last) lastWords.set(event.displayId, { run, bundle: event.last });
        else lastWords.delete(event.displayId);
      }
      if (run.audience < audience()) {
        if (event.type === "stream") missed.keep(run, event.text);
        if (event.type === "error") missed.keep(run, `${event.error.heading}\n`);
      }
      output.event(run, event);
    },
    onDeath(reason, givenUp) {
      for (const [displayId, { run, bundle }] of lastWords) {
        output.event(run, { type: "display", run: run.run, bundle, displayId, update: true });
      }
      lastWords.clear();
      input.cancel();
      const error = diedError(reason, givenUp);
      if (running.size > 0) for (const { fail } of running.values()) fail(error);
      else if (lastLate) output.event(lastLate, { type: "error", run: lastLate.run, error });
      else notices.push(error.heading);
      lastLate = undefined;
    },
  };
}

// Checks, as the supervisor sees them: a process of their own decides, and reads what it needs of the engine through here. One
// process serves one check after another; it is replaced when it was interrupted, failed, or stands in the wrong network.

import type { Bundle } from "../flow.js";
import type { Answer, CheckerProcess, ChecksOptions, FromChecker } from "./needs.js";
import { gradedBundle, shownBundle } from "./result.js";

/** For what a process needs beside the check itself. */
const graceMs = 3000;
/** How long the definitions may take to load, on a machine that is busy. */
const loadMs = 60_000;
/** How long an engine may take to start. */
const startSeconds = 10;

export interface Checks {
  /** An engine is there whose notebook will have checks: the process starts before the first one is met. */
  expect(): void;
  run(id: string, options: RunOptions): Promise<Bundle>;
  stop(): void;
}

interface RunOptions {
  signal: AbortSignal;
  /** Whose work it is. The engine is not asked: it would say what suits it. */
  student?: string;
  /** What an expression gives in the engine. */
  read(expression: string, seconds: number): Promise<Answer>;
}

/** Creates the one place where a kernel's checks are run. */
export function createChecks(options: ChecksOptions): Checks {
  const { executions, folders, graded } = options;
  let checker: CheckerProcess | undefined;
  let place: unknown;

  const drop = (): void => {
    checker?.kill();
    checker = undefined;
  };

  const begin = (): CheckerProcess => {
    place = options.place();
    checker = options.start();
    return checker;
  };

  const answer = async (
    message: FromChecker,
    from: CheckerProcess,
    read: RunOptions["read"],
  ): Promise<void> => {
    const { number } = message as { number: number };
    if (message.type === "read")
      from.send({ type: "read", number, answer: await read(message.expression, message.seconds) });
    if (message.type === "source") {
      const found = executions().find(({ cellId }) => cellId === message.cellId);
      from.send({ type: "source", number, text: found?.code ?? null });
    }
  };

  return {
    expect() {
      if (!checker) begin().send({ type: "load", folders });
    },
    async run(id, { signal, read, student }) {
      if (checker && place !== options.place()) drop();
      if (!checker) {
        // Where the engine is only starting, its network is not there yet.
        await read("0", startSeconds);
      }
      const mine = checker ?? begin();
      let timer: NodeJS.Timeout | undefined;
      let outcome: FromChecker & { type: "result" | "refused" };
      try {
        outcome = await new Promise((resolve, reject) => {
          const within = (ms: number): void => {
            clearTimeout(timer);
            timer = setTimeout(
              () => reject(new CheckProblem(`The check "${id}" did not come to an end.`)),
              ms,
            );
          };
          within(loadMs);
          mine.onMessage((message) => {
            if (message.type === "began") within(message.seconds * 1000 + graceMs);
            else if (message.type === "result" || message.type === "refused") resolve(message);
            else void answer(message, mine, read);
          });
          void mine.ended.then(() => reject(new CheckProblem(`The process of the check "${id}" ended.`)));
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
          if (signal.aborted) reject(signal.reason);
          mine.send({ type: "run", id, folders, ...(student !== undefined && { student }) });
        });
      } catch (error) {
        // Whatever it was doing shall not answer the next check.
        drop();
        throw error;
      } finally {
        clearTimeout(timer);
      }
      if (outcome.type === "refused") throw new CheckProblem(outcome.message);
      return graded
        ? gradedBundle(outcome.result, outcome.hidden)
        : shownBundle(outcome.result, outcome.wire);
    },
    stop: drop,
  };
}

/** There is no result, and why. */
class CheckProblem extends Error {
  override name = "CheckProblem";
}

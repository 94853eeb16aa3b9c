// What translated cells call where they wait: top-level `await`, `for await` and `using`. All of them end when their run is
// interrupted, so that an abandoned run never wakes up and writes over its successor's variables.
import { currentRun, type RunState, within } from "./attribution.js";
import { placeOf, via } from "./origins.js";

/** A top-level `await`. */
export function wait(value: unknown): unknown {
  const run = currentRun();
  if (!run) return value;
  const place = placeOf(wait);
  run.awaiting = place;
  return via(place, run.until(value));
}

/** A top-level `for await`. */
export function each(iterable: AsyncIterable<unknown> | Iterable<unknown>): AsyncIterable<unknown> {
  const asynchronous = (iterable as AsyncIterable<unknown>)[Symbol.asyncIterator]?.();
  const from = asynchronous ?? (iterable as Iterable<unknown>)[Symbol.iterator]();
  const run = currentRun();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const step = (await wait(from.next())) as IteratorResult<unknown>;
          // The values of a synchronous iterable may be promises; those of an asynchronous one are as they are.
          return asynchronous || step.done ? step : { done: false, value: await wait(step.value) };
        } catch (error) {
          // An endless source must hear that nobody listens any more; it may not be able to answer.
          if (run?.interrupted || !asynchronous) void attempt(() => from.return?.());
          throw error;
        }
      },
      async return(value?: unknown) {
        await wait(from.return?.());
        return { done: true, value };
      },
    }),
  };
}

async function attempt(fn: () => unknown): Promise<void> {
  try {
    await fn();
  } catch {
    // The first error is the one that counts.
  }
}

type Held = { [Symbol.asyncDispose]?: () => unknown; [Symbol.dispose]?: () => unknown };

const held = new Map<RunState, [value: Held, dispose: () => unknown][]>();

/**
 * A top-level `using`: REPL mode accepts it and never disposes, so the value is kept until its cell runs again.
 * @throws TypeError as the language has it, where the value cannot be disposed of
 */
export function using(value: Held | null | undefined, asynchronous: boolean): unknown {
  if (value === null || value === undefined) return value;
  const dispose = (asynchronous ? value[Symbol.asyncDispose] : undefined) ?? value[Symbol.dispose];
  if (typeof dispose !== "function") {
    throw new TypeError(
      `Property [Symbol.${asynchronous ? "asyncDispose" : "dispose"}] is not a function: \`using\` needs it`,
    );
  }
  const run = currentRun();
  if (run) held.set(run, [...(held.get(run) ?? []), [value, dispose]]);
  return value;
}

/** Disposes of what `using` holds for these runs, the last first. `report` hears what fails. */
export async function disposeUsings(
  which: (run: RunState) => boolean,
  report: (error: unknown, run: RunState) => void,
): Promise<void> {
  for (const [run, values] of held) {
    if (!which(run)) continue;
    held.delete(run);
    for (const [value, dispose] of values.reverse()) {
      try {
        await within(run, () => dispose.call(value));
      } catch (error) {
        report(error, run);
      }
    }
  }
}

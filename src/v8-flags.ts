// What V8 is told once a process has loaded what it needs. Not before: under other flags it refuses the compiled code that Node keeps
// of its own modules and of ours. Not much later either: what has run for a while is not looked at again so soon.
import { setFlagsFromString } from "node:v8";

/** May be called often; the first time counts. */
const once = (flags: string[]) => (): void => {
  for (const flag of flags.splice(0)) setFlagsFromString(flag);
};

// Every cell goes the same way through both processes: usually that would be interpreted for dozens of cells, and compiled well after
// four hundred. What a student's own loops take stays the same. Not where types are looked at: there the checker needs the cores,
// and a cell of a lab waits for it the longer (one of the first ten by a fifth).
const soon: string[] = ["--invocation-count-for-maglev=12", "--minimum-invocations-after-ic-update=12"];

export const compileSoonInEngine: () => void = once([...soon]);

export const compileSoonInSupervisor: () => void = once([
  ...soon,
  // Not for the engine: Node 26 then answers some evaluations that must have no effect with nothing.
  "--invocation-count-for-feedback-allocation=1",
]);

/**
 * Where a script runs for the first time V8 looks for each global that it mentions among what every script before it has
 * declared, one after the other; with this it asks a table. For an engine that has many names: what a thousand take is
 * felt, what this takes in a first script is not.
 */
export const findGlobalsAtOnce: () => void = once(["--no-lazy-feedback-allocation"]);

export const keepNurserySmall: () => void = once([
  // Messages come and go: where a flood of them passes, a larger nursery would only keep more of them.
  "--semi-space-growth-factor=1",
  // And to wake other threads for a small one takes longer than to clear it.
  "--no-parallel-scavenge",
]);

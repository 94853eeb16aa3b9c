// The runs that the main thread was given and that are not over yet: a table in shared memory, so that the control worker sees
// it whatever the main thread does. There are several where cells of different subshells take turns.
import { type Shared, Word } from "./ring.js";

/**
 * A run begins. It does no harm to say so twice. In a table that is full it has no place: it runs, but an interrupt does not know of
 * it.
 */
export function enter(shared: Shared, run: number): void {
  const { words } = shared;
  if (runsIn(shared).includes(run)) return;
  for (let slot = Word.runs as number; slot < words.length; slot++)
    if (Atomics.compareExchange(words, slot, 0, run) === 0) return;
}

/** A run is over. Both threads may have entered it at the same time. */
export function leave({ words }: Shared, run: number): void {
  for (let slot = Word.runs as number; slot < words.length; slot++)
    Atomics.compareExchange(words, slot, run, 0);
}

export function runsIn({ words }: Shared): number[] {
  const runs: number[] = [];
  for (let slot = Word.runs as number; slot < words.length; slot++) {
    const run = Atomics.load(words, slot);
    if (run !== 0) runs.push(run);
  }
  return runs;
}

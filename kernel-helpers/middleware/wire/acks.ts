// Acknowledgements that no message takes along are sent a moment later. One timer for all sessions of a process: with many sessions, one each would
// wake it more often than messages do.
import type { World } from "../flow.js";

/** Milliseconds between two looks. What is owed at one of them, and still is at the next, is sent. */
const LOOK_MS = 20;

/** A session that owes one. */
export interface Debtor {
  /** @returns does it still? */
  settle(): boolean;
}

const owing = new WeakMap<World, Set<Debtor>>();

export function owe(world: World, debtor: Debtor): void {
  let all = owing.get(world);
  if (!all) {
    all = new Set();
    owing.set(world, all);
  }
  if (all.size === 0) lookLater(world, all);
  all.add(debtor);
}

function lookLater(world: World, all: Set<Debtor>): void {
  world.after(LOOK_MS, () => {
    for (const one of all) if (!one.settle()) all.delete(one);
    if (all.size > 0) lookLater(world, all);
  });
}

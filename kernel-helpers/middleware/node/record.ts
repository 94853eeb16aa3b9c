// An object with a state is one record in the store: who has it, its state, and what calls came to. All of it changes at once or not at
// all, and only by who names the last change: a node that has slept through its own replacement writes nothing.
import { Conflict, MiddlewareError, TooLarge } from "../errors.js";
import type { NodeId, Packed, Store, Where, World } from "../flow.js";
import { pause } from "../pause.js";
import { pack, toWire, unpack } from "../wire/values.js";
import type { PlainResults } from "./results.js";

export interface ObjectRecord {
  /** The node that has it; empty: nobody. */
  owner: NodeId;
  where: Where;
  /** What it holds; `null` before its first change. */
  state: Packed | null;
  results: PlainResults;
  /** Callers have been forgotten: whoever is not known may have been one. */
  hasForgotten?: boolean;
  /** Names this change, for whoever made it and was not told whether it is done. */
  change: string;
}

export const recordKey = (name: string): string => `object/${encodeURIComponent(name)}`;

const NONE = (): never => {
  throw new TypeError("what is kept cannot hold functions, streams or references");
};

/** A value as it is kept. @throws TypeError for what cannot be */
export function toKept(value: unknown): string {
  return toWire(
    pack(value, () => false),
    NONE,
  );
}

export function fromKept(packed: Packed): unknown {
  return unpack(packed, NONE);
}

/** Milliseconds between two looks. */
const PAUSE = 50;

/**
 * Changes a record, however long it takes to know that.
 * @param revision that it has now; 0: it is not there
 * @returns its new revision
 * @throws Conflict where it is somebody else's; TooLarge
 */
export async function change(
  { store, world, isOver }: { store: Store; world: World; isOver(): boolean },
  name: string,
  { record, revision }: { record: Omit<ObjectRecord, "change">; revision: number },
): Promise<number> {
  const key = recordKey(name);
  const mark = world.id();
  const value = JSON.stringify({ ...record, change: mark });
  for (;;) {
    try {
      return await store.put(key, value, revision);
    } catch (error) {
      if (!(error instanceof MiddlewareError) || error instanceof TooLarge) throw error;
      const found = error instanceof Conflict ? await seen(store, key) : undefined;
      if (found && found.mark === mark) return found.revision;
      // Somebody else's; the same revision means that it was never done.
      if (error instanceof Conflict && found?.revision !== revision) throw error;
      if (isOver()) throw error;
    }
    await pause(world, PAUSE);
  }
}

async function seen(store: Store, key: string): Promise<{ mark: string; revision: number } | undefined> {
  try {
    const entry = await store.get(key);
    return {
      mark: entry ? (JSON.parse(entry.value) as ObjectRecord).change : "",
      revision: entry?.revision ?? 0,
    };
  } catch (error) {
    if (error instanceof MiddlewareError) return undefined;
    throw error;
  }
}

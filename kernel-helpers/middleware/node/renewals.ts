// Leases of one process are renewed together: one timer and one question for all that last equally long, however many nodes there are.
import { MiddlewareError } from "../errors.js";
import type { Store, World } from "../flow.js";

/** Told of each renewal. @param isGood false: it has ended; `undefined`: nobody can tell @param asked when that was asked */
type Told = (isGood: boolean | undefined, asked: number) => void;

export class Renewals {
  readonly #world: World;
  readonly #store: Store;
  /** By how long they last, in milliseconds. */
  readonly #groups = new Map<number, Map<string, Told>>();

  constructor(world: World, store: Store) {
    this.#world = world;
    this.#store = store;
  }

  /** Four times as often as it has to be. @param ms that it lasts @returns ends it */
  add(lease: string, ms: number, told: Told): () => void {
    const group = this.#groups.get(ms) ?? new Map<string, Told>();
    group.set(lease, told);
    if (!this.#groups.has(ms)) {
      this.#groups.set(ms, group);
      this.#plan(ms, group);
    }
    return () => void group.delete(lease);
  }

  #plan(ms: number, group: Map<string, Told>): void {
    this.#world.after(ms / 4, () => {
      if (group.size > 0) void this.#renew(ms, group);
      else this.#groups.delete(ms);
    });
  }

  async #renew(ms: number, group: Map<string, Told>): Promise<void> {
    const asked = this.#world.now();
    const all = [...group];
    let answers: readonly (boolean | undefined)[] = [];
    try {
      answers = await this.#store.renew(all.map(([lease]) => lease));
    } catch (error) {
      if (!(error instanceof MiddlewareError)) throw error;
    }
    for (const [at, [lease, told]] of all.entries()) if (group.get(lease) === told) told(answers[at], asked);
    this.#plan(ms, group);
  }
}

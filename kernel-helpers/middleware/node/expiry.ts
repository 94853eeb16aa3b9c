// Calls whose time is up. One timer for all of them: most are over long before.
import type { World } from "../flow.js";
import type { Pending } from "./pending.js";

/** Milliseconds that a deadline may be late. */
const GRAIN = 5;

export class Expiry {
  readonly #world: World;
  readonly #calls = new Set<Pending>();
  #at = Number.POSITIVE_INFINITY;
  #stop: () => void = () => {};

  constructor(world: World) {
    this.#world = world;
  }

  add(call: Pending): void {
    this.#calls.add(call);
    if (call.deadline < this.#at - GRAIN) this.#plan(call.deadline);
  }

  delete(call: Pending): void {
    this.#calls.delete(call);
  }

  #plan(at: number): void {
    this.#stop();
    this.#at = at;
    this.#stop = this.#world.after(Math.max(1, at - this.#world.now()), () => this.#look());
  }

  #look(): void {
    const now = this.#world.now();
    let next = Number.POSITIVE_INFINITY;
    this.#at = next;
    for (const call of [...this.#calls]) {
      if (call.deadline <= now) call.giveUp();
      else next = Math.min(next, call.deadline);
    }
    if (Number.isFinite(next)) this.#plan(next);
  }

  close(): void {
    this.#stop();
    for (const call of [...this.#calls]) call.giveUp();
  }
}

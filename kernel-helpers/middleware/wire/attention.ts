// A thread that sleeps has to be woken before it can read, and that takes longer than the message's way. So who has said something stays awake
// for an instant, because the other side's answer, or its next question, may be on its way already. Where that did not come in time it is not
// tried again at once, but after twice as many messages as the last time: whoever is far away, or slow, costs nothing.
import type { World } from "../flow.js";

/** Milliseconds: longer than it takes to wake a thread on each side. */
const INSTANT = 0.3;
/** Messages that pass between two tries, at the most. */
const MOST_PASSED = 255;

export class Attention {
  readonly #world: World;
  #isTrying = false;
  #until = 0;
  #pause = 0;
  /** Messages until the next try. */
  #left = 0;

  constructor(world: World) {
    this.#world = world;
  }

  said(): void {
    const now = this.#world.now();
    if (this.#isTrying) {
      if (now <= this.#until) return;
      this.#isTrying = false;
      this.#pause = Math.min(MOST_PASSED, 2 * this.#pause + 1);
      this.#left = this.#pause;
    }
    if (this.#left > 0) this.#left--;
    else {
      this.#isTrying = true;
      this.#until = now + INSTANT;
      this.#world.stayAwake?.(INSTANT);
    }
  }

  heard(now: number): void {
    if (!this.#isTrying || now > this.#until) return;
    this.#isTrying = false;
    this.#pause = 0;
  }
}

// Leases end when nobody has renewed them for as long as they last, by the clock of whoever keeps them.
import type { World } from "../flow.js";

interface Lease {
  ms: number;
  until: number;
}

export class Leases {
  readonly #world: World;
  readonly #ended: (lease: string) => void;
  readonly #all = new Map<string, Lease>();
  #unplan: (() => void) | undefined;
  /** When it looks next. */
  #at = Number.POSITIVE_INFINITY;

  /** @param ended is told of each that ran out */
  constructor(world: World, ended: (lease: string) => void) {
    this.#world = world;
    this.#ended = ended;
  }

  has(lease: string): boolean {
    return this.#all.has(lease);
  }

  begin(lease: string, ms: number): void {
    this.#all.set(lease, { ms, until: this.#world.now() + ms });
    this.#plan();
  }

  renew(lease: string): boolean {
    const known = this.#all.get(lease);
    if (known) known.until = this.#world.now() + known.ms;
    return known !== undefined;
  }

  end(lease: string): void {
    this.#all.delete(lease);
  }

  #plan(): void {
    const next = Math.min(...[...this.#all.values()].map(({ until }) => until));
    if (next >= this.#at || !Number.isFinite(next)) return;
    this.#unplan?.();
    this.#at = next;
    this.#unplan = this.#world.after(Math.max(1, next - this.#world.now()), () => this.#look());
  }

  #look(): void {
    const now = this.#world.now();
    // It was asleep itself, and heard of no renewal: nobody else is to blame for that.
    const slept = now - this.#at;
    this.#at = Number.POSITIVE_INFINITY;
    if (slept > SLEPT)
      for (const lease of this.#all.values()) lease.until = Math.max(lease.until, now + lease.ms);
    for (const [id, { until }] of [...this.#all]) {
      if (until > now) continue;
      this.#all.delete(id);
      this.#ended(id);
    }
    this.#plan();
  }

  close(): void {
    this.#unplan?.();
    this.#all.clear();
  }
}

/** A timer that is later than this, in milliseconds, was kept from running. */
const SLEPT = 100;

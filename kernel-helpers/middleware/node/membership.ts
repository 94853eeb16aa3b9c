// This node among the others: a lease that it renews, and with it what it is and what it has. Whoever has lost the lease has lost everything that
// went with it, and comes back as another.
import { MiddlewareError, Unreachable } from "../errors.js";
import type { NodeId, Store, Where, World } from "../flow.js";
import { pause } from "../pause.js";
import { Renewals } from "./renewals.js";

/** What others read of a node. */
export interface NodeEntry {
  where: Where;
}

export const nodeKey = (id: NodeId): string => `node/${id}`;

/** Milliseconds between two tries. */
const PAUSE = 50;
/** Of what is left of a lease, so much is given away for clocks that differ. */
const MARGIN = 0.05;

/** What a node needs of it. */
export interface Member {
  /** By its lease. */
  readonly id: NodeId;
  /** Does nobody else have, by anybody's clock, what this node has? */
  readonly holds: boolean;
  /** @throws Unreachable where the registry cannot be reached for long */
  join(): Promise<void>;
  /** Gives back everything at once. */
  leave(): Promise<void>;
}

export interface MembershipOptions {
  world: World;
  store: Store;
  where: Where;
  /** Milliseconds. */
  lease: number;
  /** The lease has ended; the next has begun when this is told. */
  onRejoined(): void;
  /** The lease is good until then, on the clock of this world. */
  onExtended?(until: number): void;
  /** Milliseconds in which the first lease is to be had. */
  patience?: number;
  /** Of all members that share the store. */
  renewals?: Renewals;
}

export class Membership implements Member {
  readonly #options: MembershipOptions;
  readonly #renewals: Renewals;
  id: NodeId = "";
  #until = 0;
  #closed = false;
  #stop: () => void = () => {};

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#renewals = options.renewals ?? new Renewals(options.world, options.store);
  }

  get holds(): boolean {
    return this.#options.world.now() < this.#until;
  }

  async join(): Promise<void> {
    const { world, patience = 10_000 } = this.#options;
    const until = world.now() + patience;
    for (;;) {
      try {
        return await this.#begin();
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
        if (world.now() >= until) throw new Unreachable("the registry cannot be reached", { cause: error });
      }
      await pause(world, PAUSE);
    }
  }

  async #begin(): Promise<void> {
    const { world, store, where, lease } = this.#options;
    const began = world.now();
    this.id = await store.lease(lease);
    const entry: NodeEntry = { where };
    await store.put(nodeKey(this.id), JSON.stringify(entry), 0, { lease: this.id });
    if (this.#closed) return await store.release(this.id);
    this.#extend(began);
    this.#stop = this.#renewals.add(this.id, lease, (isGood, asked) => {
      if (isGood) this.#extend(asked);
      else if (isGood === false) void this.#rejoin();
    });
  }

  #extend(from: number): void {
    this.#until = from + this.#options.lease * (1 - MARGIN);
    this.#options.onExtended?.(this.#until);
  }

  async #rejoin(): Promise<void> {
    this.#until = 0;
    this.#stop();
    while (!this.#closed) {
      try {
        await this.#begin();
        this.#options.onRejoined();
        return;
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
      }
      await pause(this.#options.world, PAUSE);
    }
  }

  async leave(): Promise<void> {
    this.#closed = true;
    this.#until = 0;
    this.#stop();
    await this.#options.store.release(this.id).catch(() => {});
  }
}

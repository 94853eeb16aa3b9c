// The way to objects of which each node that exports them has one, and any will do: those without a state, and copies of those with one. All names
// that a pattern stands for go by one pool. A call goes to whoever has the least to do; where that one is silent or gone, to another. The registry
// tells when nodes come or go, and is asked for nothing while it tells of nothing.
import { MiddlewareError } from "../errors.js";
import type { Where } from "../flow.js";
import type { Pending } from "./pending.js";
import type { Place, Settled } from "./place.js";
import type { Surroundings } from "./route.js";

export interface PoolOptions {
  pattern: string;
  /** Takes calls that no node here can answer. */
  nobody(call: Pending): void;
  /** A node has come or gone for this pattern, of those beside ours; `undefined`: for any of them. */
  changed(pattern: string | undefined): void;
  /** Takes calls that the node that was asked cannot answer; left out: another node is asked. */
  otherwise?(call: Pending): void;
}

/** Milliseconds until a node that was lost, and is still said to be there, is tried again. */
const AGAIN = 2000;
const PAUSE = 50;
/** So many calls go to one before it is the next one's turn, where none of them has more to do than another: what a session needs is at hand then. */
const IN_A_ROW = 256;

export class Pool {
  readonly #options: PoolOptions;
  readonly #node: Surroundings;
  readonly #places = new Map<Where, { place: Place; unwatch: () => void }>();
  /** The same, to go through: at each call. */
  #all: readonly Place[] = [];
  readonly #asked = new Map<Pending, Place>();
  /** The first is at `#next`. */
  #waiting: Pending[] = [];
  #next = 0;
  #isGoing = false;
  /** When the registry is to be asked, if anybody calls. */
  #lookAt = Number.POSITIVE_INFINITY;
  #isFollowing = false;
  #looking: Promise<void> | undefined;
  #turn = 0;
  /** Without replication transparency: no other will do. */
  #only: Where | undefined;

  constructor(node: Surroundings, options: PoolOptions) {
    this.#node = node;
    this.#options = options;
  }

  submit(call: Pending): void {
    const place = this.#best();
    if (place && !place.isFull && !this.#isWaiting) this.#send(call, place);
    else {
      call.pack();
      this.#waiting.push(call);
      if (place) this.#goLater();
    }
    if (!place || (this.#lookAt < Number.POSITIVE_INFINITY && this.#lookAt <= this.#node.now()))
      this.#looking ??= this.#look();
  }

  ended(call: Pending): void {
    this.#asked.delete(call);
  }

  /** The one with the least to do, in turns among equals. */
  #best(other?: Place): Place | undefined {
    const all = this.#all;
    const from = Math.floor(this.#turn++ / IN_A_ROW);
    let best: Place | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < all.length && least > 0; at++) {
      const place = all[(at + from) % all.length] as Place;
      if (place.isLost || place === other) continue;
      const next = rank(place);
      if (next >= least) continue;
      best = place;
      least = next;
    }
    return best;
  }

  #send(call: Pending, place: Place): void {
    this.#asked.set(call, place);
    try {
      place.send(call, call.count, (settled) => this.#came(call, place, settled));
    } catch (error) {
      this.#asked.delete(call);
      call.reject(error);
    }
  }

  #came(call: Pending, place: Place, settled: Settled): void {
    if (this.#asked.get(call) !== place) return;
    this.#asked.delete(call);
    if (settled.type === "ok") call.resolve(settled.value, settled.version);
    else if (settled.type === "err") call.reject(settled.error);
    else if (settled.type === "moved") {
      call.note("moved", call.sent?.where);
      call.sent = undefined;
      if (this.#options.otherwise) this.#options.otherwise(call);
      else {
        this.#drop(place);
        this.#again(call);
      }
    } else {
      this.#drop(place);
      if (call.lost(settled.reason, !this.#node.without.has("failure"))) this.#again(call);
    }
  }

  #again(call: Pending): void {
    call.pack();
    this.#waiting.push(call);
    this.#go();
  }

  /** Those that wait go where there is room. */
  #go(): void {
    while (this.#isWaiting) {
      const place = this.#best();
      if (!place) {
        this.#looking ??= this.#look();
        return;
      }
      if (place.isFull) {
        this.#goLater();
        return;
      }
      // Whoever is sent may come back before this goes on.
      const call = this.#waiting[this.#next++] as Pending;
      if (!this.#isWaiting) this.#takeAll();
      if (!call.isOver) this.#send(call, place);
    }
  }

  get #isWaiting(): boolean {
    return this.#next < this.#waiting.length;
  }

  #takeAll(): Pending[] {
    const all = this.#waiting.slice(this.#next);
    this.#waiting = [];
    this.#next = 0;
    return all;
  }

  #goLater(): void {
    if (this.#isGoing) return;
    this.#isGoing = true;
    void this.#node.pause(1).then(() => {
      this.#isGoing = false;
      this.#go();
    });
  }

  /** It may come back. */
  #drop(place: Place): void {
    if (this.#remove(place)) this.#lookAt = Math.min(this.#lookAt, this.#node.now() + AGAIN);
  }

  #remove(place: Place): boolean {
    this.#places.get(place.where)?.unwatch();
    const wasThere = this.#places.delete(place.where);
    if (wasThere) this.#changed();
    return wasThere;
  }

  #changed(): void {
    this.#all = [...this.#places.values()].map(({ place }) => place);
  }

  async #follow(): Promise<void> {
    const { pattern, changed } = this.#options;
    this.#isFollowing = true;
    try {
      await this.#node.directory.follow(pattern, (one) => {
        if (one === undefined || one === pattern) this.#lookAt = 0;
        if (one !== pattern) changed(one);
      });
      // What has changed before that was told to nobody.
      this.#lookAt = 0;
    } catch (error) {
      if (!(error instanceof MiddlewareError)) throw error;
      this.#isFollowing = false;
      this.#lookAt = Math.min(this.#lookAt, this.#node.now() + AGAIN);
    }
  }

  async #look(): Promise<void> {
    do {
      this.#lookAt = Number.POSITIVE_INFINITY;
      try {
        const hosts = await this.#node.directory.exporters(this.#options.pattern);
        if (!this.#isFollowing) void this.#follow();
        if (this.#node.without.has("replication")) this.#only ??= hosts[0]?.where;
        const found = hosts.filter(({ where }) => (this.#only ?? where) === where);
        const wheres = new Set(found.map(({ where }) => where));
        for (const { place } of [...this.#places.values()]) if (!wheres.has(place.where)) this.#remove(place);
        for (const where of wheres) this.#add(where);
        if (wheres.size === 0) for (const call of this.#takeAll()) this.#options.nobody(call);
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
        this.#lookAt = this.#node.now() + AGAIN;
      }
      this.#go();
      if (this.#isStuck) await this.#node.pause(PAUSE);
    } while (this.#isStuck);
    this.#looking = undefined;
  }

  /** Some wait, and there is nobody who could be asked. */
  get #isStuck(): boolean {
    return this.#isWaiting && this.#best() === undefined;
  }

  #add(where: Where): void {
    const known = this.#places.get(where);
    if (known && !known.place.isLost) return;
    const place = this.#node.place(where);
    this.#places.set(where, { place, unwatch: place.watch(() => this.#doubt(place)) });
    this.#changed();
  }

  /** It is silent: what may run twice goes to another as well. */
  #doubt(place: Place): void {
    if (this.#node.without.has("failure")) return;
    for (const [call, at] of [...this.#asked]) {
      const other = at === place && this.#best(place);
      if (!other || rank(other) >= rank(place)) continue;
      const { sent } = call;
      if (sent && !call.isRepeatable && !sent.withdraw()) continue;
      this.#asked.delete(call);
      call.note("silent", place.where);
      call.takeBack();
      sent?.cancel();
      this.#send(call, other);
    }
  }
}

/** Lower is better. */
const rank = ({ load, isSuspect, isFull }: Place): number => load + (isSuspect ? 1e6 : isFull ? 1e5 : 0);

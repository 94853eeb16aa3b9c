// The way to objects of which each node that exports the name has one, and any will do: those without a state, and copies of those with one. A call
// goes to whoever has the least to do; where that one is silent or gone, to another.
import { MiddlewareError } from "../errors.js";
import type { Where } from "../flow.js";
import { nobody } from "./directory.js";
import type { Pending } from "./pending.js";
import type { Place, Settled } from "./place.js";
import type { Surroundings } from "./route.js";

/** Milliseconds for which the list of nodes is good: a new worker gets its first call by then. */
const FRESH = 2000;
const PAUSE = 50;

export class Pool {
  readonly #name: string;
  readonly #node: Surroundings;
  readonly #places = new Map<Where, { place: Place; unwatch: () => void }>();
  /** The same, to go through: at each call. */
  #all: readonly Place[] = [];
  readonly #asked = new Map<Pending, Place>();
  #waiting: Pending[] = [];
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #turn = 0;
  /** Without replication transparency: no other will do. */
  #only: Where | undefined;
  readonly #otherwise: ((call: Pending) => void) | undefined;

  /** @param otherwise takes calls that no node here can answer */
  constructor(name: string, node: Surroundings, otherwise?: (call: Pending) => void) {
    this.#name = name;
    this.#node = node;
    this.#otherwise = otherwise;
  }

  submit(call: Pending): void {
    const place = this.#best();
    if (place) this.#send(call, place);
    else {
      call.pack();
      this.#waiting.push(call);
    }
    if (!place || this.#node.now() - this.#lookedAt > FRESH) this.#looking ??= this.#look();
  }

  ended(call: Pending): void {
    this.#asked.delete(call);
  }

  /** The one with the least to do, in turns among equals. */
  #best(other?: Place): Place | undefined {
    const all = this.#all;
    let best: Place | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < all.length; at++) {
      const place = all[(at + this.#turn) % all.length] as Place;
      if (place.isLost || place === other) continue;
      const next = rank(place);
      if (next >= least) continue;
      best = place;
      least = next;
    }
    this.#turn++;
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
      if (this.#otherwise) this.#otherwise(call);
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
    const place = this.#best();
    if (place) this.#send(call, place);
    else {
      this.#waiting.push(call);
      this.#looking ??= this.#look();
    }
  }

  #drop(place: Place): void {
    this.#places.get(place.where)?.unwatch();
    if (this.#places.delete(place.where)) this.#changed();
  }

  #changed(): void {
    this.#all = [...this.#places.values()].map(({ place }) => place);
  }

  async #look(): Promise<void> {
    for (let isFirst = true; isFirst || this.#waiting.length > 0; isFirst = false) {
      try {
        const hosts = await this.#node.directory.hosts(this.#name);
        this.#lookedAt = this.#node.now();
        if (this.#node.without.has("replication")) this.#only ??= hosts[0]?.where;
        const found = hosts.filter(({ where }) => (this.#only ?? where) === where);
        const wheres = new Set(found.map(({ where }) => where));
        for (const { place } of [...this.#places.values()]) if (!wheres.has(place.where)) this.#drop(place);
        for (const where of wheres) this.#add(where);
        if (wheres.size === 0) for (const call of this.#waiting.splice(0)) call.reject(nobody(this.#name));
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
      }
      const waiting = this.#waiting.splice(0).filter(({ isOver }) => !isOver);
      for (const call of waiting) {
        const place = this.#best();
        if (place) this.#send(call, place);
        else this.#waiting.push(call);
      }
      if (this.#waiting.length > 0) await this.#node.pause(PAUSE);
    }
    this.#looking = undefined;
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
const rank = ({ load, isSuspect }: Place): number => load + (isSuspect ? 1e6 : 0);

// The way to one object, of all calls of this node. They arrive in the order in which they were made, wherever it goes: when it has moved, nothing
// is sent until everything that is under way has come back, and then all of it goes to the new place.
import { MiddlewareError, NoSuchName } from "../errors.js";
import type { Transparency, Where } from "../flow.js";
import { type Names, nobody, preferred } from "./directory.js";
import type { Pending } from "./pending.js";
import type { Place, Settled } from "./place.js";
import type { Answered } from "./results.js";

/** What a route needs of its node. */
export interface Surroundings {
  readonly directory: Names;
  /** What is not hidden. */
  readonly without: ReadonlySet<Transparency>;
  /** The way to a node, by where it is. */
  place(where: Where): Place;
  pause(ms: number): Promise<void>;
  now(): number;
}

/** Of more calls the outcome cannot be asked for: the oldest are forgotten first. */
const MOST_UNCERTAIN = 100;
/** Milliseconds between two looks at the registry. */
const PAUSE = 50;

export class Route {
  readonly #name: string;
  readonly #node: Surroundings;
  #place: Place | undefined;
  #isFinding = false;
  /** Not under way, the oldest first. */
  #waiting: Pending[] = [];
  readonly #asked = new Set<Pending>();
  /** Calls that are over, and somebody may ask what came of them. */
  #uncertain: number[] = [];
  /** Where it is said to be now. */
  #hint: Where | undefined;
  /** Where it was a moment ago. */
  #left: Where | undefined;
  #unwatch: () => void = () => {};

  constructor(name: string, node: Surroundings) {
    this.#name = name;
    this.#node = node;
  }

  submit(call: Pending): void {
    if (this.#place && this.#waiting.length === 0 && !this.#place.isFull) this.#send(call, this.#place);
    else {
      call.pack();
      this.#waiting.push(call);
      this.#go();
    }
  }

  /** It is over, whatever it came to. */
  ended(call: Pending): void {
    if (call.isUncertain) this.#uncertain = [...this.#uncertain, call.count].slice(-MOST_UNCERTAIN);
    if (this.#asked.delete(call) && !this.#place) this.#go();
  }

  #send(call: Pending, place: Place): void {
    this.#asked.add(call);
    const [oldest] = this.#asked;
    try {
      const below = (oldest as Pending).count;
      const answered: Answered = this.#uncertain.length > 0 ? [below, ...this.#uncertain] : below;
      place.send(call, answered, (settled) => this.#came(call, settled));
    } catch (error) {
      this.#asked.delete(call);
      call.reject(error);
    }
  }

  #came(call: Pending, settled: Settled): void {
    this.#asked.delete(call);
    switch (settled.type) {
      case "ok":
        call.resolve(settled.value, settled.version);
        break;
      case "err":
        call.reject(settled.error);
        break;
      case "moved":
        call.note("moved", call.sent?.where, settled.where);
        if (this.#node.without.has("relocation")) {
          call.fail(`it is not at ${call.sent?.where ?? "that place"} any more`);
          break;
        }
        call.sent = undefined;
        call.hasBegun ||= settled.ran;
        this.#hint = settled.where;
        this.#back(call);
        break;
      case "lost":
        if (call.lost(settled.reason, !this.#node.without.has("failure"))) this.#back(call);
        this.#leave();
    }
    if (!this.#place || this.#waiting.length > 0) this.#go();
  }

  /** It goes where the object is, before those that were made after it. */
  #back(call: Pending): void {
    this.#leave();
    if (call.isOver) return;
    call.pack();
    const at = this.#waiting.findIndex(({ count }) => count > call.count);
    this.#waiting.splice(at < 0 ? this.#waiting.length : at, 0, call);
  }

  #leave(): void {
    this.#left = this.#place?.where ?? this.#left;
    this.#place = undefined;
    this.#unwatch();
    this.#unwatch = () => {};
  }

  #go(): void {
    if (this.#place) {
      while (this.#waiting.length > 0 && !this.#place.isFull) {
        const call = this.#waiting.shift() as Pending;
        if (!call.isOver) this.#send(call, this.#place);
        if (!this.#place) return;
      }
      if (this.#waiting.length > 0) void this.#node.pause(1).then(() => this.#go());
    } else if (!this.#isFinding && this.#asked.size === 0 && this.#waiting.length > 0) void this.#find();
  }

  async #find(): Promise<void> {
    this.#isFinding = true;
    while (!this.#place) {
      this.#waiting = this.#waiting.filter(({ isOver }) => !isOver);
      if (this.#waiting.length === 0) break;
      try {
        const where = this.#hint ?? (await this.#lookFor());
        this.#hint = undefined;
        // Who has it is about to have it no more, or to have it again.
        if (where === undefined || where === this.#left) await this.#node.pause(PAUSE);
        this.#left = undefined;
        if (where !== undefined) this.#enter(where);
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
        if (error instanceof NoSuchName) for (const call of this.#waiting.splice(0)) call.reject(error);
        await this.#node.pause(PAUSE);
      }
    }
    this.#isFinding = false;
    this.#go();
  }

  /** As {@link #look}; those that wait are told. */
  async #lookFor(): Promise<Where | undefined> {
    for (const call of this.#waiting) call.note("asks");
    const where = await this.#look();
    for (const call of this.#waiting) call.note(where === undefined ? "not found" : "found", where, where);
    return where;
  }

  /** @throws NoSuchName */
  async #look(): Promise<Where | undefined> {
    const owner = await this.#node.directory.owner(this.#name);
    if (owner?.isAlive) return owner.where;
    const hosts = await this.#node.directory.hosts(this.#name);
    if (hosts.length === 0 && !owner) throw nobody(this.#name);
    return preferred(this.#name, hosts)?.where;
  }

  #enter(where: Where): void {
    const place = this.#node.place(where);
    this.#place = place;
    this.#unwatch = place.watch(() => void this.#doubt(place));
  }

  /** It is silent. Does somebody else have the object meanwhile? */
  async #doubt(place: Place): Promise<void> {
    while (this.#place === place && place.isSuspect) {
      try {
        const owner = await this.#node.directory.owner(this.#name);
        if (this.#place !== place || !place.isSuspect) return;
        if (owner && (owner.where !== place.where || !owner.isAlive)) {
          const asked = [...this.#asked];
          this.#asked.clear();
          this.#leave();
          for (const call of asked) {
            const { sent } = call;
            call.note("silent", place.where);
            if (call.takeBack()) this.#back(call);
            else call.fail("the node that had it does not answer");
            sent?.cancel();
          }
          this.#go();
          return;
        }
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
      }
      await this.#node.pause(PAUSE);
    }
  }
}

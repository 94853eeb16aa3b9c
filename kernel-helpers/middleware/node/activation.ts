// An object while it is active on this node: its turns, and, where it has a state, its record. An answer leaves only when what it tells is
// in the store; until then everything that this node believes of the object may still turn out to be over.
import { Conflict, Deadlock, Uncertain } from "../errors.js";
import type { Packed, Semantics, Store, World } from "../flow.js";
import type { Stateful } from "../remote.js";
import { own } from "../wire/lending.js";
import { type CallContext, within } from "./context.js";
import { change, fromKept, type ObjectRecord, toKept } from "./record.js";
import { type Answered, GONE, parted, Results } from "./results.js";
import { type Turn, Turns } from "./turns.js";

/** What came of a call here. `moved`: it was not run, the object is elsewhere. */
export type Done =
  /** @param version the state that it tells of, where there is one */
  | { type: "ok"; value: unknown; kept?: string; version?: number }
  | { type: "err"; error: unknown; kept?: string }
  /** @param ran but its effect could not be kept */
  | { type: "moved"; ran?: boolean };

/** A call as it arrives. */
export interface Incoming {
  readonly key: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly context: CallContext;
  /** What the caller has the answers of. */
  readonly below: Answered;
  /** A copy will do. */
  readonly copy?: CopyWanted | undefined;
  settle(done: Done): void;
}

/** Which copy will do. */
export interface CopyWanted {
  /** Not older than this version, which the caller has seen. */
  seen: number;
  /** True not longer ago than so many milliseconds; `undefined`: whenever. */
  fresh: number | undefined;
}

export interface ActivationOptions {
  name: string;
  object: object;
  semantics: Readonly<Record<string, Semantics>>;
  reentrant: boolean;
  /** Its turns do not wait for one another. */
  together: boolean;
  /** Is this node's lease good now? Otherwise somebody else may have the object already. */
  holds(): boolean;
  /** Was a call that its caller has made before this one sent back? */
  isOvertaking(incoming: Incoming): boolean;
  kept?: Keeping | undefined;
  /** It is not here any more. */
  onGone(): void;
}

/** Where its state is. */
export interface Keeping {
  store: Store;
  world: World;
  record: ObjectRecord;
  revision: number;
}

export class Activation {
  readonly name: string;
  readonly #object: Record<string, unknown>;
  readonly #options: ActivationOptions;
  readonly #turns: Turns;
  readonly #kept: Keeping | undefined;
  /** Of an object with a state; many without one are active at once, and need none of this. */
  readonly #results: Results | undefined;
  /** Calls whose results are kept, on their way. */
  readonly #open = new Map<string, Incoming[]>();
  /** Answers that wait for the next change of the record, and the state as it shall be then. */
  #held: ((failure?: unknown) => void)[] = [];
  #next: Packed | undefined;
  #isDirty = false;
  #isChanging = false;
  #isGone = false;
  /** It is to be given to another node. */
  #isGoing = false;
  /** It is being given: no other change is begun. */
  #isGiving = false;
  #onWritten: () => void = () => {};
  /** When it was last called. */
  usedAt = 0;

  constructor(options: ActivationOptions) {
    this.name = options.name;
    this.#options = options;
    this.#object = options.object as Record<string, unknown>;
    this.#kept = options.kept;
    this.#turns = new Turns({ together: options.together, ended: () => this.#settled() });
    if (!options.kept) return;
    const { record, world } = options.kept;
    const { hasForgotten } = record;
    this.#results = new Results(record.results, { now: () => world.now(), hasForgotten });
    const { dehydrate, rehydrate } = options.object as Partial<Stateful>;
    if (typeof dehydrate !== "function" || typeof rehydrate !== "function")
      throw new TypeError(`${options.name} needs dehydrate() and rehydrate(state), or is stateless`);
    const { state } = options.kept.record;
    if (state) (options.object as Stateful).rehydrate(fromKept(state));
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Nobody is served, and nothing is to be written. */
  get isIdle(): boolean {
    return this.#turns.isIdle && !this.#isDirty && !this.#isChanging;
  }

  call(incoming: Incoming): void {
    if (this.#isGone) {
      incoming.settle({ type: "moved" });
      return;
    }
    const reads = this.#options.semantics[incoming.method] === "reads";
    if (this.#kept && !reads && this.#isKnown(incoming)) return;
    const { chain } = incoming.context;
    // A call that comes back is a part of the turn that it comes from.
    const isInner = !this.#options.together && chain.includes(this.name);
    const turn: Turn = { reads, run: () => this.#run(incoming, { reads, isInner }) };
    if (!isInner) this.#turns.add(turn);
    else if (this.#options.reentrant) this.#turns.enter(turn);
    else {
      const circle = [...chain, this.name].join(" calls ");
      this.#answer(incoming, { type: "err", error: new Deadlock(`${circle}, which waits for that to end`) });
    }
  }

  /** Whoever asked for this call, also again. */
  #answer(incoming: Incoming, done: Done): void {
    if (done.type === "ok" && this.#kept) done.version = this.#kept.revision;
    // Most calls that only read, or have nothing to keep, find nobody else here.
    const waiting = this.#open.size > 0 ? this.#open.get(incoming.key) : undefined;
    if (waiting) this.#open.delete(incoming.key);
    for (const { settle } of waiting ?? [incoming]) settle(done);
  }

  /** Has the same call come before? Then it waits for that one's end, or is told what that came to. */
  #isKnown(incoming: Incoming): boolean {
    const { key, below } = incoming;
    const open = this.#open.get(key);
    if (open) {
      open.push(incoming);
      return true;
    }
    const results = this.#results as Results;
    results.answered(parted(key)[0], below);
    const kept = results.find(key, incoming.context.since);
    if (kept === undefined) {
      this.#open.set(key, [incoming]);
      return false;
    }
    incoming.context.tell?.("known");
    this.#whenKept(() => this.#answer(incoming, this.#isGone ? { type: "moved" } : this.#told(kept, key)));
    return true;
  }

  #told(kept: string, key: string): Done {
    const target = this.name;
    if (kept === "forgotten")
      return { type: "err", error: new Uncertain(`what ${key} came to is forgotten`, { target, key }) };
    const [type, packed] = JSON.parse(kept) as ["ok" | "err" | "gone" | "never", Packed];
    if (type === "ok") return { type, value: fromKept(packed), kept: JSON.stringify(packed) };
    if (type === "err") return { type, error: fromKept(packed), kept: JSON.stringify(packed) };
    const what =
      type === "gone" ? "it has run, but its result could not be kept" : "it was given up, and must not run";
    return { type: "err", error: new Uncertain(what, { target, key }) };
  }

  /** What a call came to that nobody has an answer of; if it never came, it never will. */
  outcome(key: string): Promise<"never" | Done> {
    return new Promise((resolve) => {
      if (this.#isGone) return resolve({ type: "moved" });
      if (!this.#results) return resolve(this.#told("forgotten", key));
      const open = this.#open.get(key);
      if (open) return void open.push({ settle: resolve } as unknown as Incoming);
      // Whoever asks does not say how old it is.
      const kept = this.#results.find(key, Number.NEGATIVE_INFINITY);
      if (kept === undefined) {
        this.#keep(key, '["never"]', undefined);
        this.#settled();
      }
      return this.#whenKept(() => {
        // Where it could not be written it is not so, and whoever has the object now is asked.
        if (this.#isGone) resolve({ type: "moved" });
        else resolve(kept === undefined || kept === '["never"]' ? "never" : this.#told(kept, key));
      });
    });
  }

  #run(
    incoming: Incoming,
    { reads, isInner }: { reads: boolean; isInner: boolean },
  ): Promise<void> | undefined {
    const { method, args, context } = incoming;
    const { givenUp } = context;
    const isHere = !this.#isGone && this.#options.holds() && !this.#options.isOvertaking(incoming);
    if (givenUp !== undefined || !isHere) {
      this.#answer(incoming, givenUp === undefined ? { type: "moved" } : { type: "err", error: givenUp });
      return undefined;
    }
    // What the last call has made must not be mixed with what this one may leave half done.
    if (this.#kept && !reads && !isInner && this.#isDirty && !this.#look()) {
      this.#answer(incoming, { type: "moved" });
      return undefined;
    }
    const ended = (done: Done): void => {
      context.tell?.("ends");
      if (reads || !this.#kept) {
        const isWaiting = this.#isDirty || this.#isChanging;
        this.#whenKept(() => {
          if (isWaiting) context.tell?.("kept");
          // What it has read was true only if it was kept, and nobody else has changed it since.
          const isTrue = !this.#isGone && this.#options.holds();
          this.#answer(incoming, isTrue ? done : { type: "moved" });
        });
      } else this.#effect(incoming, done, isInner);
    };
    context.tell?.("begins");
    let value: unknown;
    try {
      const called = own(this.#object, method);
      if (typeof called !== "function" || PRIVATE.has(method))
        throw new TypeError(`${this.name} has no method ${method}`);
      value = within(context, () => Reflect.apply(called, this.#object, args));
    } catch (error) {
      ended({ type: "err", error });
      return undefined;
    }
    if (typeof (value as PromiseLike<unknown> | null)?.then !== "function") {
      ended({ type: "ok", value });
      return undefined;
    }
    return Promise.resolve(value).then(
      (result) => ended({ type: "ok", value: result }),
      (error: unknown) => ended({ type: "err", error }),
    );
  }

  #effect(incoming: Incoming, done: Done, isInner: boolean): void {
    let kept = GONE;
    if (done.type !== "moved") {
      const value = done.type === "ok" ? done.value : done.error;
      try {
        done.kept = toKept(value);
        kept = `["${done.type}",${done.kept}]`;
      } catch {
        // A stream, say: whoever is there gets it, whoever asks later does not.
      }
    }
    const answer = (failure?: unknown): void => {
      if (failure === undefined && !this.#isGone && !isInner) incoming.context.tell?.("kept");
      if (failure !== undefined) this.#answer(incoming, { type: "err", error: failure });
      else this.#answer(incoming, this.#isGone ? { type: "moved", ran: true } : done);
    };
    this.#keep(incoming.key, kept, isInner ? undefined : answer);
    // The turn that it belongs to waits for it.
    if (isInner) answer();
  }

  #keep(key: string, kept: string, answer: ((failure?: unknown) => void) | undefined): void {
    this.#results?.add(key, kept);
    this.#isDirty = true;
    // Older than this.
    this.#next = undefined;
    if (answer) this.#held.push(answer);
  }

  /** No call with an effect is half done now; others may end before this is written. */
  readonly #settled = (): void => {
    if (this.#isDirty && !this.#isChanging) queueMicrotask(() => void this.#write());
  };

  /** Calls back when everything that is known here is in the store, or when the object is gone. */
  #whenKept(then: () => void): void {
    if (this.#isDirty || this.#isChanging) this.#held.push(then);
    else then();
  }

  /** The state as it is between two calls. @returns false: it cannot be kept, and the object is gone with what it had made of it */
  #look(): boolean {
    try {
      this.#next ??= this.#state();
      return true;
    } catch (error) {
      this.#fail(error, this.#held.splice(0));
      return false;
    }
  }

  /** What the last calls have made cannot be kept, so it has not been: they are told, and the next one finds what was there before. */
  #fail(error: unknown, held: ((failure?: unknown) => void)[]): void {
    this.leave();
    for (const answer of held) answer(error);
  }

  #state(): Packed {
    return JSON.parse(toKept((this.#object as unknown as Stateful).dehydrate())) as Packed;
  }

  /** Results come with a state that is newer than `#next`, and go when nobody asks for them any more: they are as they are now. */
  #snapshot(): Omit<ObjectRecord, "change"> {
    const { record } = this.#kept as Keeping;
    const results = this.#results as Results;
    return {
      ...record,
      state: this.#next ?? this.#state(),
      results: results.plain(),
      ...(results.hasForgotten && { hasForgotten: true }),
    };
  }

  async #write(): Promise<void> {
    if (this.#isChanging) return;
    this.#isChanging = true;
    while (this.#isDirty && !this.#isGone && !this.#isGiving) {
      // Half of a call's effect is none; who has half done writes when it has ended.
      if (!this.#next && this.#turns.isWriting) break;
      if (!(await this.#commit())) return;
    }
    this.#isChanging = false;
    this.#onWritten();
    // Who gives it away writes what is left.
    if (this.#isGiving && !this.#isGone) return;
    if (this.#isGone || !this.#isDirty) for (const answer of this.#held.splice(0)) answer();
  }

  /** Everything that is known here, in one change; who waits for it is told. @returns false: it cannot be kept, and the object is gone */
  async #commit(to: Partial<ObjectRecord> = {}): Promise<boolean> {
    const kept = this.#kept as Keeping;
    const held = this.#held.splice(0);
    try {
      const record = { ...this.#snapshot(), ...to };
      this.#next = undefined;
      this.#isDirty = false;
      kept.revision = await change({ ...kept, isOver: () => this.#isGone }, this.name, {
        record,
        revision: kept.revision,
      });
    } catch (error) {
      if (error instanceof Conflict || this.#isGone) this.leave();
      else {
        this.#isChanging = false;
        this.#fail(error, held);
        this.#onWritten();
        return false;
      }
    }
    for (const answer of held) answer();
    return true;
  }

  /** The object is not here any more; who waits is sent on. */
  leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const turn of this.#turns.takeAll()) void turn.run();
    if (!this.#isChanging) for (const answer of this.#held.splice(0)) answer();
    this.#options.onGone();
  }

  /**
   * Gives it to another node: calls that run come to their end, those that wait go with it.
   * @throws Conflict where it was somebody else's already
   */
  async give(to: Pick<ObjectRecord, "owner" | "where">): Promise<void> {
    const gone = new Conflict(`${this.name} is not here any more`);
    if (this.#isGoing) throw gone;
    this.#isGoing = true;
    await this.#turns.hold();
    // What is being written comes first; what is not goes with it, so callers wait for one change less.
    this.#isGiving = true;
    if (this.#isChanging)
      await new Promise<void>((resolve) => {
        this.#onWritten = resolve;
      });
    this.#isChanging = true;
    const isDone = !this.#isGone && (await this.#commit(to)) && !this.#isGone;
    this.#isChanging = false;
    this.leave();
    for (const answer of this.#held.splice(0)) answer();
    this.#turns.release();
    if (!isDone) throw gone;
  }
}

const PRIVATE = new Set(["dehydrate", "rehydrate"]);

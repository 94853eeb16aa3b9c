// A call that has no answer yet, seen from who made it.
import { Forbidden, type SessionLost, Uncertain, Unreachable } from "../errors.js";
import type { Deed, Packed, Semantics, Where } from "../flow.js";
import type { Call, Outcome } from "../remote.js";
import { stays } from "../wire/lending.js";
import { type Parcel, pack, packPlainly, unpack } from "../wire/values.js";
import type { CopyWanted } from "./activation.js";

/** The promise that the caller has. */
export class RemoteCall<T> extends Promise<T> implements Call<T> {
  declare readonly key: string;
  #pending: Pending | undefined;

  /** @internal What stands behind it. */
  static behind(call: RemoteCall<unknown>, pending: Pending): void {
    call.#pending = pending;
  }

  /** What stands behind a call's promise; `undefined`: it is none of a proxy's. */
  static pendingOf(call: unknown): Pending | undefined {
    return typeof call === "object" && call !== null && #pending in call ? call.#pending : undefined;
  }

  outcome(): Promise<Outcome<T, Error>> {
    return this.then(
      (value) => ({ ok: true, value }),
      (error: Error) => ({ ok: false, error }),
    );
  }
}
// `await` asks a promise for its constructor, and takes two turns more with one that is not Promise's own.
Object.defineProperty(RemoteCall.prototype, "constructor", { value: Promise });

/** Where a call was sent. */
export interface Sent {
  readonly where: Where;
  /** Takes it back. @returns false: it may have arrived */
  withdraw(): boolean;
  /** Nobody waits for it any more. */
  cancel(): void;
}

/** One thing that happened to a call, for who asks afterwards. */
export interface Step {
  /** On this node's clock, in milliseconds. */
  readonly at: number;
  readonly what:
    | "made"
    | "asks"
    | "found"
    | "not found"
    | "sent"
    | "moved"
    | "lost"
    | "silent"
    | "answered"
    | "failed"
    | "given up"
    /** By the owner, who was asked to tell. */
    | Deed[0];
  /** The node that it has to do with. */
  readonly where?: Where | undefined;
  readonly detail?: string | undefined;
  /** Of what the owner did: milliseconds since the call arrived there, on its own clock. `at` is an estimate then. */
  readonly ms?: number;
}

/** More than so many are not kept: a call that is tried again and again says no more by that. */
const MOST_STEPS = 100;

export interface PendingOptions {
  target: string;
  method: string;
  args: readonly unknown[];
  key: string;
  count: number;
  /** On this node's clock. */
  deadline: number;
  chain: readonly string[];
  /** This node's clock. */
  now(): number;
  /** It may have been made before, by the same method that runs once more, since then. */
  since?: number | undefined;
}

export class Pending {
  readonly target: string;
  readonly method: string;
  readonly key: string;
  /** Grows with each call of this node. */
  readonly count: number;
  readonly deadline: number;
  readonly chain: readonly string[];
  readonly now: () => number;
  readonly steps: Step[] = [];
  endedAt: number | undefined;
  readonly promise: RemoteCall<unknown>;
  semantics: Semantics = "at-most-once";
  /** Without access transparency. */
  plainly = false;
  /** The owner shall tell what it does. */
  asksOwner = false;
  /** A copy of the object will do. */
  copy: CopyWanted | undefined;
  /** The state that its answer tells of, where there is one. */
  version = 0;
  /** Where it is now, if anywhere. */
  sent: Sent | undefined;
  /** Somebody who gave no answer may have run it. */
  mayHaveRun = false;
  /** Somebody has run it, or begun to, and its effect was not kept. */
  hasBegun = false;
  readonly #since: number | undefined;
  isOver = false;
  /** It is over, and nobody knows what came of it. */
  isUncertain = false;
  /** Told once, when it is over. */
  onOver: (call: Pending) => void = () => {};
  #args: readonly unknown[] | undefined;
  #parcel: Parcel | undefined;
  /** The node that would not let us in, and is asked again. */
  #refusedBy: Where | undefined;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;

  constructor({ target, method, args, key, count, deadline, chain, now, since }: PendingOptions) {
    this.target = target;
    this.method = method;
    this.key = key;
    this.count = count;
    this.deadline = deadline;
    this.chain = chain;
    this.now = now;
    this.#since = since;
    this.#args = args;
    this.promise = new RemoteCall((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    (this.promise as { key: string }).key = key;
    RemoteCall.behind(this.promise, this);
  }

  /** For who asks afterwards what happened. */
  note(what: Step["what"], where?: Where, detail?: string): void {
    if (this.steps.length < MOST_STEPS) this.steps.push({ at: this.now(), what, where, detail });
  }

  /** What its owner did. Clocks are not compared: it lies in the middle between what was sent and what came, as if both ways were equally long. */
  told(where: Where, deeds: readonly Deed[]): void {
    const sent = this.steps.findLast(({ what }) => what === "sent")?.at ?? this.now();
    const ways = this.now() - sent - (deeds.at(-1)?.[1] ?? 0);
    for (const [what, ms] of deeds)
      if (this.steps.length < MOST_STEPS)
        this.steps.push({ at: sent + Math.max(0, ways / 2) + ms, what, where, ms });
  }

  /** From now on nothing that happens to the arguments changes the call. @throws TypeError for what cannot be sent */
  pack(): Parcel {
    this.#parcel ??= this.plainly ? packPlainly(this.#args) : pack(this.#args, stays);
    this.#args = undefined;
    return this.#parcel;
  }

  /** For who runs it in this process. */
  get args(): readonly unknown[] {
    if (this.#args) return this.#args;
    const { text, lent = [] } = this.#parcel as Parcel;
    const packed = [JSON.parse(text), ...((this.#parcel as Parcel).lent ? [lent.map((_, at) => at)] : [])];
    return unpack(packed as Packed, (at) => lent[at as number]) as unknown[];
  }

  /** On this node's clock: it may have run before, since then; `undefined`: it surely has not. */
  get since(): number | undefined {
    return this.#since ?? (this.mayHaveRun || this.hasBegun ? this.steps[0]?.at : undefined);
  }

  get isRepeatable(): boolean {
    return this.semantics !== "at-most-once";
  }

  resolve(value: unknown, version: number = 0): void {
    this.version = version;
    if (this.#end("answered")) this.#resolve(value);
  }

  reject(error: unknown): void {
    if (this.#end("failed", error)) this.#reject(error);
  }

  #end(what: "answered" | "failed", error?: unknown): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    // Where nobody has it any more, this node says so itself.
    this.note(what, this.sent?.where, what === "failed" ? String(error) : undefined);
    this.endedAt = this.steps.at(-1)?.at ?? this.now();
    this.sent = undefined;
    this.onOver(this);
    return true;
  }

  /** It is not where it was sent to any more. @returns false: and must not be sent anywhere else, since it may have run there */
  takeBack(): boolean {
    if (this.sent && !this.sent.withdraw()) this.mayHaveRun = true;
    this.sent = undefined;
    return !this.mayHaveRun || this.isRepeatable;
  }

  /**
   * The session over which it was sent is lost.
   * @param isHidden is that to be hidden from the caller?
   * @returns may it go somewhere else? If not, it is over
   */
  lost(reason: SessionLost, isHidden: boolean): boolean {
    const where = this.sent?.where;
    this.note("lost", where, reason.message);
    if (!isHidden) {
      this.reject(reason);
      return false;
    }
    const mayGoOn = this.takeBack();
    const refused = reason.cause instanceof Forbidden ? reason.cause : undefined;
    // Once it may have been somebody else who has come to be there.
    const isFinal = refused !== undefined && this.#refusedBy === where;
    this.#refusedBy = refused && where;
    if (mayGoOn && !isFinal) return true;
    if (refused && !this.mayHaveRun) this.reject(refused);
    else this.fail(reason.message, reason);
    return false;
  }

  /** Nobody knows what came of it, if anything did. */
  fail(why: string, cause?: unknown): void {
    const call = `${this.target}.${this.method}`;
    const { target, key } = this;
    this.isUncertain = this.mayHaveRun && this.semantics !== "reads";
    if (this.isUncertain)
      this.reject(
        new Uncertain(`${call}: ${why}; it may have had its effect, or not`, { target, key, cause }),
      );
    else this.reject(new Unreachable(`${call}: ${why}`, { cause }));
  }

  /** Nobody waits any more. */
  giveUp(reason?: unknown): void {
    if (this.isOver) return;
    const { sent } = this;
    this.note("given up", undefined, reason === undefined ? "its time is up" : String(reason));
    this.takeBack();
    sent?.cancel();
    if (reason === undefined) this.fail("no answer in time");
    else {
      this.isUncertain = this.mayHaveRun;
      this.reject(reason);
    }
  }
}

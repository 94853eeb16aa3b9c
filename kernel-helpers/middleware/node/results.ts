// What calls with an effect came to, kept with the state that they have made: whoever asks again is told, and nothing is done twice. A result is kept until
// its caller says that it has it, or until there is no room; whoever asks for one that had to go is told that, and it is not done again.

/** As JSON: `["ok", value]`, `["err", error]`; a result that cannot be kept is `["gone"]`, a call that must never run `["never"]`. */
export type Kept = string;

export const GONE: Kept = '["gone"]';

/** `node:12` → the caller, and its count. A call that is made within another, `node:12/1:0`, is its own caller, as is one whose key is no such thing. */
export function parted(key: string): [caller: string, count: number] {
  const at = key.lastIndexOf(":");
  const count = Number(key.slice(at + 1));
  return at > 0 && Number.isSafeInteger(count) ? [key.slice(0, at), count] : [key, 0];
}

const isInner = (caller: string): boolean => caller.includes("/");

/** More than so many open results of one caller, or so many callers, are not remembered. */
const MOST_RESULTS = 1000;
const MOST_CALLERS = 1000;
/** Characters of all of them together: they are written with each change. One result that has more is not kept at all. */
const MOST_LENGTH = 256 * 1024;
/** Milliseconds that a call may have been on its way, and a clock of two threads may differ. */
const MARGIN = 30_000;

/** What a caller has the answers of: all calls below this one, but for those whose outcome is uncertain. */
export type Answered = number | readonly [below: number, ...uncertain: number[]];

interface Caller {
  /** Calls below this one are answered, or forgotten. */
  below: number;
  /** Of those the ones that somebody may still ask for. */
  uncertain: readonly number[];
  results: Map<number, Kept>;
  /** When it was last heard of. */
  at: number;
}

/** As it is written into the record. */
export type PlainResults = [
  caller: string,
  below: number,
  results: [number, Kept][],
  uncertain: readonly number[],
][];

export interface ResultsOptions {
  now(): number;
  /** Callers have been forgotten before. */
  hasForgotten?: boolean | undefined;
}

export class Results {
  /** Whoever was heard of last comes last. */
  readonly #callers = new Map<string, Caller>();
  readonly #now: () => number;
  /** Of callers that were forgotten nothing has run since then. */
  #forgottenAt = Number.NEGATIVE_INFINITY;
  #length = 0;

  constructor(plain: PlainResults, { now, hasForgotten = false }: ResultsOptions) {
    this.#now = now;
    const at = now();
    for (const [name, below, results, uncertain] of plain) {
      const caller = { below, uncertain, results: new Map<number, Kept>(), at };
      this.#callers.set(name, caller);
      this.#length += name.length;
      for (const [count, kept] of results) this.#set(caller, count, kept);
    }
    // Clocks of different nodes are not compared.
    if (hasForgotten) this.#forgottenAt = at;
  }

  get hasForgotten(): boolean {
    return this.#forgottenAt > Number.NEGATIVE_INFINITY;
  }

  /**
   * @param since it may have run since then; left out: it surely never has before
   * @returns `undefined`: it has not run; `"forgotten"`: nobody knows any more
   */
  find(key: string, since: number = Number.POSITIVE_INFINITY): Kept | "forgotten" | undefined {
    const [caller, count] = parted(key);
    const known = this.#callers.get(caller);
    if (!known) return since - MARGIN <= this.#forgottenAt ? "forgotten" : undefined;
    const isForgotten = count < known.below && !known.uncertain.includes(count);
    return known.results.get(count) ?? (isForgotten ? "forgotten" : undefined);
  }

  add(key: string, kept: Kept): void {
    const [name, count] = parted(key);
    const caller = this.#callers.get(name) ?? { below: 0, uncertain: [], results: new Map(), at: 0 };
    if (!this.#callers.delete(name)) this.#length += name.length;
    this.#callers.set(name, caller);
    caller.at = this.#now();
    this.#set(caller, count, kept.length > MOST_LENGTH ? GONE : kept);
    if (caller.results.size > MOST_RESULTS) this.#forgetOldest(caller);
    if (this.#length > MOST_LENGTH) this.#makeRoom();
    if (this.#callers.size > MOST_CALLERS) this.#drop();
  }

  /** What is forgotten stays so. */
  answered(name: string, answered: Answered): void {
    const known = isInner(name) ? undefined : this.#callers.get(name);
    const [below, ...uncertain] = typeof answered === "number" ? [answered] : answered;
    if (!known || !Number.isSafeInteger(below) || below <= known.below) return;
    const open = uncertain.filter((count) => count >= known.below || known.uncertain.includes(count));
    this.#forget(known, below, open);
  }

  plain(): PlainResults {
    const toPlain = ([name, caller]: [string, Caller]): PlainResults[number] => {
      const { below, results, uncertain } = caller;
      return [name, below, [...results], uncertain];
    };
    return [...this.#callers].map(toPlain);
  }

  #set(caller: Caller, count: number, kept: Kept): void {
    this.#length += kept.length - (caller.results.get(count)?.length ?? 0);
    caller.results.set(count, kept);
  }

  #forget(caller: Caller, below: number, uncertain: readonly number[] = []): void {
    caller.below = below;
    caller.uncertain = uncertain;
    for (const [count, kept] of caller.results) {
      if (count >= below || uncertain.includes(count)) continue;
      caller.results.delete(count);
      this.#length -= kept.length;
    }
  }

  #forgetOldest(caller: Caller): void {
    const count = Math.min(...caller.results.keys());
    const open = caller.uncertain.filter((other) => other > count);
    this.#forget(caller, Math.max(caller.below, count + 1), open);
  }

  /** The oldest results go, the newest of all stays; that there were such is remembered. */
  #makeRoom(): void {
    const last = [...this.#callers.values()].at(-1);
    for (const caller of this.#callers.values())
      while (this.#length > MOST_LENGTH && caller.results.size > (caller === last ? 1 : 0))
        this.#forgetOldest(caller);
    while (this.#length > MOST_LENGTH && this.#callers.size > 1) this.#drop();
  }

  /** Whoever was not heard of for the longest time. */
  #drop(): void {
    const [[name, caller]] = this.#callers as unknown as [[string, Caller]];
    this.#forget(caller, Number.POSITIVE_INFINITY);
    this.#callers.delete(name);
    this.#length -= name.length;
    this.#forgottenAt = Math.max(this.#forgottenAt, caller.at);
  }
}

// What calls with an effect came to, kept with the state that they have made: whoever asks again is told, and nothing is done twice. A result is
// kept until its caller says that it has it.

/** As JSON: `["ok", value]`, `["err", error]`; a result that cannot be kept is `["gone"]`, a call that must never run `["never"]`. */
export type Kept = string;

/** `node:12` → the caller, and its count. */
export function parted(key: string): [caller: string, count: number] {
  const at = key.lastIndexOf(":");
  return [key.slice(0, at), Number(key.slice(at + 1))];
}

/** More than so many open results of one caller, or so many callers, are not remembered: what is older is uncertain. */
const MOST_RESULTS = 1000;
const MOST_CALLERS = 1000;

/** What a caller has the answers of: all calls below this one, but for those whose outcome is uncertain. */
export type Answered = number | readonly [below: number, ...uncertain: number[]];

interface Caller {
  /** Calls below this one are answered, or forgotten. */
  below: number;
  /** Of those the ones that somebody may still ask for. */
  uncertain: readonly number[];
  results: Map<number, Kept>;
}

/** As it is written into the record. */
export type PlainResults = [
  caller: string,
  below: number,
  results: [number, Kept][],
  uncertain: readonly number[],
][];

export class Results {
  readonly #callers = new Map<string, Caller>();

  constructor(plain: PlainResults = []) {
    for (const [caller, below, results, uncertain] of plain)
      this.#callers.set(caller, { below, uncertain, results: new Map(results) });
  }

  /** `undefined`: it has not run; `"forgotten"`: nobody knows any more. */
  find(key: string): Kept | "forgotten" | undefined {
    const [caller, count] = parted(key);
    const known = this.#callers.get(caller);
    if (!known) return undefined;
    const isForgotten = count < known.below && !known.uncertain.includes(count);
    return known.results.get(count) ?? (isForgotten ? "forgotten" : undefined);
  }

  add(key: string, kept: Kept): void {
    const [name, count] = parted(key);
    const caller = this.#callers.get(name) ?? { below: 0, uncertain: [], results: new Map() };
    // The newest last.
    this.#callers.delete(name);
    this.#callers.set(name, caller);
    caller.results.set(count, kept);
    if (caller.results.size > MOST_RESULTS) forget(caller, Math.min(...caller.results.keys()) + 1);
    if (this.#callers.size > MOST_CALLERS) {
      const [oldest] = this.#callers.keys();
      this.#callers.delete(oldest as string);
    }
  }

  answered(caller: string, answered: Answered): void {
    const known = this.#callers.get(caller);
    const [below, ...uncertain] = typeof answered === "number" ? [answered] : answered;
    if (!known || below <= known.below) return;
    // What is forgotten stays so.
    const open = uncertain.filter((count) => count >= known.below || known.uncertain.includes(count));
    forget(known, below, open);
  }

  plain(): PlainResults {
    const toPlain = ([name, caller]: [string, Caller]): PlainResults[number] => {
      const { below, results, uncertain } = caller;
      return [name, below, [...results], uncertain];
    };
    return [...this.#callers].map(toPlain);
  }
}

function forget(caller: Caller, below: number, uncertain: readonly number[] = []): void {
  caller.below = below;
  caller.uncertain = uncertain;
  for (const count of [...caller.results.keys()])
    if (count < below && !uncertain.includes(count)) caller.results.delete(count);
}

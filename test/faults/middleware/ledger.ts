// An object that writes down whose call had its effect how often, in few bytes: most numbers of a caller follow one another.
import type {
  AtLeastOnce,
  ExactlyOnce,
  Local,
  Reads,
  SemanticsOf,
  Stateful,
} from "../../../kernel-helpers/middleware/remote.js";

export interface Ledger {
  /** @param n of this caller's calls of this method the n-th @returns how many effects there have been */
  once(caller: string, n: number): ExactlyOnce<number>;
  atLeast(caller: string, n: number): AtLeastOnce<number>;
  atMost(caller: string, n: number): number;
  marks(): Reads<Marks>;
}

export const METHODS = ["once", "atLeast", "atMost"] as const;
export type Method = (typeof METHODS)[number];
export const semantics: SemanticsOf<Ledger> = {
  ...{ once: "exactly-once", atLeast: "at-least-once", marks: "reads" },
};

/** What one caller's calls of one method have done: numbers from and to, and each further effect of the same number. */
export interface Runs {
  runs: [from: number, to: number][];
  again: number[];
}

export interface Marks {
  count: number;
  /** `once caller` → its effects. */
  of: Record<string, Runs>;
}

/** How often it had its effect. */
export function effects(
  { of }: Marks,
  { method, caller, n }: { method: Method; caller: string; n: number },
): number {
  const { runs, again } = of[`${method} ${caller}`] ?? { runs: [], again: [] };
  return (runs.some(([from, to]) => from <= n && n <= to) ? 1 : 0) + again.filter((one) => one === n).length;
}

export class LedgerObject implements Local<Ledger>, Stateful<Marks> {
  #marks: Marks = { count: 0, of: {} };
  readonly #pause: () => Promise<void> | undefined;

  /** @param pause waits in the middle of a call, now and then */
  constructor(pause: () => Promise<void> | undefined) {
    this.#pause = pause;
  }

  async #mark(method: Method, caller: string, n: number): Promise<number> {
    const name = `${method} ${caller}`;
    this.#marks.of[name] ??= { runs: [], again: [] };
    const { runs, again } = this.#marks.of[name];
    await this.#pause();
    const before = runs.find(([, to]) => to === n - 1);
    if (runs.some(([from, to]) => from <= n && n <= to)) again.push(n);
    else if (before) before[1] = n;
    else runs.push([n, n]);
    return ++this.#marks.count;
  }

  once(caller: string, n: number): Promise<number> {
    return this.#mark("once", caller, n);
  }

  atLeast(caller: string, n: number): Promise<number> {
    return this.#mark("atLeast", caller, n);
  }

  atMost(caller: string, n: number): Promise<number> {
    return this.#mark("atMost", caller, n);
  }

  marks(): Marks {
    return this.#marks;
  }

  dehydrate(): Marks {
    return this.#marks;
  }

  rehydrate(state: Marks): void {
    this.#marks = state;
  }
}

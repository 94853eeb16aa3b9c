// What an experiment says: one observation after another, and what follows from them.
import type { Service } from "./design.js";
import type { Site } from "./site.js";

/** Is it hidden from who calls? */
export type Verdict = "offered" | "partly" | "not";

/** One thing that was looked at. */
export interface Check {
  readonly what: string;
  readonly held: boolean;
  /** What was seen. */
  readonly saw: string;
}

export interface Observed {
  verdict: Verdict;
  /** In one or two sentences, made from what was seen. */
  evidence: string;
  checks: Check[];
}

export type Experiment = (site: Site) => Promise<Observed>;

export const check = (what: string, held: boolean, saw: string): Check => ({ what, held, saw });

/** All held: offered. None: not. */
export function byChecks(checks: readonly Check[]): Verdict {
  const held = checks.filter((one) => one.held).length;
  return held === checks.length ? "offered" : held === 0 ? "not" : "partly";
}

/** A number with a state, as experiments have it on hosts. */
export function counter(begin = 0, more: (change: (by: number) => number) => Service = () => ({})): Service {
  let value = begin;
  const add = (by: unknown): number => {
    value += Number(by);
    return value;
  };
  return {
    add,
    value: () => value,
    dehydrate: () => value,
    rehydrate: (state) => {
      value = Number(state);
    },
    ...more(add),
  };
}

// What of that which callers saw cannot be.
import type { Kind } from "../../middleware/linearizable/judge.js";
import type { Seen } from "../../middleware/simulation/history.js";
import { type Call, fateOf } from "./calls.js";
import { effects, type Marks, METHODS, type Method } from "./ledger.js";

/** What ledgers tell of calls with an effect. */
export interface Counted {
  /** Acknowledged, and without effect. */
  lost: string[];
  /** With more effects than are promised. */
  doubled: string[];
  /** Told as surely without effect, and with one. */
  wrong: string[];
  /** A later call had its effect before an earlier one of the same caller. */
  disordered: string[];
}

const isMethod = (what: string): what is Method => (METHODS as readonly string[]).includes(what);

const named = ({ caller, i, what, name }: Call): string => `call ${i} of ${caller}, ${name}.${what}`;

/** @param marks of each ledger, when all is over */
export function count(calls: readonly Call[], marks: ReadonlyMap<string, Marks>): Counted {
  const counted: Counted = { lost: [], doubled: [], wrong: [], disordered: [] };
  const last = new Map<string, { call: Call; value: number }>();
  for (const call of calls) {
    const { name, what, caller, n = 0, fate } = call;
    const ledger = marks.get(name);
    if (!ledger || !isMethod(what)) continue;
    const times = effects(ledger, { method: what, caller, n });
    const end = fateOf(call);
    if (end?.fate === "done" && times === 0) counted.lost.push(named(call));
    if (end?.fate === "refused" && times > 0) counted.wrong.push(`${named(call)}: ${end.why}`);
    if (what !== "atLeast" && times > 1) counted.doubled.push(named(call));
    // Those that were told at once: what was uncertain may have been late.
    if (fate?.fate !== "done") continue;
    const way = `${caller} ${name}`;
    const before = last.get(way);
    if (before && before.value > fate.value)
      counted.disordered.push(
        `${named(call)} was number ${fate.value}, and call ${before.call.i} before it ${before.value}`,
      );
    else last.set(way, { call, value: fate.value });
  }
  return counted;
}

/** What callers saw of each register and counter. */
export function histories(calls: readonly Call[]): { name: string; kind: Kind; calls: Seen[] }[] {
  const all = new Map<string, Seen[]>();
  for (const call of calls) {
    const { name, what, from, a, b } = call;
    if (what === "glance" || isMethod(what)) continue;
    const fate = fateOf(call);
    const seen: Seen = {
      ...{ what, from, to: Number.POSITIVE_INFINITY, value: undefined },
      ...(a !== undefined && { a }),
      ...(b !== undefined && { b }),
      ...(fate?.fate === "done" && { to: fate.to, value: fate.value }),
      isRefused: fate?.fate === "refused",
    };
    // Who only looked and was told nothing has seen nothing.
    if (what === "read" && seen.value === undefined) continue;
    all.set(name, [...(all.get(name) ?? []), seen]);
  }
  return [...all].map(([name, seen]) => ({
    ...{ name, calls: seen, kind: name.startsWith("counter/") ? "counter" : "register" },
  }));
}

/** Copies that told something older than their reader had seen before. */
export function staleGlances(calls: readonly Call[]): string[] {
  const found: string[] = [];
  const seen = new Map<string, { to: number; value: number }[]>();
  for (const call of calls) {
    const { caller, name, what, from, fate } = call;
    if (!name.startsWith("counter/") || fate?.fate !== "done") continue;
    const way = `${caller} ${name}`;
    const before = seen.get(way) ?? [];
    seen.set(way, before);
    if (what === "glance")
      for (const { to, value } of before)
        if (to < from && value > fate.value) {
          found.push(`${named(call)} was told ${fate.value} by a copy after ${value}`);
          break;
        }
    before.push(fate);
  }
  return found;
}

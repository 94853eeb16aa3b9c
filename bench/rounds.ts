// Rounds: in each, every part is measured with one kernel after another, and each round begins with another kernel. So
// whatever else the machine does meets them all alike, and ratios are those of the same minute.
import type { Figures, Measured } from "./figures.js";
import type { Subject } from "./kernels.js";
import { beats } from "./parts/beats.js";
import { growth } from "./parts/growth.js";
import { interrupting } from "./parts/interrupting.js";
import { latency } from "./parts/latency.js";
import { networkingCells } from "./parts/networking.js";
import { printing } from "./parts/printing.js";
import { start } from "./parts/start.js";

/** What one kernel gave in one round. */
export interface Turn {
  figures: Figures;
  times: Record<string, number[]>;
  notes: string[];
}

/** By kernel, one turn a round. */
export type Rounds = Record<string, Turn[]>;

export interface RoundsOptions {
  rounds: number;
  /** No round begins when so many minutes have gone by. */
  minutes: number;
  /** Names of parts; all where it is left out. */
  only?: string[];
  /** A hundred cells instead of a thousand, and everything else in proportion. */
  short: boolean;
  say(text: string): void;
}

/** What a later run has measured again counts instead of what was there before, as long as it has as many rounds. */
export function measuredAnew(before: Rounds, later: Rounds): Rounds {
  return Object.fromEntries(
    Object.entries(before).map(([name, turns]) => {
      const again = later[name] ?? [];
      const merged = turns.map(({ figures, times, notes }, at) => ({
        figures: { ...figures, ...again[at]?.figures },
        times: { ...times, ...again[at]?.times },
        notes: [...notes, ...(again[at]?.notes ?? [])],
      }));
      return [name, again.length >= turns.length ? merged : turns];
    }),
  );
}

/** In every so many rounds all kernels go as far as they can: the slowest takes as long for that as for all the rest. */
const LONG_EVERY = 5;

type Part = (subject: Subject, options: { short: boolean; long: boolean }) => Promise<Measured>;

export const PARTS: Record<string, Part> = {
  start,
  latency: (subject, { short }) => latency(subject, short ? { times: 50 } : {}),
  networking: (subject, { short, long }) =>
    networkingCells(subject, { last: short ? 10 : long ? 1000 : 300 }),
  growth: (subject, { short, long }) =>
    growth(subject, { last: short ? 100 : long || subject.own ? 1000 : 500 }),
  beats: (subject, { short }) => beats(subject, short ? { count: 100, loop: 1000 } : {}),
  interrupting: (subject) => interrupting(subject),
  printing: (subject, { short }) => printing(subject, short ? { patience: 3_000 } : {}),
};

export async function run(
  list: Subject[],
  { rounds, minutes, only, short, say }: RoundsOptions,
): Promise<Rounds> {
  const turns: Rounds = Object.fromEntries(list.map(({ name }) => [name, []]));
  const parts = Object.entries(PARTS).filter(([name]) => !only || only.includes(name));
  const until = performance.now() + minutes * 60_000;
  for (let round = 0; round < rounds && (round === 0 || performance.now() < until); round++) {
    for (const { name } of list) turns[name]?.push({ figures: {}, times: {}, notes: [] });
    for (const [part, measure] of parts) {
      for (let place = 0; place < list.length; place++) {
        const subject = list[(place + round) % list.length];
        const turn = subject && turns[subject.name]?.at(-1);
        if (!subject || !turn || (part === "networking" && subject.language !== "typescript")) continue;
        say(`round ${round + 1} of ${rounds}: ${part}, ${subject.title}`);
        const long = round % LONG_EVERY === LONG_EVERY - 1;
        // One kernel's trouble is no reason to lose an hour's figures of all the others.
        const { figures, times, notes } = await measure(subject, { short, long }).catch(
          (error: Error): Measured => ({ figures: {}, notes: [`${part}: ${error.message}`] }),
        );
        Object.assign(turn.figures, figures);
        Object.assign(turn.times, times ?? {});
        turn.notes.push(...(notes ?? []));
      }
    }
  }
  return turns;
}

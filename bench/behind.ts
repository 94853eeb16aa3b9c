// Where another kernel has the better figure, and why: whoever reads a table wants to know what was had for it.
import { OWN, values } from "./bars.js";
import { FIGURES, type Figure, isYesOrNo, median, shown } from "./figures.js";
import type { Rounds } from "./rounds.js";

/** What is less than this apart is the machine's doing. */
const NOISE = 0.03;

/** The first that fits. */
const WHY: [figures: RegExp, why: string][] = [
  [
    /^(start|firstCell)$/,
    "It loads no parser of TypeScript; here two processes have to be there, one for messages and one for cells",
  ],
  [
    /^memory/,
    "It is one process, or two without a parser; here one keeps answering whatever happens to the other",
  ],
  [
    /^linesMemory$/,
    "What waits for its reader is kept, up to a bound, and V8 does not give back at once what held it",
  ],
  [
    /^(median|p99|burst|declare)/,
    "A cell passes through two processes, so that heartbeat, control and interrupts are answered and a cell's death is survived; and V8's inspector runs it, so that names may be declared anew and awaited at the top. Each waking takes 0.03 to 0.08 ms on this machine, and so does the inspector",
  ],
  [
    /^networking/,
    "It strips types only; here names may be declared anew, awaits be interrupted, and errors lead back to what was written, for which the cell is parsed twice",
  ],
  [
    /^(complete|inspect)/,
    "It looks at values of the running program and knows no types; a list of 500 cells' types comes from TypeScript's checker",
  ],
  [/(Heartbeat|Control)/, "Native code answers there, Node's event loop here"],
  [
    /^interrupt.*Ms$/,
    "A cell is given 20 ms to end by itself; its thread is looked into before anything is ended, so that nothing else is hit; and a loop after an await can be ended at all",
  ],
];

/** @returns one line for each reason, with the figures that another kernel is better in */
export function behind(rounds: Rounds, titles: Record<string, string>): string[] {
  const others = Object.keys(rounds).filter((name) => !OWN.includes(name));
  const reasons = new Map<string, string[]>();
  for (const figure of Object.keys(FIGURES) as Figure[]) {
    const more = isYesOrNo(figure) && !/lines/.test(figure);
    const best = (names: readonly string[]): { name: string; value: number } | undefined =>
      names
        .flatMap((name) => {
          const value = median(values(rounds, name, figure));
          return value === undefined ? [] : [{ name, value }];
        })
        .sort((a, b) => (more ? b.value - a.value : a.value - b.value))[0];
    const own = best(OWN);
    const other = best(others);
    if (!own || !other || (more ? own.value >= other.value : own.value <= other.value * (1 + NOISE)))
      continue;
    const why = WHY.find(([figures]) => figures.test(figure))?.[1] ?? "Not known";
    const words = `${FIGURES[figure]}: ${titles[other.name]} ${shown(other.value)}, ${titles[own.name]} ${shown(own.value)}`;
    reasons.set(why, [...(reasons.get(why) ?? []), words]);
  }
  return [...reasons].map(([why, figures]) => `${why}.\n${figures.map((one) => `  - ${one}`).join("\n")}`);
}

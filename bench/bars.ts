// What Wirebook has to reach, and whether it did. Ratios are taken within a round, and the median of the rounds is judged.
import { type Figure, median } from "./figures.js";
import type { Rounds } from "./rounds.js";

interface Bar {
  figure: Figure;
  /** With its types checked, or not. */
  of: "wirebook" | "unchecked";
  most: number;
  /** What it is a multiple of: another kernel's figure, or another of its own. Left out: `most` is in the figure's unit. */
  times?: { kernel?: string; figure?: Figure };
  /** What would be even better. */
  aim?: number;
}

export const BARS: Bar[] = [
  { figure: "start", of: "wirebook", most: 0.8, times: { kernel: "deno" } },
  { figure: "start", of: "wirebook", most: 0.33, times: { kernel: "ipykernel" } },
  { figure: "firstCell", of: "wirebook", most: 0.3, times: { kernel: "tslab" } },
  { figure: "firstCell", of: "unchecked", most: 1, times: { kernel: "deno" } },
  { figure: "memory", of: "wirebook", most: 210 },
  { figure: "memory", of: "unchecked", most: 120 },
  { figure: "median", of: "wirebook", most: 2, times: { kernel: "tslab" }, aim: 1 },
  { figure: "median", of: "unchecked", most: 0.8, times: { kernel: "deno" } },
  { figure: "networking10", of: "wirebook", most: 0.4, times: { kernel: "tslab" } },
  { figure: "networking300", of: "wirebook", most: 0.25, times: { kernel: "tslab" } },
  { figure: "declare1000", of: "wirebook", most: 1.5, times: { figure: "declare100" }, aim: 1.2 },
  { figure: "declare1000", of: "unchecked", most: 1.1, times: { figure: "declare100" } },
  { figure: "memoryAfter", of: "wirebook", most: 260 },
  { figure: "memoryAfter", of: "wirebook", most: 1, times: { kernel: "tslab" } },
  { figure: "memoryAfter", of: "unchecked", most: 150 },
  ...(["completeName", "completeMember", "inspect"] as const).map(
    (figure): Bar => ({ figure, of: "wirebook", most: 0.5, times: { kernel: "tslab" } }),
  ),
  ...(["wirebook", "unchecked"] as const).flatMap((of): Bar[] => [
    { figure: "lines", of, most: 1, times: { kernel: "ipykernel" } },
    { figure: "linesLost", of, most: 0 },
    { figure: "linesLate", of, most: 0 },
    { figure: "linesMemory", of, most: 64 },
  ]),
  ...(["loopHeartbeatP99", "loopControlP99", "checkingHeartbeatP99", "checkingControlP99"] as const).map(
    (figure): Bar => ({ figure, of: "wirebook", most: 5 }),
  ),
];

/** @returns the bar in words, what was reached, and whether that is enough; `undefined`: a figure is missing */
export function judge(
  bar: Bar,
  rounds: Rounds,
): { bar: string; reached: number; verdict: string } | undefined {
  const { figure, of, most, times, aim } = bar;
  const reached = median(
    times
      ? ratios(rounds, of, figure, times.kernel ?? of, times.figure ?? figure)
      : values(rounds, of, figure),
  );
  if (reached === undefined) return undefined;
  const to = times && (times.kernel ?? `its own ${times.figure?.replace(/\D/g, "")}th`);
  const words = `${of === "wirebook" ? "checked" : "unchecked"} ≤ ${most}${to ? ` × ${to}` : ""}${aim ? ` (aim ${aim} ×)` : ""}`;
  const met = aim !== undefined && reached <= aim ? "met, and the aim" : "met";
  const missed = most === 0 ? "missed" : `missed by ${((reached / most - 1) * 100).toFixed(0)} %`;
  return { bar: words, reached, verdict: reached <= most ? met : missed };
}

/** One kernel's figure, round by round. */
export function values(rounds: Rounds, kernel: string, figure: Figure): number[] {
  return (rounds[kernel] ?? []).flatMap(({ figures }) => figures[figure] ?? []);
}

/** How many times as much, round by round. */
export function ratios(
  rounds: Rounds,
  kernel: string,
  figure: Figure,
  other: string,
  otherFigure: Figure = figure,
): number[] {
  return (rounds[kernel] ?? []).flatMap(({ figures }, round) => {
    const base = rounds[other]?.[round]?.figures[otherFigure];
    const own = figures[figure];
    return own === undefined || !base ? [] : [own / base];
  });
}

// What Wirebook has to reach, and whether it did. Ratios are taken within a round, and the median of the rounds is judged.
import { type Figure, median, shown } from "./figures.js";
import type { Rounds } from "./rounds.js";

/** The kernel that is measured: with its types checked, and without. */
export const OWN: readonly string[] = ["wirebook", "unchecked"];

interface Target {
  most: number;
  /** What it is a multiple of: another kernel's figure, or another of its own. Left out: `most` is in the figure's unit. */
  times?: { kernel?: string; figure?: Figure };
  /** What would be even better. */
  aim?: number;
}

interface Bar {
  figure: Figure;
  /** With its types checked, or not. */
  of: "wirebook" | "unchecked";
  /** Of the first of these of which anything was measured, one has to be met; the others are only shown. */
  targets: Target[][];
}

/** A bar with one target. */
function bar(figure: Figure, of: Bar["of"], target: Target): Bar {
  return { figure, of, targets: [[target]] };
}

export const BARS: Bar[] = [
  {
    figure: "start",
    of: "wirebook",
    targets: [
      [
        { most: 1, times: { kernel: "ijavascript" } },
        { most: 0.8, times: { kernel: "deno" } },
      ],
      [{ most: 0.33, times: { kernel: "ipykernel" } }],
    ],
  },
  bar("firstCell", "wirebook", { most: 0.3, times: { kernel: "tslab" } }),
  bar("firstCell", "unchecked", { most: 1, times: { kernel: "deno" } }),
  bar("memory", "wirebook", { most: 210 }),
  bar("memory", "unchecked", { most: 120 }),
  bar("median", "wirebook", { most: 2, times: { kernel: "tslab" }, aim: 1 }),
  {
    figure: "median",
    of: "unchecked",
    targets: [[{ most: 1, times: { kernel: "ijavascript" } }], [{ most: 0.8, times: { kernel: "deno" } }]],
  },
  bar("networking10", "wirebook", { most: 0.4, times: { kernel: "tslab" } }),
  bar("networking300", "wirebook", { most: 0.25, times: { kernel: "tslab" } }),
  bar("declare1000", "wirebook", { most: 1.5, times: { figure: "declare100" }, aim: 1.2 }),
  bar("declare1000", "unchecked", { most: 1.1, times: { figure: "declare100" } }),
  bar("memoryAfter", "wirebook", { most: 260 }),
  bar("memoryAfter", "wirebook", { most: 1, times: { kernel: "tslab" } }),
  bar("memoryAfter", "unchecked", { most: 150 }),
  ...(["completeName", "completeMember", "inspect"] as const).map((figure) =>
    bar(figure, "wirebook", { most: 0.5, times: { kernel: "tslab" } }),
  ),
  ...(["wirebook", "unchecked"] as const).flatMap((of) => [
    bar("lines", of, { most: 1, times: { kernel: "ipykernel" } }),
    bar("linesLost", of, { most: 0 }),
    bar("linesLate", of, { most: 0 }),
    bar("linesMemory", of, { most: 64 }),
  ]),
  ...(["loopHeartbeatP99", "loopControlP99", "checkingHeartbeatP99", "checkingControlP99"] as const).map(
    (figure) => bar(figure, "wirebook", { most: 5 }),
  ),
];

/** @returns the bar in words, with what was reached, and whether that is enough; `undefined`: nothing of it was measured */
export function judge({ figure, of, targets }: Bar, rounds: Rounds): string | undefined {
  const measured = targets
    .map((group) =>
      group.flatMap((target) => {
        const { most, times, aim } = target;
        const reached = median(
          times
            ? ratios(rounds, of, figure, times.kernel ?? of, times.figure ?? figure)
            : values(rounds, of, figure),
        );
        if (reached === undefined) return [];
        const to = times && (times.kernel ?? `its own ${times.figure?.replace(/\D/g, "")}th`);
        const words = `≤ ${most}${to ? ` × ${to}` : ""}${aim ? ` (aim ${aim} ×)` : ""}`;
        return { target, to, reached, words: `${words}: ${shown(reached)}` };
      }),
    )
    .filter((group) => group.length > 0);
  const [judged, ...others] = measured;
  if (!judged) return undefined;
  const met = judged.filter(({ target, reached }) => reached <= target.most);
  const by = judged.length > 1 ? ` by ${met.map(({ to }) => to).join(" and ")}` : "";
  const aimed = met.some(({ target, reached }) => target.aim !== undefined && reached <= target.aim);
  const missed = Math.min(...judged.map(({ target, reached }) => (reached / target.most - 1) * 100));
  const verdict =
    met.length > 0
      ? `met${by}${aimed ? ", and the aim" : ""}`
      : `**missed${Number.isFinite(missed) ? ` by ${missed.toFixed(0)} %` : ""}**`;
  const also = others.flat().map(({ words }) => `; for comparison ${words}`);
  const whose = of === "wirebook" ? "checked" : "unchecked";
  return `${whose} ${judged.map(({ words }) => words).join(" or ")}, ${verdict}${also.join("")}`;
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

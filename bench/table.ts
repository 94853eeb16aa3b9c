// The figures as Markdown: medians of the rounds, the bars beside them, and the ratios.
import { BARS, judge, ratios, values } from "./bars.js";
import { behind } from "./behind.js";
import { FIGURES, type Figure, isYesOrNo, median, shown } from "./figures.js";
import type { Rounds } from "./rounds.js";

/** Whose ratio to whom is worth a column. */
const PAIRS = [
  ["wirebook", "tslab", "checked : tslab"],
  ["wirebook", "deno", "checked : Deno"],
  ["unchecked", "deno", "unchecked : Deno"],
  ["unchecked", "ijavascript", "unchecked : ijavascript"],
  ["unchecked", "ipykernel", "unchecked : ipykernel"],
] as const;

export function tables(rounds: Rounds, titles: Record<string, string>): string {
  const figures = (Object.keys(FIGURES) as Figure[]).filter((figure) =>
    Object.keys(rounds).some((name) => values(rounds, name, figure).length > 0),
  );
  const names = Object.keys(rounds);
  const bars = [["", ...names.map((name) => titles[name] ?? name), "bars"]];
  const pairs = PAIRS.filter(([own, other]) => rounds[own] && rounds[other]);
  const compared = [["", ...pairs.map(([, , title]) => title)]];
  for (const figure of figures) {
    bars.push([
      FIGURES[figure],
      ...names.map((name) => spread(values(rounds, name, figure))),
      beside(figure, rounds),
    ]);
    // How many times as much a yes is as a no says nothing.
    if (isYesOrNo(figure)) continue;
    const row = pairs.map(([own, other]) => {
      const middle = median(ratios(rounds, own, figure, other));
      return middle === undefined ? "–" : `${middle.toFixed(2)} ×`;
    });
    if (row.some((cell) => cell !== "–")) compared.push([FIGURES[figure], ...row]);
  }
  const notes = names.flatMap((name) => {
    const counts = new Map<string, number>();
    for (const { notes } of rounds[name] ?? [])
      for (const note of notes) counts.set(note, (counts.get(note) ?? 0) + 1);
    return [...counts].map(([note, count]) => `- ${titles[name] ?? name}: ${note} (${count} ×)`);
  });
  const second = behind(rounds, titles).map((line) => `- ${line}`);
  return [
    "Medians of the rounds (least – most).",
    markdown(bars),
    ...(pairs.length > 0 ? ["Ratios within the same round, medians.", markdown(compared)] : []),
    ...(second.length > 0 ? [`Where another kernel is first, and why:\n\n${second.join("\n")}`] : []),
    ...(notes.length > 0 ? [`Not counted, or not as it should be, and why:\n\n${notes.join("\n")}`] : []),
  ].join("\n\n");
}

function beside(figure: Figure, rounds: Rounds): string {
  return BARS.filter((bar) => bar.figure === figure)
    .flatMap((bar) => judge(bar, rounds) ?? [])
    .join("<br>");
}

function spread(list: number[]): string {
  const middle = median(list);
  if (middle === undefined) return "–";
  return list.length === 1
    ? shown(middle)
    : `${shown(middle)} (${shown(Math.min(...list))} – ${shown(Math.max(...list))})`;
}

export function markdown([head = [], ...rows]: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

// The figures of calls as Markdown, and the bars that they are held against. Ratios are taken within a round.
import { median, quantile, shown } from "./figures.js";
import { type CallRounds, type CallSubject, type Name, OWN, PROMISES, TRIPS } from "./middleware.js";
import { markdown } from "./table.js";

interface Target {
  /** What it is a multiple of: that subject's figure, the same one if nothing else is said. Left out: the figure itself counts. */
  to?: { of: string; figure?: Name };
  least?: number;
  most?: number;
}

interface Bar {
  figure: Name;
  /** What of all values is judged. */
  by: "median" | "p99" | "sum";
  /** One has to be met. */
  targets: Target[];
}

const MANY: Target[] = [{ least: 40_000 }, { to: { of: "capnweb", figure: "rate" }, least: 1.5 }];

const BARS: Bar[] = [
  { figure: "roundTrip", by: "median", targets: [{ to: { of: "ws" }, most: 1.8 }] },
  { figure: "roundTrip", by: "median", targets: [{ to: { of: "capnweb" }, most: 1 }] },
  { figure: "rate", by: "median", targets: MANY },
  { figure: "once", by: "median", targets: MANY },
  { figure: "crash", by: "p99", targets: [{ most: 50 }] },
  { figure: "takeover", by: "p99", targets: [{ most: 1500 }] },
  { figure: "pause", by: "p99", targets: [{ most: 25 }] },
  { figure: "lost", by: "sum", targets: [{ most: 0 }] },
  { figure: "doubled", by: "sum", targets: [{ most: 0 }] },
  { figure: "here", by: "median", targets: [{ most: 2 }] },
  { figure: "names", by: "median", targets: [{ to: { of: OWN, figure: "few" }, most: 1.2 }] },
  { figure: "nodes", by: "median", targets: [{ to: { of: OWN, figure: "few" }, most: 1.2 }] },
];

const sum = (all: number[]): number => all.reduce((a, b) => a + b, 0);
const REDUCED: Record<Bar["by"], (all: number[]) => number | undefined> = {
  median,
  p99: (all) => quantile(all, 0.99),
  sum: (all) => (all.length > 0 ? sum(all) : undefined),
};

/** All values of a figure, of all rounds. */
const values = (rounds: CallRounds, of: string, figure: Name): number[] =>
  (rounds[of] ?? []).flatMap((round) => round[figure] ?? []);

/** How wirebook/middleware stands to a target in each round. */
function reached(rounds: CallRounds, figure: Name, { to }: Target): number[] {
  if (!to) return values(rounds, OWN, figure);
  return (rounds[OWN] ?? []).flatMap((round, at) => {
    const own = median(round[figure] ?? []);
    const other = median(rounds[to.of]?.[at]?.[to.figure ?? figure] ?? []);
    return own === undefined || other === undefined ? [] : [own / other];
  });
}

function judged({ figure, by, targets }: Bar, rounds: CallRounds, titles: Record<string, string>): string {
  const all = targets.flatMap((target) => {
    const { to, least, most } = target;
    const value = REDUCED[by](reached(rounds, figure, target));
    if (value === undefined) return [];
    const times = !to ? "" : ` × ${to.of === OWN ? "with few" : titles[to.of]}`;
    const isMet = (least === undefined || value >= least) && (most === undefined || value <= most);
    const bar = least === undefined ? `≤ ${most}` : `≥ ${least}`;
    return [{ isMet, words: `${by === "median" ? "" : `${by} `}${shown(value)}${times} (${bar})` }];
  });
  if (all.length === 0) return "";
  const verdict = all.some(({ isMet }) => isMet) ? "met" : "**missed**";
  return `${all.map(({ words }) => words).join(" or ")}, ${verdict}`;
}

function bars(figure: Name, rounds: CallRounds, titles: Record<string, string>): string {
  return BARS.filter((bar) => bar.figure === figure)
    .map((bar) => judged(bar, rounds, titles))
    .filter(Boolean)
    .join("<br>");
}

const spread = (all: number[]): string =>
  all.length === 0
    ? "–"
    : `${shown(median(all) as number)} (${shown(Math.min(...all))} – ${shown(Math.max(...all))})`;

export function callTable(rounds: CallRounds, list: CallSubject[]): string {
  const titles = Object.fromEntries(list.map(({ name, title }) => [name, title]));
  const trips = Object.entries(TRIPS).map(([figure, words]) => [
    words,
    ...list.map(({ name }) => spread(values(rounds, name, figure as Name))),
    bars(figure as Name, rounds, titles),
  ]);
  const promises = Object.entries(PROMISES).map(([figure, words]) => {
    const all = values(rounds, OWN, figure as Name);
    const many = all.length > (rounds[OWN]?.length ?? 0);
    const p99 = many ? shown(quantile(all, 0.99) as number) : "–";
    return [words, String(all.length), spread(all), p99, bars(figure as Name, rounds, titles)];
  });
  return [
    "Medians (least – most); ratios are taken within a round.",
    markdown([["", ...list.map(({ title }) => title), "bars"], ...trips]),
    markdown([["", "times", "wirebook/middleware", "p99", "bars"], ...promises]),
  ].join("\n\n");
}

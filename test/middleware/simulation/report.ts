// What simulated networks came to, as a page.
import { markdown } from "../../../bench/table.js";
import type { ScaleReport } from "./scale.js";
import type { StormReport } from "./storm.js";

/** Of all seeds together. */
export interface Storms extends Omit<StormReport, "violations"> {
  seeds: number;
  failed: { seed: number; violations: string[] }[];
}

const TROUBLES: Record<string, string> = {
  kill: "nodes killed",
  stop: "nodes that stood still for 0.2 to 3.2 s",
  cut: "cables between a node and a caller cut",
  half: "nodes cut off from the registry and one caller",
  island: "nodes cut off from the registry",
  break: "times that half of all sockets broke",
  registry: "registries killed, and followed by another",
  migrate: "objects moved",
  join: "nodes that came",
};

export function page({ storms, scales }: { storms: Storms; scales: ScaleReport[] }): string {
  const { seeds, acknowledged, uncertain, refused, ms, messages, troubles, failed } = storms;
  const rows: string[][] = [
    ["", ""],
    ["seeds", String(seeds)],
    ["hours of the simulation", (ms / 3_600_000).toFixed(1)],
    ["messages", String(messages)],
    ["calls with an effect that were acknowledged", String(acknowledged)],
    ["whose outcome stayed uncertain, and was told as that", String(uncertain)],
    ["that were refused: they surely had no effect", String(refused)],
    ...Object.entries(TROUBLES).map(([kind, what]) => [what, String(troubles[kind] ?? 0)]),
    ["**seeds in which a caller saw what cannot be**", `**${failed.length}**`],
  ];
  return `# The middleware in simulated networks

Written by \`npm run simulate -- --seeds ${seeds}${scales.length > 0 ? ` --scale ${scales.map(({ nodes }) => nodes).join()}` : ""} --doc\`; do not edit. The code is that of \`wirebook/middleware\`; clock, chance, network and disk are
simulated, so a seed gives the same run each time: \`npm run simulate -- --seed N\`.

## Networks in trouble

Four nodes and three callers, which add to one counter and read it, several calls at a time, with all three promises (at most once, exactly once,
reads), while from one seed nodes die, stand still, are cut off, objects move and registries are replaced; 2 % of all messages come twice. What every
caller was told has to be what one counter could tell, one call after another, in the order of time (linearizability; Herlihy and Wing 1990), and every
effect that was acknowledged has to be there once. Who reads copies has to see nothing older than what it has seen or done.

${markdown(rows)}
${scales.length > 0 ? growing(scales) : ""}`;
}

const digits = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));

function growing(scales: ScaleReport[]): string {
  const rows = [
    ["", ...scales.map(({ nodes }) => `${nodes} nodes`)],
    ["messages of a call, the way known", ...scales.map(({ warm }) => digits(warm.messages))],
    ["its time, ms (a message takes 0.2 to 2)", ...scales.map(({ warm }) => digits(warm.ms))],
    [
      "its questions to the registry (the effect is written)",
      ...scales.map(({ warm }) => digits(warm.asked)),
    ],
    ["messages of the first call of an object", ...scales.map(({ cold }) => digits(cold.messages))],
    ["its questions to the registry", ...scales.map(({ cold }) => digits(cold.asked))],
    ["the registry's questions a second while nobody calls", ...scales.map(({ idle }) => digits(idle))],
    ["until all objects of dead nodes answer again, ms", ...scales.map(({ heal }) => digits(heal))],
  ];
  return `
## Networks that grow

As many objects as nodes, on whichever node was asked first; one node in a hundred dies at once. The lease is 1 s.

${markdown(rows)}

A call costs the same among ten nodes and among ten thousand: it goes where the last one went, and where it has to be looked for, the registry gives one
record and up to 32 nodes, never a list of all. What grows is the registry's own work: every node renews its lease four times a lease, whatever it
exports. One registry bears some ten thousand questions a second, so one domain of it ends at some thousands of nodes with a lease of 1 s, or at ten times as
many with one of 10 s, who then wait ten times as long for a dead node's objects. An internet is not one domain: it needs registries of registries, as
names have (DNS), and grants between them; within one, what is promised here holds.
`;
}

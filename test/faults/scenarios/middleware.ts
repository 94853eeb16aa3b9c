// The middleware among real trouble: processes, sockets, networks, clocks and disks. Every effect is counted, and what callers saw of registers and
// counters has to be what one of each could have told, one call after another.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { go, makeJudge, verdicts } from "../../middleware/linearizable/judge.js";
import { noNats } from "../../middleware/nats.js";
import type { Names } from "../middleware/caller.js";
import { type Call, type Fate, fateOf } from "../middleware/calls.js";
import { Cluster, type ClusterOptions } from "../middleware/cluster.js";
import { count, histories, staleGlances } from "../middleware/judging.js";
import type { Marks } from "../middleware/ledger.js";
import { KINDS, Trouble } from "../middleware/trouble.js";
import { type Context, createDice, type Figure, quantile, type Scenario } from "../scenario.js";

export const middleware: Scenario = {
  title:
    "the middleware's real processes are killed, stopped and parted, its messages lost, late and doubled, its clocks wrong",
  async run(context: Context): Promise<Figure[]> {
    const figures: Figure[] = [];
    if (process.platform !== "linux") {
      console.error("skipped: doors are on many addresses of the loopback interface, which only Linux has");
      return figures;
    }
    for (const engine of ["embedded", "nats"] as const) {
      const why = engine === "nats" ? noNats : undefined;
      if (why !== undefined) console.error(`${engine}: skipped, ${why}`);
      else
        for (const figure of await among(engine, context))
          figures.push({ ...figure, what: `${engine}: ${figure.what}` });
    }
    return figures;
  },
};

/** Milliseconds in which every name has to answer when there is no more trouble. */
const HEALED_MS = 30_000;
const LEDGERS = ["ledger/a", "ledger/b", "ledger/c"];

async function among(
  engine: ClusterOptions["engine"],
  { full, node, seed, say }: Context,
): Promise<Figure[]> {
  const rounds = full ? 20 : 1;
  const dice = createDice(seed);
  const cluster = await Cluster.start({ engine, node, seed, hosts: full ? 4 : 3, callers: full ? 3 : 2 });
  const trouble = new Trouble(cluster, () => dice(1e6) / 1e6);
  const healed: number[] = [];
  const silent: string[] = [];
  const later = new Map<string, Fate>();
  const marks = new Map<string, Marks>();
  let calls: Call[] = [];
  let left: string[] = [];
  try {
    for (let round = 1; round <= rounds; round++) {
      say(`${engine}: ${round} of ${rounds} storms`);
      // The histories of few calls are judged soon.
      cluster.names = namesOf(round);
      await Promise.all(cluster.callers.map(({ program }) => program?.ask("call", cluster.names)));
      await trouble.run(full ? 15_000 : 7000);
      const asked = cluster.callers.map(({ program }) =>
        program?.ask<(number | string)[]>("probe", { names: cluster.names, timeout: HEALED_MS }, 120_000),
      );
      const answers = await Promise.all(asked);
      await trouble.settled();
      for (const answer of answers.flat())
        if (typeof answer === "number") healed.push(answer);
        else silent.push(String(answer));
      await Promise.all(cluster.callers.map(({ program }) => program?.ask("pause", undefined, 120_000)));
      calls = cluster.calls();
      await askLater(cluster, calls, later);
      const [one] = cluster.callers;
      await one?.program?.ask("look", { names: cluster.names, timeout: HEALED_MS });
    }
    calls = cluster.calls();
    for (const name of LEDGERS)
      marks.set(name, (await cluster.callers[0]?.program?.ask("marks", name)) as Marks);
  } finally {
    left = await cluster.end();
  }
  for (const call of calls) {
    const fate = later.get(nameOf(call));
    if (fate) call.later = fate;
  }
  const counted = count(calls, marks);
  const violations = await judged(calls);
  const wrong = [
    ...[...counted.lost.map((one) => `lost: ${one}`), ...counted.doubled.map((one) => `doubled: ${one}`)],
    ...[...counted.wrong.map((one) => `refused, with an effect: ${one}`), ...counted.disordered],
    ...[...staleGlances(calls), ...silent, ...left, ...cluster.complaints, ...(violations?.wrong ?? [])],
  ];
  for (const one of wrong.slice(0, 20)) console.error(`${engine}: ${one}`);
  const uncertain = calls.filter(({ fate }) => fate?.fate === "uncertain");
  const orphans = calls.filter(({ fate }) => fate === undefined);
  const open = (list: Call[]): number => list.filter((call) => !isKnown(call)).length;
  return [
    ...Object.entries(trouble.counts).map(([kind, value]) => ({ what: KINDS[kind] as string, value })),
    { what: "jumps of wall clocks by up to an hour", value: cluster.jumps },
    { what: "calls acknowledged", value: calls.filter(({ fate }) => fate?.fate === "done").length },
    { what: "of them lost", value: counted.lost.length, most: 0 },
    { what: "calls that had their effect more often than promised", value: counted.doubled.length, most: 0 },
    { what: "calls refused", value: calls.filter(({ fate }) => fate?.fate === "refused").length },
    { what: "of them with an effect", value: counted.wrong.length, most: 0 },
    {
      what: "calls that came before an earlier one of their caller",
      value: counted.disordered.length,
      most: 0,
    },
    { what: "calls whose outcome was uncertain", value: uncertain.length },
    { what: "of them unknown after outcome()", value: open(uncertain), most: 0 },
    { what: "calls whose caller was killed", value: orphans.length },
    { what: "of them unknown after outcome()", value: open(orphans) },
    {
      what: "copies that were older than what their reader had seen",
      value: staleGlances(calls).length,
      most: 0,
    },
    ...(violations
      ? [
          { what: "histories of registers and counters judged by porcupine", value: violations.judged },
          { what: "of them not linearizable", value: violations.wrong.length, most: 0 },
        ]
      : []),
    { what: "names that did not answer in 30 s after the trouble", value: silent.length, most: 0 },
    { what: "until a name answered after the trouble, p50", value: quantile(healed, 0.5), unit: "ms" },
    { what: "until a name answered after the trouble, p99", value: quantile(healed, 0.99), unit: "ms" },
    {
      what: "processes that ended by themselves, or troubles that failed",
      value: cluster.complaints.length,
      most: 0,
    },
    { what: "processes, sockets left at the end", value: left.length, most: 0 },
  ];
}

function namesOf(round: number): Names {
  const names = (folder: string): string[] => [`${folder}/${round}a`, `${folder}/${round}b`];
  return { counters: names("counter"), registers: names("register"), ledgers: LEDGERS };
}

const nameOf = ({ caller, i }: Call): string => `${caller} ${i}`;

/** Is known what became of it? Whoever only looked does not ask. */
function isKnown(call: Call): boolean {
  const fate = fateOf(call);
  return call.what === "read" || call.what === "glance" || (fate !== undefined && fate.fate !== "uncertain");
}

/** Somebody who lives asks for what nobody knows; whoever has begun a call and was killed asks no more. */
async function askLater(cluster: Cluster, calls: readonly Call[], later: Map<string, Fate>): Promise<void> {
  const open = calls.filter((call) => !isKnown(call) && call.key !== undefined && !later.has(nameOf(call)));
  const found = await cluster.callers[0]?.program?.ask<Fate[]>(
    "became",
    open.map(({ name, key }) => ({ target: name, key })),
    120_000,
  );
  for (const [at, call] of open.entries()) later.set(nameOf(call), found?.[at] as Fate);
}

/** @returns undefined: there is no Go to ask with */
async function judged(calls: readonly Call[]): Promise<{ judged: number; wrong: string[] } | undefined> {
  if (go === undefined) {
    console.error("no history is judged: there is no Go");
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "wirebook-judge-"));
  try {
    const all = histories(calls);
    const found = await verdicts(makeJudge(folder), all);
    const wrong = all.flatMap(({ name }, at) => (found[at] === "Ok" ? [] : [`${name}: ${found[at]}`]));
    return { judged: all.length, wrong };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

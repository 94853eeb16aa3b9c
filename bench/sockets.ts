// The helpers' sockets beside those of others: each kind in a process of its own, one after another in every round. The programs are in
// `echo/`; client and server are in the same process there, as they are in a notebook.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { median, shown } from "./figures.js";
import { deno } from "./peers/deno.js";
import { CACHE, root, venvPython } from "./places.js";
import { markdown } from "./table.js";

const FIGURES: Record<Name, string> = {
  roundTrip: "64 bytes there and back, µs",
  throughput: "64 KB there and back, MB/s both ways",
  accept: "accept of a connection that waits, ms",
  crowd: `${crowdSize()} connections from another process, all open at once: until they are accepted, ms`,
  memory: "memory of each of these, KB",
};

type Name = "roundTrip" | "throughput" | "accept" | "crowd" | "memory";
export type SocketFigures = Partial<Record<Name, number>>;

export interface SocketSubject {
  name: string;
  title: string;
  command: [string, ...string[]];
}

const echo = (file: string): string => join(root, "bench", "echo", file);
const own = (...args: string[]): [string, ...string[]] => [process.execPath, "--expose-gc", ...args];

export function socketSubjects(): { list: SocketSubject[]; missing: string[] } {
  const peer = deno();
  const list: SocketSubject[] = [
    { name: "net", title: "Node's `net`", command: own(echo("net.mjs")) },
    { name: "wirebook", title: "wirebook/socket", command: own(echo("wirebook.mjs")) },
    { name: "traced", title: "the same, traced", command: own(echo("wirebook.mjs"), "--trace") },
    { name: "python", title: "CPython, a thread each", command: [venvPython, echo("threads.py")] },
  ];
  if ("reason" in peer) return { list, missing: [`Deno: ${peer.reason}`] };
  const program = join(peer.folder, "bin", process.platform === "win32" ? "deno.exe" : "deno");
  const command: [string, ...string[]] = [program, "run", "--allow-all", "--no-check", echo("deno.ts")];
  return { list: [...list, { name: "deno", title: "Deno", command }], missing: [] };
}

/** Ten thousand, or as many as the system's descriptors are enough for. */
function crowdSize(): number {
  if (process.platform === "win32") return 10_000;
  const limit = Number(execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }));
  return Number.isNaN(limit) ? 10_000 : Math.min(10_000, limit - 500);
}

export function measureSockets(
  { command: [program, ...args] }: SocketSubject,
  short: boolean,
): SocketFigures {
  const out = execFileSync(program, args, {
    encoding: "utf8",
    timeout: 300_000,
    env: {
      ...process.env,
      CROWD: String(short ? 500 : crowdSize()),
      CROWD_NODE: process.execPath,
      DENO_DIR: join(CACHE, "deno-dir"),
      DENO_NO_UPDATE_CHECK: "1",
    },
  });
  return JSON.parse(out.trim().split("\n").at(-1) ?? "{}") as SocketFigures;
}

interface Bar {
  figure: Name;
  of: string;
  /** What it is a multiple of; left out: the figure itself counts. */
  to?: string;
  least?: number;
  most?: number;
}

const BARS: Bar[] = [
  { figure: "roundTrip", of: "wirebook", to: "net", most: 1.3 },
  { figure: "roundTrip", of: "wirebook", to: "python", most: 1 },
  { figure: "throughput", of: "wirebook", to: "net", least: 0.9 },
  { figure: "throughput", of: "traced", to: "wirebook", least: 0.95 },
  { figure: "accept", of: "wirebook", most: 0.3 },
];

export function socketTable(rounds: Record<string, SocketFigures[]>, titles: Record<string, string>): string {
  const names = Object.keys(rounds);
  const rows = [["", ...names.map((name) => titles[name] ?? name), "bars"]];
  for (const figure of Object.keys(FIGURES) as Name[]) {
    const cells = names.map((name) => spread((rounds[name] ?? []).flatMap((round) => round[figure] ?? [])));
    const bars = BARS.filter((bar) => bar.figure === figure).flatMap(
      (bar) => judged(bar, rounds, titles) ?? [],
    );
    rows.push([FIGURES[figure], ...cells, bars.join("<br>")]);
  }
  return `Medians of the rounds (least – most); ratios are taken within a round.\n\n${markdown(rows)}`;
}

function judged(
  { figure, of, to, least, most }: Bar,
  rounds: Record<string, SocketFigures[]>,
  titles: Record<string, string>,
): string | undefined {
  const found = (rounds[of] ?? []).flatMap((round, at) => {
    const value = round[figure];
    const other = to === undefined ? 1 : rounds[to]?.[at]?.[figure];
    return value === undefined || other === undefined ? [] : value / other;
  });
  const value = median(found);
  if (value === undefined) return undefined;
  const met = (least === undefined || value >= least) && (most === undefined || value <= most);
  const bar = least === undefined ? `≤ ${most}` : `≥ ${least}`;
  const what = `${titles[of]}${to === undefined ? "" : ` : ${titles[to]}`}`;
  return `${what} ${shown(value)} (${bar}), ${met ? "met" : "**missed**"}`;
}

function spread(list: number[]): string {
  const middle = median(list);
  return middle === undefined
    ? "–"
    : `${shown(middle)} (${shown(Math.min(...list))} – ${shown(Math.max(...list))})`;
}

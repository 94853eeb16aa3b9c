// A scan of all TCP ports of 127.0.0.1 beside nmap's, in a network of its own where everything that listens is known.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { median, shown } from "./figures.js";
import { root } from "./places.js";

/** Who listens there; one where connections usually come from. */
const LISTENING = [22, 80, 8080, 40_000];
const HELPER = join(root, "dist", "helpers", "scan", "index.js");

interface Scanned {
  ms: number;
  found: number[];
  /** MB at most, of the whole process. */
  memory?: number;
}

interface Way {
  title: string;
  /** What has to be installed. */
  needs?: string;
  scan(inNamespace: string[]): Scanned;
}

/** By the title of the way, one a round. */
export type ScanRounds = Record<string, Scanned[]>;

const CALL = `import { readFileSync } from "node:fs";
const { scan } = await import(process.argv[1]);
await scan("127.0.0.1", { ports: 9 });
const begun = performance.now();
const { open } = await scan("127.0.0.1", { ports: "all" });
const ms = performance.now() - begun;
const [, memory] = /VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"));
console.log(JSON.stringify({ ms, memory: memory / 1024, found: open.map(({ port }) => port) }));`;

const call = (backend: string): Way["scan"] => {
  const args = [process.execPath, "--input-type=module", "-e", CALL, HELPER];
  return (inside) => JSON.parse(timed(inside, args, { WIREBOOK_SCAN: backend }).stdout);
};

const nmap = (kind: string): Way => ({
  title: `nmap ${kind} -T5`,
  needs: "nmap",
  scan(inside) {
    const { ms, stdout } = timed(inside, ["nmap", kind, "-T5", "-n", "-Pn", "-p-", "-oG", "-", "127.0.0.1"]);
    return { ms, found: [...stdout.matchAll(/(\d+)\/open\/tcp/g)].map(([, port]) => Number(port)) };
  },
});

const OWN = "scan(), koffi";
const PLAIN = "scan(), plain Node";
const WAYS: Way[] = [
  { title: OWN, scan: call("koffi") },
  { title: PLAIN, scan: call("net") },
  {
    title: "wirebook scan, with its start",
    scan(inside) {
      const cli = join(root, "dist", "cli.js");
      const { ms, stdout } = timed(inside, [
        process.execPath,
        cli,
        "scan",
        "127.0.0.1",
        "--ports",
        "all",
        "--json",
        "--open",
      ]);
      return { ms, found: JSON.parse(stdout).ports.map(({ port }: { port: number }) => port) };
    },
  },
  nmap("-sT"),
  nmap("-sS"),
];

function timed(
  [program = "", ...inside]: string[],
  args: string[],
  env: NodeJS.ProcessEnv = {},
): { ms: number; stdout: string } {
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(program, [...inside, ...args], {
    encoding: "utf8",
    timeout: 120_000,
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return { ms: performance.now() - begun, stdout };
}

/** @returns the figures, and what was left out. @throws where there can be no network of its own (Linux, root, ip(8)) */
export async function measureScan(
  rounds: number,
  say: (text: string) => void,
): Promise<{ results: ScanRounds; missing: string[] }> {
  const name = `wb-scan-bench-${process.pid}`;
  const inside = ["ip", "netns", "exec", name];
  timed(["ip"], ["netns", "add", name]);
  let server: ChildProcess | undefined;
  try {
    timed(["ip"], ["-n", name, "link", "set", "lo", "up"]);
    const listen = `for (const port of ${JSON.stringify(LISTENING)}) require("node:net").createServer((peer) => peer.on("error", () => {}).end()).listen(port); setTimeout(() => console.log("ready"), 300);`;
    server = spawn("ip", [...inside.slice(1), process.execPath, "-e", listen], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(server.stdout as NodeJS.ReadableStream, "data");
    const there = WAYS.filter(({ needs }) => !needs || spawnSync(needs, ["--version"]).status === 0);
    const results: ScanRounds = Object.fromEntries(there.map(({ title }) => [title, []]));
    for (let round = 0; round < rounds; round++) {
      // Each comes first in turn.
      const first = round % there.length;
      for (const { title, scan } of [...there.slice(first), ...there.slice(0, first)]) {
        say(`round ${round + 1} of ${rounds}: ${title}`);
        results[title]?.push(scan(inside));
      }
    }
    const missing = WAYS.filter((way) => !there.includes(way)).map(
      ({ title, needs }) => `${title} (${needs} is missing)`,
    );
    return { results, missing };
  } finally {
    server?.kill();
    timed(["ip"], ["netns", "delete", name]);
  }
}

export function scanTable(results: ScanRounds): string {
  const middle = (title: string): number | undefined => median((results[title] ?? []).map(({ ms }) => ms));
  const times = (title: string, other: string): number | undefined =>
    median(
      (results[title] ?? []).flatMap(({ ms }, round) =>
        results[other]?.[round] ? [ms / results[other][round].ms] : [],
      ),
    );
  const judged = (words: string, reached: number | undefined, most: number): string =>
    reached === undefined ? "" : `${words}: ${shown(reached)}, ${reached <= most ? "met" : "**missed**"}`;
  const bars: Record<string, string[]> = {
    [OWN]: [
      judged("≤ 0.75 × nmap -sT", times(OWN, "nmap -sT -T5"), 0.75),
      judged("≤ 1 × nmap -sS", times(OWN, "nmap -sS -T5"), 1),
    ],
    [PLAIN]: [judged("≤ 4 s", (middle(PLAIN) ?? 0) / 1000, 4)],
  };
  const lines = Object.entries(results).map(([title, rounds]) => {
    const ms = rounds.map((round) => round.ms).sort((a, b) => a - b);
    const memory = Math.max(...rounds.map((round) => round.memory ?? 0));
    const ghosts = rounds.reduce(
      (sum, { found }) => sum + found.filter((port) => !LISTENING.includes(port)).length,
      0,
    );
    const misses = rounds.reduce(
      (sum, { found }) => sum + LISTENING.filter((port) => !found.includes(port)).length,
      0,
    );
    const all = [...(bars[title] ?? []), memory > 0 ? judged("≤ 100 MB", memory, 100) : ""].filter(Boolean);
    return `| ${title} | ${shown(middle(title) ?? 0)} (${shown(ms[0] ?? 0)} – ${shown(ms.at(-1) ?? 0)}) | ${ghosts} | ${misses} | ${memory > 0 ? shown(memory) : "–"} | ${all.join("<br>")} |`;
  });
  return ["|  | ms | ghosts | misses | memory, MB | bars |", "|---|---|---|---|---|---|", ...lines].join(
    "\n",
  );
}

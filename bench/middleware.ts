// Calls from one process to another: wirebook/middleware beside others, and what becomes of calls where hosts die, objects move and sockets
// break. The programs are in `calls/`; each is a process that starts those that it calls.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { MESSAGING, natsServerIn } from "./peers/messaging.js";
import { root, versionIn } from "./places.js";

/** Calls from one process to another, in each way. */
export const TRIPS = {
  roundTrip: "a call there and back, one caller, p50, µs",
  rate: "calls a second, 128 under way",
  once: "calls a second, 128 under way, each exactly once, of an object with a state",
} as const;

/** What only this middleware promises. */
export const PROMISES = {
  crash: "host killed → calls made in that moment answered by a second host, stateless, ms",
  takeover: "host killed → call made in that moment answered, object with a state, lease 1 s, ms",
  pause: "longest gap between two answers while an object moves, ms",
  lost: "calls lost while every socket is cut",
  doubled: "calls that ran twice while every socket is cut",
  here: "a call within the process, µs",
  few: "processor time of a call, both processes, 10 names bound, 2 nodes, µs",
  names: "processor time of a call, both processes, 10,000 names bound, 2 nodes, µs",
  nodes: "processor time of a call, both processes, 10 names bound, 50 nodes, µs",
} as const;

export type Name = keyof typeof TRIPS | keyof typeof PROMISES;
/** What one round gave: of some figures one value, of others one for each crash, or each move. */
export type Samples = Partial<Record<Name, number[]>>;
/** By subject, one a round. */
export type CallRounds = Record<string, Samples[]>;

export interface CallSubject {
  name: string;
  title: string;
  version: string;
  own?: true;
  env?: NodeJS.ProcessEnv;
}

interface Part {
  program: string;
  args: (short: boolean) => (string | number)[];
  /** The figure, where the program calls it by another name. */
  as?: Name;
}

const grown = (as: Name, names: number, nodes: number): Part => ({
  ...{ program: "growth", as },
  args: (short) => [
    short ? Math.min(names, 500) : names,
    short ? Math.min(nodes, 8) : nodes,
    short ? 500 : 15_000,
  ],
});

/** What is measured of wirebook/middleware alone. In ten rounds that is a hundred crashes of each kind, and two hundred moves. */
const PARTS: Part[] = [
  { program: "crash", args: () => [10] },
  { program: "moving", args: (short) => [short ? 3 : 20] },
  { program: "cuts", args: (short) => (short ? [1000, 10] : [10_000, 100]) },
  { program: "here", args: (short) => [short ? 1000 : 20_000] },
  grown("few", 10, 2),
  grown("names", 10_000, 2),
  grown("nodes", 10, 50),
];

/** Milliseconds that one program may take. */
const PATIENCE = 300_000;

export const OWN = "wirebook";

export function callSubjects(): { list: CallSubject[]; missing: string[] } {
  const list: CallSubject[] = [
    { name: "ws", title: "bare ws", version: versionIn("node_modules/ws/package.json") },
    { name: OWN, title: "wirebook/middleware", version: versionIn("package.json"), own: true },
  ];
  const missing: string[] = [];
  for (const { name, title, version, prepare } of MESSAGING) {
    const peer = prepare();
    if ("reason" in peer) missing.push(`${title}: ${peer.reason}`);
    else {
      const env = { PEER: peer.folder, NATS_SERVER: natsServerIn(peer.folder) };
      list.push({ name, title, version, env });
    }
  }
  return { list, missing };
}

export interface CallOptions {
  rounds: number;
  short: boolean;
  say(text: string): void;
}

/** @returns the figures, and what of them is missing, and why */
export async function measureCalls(
  list: CallSubject[],
  { rounds, short, say }: CallOptions,
): Promise<{ results: CallRounds; failed: string[] }> {
  const results: CallRounds = Object.fromEntries(list.map(({ name }) => [name, []]));
  const failed: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    // In turn, each first once.
    for (let at = 0; at < list.length; at++) {
      const { name, title, env = {} } = list[(at + round) % list.length] as CallSubject;
      // One's trouble is no reason to lose the figures of all the others.
      const tried = async (
        program: string,
        args: (string | number)[],
        figure = program,
      ): Promise<Samples> => {
        say(`round ${round} of ${rounds}: ${title}, ${figure}`);
        try {
          return await measured(program, args, env);
        } catch (error) {
          failed.push(`${title}, ${figure}, in round ${round}: ${reason(error)}`);
          return {};
        }
      };
      const samples = await tried("trips", [name, ...(short ? ["short"] : [])]);
      results[name]?.push(samples);
      if (name !== OWN) continue;
      for (const { program, args, as } of PARTS) {
        const found = await tried(program, args(short), as);
        for (const [figure, values] of Object.entries(found)) samples[as ?? (figure as Name)] = values;
      }
    }
  }
  return { results, failed };
}

/** What a program has said of its end. */
function reason(error: unknown): string {
  const { stderr = "", killed } = error as { stderr?: string; killed?: boolean };
  const said = stderr.split("\n").find((line) => /^\w*Error/.test(line));
  return said ?? (killed ? `not done in ${PATIENCE / 60_000} minutes` : "it has ended before it was done");
}

/** Runs one of the programs, with a registry of its own. @throws Error where it fails; it has said why */
async function measured(
  program: string,
  args: (string | number)[],
  env: NodeJS.ProcessEnv,
): Promise<Samples> {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-calls-"));
  try {
    const file = join(root, "bench", "calls", `${program}.mjs`);
    const running = promisify(execFile)(process.execPath, [file, ...args.map(String)], {
      timeout: PATIENCE,
      env: { ...process.env, ...env, FOLDER: folder },
    });
    const end = (): boolean => running.child.kill();
    // Whoever stops the benchmark stops this, too.
    process.once("exit", end);
    const { stdout } = await running.finally(() => process.off("exit", end));
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as Samples;
  } finally {
    // Hosts of it may be about to end.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

// A throw-away computer: what runs in it can fill its memory, its disk and its table of processes, and reaches nothing of this one.
// Linux, with bubblewrap, util-linux and iproute2; as root with a control group of its own, without which nothing greedy may be run.

import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../places.js";

/** What is run, and of what it is told. */
export interface Task {
  /** A folder that becomes the user's home. */
  seed: string;
  command: string;
  env: Record<string, string>;
  /** Of this computer, read-only: where it is, and where it is in there. */
  readable: readonly (readonly [from: string, to: string])[];
  students: readonly string[];
  /** Files below the home whose text is wanted afterwards. */
  wanted?: readonly string[];
  /** On each somebody listens. */
  ports?: readonly number[];
  /** The rest of the world, as addresses on the loopback. */
  addresses?: readonly string[];
}

export interface Limits {
  /** MB of all its processes together, with the disk. */
  memory: number;
  /** Processes and threads. */
  processes: number;
  /** MB. */
  disk: number;
  /** Until the whole is ended. */
  seconds: number;
}

export interface Job extends Required<Task>, Limits {
  place: string;
  /** The real user, where whoever starts it is root. */
  uid?: number;
  /** Files of control groups, which take a process's number. */
  groups: string[];
}

export interface Mark {
  score: number | null;
  /** Somebody has to mark it by hand. */
  waits: boolean;
}

export interface Evidence {
  /** Of the command. */
  code: number | null;
  /** It was ended because its time was up. */
  late: boolean;
  seconds: number;
  log: string;
  /** The largest part of the disk that was in use, up to 1. */
  fullest: number;
  heard: Record<string, string>;
  /** Files of that name, wherever they lie. */
  pwned: string[];
  linksOut: string[];
  files: Record<string, string | undefined>;
  /** By student and cell. */
  gradebook: Record<string, Record<string, Mark>>;
  /** By student: all outputs of the notebook that autograde has left. */
  outputs: Record<string, string | undefined>;
}

export interface Outcome extends Evidence {
  /** How often the kernel had to end a process because memory was used up; and how often a process was refused. */
  outOfMemory: number;
  outOfProcesses: number;
}

const controllers = "/sys/fs/cgroup";
/** Is there a control group to be had? */
export const bounded: boolean =
  process.getuid?.() === 0 &&
  existsSync(`${controllers}/memory/tasks`) &&
  existsSync(`${controllers}/pids/tasks`);

let boxes = 0;

/** @param slot Boxes that run at the same time have different ones. */
export async function runInBox(task: Task, limits: Limits, slot: number): Promise<Outcome> {
  const place = mkdtempSync(join(tmpdir(), "wirebook-box-"));
  const name = `wirebook-${process.pid}-${boxes++}`;
  const groups = bounded ? [`${controllers}/memory/${name}`, `${controllers}/pids/${name}`] : [];
  try {
    // Its user is another one.
    chmodSync(place, 0o711);
    for (const group of groups) mkdirSync(group);
    const [memory, pids] = groups as [string?, string?];
    if (memory && pids) {
      writeFileSync(`${memory}/memory.limit_in_bytes`, String(limits.memory * 1024 * 1024));
      writeFileSync(`${pids}/pids.max`, String(limits.processes));
    }
    const job: Job = {
      wanted: [],
      ports: [],
      addresses: [],
      ...task,
      ...limits,
      place,
      groups: groups.map((group) => `${group}/cgroup.procs`),
      ...(process.getuid?.() === 0 && { uid: 52_000 + slot }),
    };
    const [jobFile, answerFile] = [join(place, "job.json"), join(place, "answer.json")];
    writeFileSync(jobFile, JSON.stringify(job));
    const inside = join(root, "test", "grading", "plain", "inside.ts");
    const own = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
    const args = [...own, "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const said = await ended(
      "unshare",
      [...args, process.execPath, "--no-warnings", inside, jobFile, answerFile],
      (limits.seconds + 60) * 1000,
    );
    if (!existsSync(answerFile)) throw new Error(`The box told nothing: ${said.slice(-2000)}`);
    const evidence = JSON.parse(readFileSync(answerFile, "utf8")) as Evidence;
    return {
      ...evidence,
      outOfMemory: memory ? numberIn(`${memory}/memory.oom_control`, "oom_kill") : 0,
      outOfProcesses: pids ? numberIn(`${pids}/pids.events`, "max") : 0,
    };
  } finally {
    for (const group of groups) await removeGroup(group);
    rmSync(place, { recursive: true, force: true });
  }
}

const numberIn = (file: string, word: string): number =>
  Number(new RegExp(`^${word} (\\d+)`, "m").exec(readFileSync(file, "utf8"))?.[1] ?? 0);

/** Its processes have been told to end with their namespace; the last of them may still be at it. */
async function removeGroup(group: string): Promise<void> {
  for (let i = 0; i < 100; i++)
    try {
      return rmdirSync(group);
    } catch {
      await sleep(100);
    }
}

function ended(file: string, args: string[], milliseconds: number): Promise<string> {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += String(bytes)));
  const bell = setTimeout(() => child.kill("SIGKILL"), milliseconds);
  return new Promise((done) =>
    child
      .once("error", (error) => done(String(error)))
      .once("close", () => {
        clearTimeout(bell);
        done(said);
      }),
  );
}

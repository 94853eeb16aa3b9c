// Memory of a whole process tree as PSS: pages that processes share count once; and what it has used of the processor. Linux only (proc(5),
// smaps_rollup).
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** In MB; `undefined` where the system does not say. */
export function treeMemory(pid: number): number | undefined {
  try {
    return descendants(pid).reduce((sum, one) => sum + pss(one), 0) / 1024;
  } catch {
    return undefined;
  }
}

/**
 * What each process of a tree holds for itself, in MB, the oldest first: without the pages of files, of which PSS counts the less, the
 * more other processes run the same program.
 */
export function ownMemory(pid: number): number[] {
  return descendants(pid).map((one) => kilobytes(one, "status", "RssAnon") / 1024);
}

/** Seconds of processor of these processes, and of their children that have ended. */
export function processorTime(pids: number[]): number {
  ticks ??= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  let sum = 0;
  for (const pid of pids) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      sum += fields.slice(11, 15).reduce((all, one) => all + Number(one), 0);
    } catch {
      // gone meanwhile
    }
  }
  return sum / ticks;
}

let ticks: number | undefined;

/** The arguments of a process, as one text; nothing where it is gone. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** In MB. */
export const memoryOf = (pids: number[]): number => pids.reduce((sum, pid) => sum + pss(pid), 0) / 1024;

const pss = (pid: number): number => kilobytes(pid, "smaps_rollup", "Pss");

/** One line of what the system tells of a process. */
function kilobytes(pid: number, file: string, name: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/${file}`, "utf8");
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
  } catch {
    return 0; // gone meanwhile
  }
}

/** A process and all below it, the oldest first. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8"))?.[1]);
      parents.set(parent, [...(parents.get(parent) ?? []), Number(name)]);
    } catch {
      // gone meanwhile
    }
  }
  const all = [pid];
  for (const one of all) all.push(...(parents.get(one) ?? []));
  return all;
}

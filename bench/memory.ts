// Memory of a whole process tree as PSS: pages that processes share count once. Linux only (proc(5), smaps_rollup).
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

function descendants(pid: number): number[] {
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

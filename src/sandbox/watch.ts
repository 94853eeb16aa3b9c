// Limits that no system call sets without being root: what all processes of a submission use together.

import { readdirSync, readFileSync } from "node:fs";
import type { Limits, Watch } from "./needs.js";

const everyMs = 50;
const pageSize = 4096;
const megabyte = 1024 * 1024;

/** Ends a process, and so whatever it has started within its namespace, when the tree below it uses too much. */
export function watchTree(pid: number, { memory, processes }: Pick<Limits, "memory" | "processes">): Watch {
  let breach: string | undefined;
  const look = (): void => {
    const tree = treeOf(pid, processes * 2);
    const bytes = tree.reduce((sum, each) => sum + ownMemoryOf(each), 0);
    if (bytes > memory * megabyte) breach ??= `it used more than the ${memory} MB of memory that it may use`;
    // Two of them are the walls themselves.
    if (tree.length > processes + 2)
      breach ??= `it had more than the ${processes} processes that it may have`;
    if (breach === undefined) return;
    for (const each of tree) end(each);
  };
  const timer = setInterval(look, everyMs);
  return {
    breach: () => breach,
    stop: () => clearInterval(timer),
  };
}

function treeOf(root: number, most: number): number[] {
  const tree = [root];
  for (let at = 0; at < tree.length && tree.length <= most; at++) {
    try {
      const tasks = `/proc/${tree[at]}/task`;
      for (const task of readdirSync(tasks))
        tree.push(
          ...readFileSync(`${tasks}/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
        );
    } catch {
      // It has ended meanwhile.
    }
  }
  return tree;
}

/** Without what it shares with others, as files of programs. */
function ownMemoryOf(pid: number): number {
  try {
    const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ").map(Number);
    return (resident - shared) * pageSize;
  } catch {
    return 0;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

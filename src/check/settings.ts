// Where checks are defined and whether marks are given: said in the environment by whoever starts the kernel. The folders are taken
// out of it, so that neither the engine nor what it starts is told of them.

import { delimiter, join } from "node:path";
import type { CheckFolder } from "./needs.js";

export interface CheckSettings {
  folders: CheckFolder[];
  graded: boolean;
}

/** @param folder the notebook's */
export function takeCheckSettings(env: NodeJS.ProcessEnv, folder: string): CheckSettings {
  const { WIREBOOK_CHECKS: named = "", WIREBOOK_GRADING, NBGRADER_EXECUTION } = env;
  delete env.WIREBOOK_CHECKS;
  const graded = WIREBOOK_GRADING === "1" || NBGRADER_EXECUTION === "autograde";
  const hidden = named
    .split(delimiter)
    .filter(Boolean)
    .map((path) => ({ path, hidden: true }));
  // What lies beside a notebook that was handed in is the student's: it has no say in a mark.
  const beside = graded ? [] : [{ path: join(folder, "checks"), hidden: false }];
  return { folders: [...hidden, ...beside], graded };
}

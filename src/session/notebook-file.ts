// What the notebook's own file says about types: `metadata.wirebook.types`, or that it was written for another kernel.
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { TypesMode } from "../flow.js";

export interface NotebookTypes {
  mode: TypesMode;
  /** It was written for a kernel that takes types less seriously. */
  foreign: boolean;
}

export interface NotebookFileOptions {
  /** The notebook, where it is known; servers say so. */
  path: string | undefined;
  /** Somebody executes it to give marks: no type error may cost any. */
  graded: boolean;
}

const FOREIGN = /^(tslab|jslab|deno)$/;

/** Creates the reader; the file is read again when it was saved. */
export function createNotebookFile({ path, graded }: NotebookFileOptions): () => Promise<NotebookTypes> {
  let stamp = "";
  let known: NotebookTypes = { mode: graded ? "warn" : "error", foreign: false };
  return async () => {
    if (path === undefined) return known;
    try {
      // Before every cell: a way through the thread pool takes ten times as long.
      const { mtimeMs, size } = statSync(path);
      if (stamp === `${mtimeMs}:${size}`) return known;
      const { metadata } = JSON.parse(await readFile(path, "utf8"));
      const foreign = FOREIGN.test(metadata?.kernelspec?.name ?? "");
      const said: unknown = metadata?.wirebook?.types;
      const mode = said === "error" || said === "warn" || said === "off" ? said : foreign ? "warn" : "error";
      stamp = `${mtimeMs}:${size}`;
      known = { mode: graded && mode === "error" ? "warn" : mode, foreign };
    } catch {
      // Not saved yet, or in the middle of being saved.
    }
    return known;
  };
}

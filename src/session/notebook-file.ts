// What the notebook's own file says about types: `metadata.wirebook.types`, and for which kernel it was written.
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { TypesMode } from "../flow.js";

export interface NotebookTypes {
  mode: TypesMode;
  /** It was written for another kernel, which takes types less seriously. */
  madeFor?: OtherKernel;
}

export type OtherKernel = "tslab" | "jslab" | "deno";

export interface NotebookFileOptions {
  /** The notebook, where it is known; servers say so. */
  path: string | undefined;
  /** Somebody executes it to give marks: no type error may cost any. */
  graded: boolean;
  /** The name of a kernelspec under which this kernel was started, in place of the kernel of that name. */
  as?: string | undefined;
}

function otherKernel(name: unknown): { madeFor?: OtherKernel } {
  return name === "tslab" || name === "jslab" || name === "deno" ? { madeFor: name } : {};
}

/** Creates the reader; the file is read again when it was saved. */
export function createNotebookFile({ path, graded, as }: NotebookFileOptions): () => Promise<NotebookTypes> {
  let stamp = "";
  const started = otherKernel(as);
  let known: NotebookTypes = { mode: graded || started.madeFor ? "warn" : "error", ...started };
  return async () => {
    if (path === undefined) return known;
    try {
      // Before every cell: a way through the thread pool takes ten times as long.
      const { mtimeMs, size } = statSync(path);
      if (stamp === `${mtimeMs}:${size}`) return known;
      const { metadata } = JSON.parse(await readFile(path, "utf8"));
      const other = { ...started, ...otherKernel(metadata?.kernelspec?.name) };
      const said: unknown = metadata?.wirebook?.types;
      const otherwise = other.madeFor ? "warn" : "error";
      const mode = said === "error" || said === "warn" || said === "off" ? said : otherwise;
      stamp = `${mtimeMs}:${size}`;
      known = { mode: graded && mode === "error" ? "warn" : mode, ...other };
    } catch {
      // Not saved yet, or in the middle of being saved.
    }
    return known;
  };
}

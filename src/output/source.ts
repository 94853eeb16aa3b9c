// The text of a student's own file, for the lines around an error in it.
import { readFileSync, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { Frame } from "../flow.js";

const MOST_BYTES = 1024 * 1024;

/** As it is on disk now; nothing for what is not the student's, is too large or is gone. */
export function sourceOfFile({ file, internal }: Frame): string | undefined {
  if (internal || !isAbsolute(file) || /[\\/]node_modules[\\/]/.test(file)) return undefined;
  try {
    return statSync(file).size > MOST_BYTES ? undefined : readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

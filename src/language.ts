// Joins the type checker for the supervisor. A file of its own, because most kernels have run their first lines before it loads.

import { join } from "node:path";
import { Language } from "./language/language.js";
import type { Types } from "./session/needs.js";

/**
 * Starts TypeScript in the background.
 * @param options.foreign the notebook was written for another kernel
 * @param options.later only when somebody asks something
 */
export function startTypes({
  directory,
  foreign,
  later,
}: {
  directory: string;
  foreign: boolean;
  later: boolean;
}): Types & { stop(): void } {
  const language = new Language({
    directory,
    defaults: join(import.meta.dirname, "..", "tsconfig.cells.json"),
    helpers: join(import.meta.dirname, "helpers"),
    lenient: foreign,
  });
  if (!later) language.start();
  return language;
}

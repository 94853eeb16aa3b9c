// Joins the type checker for the supervisor. A file of its own, because most kernels have run their first lines before it loads.

import { join } from "node:path";
import { Language } from "./language/language.js";
import type { Types } from "./session/needs.js";

/**
 * Starts TypeScript in the background.
 * @param options.lenient the notebook was written for another kernel
 * @param options.javascript its language is JavaScript
 * @param options.later only when somebody asks something
 */
export function startTypes({
  directory,
  later,
  ...options
}: {
  directory: string;
  lenient: boolean;
  javascript: boolean;
  later: boolean;
}): Types & { stop(): void } {
  const language = new Language({
    directory,
    defaults: join(import.meta.dirname, "..", "tsconfig.cells.json"),
    helpers: join(import.meta.dirname, "helpers"),
    ...options,
  });
  if (!later) language.start();
  return language;
}

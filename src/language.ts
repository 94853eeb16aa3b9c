// Joins the type checker for the supervisor. A file of its own, because most kernels have run their first lines before it loads.

import { join } from "node:path";
import { Language } from "./language/language.js";
import type { Types } from "./session/needs.js";

/**
 * Starts TypeScript in the background.
 * @param options.lenient the notebook was written for another kernel
 * @param options.javascript its language is JavaScript
 */
export function startTypes({
  directory,
  ...options
}: {
  directory: string;
  lenient: boolean;
  javascript: boolean;
}): Types & { stop(): void } {
  const language = new Language({
    directory,
    defaults: join(import.meta.dirname, "..", "tsconfig.cells.json"),
    helpers: join(import.meta.dirname, "helpers"),
    ...options,
  });
  language.start();
  return language;
}

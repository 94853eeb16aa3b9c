// Finds the definition of a check in its folders, and looks whether it is one.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { CheckFolder } from "./needs.js";

/** As authors write it; `wirebook/checks` has the types that they see. */
export interface Definition {
  title: string;
  points: number;
  hints?: readonly string[];
  /** Seconds. */
  timeout?: number;
  run(student: object, t: object): unknown;
}

/** There is no such check, or it is none. */
export class DefinitionProblem extends Error {}

/**
 * @throws DefinitionProblem with what to try
 */
export async function findDefinition(
  id: string,
  folders: readonly CheckFolder[],
): Promise<{ definition: Definition; hidden: boolean }> {
  const known: string[] = [];
  const broken: string[] = [];
  // Those who give marks have the last word.
  const inOrder = [...folders].sort((a, b) => Number(b.hidden) - Number(a.hidden));
  for (const { path, hidden } of inOrder) {
    for (const file of filesIn(path)) {
      try {
        const { checks } = (await import(addressOf(file))) as { checks?: Record<string, unknown> };
        if (typeof checks !== "object" || checks === null) throw new Error("it exports no `checks`");
        known.push(...Object.keys(checks));
        if (Object.hasOwn(checks, id)) return { definition: sound(id, checks[id]), hidden };
      } catch (error) {
        if (error instanceof DefinitionProblem) throw error;
        broken.push(hidden ? "a file of the graders'" : `${file} (${(error as Error).message})`);
      }
    }
  }
  const where = inOrder.filter(({ hidden }) => !hidden).map(({ path }) => path);
  throw new DefinitionProblem(
    [
      `There is no check "${id}".`,
      broken.length > 0 ? `Not loaded: ${broken.join(", ")}.` : "",
      where.length > 0 && known.length === 0
        ? `Checks are looked for in ${where.join(", ")}: get that folder again with the notebook.`
        : known.length > 0 && where.length === folders.length
          ? `There are ${known.slice(0, 30).join(", ")}.`
          : "",
    ]
      .filter(Boolean)
      .join(" "),
  );
}

/** Loads them all beforehand; what is wrong with one is told when it is asked for. */
export async function loadDefinitions(folders: readonly CheckFolder[]): Promise<void> {
  for (const { path } of folders)
    for (const file of filesIn(path)) await import(addressOf(file)).catch(() => {});
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.m?[jt]s$/.test(name) && !/\.d\.m?ts$/.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** An edited file is read again. */
function addressOf(file: string): string {
  return `${pathToFileURL(file).href}?${statSync(file).mtimeMs}`;
}

function sound(id: string, given: unknown): Definition {
  const refuse = (what: string): never => {
    throw new DefinitionProblem(`The check "${id}" is not well defined: ${what}.`);
  };
  const { title, points, hints = [], timeout = 1, run } = (given ?? {}) as Partial<Definition>;
  if (typeof title !== "string") refuse("`title` is no text");
  if (typeof points !== "number" || !(points >= 0 && points < 1e6)) refuse("`points` is no number from 0");
  if (!Array.isArray(hints) || hints.some((hint) => typeof hint !== "string"))
    refuse("`hints` is no list of texts");
  if (typeof timeout !== "number" || !(timeout > 0 && timeout <= 600))
    refuse("`timeout` is not from 0 to 600 s");
  if (typeof run !== "function") refuse("`run` is no function");
  return given as Definition;
}

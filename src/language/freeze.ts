// Types in words: what a plain variable's type is once and for all, so that a chain of `let b = a + 1` is not inferred anew,
// module after module, for every check. Optional: without it results are the same, only later.
import { setImmediate as turn } from "node:timers/promises";
import type { Hover } from "vscode-languageserver-types";
import type { Bindings } from "./bindings.js";
import type { Execution } from "./execution.js";
import { inOwnNames } from "./module.js";
import { type LanguageServer, placeIn } from "./server.js";

/** Words that mean the same in every cell: no name that a student could have given to something else. */
const PLAIN =
  /^((?:number|string|boolean|bigint|undefined|null|-?[\d.]+|"[^"\\\n]*"|true|false| \| |\[\])+)$/;
const VARIABLE = /(?:let|const|var) [^:\s]+: (.*)\n```\s*([\s\S]*)/;
const FUNCTION = /function [^(<\s]+([(<].*)\n```/;
/** What a call may turn into something else: type parameters and overloads. */
const MANY = /function [^(<\s]+<|\nfunction .*\nfunction /;
/** Of a name: its type, its documentation, and of a function that is the same in each call all that is said of it. */
export interface Words {
  words?: string;
  docs?: string;
  told?: string;
}

/** One that is asked for while nobody waits. */
const deadline = 5000;
/** So many names of a cell are asked for: the next cell's check stands behind these questions. */
const most = 100;

/**
 * What the server says of the variables and functions of a cell, by name.
 * @param stands does it still see the text of the cell? It has answered for it
 */
export async function wordsOf(
  execution: Execution,
  server: LanguageServer,
  stands: () => boolean,
): Promise<Map<string, Words>> {
  // What goes to the engine goes first, and a cell that is refused is gone by then.
  await turn();
  if (!stands()) return new Map();
  const variables = execution.outline.declared.filter(({ value, type }) => value && !type).slice(-most);
  return new Map(
    await Promise.all(
      variables.map(
        async ({ name }) => [name, await inWords(execution, name, { server, deadline })] as const,
      ),
    ),
  );
}

/** Keeps it, for the names that still mean what this execution has declared. */
export function freeze(execution: Execution, bindings: Bindings, all: Map<string, Words>): void {
  for (const [name, { words = "", docs = "", told }] of all) {
    const binding = bindings.get(name)?.value;
    if (binding?.source !== execution) continue;
    if (words !== "") binding.words = words;
    if (PLAIN.test(words)) binding.frozen = words;
    if (docs !== "") binding.docs = docs;
    if (told !== undefined) binding.told = told;
  }
}

/** The type of a variable or function that a cell declares, and its documentation, within so many milliseconds. */
export async function inWords(
  { path, module }: Pick<Execution, "path" | "module">,
  name: string,
  { server, deadline }: { server: LanguageServer; deadline: number },
): Promise<Words> {
  const character = module.tail.names.get(name);
  if (character === undefined) return {};
  const place = placeIn(path, { line: module.tail.line, character });
  const text = textOf(await server.ask<Hover>("textDocument/hover", place, deadline));
  const [, words, docs] = VARIABLE.exec(text) ?? FUNCTION.exec(text) ?? [];
  const isFunction = FUNCTION.test(text) && !MANY.test(text);
  return {
    ...(words !== undefined && { words }),
    ...(docs !== undefined && { docs }),
    ...(isFunction && { told: text }),
  };
}

/** The Markdown of a hover; that a name has come from another cell is nobody's business. */
export function textOf(hover: Hover | undefined): string {
  const contents = hover?.contents;
  if (contents === undefined || Array.isArray(contents)) return "";
  return inOwnNames(typeof contents === "string" ? contents : contents.value)
    .replace(/^\(alias\) (?=\w)/gm, "")
    .replace(/\n(?:im|ex)port [^\n]*(?=\n```)/, "");
}

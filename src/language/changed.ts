// A cell that runs again may give its names other types. Functions of other cells were checked with the old ones, and see the
// new values: these cells are to be run again.
import type { Bindings, ValueBinding } from "./bindings.js";
import type { Execution } from "./execution.js";
import { inWords } from "./freeze.js";
import type { LanguageServer } from "./server.js";

interface Options {
  bindings: Bindings;
  executions: Iterable<Execution>;
  server: LanguageServer;
  /** Milliseconds. */
  deadline: number;
}

/** What to say of names whose type changes when `execution` has run, by name. Costs nothing where no function uses any. */
export async function changedTypes(
  execution: Execution,
  { bindings, executions, server, deadline }: Options,
): Promise<Map<string, string>> {
  const changed = new Map<string, string>();
  const { cellId, outline } = execution;
  const before = new Map<string, ValueBinding>();
  for (const { name, value } of outline.declared) {
    const old = bindings.get(name)?.value;
    if (value && old && cellId !== undefined && (old.source as Execution).cellId === cellId)
      before.set(name, old);
  }
  if (before.size === 0) return changed;
  const users = new Map<string, { label: string; was: string | undefined }[]>();
  for (const one of executions) {
    if (one.closedOver.size === 0 || one.cellId === cellId || !isAlive(one, bindings)) continue;
    for (const [name, { source, words }] of one.closedOver)
      if (before.has(name) && (source as Execution).cellId === cellId)
        users.set(name, [...(users.get(name) ?? []), { label: one.label, was: widened(words) }]);
  }
  await Promise.all(
    [...users].map(async ([name, all]) => {
      const is = widened((await inWords(execution, name, { server, deadline })).words);
      // It is said once: when the type changes, not whenever the cell runs.
      if (is === undefined || widened(before.get(name)?.words) === is) return;
      const stale = all.flatMap(({ label, was }) =>
        was === undefined || was === is ? [] : [`${label} uses it as ${short(was)}`],
      );
      if (stale.length === 0) return;
      const them = stale.length === 1 ? "it" : "them";
      changed.set(name, `${name} is ${short(is)} now; ${stale.join(", ")}: run ${them} again`);
    }),
  );
  return changed;
}

/** Is there a name that still means what this execution has declared? */
function isAlive({ outline, ...execution }: Execution, bindings: Bindings): boolean {
  return outline.declared.some(({ name }) => {
    const source = bindings.get(name)?.value?.source as Execution | undefined;
    return source?.path === execution.path;
  });
}

/** A constant that was 1 and is 2 has not changed its type. Of `any` nothing was known. */
function widened(words: string | undefined): string | undefined {
  if (words === undefined || words === "any") return undefined;
  return words
    .replace(/"(?:[^"\\]|\\.)*"/g, "string")
    .replace(/\b(?:true|false)\b/g, "boolean")
    .replace(/(?<![\w$.])-?\d+(?:\.\d+)?n\b/g, "bigint")
    .replace(/(?<![\w$.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/g, "number")
    .replace(/\b(\w+)(?: \| \1\b)+/g, "$1");
}

function short(words: string): string {
  return words.length > 80 ? `${words.slice(0, 79)}…` : words;
}

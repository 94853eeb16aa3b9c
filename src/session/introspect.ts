// Questions about the text at the cursor: answered by types first, and by run-time values where types know nothing. The
// engine answers while a cell runs, and never runs code with effects for it.

import type { Completions, ErrorReport, Inspection, Json } from "../flow.js";
import { toCodePoints, toUnits } from "./code-points.js";
import type { Engine, Translation, Types } from "./needs.js";

/** A front end that waits longer than this has stopped listening, in milliseconds. */
export const deadline = 1000;

/** A signature that is one of a function, class or method. */
const CALLABLE = /^```\w*\n(?:\(method\) |function |class )/;

/** Whom such a question is put to. */
export interface Oracles {
  translation: Translation;
  engine: Engine;
  /** Left out: nothing is known of types. */
  types?: Types | undefined;
}

/** Content of a `complete_reply`. */
export async function complete(content: Json, { translation, engine, types }: Oracles): Promise<Json> {
  const { code, cursor } = place(content);
  const { expression, prefix, ...word } = translation.expressionAt(code, cursor);
  const typed = await types?.complete(translation.outline(code), cursor).catch(() => undefined);
  // Of `any` only the value knows the members; names are known to types, or nobody was there to ask.
  const byTypes = typed && (typed.matches.length > 0 || expression === null);
  // Where nothing can be said without running something, or nothing is to be said, as in a comment, nobody is asked.
  const known =
    byTypes || expression === "undefined"
      ? typed
      : await engine.ask((id) => ({ type: "complete", id, expression, prefix }), deadline);
  const { matches } = (known as Completions | undefined) ?? { matches: [] };
  const { start, end } = byTypes ? typed : word;
  const [from, to] = [toCodePoints(code, start), toCodePoints(code, end)];
  return {
    status: "ok",
    matches: matches.map((match) => match.text),
    cursor_start: from,
    cursor_end: to,
    metadata: {
      _jupyter_types_experimental: matches.map((match) => ({ ...match, start: from, end: to })),
    },
  };
}

/** Content of an `inspect_reply`. Nothing found is no error. */
export async function inspect(content: Json, { translation, engine, types }: Oracles): Promise<Json> {
  const { code, cursor } = place(content);
  const expression = nameAt(code, cursor, translation);
  const detail = content.detail_level === 1 ? 1 : 0;
  const asked =
    expression === undefined
      ? undefined
      : (engine.ask((id) => ({ type: "inspect", id, expression, detail }), deadline) as Promise<
          Inspection | undefined
        >);
  const typed = await types?.inspect(translation.outline(code), cursor).catch(() => undefined);
  // Of what can be called no value is shown.
  const value = typed !== undefined && detail === 0 && CALLABLE.test(typed) ? undefined : await asked;
  const data = describe(typed, value?.found ? value : undefined, detail);
  return { status: "ok", found: data !== undefined, data: data ?? {}, metadata: {} };
}

/** What is wrong with a cell: problems as the parser or the type checker have them, with the student's positions. */
export async function diagnose(code: string, { translation, types }: Oracles): Promise<Json> {
  try {
    const { outline, directive, program } = translation.cell(code, "cell");
    program();
    if (directive?.mode === "off") return { diagnostics: [] };
    return { diagnostics: (await types?.diagnose(outline).catch(() => undefined)) ?? [] };
  } catch (error) {
    const { message, report } = error as Error & { report?: ErrorReport };
    const { line = 1, column = 1 } = report?.frames[0] ?? {};
    return { diagnostics: [{ code: 1000, message, start: { line, column }, end: { line, column } }] };
  }
}

/** The type and its documentation, and the value beside it. */
function describe(typed: string | undefined, value: Inspection | undefined, detail: 0 | 1): Json | undefined {
  if (typed === undefined) return value && { "text/plain": value.text };
  // What can be called is told by its signature; its source is for those who want to see more.
  const shown = value && (!value.callable || detail === 1) ? value.text : undefined;
  const title = value?.callable ? "Source" : "Value";
  const fenced = shown === undefined ? "" : `\n\n**${title}**\n\n\`\`\`typescript\n${shown}\n\`\`\``;
  const markdown = typed + fenced;
  return { "text/markdown": markdown, "text/plain": plain(markdown) };
}

function plain(markdown: string): string {
  return markdown.replace(/^```.*\n?/gm, "").replace(/^\*\*(\w+)\*\*$/gm, "$1:");
}

/** The whole name that the cursor touches; between the brackets of a call, the name of what is called. */
function nameAt(code: string, cursor: number, text: Translation): string | undefined {
  const rest = /^[\p{ID_Continue}$\u200c\u200d]*/u.exec(code.slice(cursor))?.[0].length ?? 0;
  for (const at of [cursor + rest, openBracketBefore(code, cursor)]) {
    if (at === undefined) continue;
    const { expression, prefix } = text.expressionAt(code, at);
    if (prefix !== "") return expression === null ? prefix : `${expression}.${prefix}`;
  }
  return undefined;
}

function openBracketBefore(code: string, cursor: number): number | undefined {
  let depth = 0;
  for (let at = cursor - 1; at >= 0; at--) {
    const char = code[at] as string;
    if (char === ")") depth++;
    else if (char === "(" && depth-- === 0) return at;
  }
  return undefined;
}

function place(content: Json): { code: string; cursor: number } {
  const code = typeof content.code === "string" ? content.code : "";
  const { cursor_pos: position } = content;
  return { code, cursor: typeof position === "number" ? toUnits(code, position) : code.length };
}

// Questions about the text at the cursor. They are answered from the parser and from run-time values; the engine answers
// while a cell runs, and never runs code with effects for it.

import type { Completions, Inspection, Json } from "../flow.js";
import { toCodePoints, toUnits } from "./code-points.js";
import type { Engine, Translation } from "./needs.js";

/** A front end that waits longer than this has stopped listening, in milliseconds. */
export const deadline = 1000;

/** Content of a `complete_reply`. */
export async function complete(content: Json, text: Translation, engine: Engine): Promise<Json> {
  const { code, cursor } = place(content);
  const { expression, prefix, start, end } = text.expressionAt(code, cursor);
  const answer = await engine.ask((id) => ({ type: "complete", id, expression, prefix }), deadline);
  const found = (answer as Completions | undefined)?.matches ?? [];
  const [from, to] = [toCodePoints(code, start), toCodePoints(code, end)];
  return {
    status: "ok",
    matches: found.map((match) => match.text),
    cursor_start: from,
    cursor_end: to,
    metadata: {
      _jupyter_types_experimental: found.map((match) => ({
        start: from,
        end: to,
        text: match.text,
        type: match.type,
      })),
    },
  };
}

/** Content of an `inspect_reply`. Nothing found is no error. */
export async function inspect(content: Json, text: Translation, engine: Engine): Promise<Json> {
  const { code, cursor } = place(content);
  const expression = nameAt(code, cursor, text);
  const detail = content.detail_level === 1 ? 1 : 0;
  const answer =
    expression === undefined
      ? undefined
      : await engine.ask((id) => ({ type: "inspect", id, expression, detail }), deadline);
  const { found, text: shown } = (answer as Inspection | undefined) ?? { found: false, text: "" };
  return { status: "ok", found, data: found ? { "text/plain": shown } : {}, metadata: {} };
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

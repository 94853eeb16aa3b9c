// `socket.recv?` as a cell: what the name is, in the front end's pager. `??` shows a function's source. In TypeScript a
// question mark at the end is always an error, so nothing else can be meant.

import type { Inspection, Json } from "../flow.js";
import { deadline } from "./introspect.js";
import type { Engine } from "./needs.js";

/** What such a cell asks about. */
export interface Question {
  expression: string;
  detail: 0 | 1;
}

const name = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
const question = new RegExp(String.raw`^\s*(${name}(?:\.${name})*)(\?\??)\s*$`, "u");

/** The question that a cell consists of, if it is one. */
export function questionIn(code: string): Question | undefined {
  const [, expression, marks] = question.exec(code) ?? [];
  return expression === undefined ? undefined : { expression, detail: marks === "??" ? 1 : 0 };
}

/** The answer, as a payload for the front end's pager. */
export async function explain({ expression, detail }: Question, engine: Engine): Promise<Json> {
  const answer = await engine.ask((id) => ({ type: "inspect", id, expression, detail }), deadline);
  const { found, text } = (answer as Inspection | undefined) ?? { found: false, text: "" };
  return { source: "page", data: { "text/plain": found ? text : `${expression} is not known.` }, start: 0 };
}

// What somebody might hand in to get marks that are not deserved, to learn what is hidden, or to do harm.

import type { Notebook } from "../../../src/client/notebook.js";
import { type Answers, handedIn, right, wrongAnswers } from "../course.js";

export interface Hostile {
  family: string;
  name: string;
  /** The file that is handed in: a notebook, or a zip file. */
  notebook?: Notebook | string;
  /** Made when it is wanted: some are large before they are packed. */
  zip?: () => Uint8Array;
  /** The same idea as it is addressed to a notebook that holds its own tests, where nothing but nbgrader marks it. */
  plain?: Notebook;
}

/**
 * A variant: its name, and code that stands in the first answer's cell. Where the same idea takes other code against plain tests: that code,
 * or answers. It has to deserve the same mark.
 */
export type Variant = [name: string, code: string, plain?: string | Answers];

/** Behind wrong answers: no mark is deserved. */
export function wrong(family: string, variants: readonly Variant[]): Hostile[] {
  return variants.map(([name, code, plain = code]) => ({
    family,
    name,
    notebook: handedIn({ "sol-add": `${wrongAnswers["sol-add"]}\n${code}` }),
    // Against plain tests all questions are answered, so that whatever is replaced has something to make right.
    plain: handedIn({
      ...wrongAnswers,
      ...(typeof plain === "string" ? { "sol-add": `${wrongAnswers["sol-add"]}\n${plain}` } : plain),
    }),
  }));
}

/** Behind right answers, which deserve all marks whatever stands beside them. */
export function deserved(family: string, variants: readonly Variant[]): Hostile[] {
  const answers = (code: string): Answers => ({ ...right, "sol-add": `${right["sol-add"]}\n${code}` });
  return variants.map(([name, code, plain]) => ({
    family,
    name: `${name}, with right answers`,
    notebook: handedIn(answers(code)),
    ...(typeof plain === "string" && { plain: handedIn(answers(plain)) }),
  }));
}

/** From there on nbgrader's gradebook gives all points, whoever writes marks into it. */
const trigger =
  "create trigger if not exists generous after update on grade begin update grade set auto_score = (select max_score from grade_cells where id = new.cell_id) where id = new.id; end";
export const intoGradebook: string = `new (require("node:sqlite").DatabaseSync)("../../../gradebook.db").exec(${JSON.stringify(trigger)});`;

// Joins the translator for the supervisor. A file of its own, because it is loaded once the sockets are open.

import type { Program } from "./flow.js";
import type { Translation } from "./session/needs.js";
import { type ReadCell, readCell, translateCell, translateExpression } from "./translate/cell.js";
import { expressionAt, isComplete } from "./translate/complete.js";
import { outlineOf } from "./translate/outline.js";

/** Cells are run again as they are, more often than not. One that is no TypeScript is not kept. */
const recent = new Map<string, ReadCell>();
const most = 50;

/** Out here, lest what is kept of a cell holds what was kept of it before, and that what was before. */
function made(cell: ReadCell, program: Program): ReadCell {
  return { ...cell, program: () => program };
}

/** The translator, warm: the compiler loads at its first use, which had better not be the student's first cell. */
export const translation: Translation = {
  cell(code, label, options) {
    const key = `${options?.sloppy ? "sloppy" : "strict"} ${code}`;
    const cell = recent.get(key) ?? readCell(code, { label, ...options });
    return {
      ...cell,
      outline: { ...cell.outline },
      program() {
        const program = (recent.get(key) ?? cell).program();
        recent.delete(key);
        recent.set(key, made(cell, program));
        if (recent.size > most) recent.delete(recent.keys().next().value as string);
        return program;
      },
    };
  },
  expression: (code, label) => translateExpression(code, { label }),
  outline: outlineOf,
  isComplete,
  expressionAt,
};
translateCell("", { label: "" });

// Joins the translator for the supervisor. A file of its own, because it is loaded once the sockets are open.

import type { Translation } from "./session/needs.js";
import { translateCell, translateExpression } from "./translate/cell.js";
import { expressionAt, isComplete } from "./translate/complete.js";
import { outlineOf } from "./translate/outline.js";

/** The translator, warm: the compiler loads at its first use, which had better not be the student's first cell. */
export const translation: Translation = {
  cell: (code, label, options) => translateCell(code, { label, ...options }),
  expression: (code, label) => translateExpression(code, { label }),
  outline: outlineOf,
  isComplete,
  expressionAt,
};
translateCell("", { label: "" });

// `%types warn` on a cell's first line: how strictly types are taken, from this cell on; `%%types warn`: in this cell only.
// `//%types warn` is the same for those who want the cell to be TypeScript for other tools, too.
import type { TypesDirective } from "../flow.js";
import { blank, type Problem } from "./parse.js";

const DIRECTIVE = /^(\s*)(\/\/\s*)?(%%?)types\b[ \t]*([^\r\n]*)/;

/**
 * Reads the directive of a cell.
 * @returns the text without it, as long as before; a problem where it says what no directive can say
 */
export function takeDirective(code: string): { text: string; directive?: TypesDirective; problem?: Problem } {
  const found = DIRECTIVE.exec(code);
  if (!found) return { text: code };
  const [all, space = "", comment = "", percent = "", word = ""] = found;
  const mode = word.trim();
  const text = comment ? code : blank(all) + code.slice(all.length);
  if (mode !== "error" && mode !== "warn" && mode !== "off") {
    const message = `${percent}types has to be followed by error, warn or off`;
    return { text, problem: { message, start: space.length, end: all.length } };
  }
  return { text, directive: { mode, scope: percent === "%" ? "notebook" : "cell" } };
}

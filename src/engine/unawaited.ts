// `TypeError: page.text is not a function`, where `page` is a promise: what was meant is `(await page).text()`. Seen by looking
// at the text where the error was thrown, and at the values that its names have.
import { codeAt } from "./positions.js";

/** What an expression is, found out without running anything of the student's. */
export type Look = (expression: string) => "promise" | "async function" | undefined;

const NAMES = String.raw`[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)*`;
/** What stands before the member that was not there, or before its dot: names, perhaps a call, perhaps more names. */
const BEFORE = new RegExp(String.raw`(${NAMES})(\([^()]*\))?(?:\??\.[\w$]+)*\??\.?\s*$`);
const AFTER = new RegExp(String.raw`^(${NAMES})(\()?`);

/** One line on the promise that an error comes from, if it comes from one. */
export function hintOf(error: unknown, look: Look): string | undefined {
  if (!(error instanceof TypeError) || !/is not a function|reading '|is not iterable/.test(error.message))
    return undefined;
  const code = codeAt(error);
  if (!code) return undefined;
  const { line, column } = code;
  const found = /iterable/.test(error.message)
    ? AFTER.exec(line.slice(column))
    : BEFORE.exec(line.slice(0, column));
  if (!found?.[1]) return undefined;
  const names = found[1].split(/\??\./);
  if (found[2] !== undefined) {
    const name = names.join(".");
    return look(name) === "async function"
      ? `${name}() gives a promise, and what is wanted is what it will give: (await ${name}(…))`
      : undefined;
  }
  for (let count = names.length; count > 0; count--) {
    const name = names.slice(0, count).join(".");
    if (look(name) === "promise")
      return `${name} is a promise, and what is wanted is what it will give: (await ${name})`;
  }
  return undefined;
}

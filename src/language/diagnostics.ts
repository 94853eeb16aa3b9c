// What the language server finds wrong → what the student is shown: in the student's own lines, in the notebook's words.
import type { Diagnostic } from "vscode-languageserver-types";
import type { Outline, TypeProblem } from "../flow.js";
import { inOwnNames } from "./module.js";

interface Options {
  outline: Outline;
  /** The line on which the student's text begins, and the one behind it. */
  head?: number;
  tail: number;
  /** The label of the cell whose module has this file name. */
  labelOf(file: string): string | undefined;
  /** The cells are JavaScript. */
  javascript?: boolean;
}

/** LSP's severities: 1 an error, 2 what some options ask for; 3 and 4 are hints for editors. */
const MILDEST = 2;
/**
 * What TypeScript says where a type is `any` because none is written. Nobody has to write one here, but with the option
 * off, `const found = []` would be an array that nothing can be pushed to.
 */
const IMPLICIT_ANY = /^70(0[568]|1[0135-9]|2[0-5]|3[1-4]|4[01]|5[1-3])$/;
/** A JSON file needs no `with { type: "json" }`. */
const FOUND_ANYWAY = 1543;
/** "The path needs its ending": the kernel has looked for a file with one, and there is none. */
const NO_FILE = [2834, 2835];
const NOT_FOUND = 2307;
/**
 * JavaScript has no fixed properties and no fixed parameters: TypeScript does not say these of it either
 * (https://www.typescriptlang.org/docs/handbook/type-checking-javascript-files.html).
 */
const NOT_OF_JAVASCRIPT = [2339, 2551, 2353, 2554, 2555];
/** A constant of an earlier cell enters as an import, which nobody wrote. */
const IS_IMPORT = 2632;
const IS_CONSTANT = 2588;
const LINES = /\r\n|[\r\n\u2028\u2029]/;

/** The problems that are the student's. */
export function toProblems(
  diagnostics: Diagnostic[],
  { outline, head = 0, tail, labelOf, javascript = false }: Options,
): TypeProblem[] {
  const problems: TypeProblem[] = [];
  const lines = outline.text.split(LINES);
  // The line of the closing parenthesis is ours.
  const last = tail - head - 1 - outline.shift;
  for (const { code, message, range, severity = 1 } of diagnostics) {
    const number = Number(code);
    if (severity > MILDEST || range.start.line < head || range.start.line >= tail) continue;
    if (IMPLICIT_ANY.test(String(code)) || number === FOUND_ANYWAY) continue;
    if (javascript && NOT_OF_JAVASCRIPT.includes(number)) continue;
    // What does not parse has more wrong with it than there is.
    if (outline.broken && number >= 2000) continue;
    const place = ({ line: there, character }: Diagnostic["range"]["start"], line = there - head) =>
      line > last
        ? { line: last + 1, column: (lines[last]?.length ?? 0) + 1 }
        : { line: line + 1, column: character + 1 - (line === 0 ? outline.shift : 0) };
    if (NO_FILE.includes(number)) {
      const name = lines[range.start.line - head]?.slice(range.start.character, range.end.character) ?? "";
      const message = `Cannot find module ${name}: there is no such file, with or without an ending.`;
      problems.push({ code: NOT_FOUND, message, start: place(range.start), end: place(range.end) });
      continue;
    }
    problems.push({
      code: number === IS_IMPORT ? IS_CONSTANT : number,
      message: inWords(number, typeof message === "string" ? message : message.value, {
        labelOf,
        specifiers: outline.specifiers,
      }),
      start: place(range.start),
      end: place(range.end),
    });
  }
  return problems;
}

function inWords(
  code: number,
  message: string,
  { labelOf, specifiers }: Pick<Options, "labelOf"> & Pick<Outline, "specifiers">,
): string {
  let text = message;
  if (code === IS_IMPORT) text = text.replace(/ because it is an import\.$/, " because it is a constant.");
  text = inOwnNames(text);
  // Two types of one name are told apart by their modules: for the student, by their cells.
  text = text.replace(/import\("([^"]+)"\)\.([\p{ID_Continue}$]+)/gu, (all, file: string, name: string) => {
    const label = labelOf(file);
    return label === undefined ? all : `${name} (of ${label})`;
  });
  const advice = adviceFor(code, text, specifiers);
  text = text.replace(/(?<=^Cannot find module ')[^']+/, (name) => specifiers.get(name) ?? name);
  return advice === undefined ? text : `${text}\n${advice}`;
}

function adviceFor(code: number, text: string, specifiers: Outline["specifiers"]): string | undefined {
  if (code === 2307 && /module 'https?:/.test(text))
    return "No code is fetched from the network: look for the package on npm, install it, and import it by its name.";
  const missing = missingPackage(code, text, specifiers);
  if (missing !== undefined) {
    const written = specifiers.get(/'([^']+)'/.exec(text)?.[1] ?? "") ?? "";
    const command = /^(jsr:|https:\/\/deno\.land\/)/.test(written) ? "npx jsr add" : "npm install";
    return `Is the package installed? In a terminal, in the notebook's folder: ${command} ${missing}`;
  }
  if (/^Cannot find name '(window|document|localStorage|alert)'/.test(text))
    return "Cells run in Node, not in a browser.";
  return undefined;
}

/** The package that TypeScript does not find, as Node calls it. */
export function missingPackage(
  code: number,
  message: string,
  specifiers: Outline["specifiers"],
): string | undefined {
  const said = code === 2307 ? /'([^']+)'/.exec(message)?.[1] : undefined;
  const name = [...specifiers].find(([, written]) => written === said)?.[0] ?? said;
  if (name === undefined || /^(\.|[a-z]+:|\/)/.test(name)) return undefined;
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

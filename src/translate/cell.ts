// One cell: the student's TypeScript → the scripts that the engine evaluates, with the way back to the student's positions.
import { SourceMap, type SourceMapPayload } from "node:module";
import type MagicString from "magic-string";
import type { LineMap, Outline, Program, Script, TypesDirective } from "../flow.js";
import { compile } from "./compile.js";
import { takeDirective } from "./directive.js";
import { adviceFor } from "./endless.js";
import { compilerFor, eraseTypes } from "./erase.js";
import { markBeforeCompiling } from "./followed.js";
import { outline } from "./outline.js";
import { isObjectLiteral, parseJavaScript, parseTypeScript } from "./parse.js";
import { hintFor, SyntaxProblem } from "./problem.js";
import { toScripts } from "./scripts.js";

export { SyntaxProblem };

/** A cell that can be read. */
export interface ReadCell {
  outline: Outline;
  directive?: TypesDirective;
  /** What runs of it. @throws SyntaxProblem */
  program(): Program;
}

/** What runs of a cell, and what is known of it before. */
export interface TranslatedCell extends Program {
  outline: Outline;
  directive?: TypesDirective;
}

interface CellOptions {
  label: string;
  /** Without strict mode, as other kernels run their cells. */
  sloppy?: boolean;
}

/** @throws SyntaxProblem */
export function readCell(written: string, { label, sloppy = false }: CellOptions): ReadCell {
  const { text: code, directive, problem } = takeDirective(written);
  if (problem) throw new SyntaxProblem(written, [problem], label);
  // The parentheses of a lone object literal move its first line by one column.
  const shift = isObjectLiteral(code) ? 1 : 0;
  const source = shift ? `(${code}\n)` : code;
  const parsed = parseTypeScript(source);
  if (parsed.problems.length > 0)
    throw new SyntaxProblem(
      code,
      parsed.problems.map((problem) => hintFor(code, problem)),
      label,
    );
  const lang = parsed.lang === "tsx" ? "tsx" : "ts";
  return {
    ...(directive && { directive }),
    outline: outline(source, parsed.body, { lang, shift, broken: false }),
    program() {
      const advice = adviceFor(parsed.body);
      const program = programOf(source, parsed, { code, label, lang, shift, sloppy });
      return { ...program, ...(advice !== undefined && { advice }) };
    },
  };
}

/** @throws SyntaxProblem */
export function translateCell(written: string, options: CellOptions): TranslatedCell {
  const { program, ...read } = readCell(written, options);
  return { ...program(), ...read };
}

function programOf(
  source: string,
  parsed: ReturnType<typeof parseTypeScript>,
  {
    code,
    label,
    lang,
    shift,
    sloppy,
  }: { code: string; label: string; lang: "ts" | "tsx"; shift: number; sloppy: boolean },
): Program {
  const how = compilerFor(parsed);
  if (how === "erase") {
    const { texts, ...rest } = toScripts(eraseTypes(source, parsed.body), parsed.body, { sloppy });
    return { ...rest, scripts: texts.map((text) => toScript(text, shift)) };
  }
  try {
    const { text, back } = markBeforeCompiling(source, parsed.body);
    const { code: js, map } = compile(text, {
      lang,
      with: how,
      file: `cell.${parsed.lang}`,
    });
    const { texts, ...rest } = toScripts(js, parseJavaScript(js).body, { written: parsed.body, sloppy });
    const sourceMap = new SourceMap(JSON.parse(map) as SourceMapPayload);
    return { ...rest, scripts: texts.map((text) => toScript(text, shift, { map: sourceMap, back })) };
  } catch (error) {
    if (error instanceof SyntaxProblem) throw error;
    throw new SyntaxProblem(code, [{ message: (error as Error).message, start: 0, end: 0 }], label);
  }
}

/** One expression, as front ends send them in `user_expressions`. @throws SyntaxProblem */
export function translateExpression(code: string, options: { label: string }): Program {
  return translateCell(`(${code}\n)`, options);
}

interface Compiled {
  map: SourceMap;
  /** From what was compiled to what was written. */
  back(line: number, column: number): number;
}

function toScript(text: MagicString, shift: number, compiled?: Compiled): Script {
  const { mappings } = text.generateDecodedMap({ hires: compiled ? "boundary" : false });
  const indents = compiled && text.original.split("\n").map((line) => line.search(/\S|$/));
  const map = mappings.map((segments) => {
    const line: LineMap = [];
    for (const [generated, , sourceLine, sourceColumn] of segments as [number, number, number, number][]) {
      const place = compiled
        ? through(compiled, sourceLine, sourceColumn, indents?.[sourceLine] ?? 0)
        : ([sourceLine, sourceColumn] as const);
      if (!place) continue;
      const moved = place[0] === 0 ? shift : 0;
      if (place[1] >= moved) line.push([generated, place[0], place[1] - moved]);
      else line.push([generated + moved - place[1], place[0], 0]);
    }
    return line;
  });
  return { code: text.toString(), map };
}

/** @param indent of that line: esbuild says where a statement stands in front of its indentation */
function through(
  { map, back }: Compiled,
  line: number,
  column: number,
  indent: number,
): readonly [number, number] | undefined {
  const entry = map.findEntry(line, column) as {
    originalLine?: number;
    originalColumn?: number;
    generatedColumn?: number;
    generatedLine?: number;
  };
  if (entry.originalLine === undefined || entry.originalColumn === undefined) return undefined;
  const behind =
    entry.generatedLine === line ? column - Math.max(entry.generatedColumn ?? column, indent) : 0;
  return [entry.originalLine, back(entry.originalLine, entry.originalColumn + Math.max(0, behind))];
}

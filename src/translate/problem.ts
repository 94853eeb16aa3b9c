// What is wrong with a cell that cannot run, in the student's lines and columns.
import type { ErrorReport } from "../flow.js";
import type { Problem } from "./parse.js";

export class SyntaxProblem extends Error {
  override readonly name = "SyntaxError";
  readonly report: ErrorReport;

  constructor(code: string, problems: Problem[], label: string) {
    const all = problems.map((problem) => ({ ...problem, ...toPosition(code, problem.start) }));
    const lines = all.map(({ message, line, column, hint }, index) => {
      const place = all.length > 1 || index > 0 ? ` (line ${line}, column ${column})` : "";
      return `${message}${place}${hint ? `\n  ${hint}` : ""}`;
    });
    super(lines.join("\n"));
    this.report = {
      ename: "SyntaxError",
      evalue: this.message,
      heading: `SyntaxError: ${this.message}`,
      frames: all
        .slice(0, 1)
        .map(({ line, column }) => ({ name: "", file: label, line, column, internal: false })),
      details: {},
    };
  }
}

function toPosition(code: string, offset: number): { line: number; column: number } {
  const before = code.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/);
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** A word of help for what people try in other notebooks. */
export function hintFor(code: string, problem: Problem): Problem {
  const line =
    code
      .slice(code.lastIndexOf("\n", problem.start - 1) + 1)
      .split("\n", 1)[0]
      ?.trim() ?? "";
  if (/^%%?\w/.test(line))
    return {
      ...problem,
      hint: `\`${line.split(/\s/, 1)[0]}\` is a magic of Python's notebooks; cells here hold TypeScript only`,
    };
  if (/^!\s*\w/.test(line) && problem.message.includes("semicolon")) {
    return {
      ...problem,
      hint: "to run a program: import { execSync } from 'node:child_process'; execSync('…').toString()",
    };
  }
  if (problem.message.includes("'return' statement")) {
    return {
      ...problem,
      hint: "a cell is no function: write the value as its last line, and use if/else to leave lines out",
    };
  }
  return problem;
}

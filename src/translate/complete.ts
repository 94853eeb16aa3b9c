// Questions about text that is not finished: may it run, and what stands before the cursor?
import { takeDirective } from "./directive.js";
import { isObjectLiteral, parseTypeScript } from "./parse.js";

export interface Completeness {
  status: "complete" | "incomplete" | "invalid";
  /** White space to begin the next line with; only of what is incomplete. */
  indent?: string;
}

/** Would this cell run, is there more to come, or is it wrong whatever comes? */
export function isComplete(written: string): Completeness {
  const code = takeDirective(written).text;
  const problem = isObjectLiteral(code) ? undefined : parseTypeScript(code).problems[0];
  if (!problem) return { status: "complete" };
  const end = code.trimEnd().length;
  const unfinished =
    /EOF|Unterminated multiline comment/.test(problem.message) ||
    (/Unterminated string/.test(problem.message) && code[problem.start] === "`") ||
    (/Unexpected token|Expected/.test(problem.message) && problem.start >= end);
  return unfinished ? { status: "incomplete", indent: indentAfter(code) } : { status: "invalid" };
}

function indentAfter(code: string): string {
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  return /[{([]\s*(\/\/.*)?$/.test(line) ? `${indent}  ` : indent;
}

export interface AtCursor {
  /** What stands before the dot; `null`: nothing, a bare name is being typed. */
  expression: string | null;
  prefix: string;
  /** UTF-16 offsets of what a completion replaces. */
  start: number;
  end: number;
}

const NAME = "[\\p{ID_Start}$_][\\p{ID_Continue}$\\u200c\\u200d]*";
const CHAIN = new RegExp(
  `((?:${NAME}|(?<![\\p{ID_Continue}$)\\]])\\[[^\\[\\]]*\\]|"[^"\\\\\\n]*"|'[^'\\\\\\n]*')(?:\\s*\\??\\.\\s*#?${NAME}|\\[(?:\\d+|"[^"\\\\\\n]*"|'[^'\\\\\\n]*')\\])*)\\s*\\??\\.\\s*((?:${NAME})?)$`,
  "u",
);
const BARE = new RegExp(`(${NAME})?$`, "u");

/** Only names, members and literals in brackets: evaluating them calls nothing. */
export function expressionAt(code: string, cursor: number): AtCursor {
  const before = code.slice(0, cursor);
  const nothing: AtCursor = { expression: null, prefix: "", start: cursor, end: cursor };
  if (inText(before)) return { ...nothing, expression: "undefined" };
  const chain = CHAIN.exec(before);
  if (chain) {
    const prefix = chain[2] ?? "";
    return {
      expression: (chain[1] ?? "").replace(/\?\./g, "."),
      prefix,
      start: cursor - prefix.length,
      end: cursor,
    };
  }
  // Behind a dot of something that is no plain chain, such as a call: nothing can be said without running it.
  if (new RegExp(`\\.\\s*(?:${NAME})?$`, "u").test(before) && !/\.\.\.\s*\w*$/.test(before))
    return { ...nothing, expression: "undefined" };
  const prefix = BARE.exec(before)?.[1] ?? "";
  return { expression: null, prefix, start: cursor - prefix.length, end: cursor };
}

/** Does this text end inside a string or a comment? */
function inText(before: string): boolean {
  const rest = before.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*\n|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`/g,
    (match) => (match.startsWith("/") ? " " : '""'),
  );
  return (
    /\/\*|\/\/[^\n]*$|["'][^"'\n]*$/.test(rest.replace(/""/g, "")) ||
    (rest.includes("`") && !/\$\{[^}]*$/.test(rest))
  );
}

// Functions and classes as the code has them: what they take. Their types only the type checker knows.
import { types } from "node:util";

type Callable = (...args: never[]) => unknown;

/** Nobody reads more. */
const MOST_CHARACTERS = 20_000;

/** A function or a class. */
interface Described {
  name: string;
  isClass: boolean;
  /** `send(data, flags = 0)`, as written; empty for what is not written in JavaScript. */
  signature: string;
}

/** Nothing of the function's own is run. */
export function describe(value: Callable): Described {
  const source = types.isProxy(value)
    ? ""
    : Function.prototype.toString.call(value).slice(0, MOST_CHARACTERS);
  const isClass = /^class\b/.test(source);
  const own: unknown = types.isProxy(value) ? "" : Object.getOwnPropertyDescriptor(value, "name")?.value;
  const name = typeof own === "string" ? own : "";
  const parameters = /\{\s*\[native code\]\s*\}$/.test(source) ? undefined : parametersOf(source, isClass);
  if (parameters === undefined) return { name, isClass, signature: "" };
  return { name, isClass, signature: `${isClass ? "new " : ""}${name}${parameters}` };
}

/** In brackets. */
function parametersOf(source: string, isClass: boolean): string | undefined {
  const [, lone] = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source) ?? [];
  if (lone !== undefined) return `(${lone})`;
  let depth = 0;
  let written: string | undefined;
  let before = "";
  for (const [token] of source.matchAll(TOKENS)) {
    const opens = /^[([{]$/.test(token);
    if (
      written === undefined &&
      token === "(" &&
      (isClass ? depth === 1 && before === "constructor" : depth === 0)
    )
      written = "";
    else if (written !== undefined && !/^\/[/*]/.test(token)) written += token.replace(/^\s+$/, " ");
    if (opens) depth++;
    if (/^[)\]}]$/.test(token) && --depth === (isClass ? 1 : 0) && written !== undefined)
      return `(${written
        .slice(0, -1)
        .replace(/\s+(?=[,)])/g, "")
        .trim()
        .replace(/,$/, "")})`;
    if (token.trim() !== "") before = token;
  }
  // A class that says nothing of it takes what its parent takes.
  return isClass && !/^class\b[^{]*\bextends\b/.test(source) && depth === 0 ? "()" : undefined;
}

/** Comments, strings, words, space, and single characters. */
const TOKENS =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[\p{ID_Continue}$]+|\s+|./gsu;

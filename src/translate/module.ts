// A local TypeScript file → JavaScript that Node loads. Imports of types go, even without the word
// `type`, as TypeScript has it; the map goes along.
import { compile } from "./compile.js";
import { compilerFor } from "./erase.js";
import { outline } from "./outline.js";
import { type Parsed, parseTypeScript } from "./parse.js";

/** @throws SyntaxError naming the file, the line and the column */
export function translateModule(source: string, path: string): string {
  const parsed = parseTypeScript(source);
  const problem = parsed.problems[0];
  if (problem) {
    const before = source.slice(0, problem.start).split(/\r\n|[\n\r]/);
    throw new SyntaxError(
      `${problem.message} (${path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1})`,
    );
  }
  const how = compilerFor(parsed) === "esbuild" ? "esbuild" : "oxc";
  const { code, map } = compile(source, {
    lang: parsed.lang === "tsx" ? "tsx" : "ts",
    with: how,
    file: path,
    elide: true,
  });
  // Imports are hoisted: at the end it moves no line.
  const deno = missesDeno(source, parsed) ? 'import {Deno} from "wirebook/deno";' : "";
  return `${code}\n${deno}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
}

/** A file of a notebook for Deno uses the name as its cells do; one that asks whether it is there is made for Node, too. */
function missesDeno(source: string, { body, lang }: Parsed): boolean {
  if (!/\bDeno\s*\.\s*\w/.test(source) || /\btypeof\s+Deno\b|globalThis\s*\.\s*Deno\b/.test(source))
    return false;
  const { declared } = outline(source, body, {
    lang: lang === "tsx" ? "tsx" : "ts",
    shift: 0,
    broken: false,
  });
  return !declared.some(({ name }) => name === "Deno");
}

// A local TypeScript file → JavaScript that Node loads. Imports of types go, even without the word
// `type`, as TypeScript has it; the map goes along.
import { compile } from "./compile.js";
import { compilerFor } from "./erase.js";
import { parseTypeScript } from "./parse.js";

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
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
}

// The doors to the compilers for what cannot be erased in place: enums, namespaces, parameter properties and JSX go
// through oxc, standard decorators and `accessor` through esbuild. Each is loaded only then.
import { createRequire } from "node:module";

export interface Compiled {
  code: string;
  /** A source map, as JSON. */
  map: string;
}

const require = createRequire(import.meta.url);

/**
 * @param options.elide leave out imports that are never used as values, as TypeScript does in a module
 * @throws SyntaxError with the compiler's own words
 */
export function compile(
  code: string,
  options: { lang: "ts" | "tsx"; with: "oxc" | "esbuild"; file: string; elide?: boolean },
): Compiled {
  if (options.with === "esbuild") {
    const esbuild = require("esbuild") as typeof import("esbuild");
    const result = esbuild.transformSync(code, {
      loader: options.lang,
      format: "esm",
      target: "es2022",
      sourcemap: true,
      sourcefile: options.file,
      jsx: "transform",
      tsconfigRaw: {
        compilerOptions: { verbatimModuleSyntax: !options.elide, useDefineForClassFields: true },
      },
      supported: { using: true, "top-level-await": true, "import-attributes": true },
      logLevel: "silent",
    });
    return { code: result.code, map: result.map };
  }
  const { transformSync } = require("oxc-transform") as typeof import("oxc-transform");
  const result = transformSync(options.file, code, {
    lang: options.lang,
    sourceType: "module",
    sourcemap: true,
    target: "esnext",
    typescript: { onlyRemoveTypeImports: !options.elide },
    jsx: { runtime: "classic" },
  });
  const problem = result.errors[0];
  if (problem) throw new SyntaxError(problem.message);
  return { code: result.code, map: JSON.stringify(result.map) };
}

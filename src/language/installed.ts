// Packages that were installed while the notebook runs: the server does not look for them again by itself.
import { join } from "node:path";
import type { Outline, TypeProblem } from "../flow.js";
import { missingPackage } from "./diagnostics.js";
import { packageFolder } from "./files.js";

/** What the server is to be told of, if packages that it did not find are there now. */
export function installed(
  problems: TypeProblem[],
  { specifiers }: Outline,
  directory: string,
): { path: string; how: "created" }[] {
  const missing = new Set(problems.map(({ code, message }) => missingPackage(code, message, specifiers)));
  const found = [...missing].flatMap((name) => (name !== undefined && packageFolder(name, directory)) || []);
  return found.flatMap((folder) =>
    [folder, join(folder, "package.json")].map((path) => ({ path, how: "created" as const })),
  );
}

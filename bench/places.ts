// Where things are: the same whether this is bundled into dist/ or not.
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const root: string = join(import.meta.dirname, "..");
/** Below the project's folder, where every kernel finds the types of Node. */
export const CACHE: string = join(root, ".cache", "bench");
export const venvPython: string = join(
  root,
  ".venv",
  process.platform === "win32" ? "Scripts/python.exe" : "bin/python",
);

export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function versionIn(path: string): string {
  return JSON.parse(read(path)).version;
}

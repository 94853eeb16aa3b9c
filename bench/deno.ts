// Deno for the benchmark alone: students need none. Its package on PyPI brings the program for each system and runs nothing
// when it is installed.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

export const denoVersion = "2.9.6";

/** @returns the program, or why there is none */
export function denoProgram(root: string, python: string): { path: string } | { reason: string } {
  const folder = join(root, ".cache", "bench", `deno-${denoVersion}`);
  const path = join(folder, "bin", process.platform === "win32" ? "deno.exe" : "deno");
  if (existsSync(path)) return { path };
  console.error(`Fetching Deno ${denoVersion} with pip, about 40 MB …`);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
  const where = ["--only-binary", ":all:", "--target", folder, `deno==${denoVersion}`];
  const { status, stderr, error } = spawnSync(python, [...pip, ...where], {
    encoding: "utf8",
    timeout: 300_000,
  });
  if (status === 0 && existsSync(path)) return { path };
  rmSync(folder, { recursive: true, force: true });
  const why = error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
  return { reason: `pip did not get deno==${denoVersion}: ${why || "it came without its program"}` };
}

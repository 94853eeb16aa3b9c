// Other kernels are for the benchmark alone: students need none. So they are kept out of the project's own packages.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CACHE, venvPython } from "../places.js";

/** A folder in which all is there, or why it is not. */
export type Prepared = { folder: string } | { reason: string };

/** Does the steps unless they are done; what was cut short is begun anew. */
export function prepared(name: string, steps: (folder: string) => void): Prepared {
  const folder = join(CACHE, name);
  const done = join(folder, ".ready");
  if (existsSync(done)) return { folder };
  console.error(`Preparing ${name} in ${folder} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    steps(folder);
    writeFileSync(done, "");
    return { folder };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return { reason: (error as Error).message };
  }
}

/** @throws Error with the last thing that the program said, if it does not succeed */
export function run(
  command: string,
  args: string[],
  { cwd, env }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): void {
  const { status, stderr, error } = spawnSync(command, args, {
    encoding: "utf8",
    timeout: 300_000,
    env: { ...process.env, ...env },
    ...(cwd && { cwd }),
  });
  if (status === 0) return;
  // npm, pip and make say what went wrong in a line with this word; what follows is advice.
  const lines = (stderr ?? "").trim().split("\n");
  const why = error?.message ?? lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
  throw new Error(`${[command, ...args].map((word) => basename(word)).join(" ")} failed: ${why}`);
}

/** Packages of npm's, without running what they bring for that. @param manifest what `package.json` says of them */
export function npm(folder: string, manifest: object): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, ...manifest }));
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund"];
  run(process.execPath, [join(npmFolder, "bin", "npm-cli.js"), "install", ...quiet], { cwd: folder });
}

/** The Node of .venv comes with its headers, with npm, and with npm's node-gyp. */
export const nodeFolder: string = dirname(dirname(process.execPath));
export const npmFolder: string = join(nodeFolder, "lib", "node_modules", "npm");

/** Packages from PyPI as they are, without those that they ask for. */
export function pip(folder: string, ...packages: string[]): void {
  const quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
  run(venvPython, ["-m", "pip", "install", ...quiet, "--target", folder, ...packages]);
}

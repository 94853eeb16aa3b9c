// The file that tells Jupyter how to start the kernel, and where it goes.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { CommandProblem } from "./problem.js";

export const KERNEL_NAME = "wirebook";

export interface Where {
  user?: boolean;
  prefix?: string;
  sysPrefix?: boolean;
}

/** The folder of `kernels/`: the user's own by default. */
export function kernelsFolder(
  where: Where,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if ([where.user, where.prefix !== undefined, where.sysPrefix].filter(Boolean).length > 1) {
    throw new CommandProblem("--user, --prefix and --sys-prefix exclude each other: choose one.");
  }
  if (where.prefix !== undefined) return join(resolve(where.prefix), "share", "jupyter", "kernels");
  if (where.sysPrefix) {
    const prefix = env.VIRTUAL_ENV ?? env.CONDA_PREFIX;
    if (!prefix)
      throw new CommandProblem(
        "--sys-prefix needs an active Python environment (VIRTUAL_ENV or CONDA_PREFIX); or name it: --prefix DIR",
      );
    return join(prefix, "share", "jupyter", "kernels");
  }
  return join(userData(env, platform), "kernels");
}

// As `jupyter --data-dir` answers, without asking Python.
function userData(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  const home = homedir();
  if (platform === "darwin") return join(home, "Library", "Jupyter");
  if (platform === "win32") return join(env.APPDATA ?? join(home, "AppData", "Roaming"), "jupyter");
  return join(env.XDG_DATA_HOME ?? join(home, ".local", "share"), "jupyter");
}

/** The contents of `kernel.json`. Paths are absolute: a front end's PATH may know neither Node nor us. */
export function kernelSpec(node: string, supervisor: string): Record<string, unknown> {
  return {
    argv: [node, supervisor, "{connection_file}"],
    display_name: "TypeScript (Wirebook)",
    language: "typescript",
    interrupt_mode: "message",
    kernel_protocol_version: "5.5",
    metadata: { debugger: true },
  };
}

function ownSpec(folder: string): boolean {
  try {
    const { argv } = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8")) as { argv?: string[] };
    return argv?.some((word) => /supervisor\.js$/.test(word)) ?? false;
  } catch {
    return false;
  }
}

/** @returns the folder written */
export function writeKernelSpec(kernels: string, options: { dist: string; force?: boolean }): string {
  const folder = join(kernels, KERNEL_NAME);
  if (existsSync(folder) && !ownSpec(folder) && !options.force) {
    throw new CommandProblem(`${folder} holds another kernel of this name. To replace it: --force`);
  }
  const fresh = `${folder}.new-${process.pid}`;
  try {
    mkdirSync(kernels, { recursive: true });
    cpSync(join(options.dist, "..", "src", "commands", "kernelspec"), fresh, { recursive: true });
    const spec = kernelSpec(process.execPath, join(options.dist, "supervisor.js"));
    writeFileSync(join(fresh, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw new CommandProblem(`${folder} cannot be written: ${(error as Error).message}`);
  }
  return folder;
}

export function removeKernelSpec(kernels: string): string {
  const folder = join(kernels, KERNEL_NAME);
  if (!existsSync(folder)) throw new CommandProblem(`There is no kernel "${KERNEL_NAME}" in ${kernels}.`);
  if (!ownSpec(folder)) throw new CommandProblem(`${folder} holds another kernel of this name; it stays.`);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

// The file that tells Jupyter how to start the kernel, and where it goes.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { dataFolder } from "../wire/jupyter-folders.js";
import { CommandProblem } from "./problem.js";

export const KERNEL_NAME = "wirebook";
/** Kernels in whose place this one can be offered, so that their notebooks open with it unasked. */
export const OTHER_KERNELS = ["tslab", "jslab", "deno"] as const;
export type KernelName = typeof KERNEL_NAME | (typeof OTHER_KERNELS)[number];

/**
 * Reads the names of kernels: `tslab,deno`.
 * @throws CommandProblem where there is another among them
 */
export function readOtherKernels(text: string): KernelName[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const unknown = names.find((name) => !(OTHER_KERNELS as readonly string[]).includes(name));
  if (names.length === 0 || unknown !== undefined)
    throw new CommandProblem(
      `--as takes names of kernels, as in --as ${OTHER_KERNELS.join(",")}; not "${unknown ?? text}"`,
    );
  return names as KernelName[];
}

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
  return join(dataFolder(env, platform), "kernels");
}

/**
 * After a flood of large messages the C library of Linux would keep their memory; that it does so is said in mallopt(3). The kernel
 * does not pass this on to cells.
 */
const frugal = { MALLOC_MMAP_THRESHOLD_: "131072", MALLOC_TRIM_THRESHOLD_: "131072" };

/**
 * The contents of `kernel.json`. Paths are absolute: a front end's PATH may know neither Node nor us.
 * @param name the kernel's own, or that of the kernel in whose place it stands
 */
export function kernelSpec(
  node: string,
  supervisor: string,
  name: KernelName = KERNEL_NAME,
): Record<string, unknown> {
  const language = name === "jslab" ? "JavaScript" : "TypeScript";
  return {
    argv: [node, supervisor, "{connection_file}"],
    display_name: `${language} (Wirebook${name === KERNEL_NAME ? "" : `, as ${name}`})`,
    language: language.toLowerCase(),
    // Who executes a notebook does not always say which.
    env: { ...frugal, ...(name !== KERNEL_NAME && { WIREBOOK_AS: name }) },
    interrupt_mode: "message",
    // From 5.6 on a launcher may give a registration file instead of a connection file.
    kernel_protocol_version: "5.6",
    metadata: { debugger: true, supported_encryption: ["curve"] },
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

/** @throws CommandProblem where another kernel has that name */
export function refuseForeign(kernels: string, name: KernelName): void {
  const folder = join(kernels, name);
  if (existsSync(folder) && !ownSpec(folder))
    throw new CommandProblem(`${folder} holds another kernel of this name. To replace it: --force`);
}

/** @returns the folder written */
export function writeKernelSpec(
  kernels: string,
  options: { dist: string; name?: KernelName; force?: boolean },
): string {
  const { name = KERNEL_NAME } = options;
  const folder = join(kernels, name);
  if (!options.force) refuseForeign(kernels, name);
  const fresh = `${folder}.new-${process.pid}`;
  try {
    mkdirSync(kernels, { recursive: true });
    cpSync(join(options.dist, "..", "src", "commands", "kernelspec"), fresh, { recursive: true });
    const spec = kernelSpec(process.execPath, join(options.dist, "supervisor.js"), name);
    writeFileSync(join(fresh, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw new CommandProblem(`${folder} cannot be written: ${(error as Error).message}`);
  }
  return folder;
}

export function removeKernelSpec(kernels: string, name: KernelName = KERNEL_NAME): string {
  const folder = join(kernels, name);
  if (!existsSync(folder)) throw new CommandProblem(`There is no kernel "${name}" in ${kernels}.`);
  if (!ownSpec(folder)) throw new CommandProblem(`${folder} holds another kernel of this name; it stays.`);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

/** The names under which this kernel is offered there; its own also where another kernel has it, or nothing is there. */
export function namesInstalled(kernels: string): KernelName[] {
  const others = OTHER_KERNELS.filter((name) => ownSpec(join(kernels, name)));
  return others.length === 0 || existsSync(join(kernels, KERNEL_NAME)) ? [KERNEL_NAME, ...others] : others;
}

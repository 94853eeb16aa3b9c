// The kernels that are measured, and how each is started.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { kernelSpec } from "../src/commands/kernelspec.js";
import { type Cells, javascript, python, typescript } from "./cells.js";
import type { Spec } from "./client.js";
import { deno, denoVersion } from "./peers/deno.js";
import { ijavascript, ijavascriptVersion, zeromqVersion } from "./peers/ijavascript.js";
import { xeusPython, xeusPythonVersion } from "./peers/xeus-python.js";
import { CACHE, read, root, venvPython, versionIn } from "./places.js";

export interface Subject extends Spec {
  title: string;
  version: string;
  cells: Cells;
  language: "typescript" | "javascript" | "python";
  /** Does it look at types before it runs a cell? */
  checks: boolean;
  /** Is it the one that the others are there for? */
  own?: true;
}

const wirebook: Pick<Subject, "argv" | "interrupt" | "version" | "cells" | "language" | "own"> = {
  own: true,
  interrupt: "message",
  version: versionIn("package.json"),
  argv: [process.execPath, join(root, "dist", "supervisor.js"), "{connection_file}"],
  cells: typescript,
  language: "typescript",
};

const ownEnv = kernelSpec("node", "supervisor.js").env as NodeJS.ProcessEnv;

/** Kernels that Wirebook is compared with. */
export const PEERS: string[] = ["tslab", "deno", "ijavascript", "ipykernel", "xeus-python"];

const MAKERS: Record<string, () => Subject | string> = {
  wirebook: () => ({ ...wirebook, name: "wirebook", title: "Wirebook", env: ownEnv, checks: true }),
  unchecked: () => ({
    ...wirebook,
    name: "unchecked",
    title: "Wirebook, types off",
    env: { ...ownEnv, WIREBOOK_NOTEBOOK: notebookWithoutTypes() },
    checks: false,
  }),
  tslab: () => {
    const main = resolve("tslab/bin/tslab");
    if (!main) return "not installed";
    return {
      name: "tslab",
      title: "tslab",
      version: versionIn("node_modules/tslab/package.json"),
      interrupt: "signal",
      argv: [process.execPath, main, "kernel", "--config-path={connection_file}"],
      env: { NODE_PATH: join(root, "node_modules") },
      cells: typescript,
      language: "typescript",
      checks: true,
    };
  },
  deno: () => {
    const peer = deno();
    if ("reason" in peer) return peer.reason;
    const program = join(peer.folder, "bin", process.platform === "win32" ? "deno.exe" : "deno");
    return {
      name: "deno",
      title: "Deno",
      version: denoVersion,
      interrupt: "signal",
      argv: [program, "jupyter", "--kernel", "--conn", "{connection_file}"],
      env: { DENO_DIR: join(CACHE, "deno-dir"), DENO_NO_UPDATE_CHECK: "1" },
      cells: typescript,
      language: "typescript",
      checks: false,
    };
  },
  ijavascript: () => {
    const peer = ijavascript();
    if ("reason" in peer) return peer.reason;
    const main = join(peer.folder, "node_modules", "ijavascript", "lib", "kernel.js");
    return {
      name: "ijavascript",
      title: "ijavascript",
      version: `${ijavascriptVersion} with zeromq ${zeromqVersion}, built for this Node`,
      interrupt: "signal",
      argv: [process.execPath, main, "--hide-undefined", "--protocol=5.1", "{connection_file}"],
      env: {},
      cells: javascript,
      language: "javascript",
      checks: false,
    };
  },
  ipykernel: () => {
    if (!existsSync(venvPython)) return "no .venv";
    return {
      name: "ipykernel",
      title: "ipykernel",
      version: /^ipykernel==(.*)$/m.exec(read("setup/requirements.txt"))?.[1] ?? "unknown",
      interrupt: "signal",
      argv: [venvPython, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
      env: {},
      cells: python,
      language: "python",
      checks: false,
    };
  },
  "xeus-python": () => {
    const peer = xeusPython();
    if ("reason" in peer) return peer.reason;
    return {
      name: "xeus-python",
      title: "xeus-python",
      version: xeusPythonVersion,
      interrupt: "signal",
      argv: [venvPython, "-m", "xpython_launcher", "-f", "{connection_file}"],
      env: { PYTHONPATH: peer.folder },
      cells: python,
      language: "python",
      checks: false,
    };
  },
};

/** What Wirebook reads the mode of its types from. */
function notebookWithoutTypes(): string {
  mkdirSync(CACHE, { recursive: true });
  const path = join(CACHE, "unchecked.ipynb");
  const metadata = { wirebook: { types: "off" } };
  writeFileSync(path, JSON.stringify({ cells: [], metadata, nbformat: 4, nbformat_minor: 5 }));
  return path;
}

function resolve(specifier: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(specifier);
  } catch {
    const guess = join(root, "node_modules", specifier);
    return existsSync(guess) ? guess : undefined;
  }
}

/** @returns the kernels that can be measured, and for the others why not */
export function subjects(names: string[]): { subjects: Subject[]; missing: string[] } {
  const found: Subject[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const made = MAKERS[name]?.() ?? `unknown; known are ${Object.keys(MAKERS).join(", ")}`;
    if (typeof made === "string") missing.push(`${name}: ${made}`);
    else found.push(made);
  }
  return { subjects: found, missing };
}

// The kernels that are measured, and how each is started.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Cells, python, typescript } from "./cells.js";
import type { Spec } from "./client.js";
import { denoProgram } from "./deno.js";

export interface Subject extends Spec {
  title: string;
  cells: Cells;
  language: "typescript" | "python";
  /** Does it look at types before it runs a cell? */
  checks: boolean;
  /** Is it the one that the others are there for? */
  own?: true;
}

const root = join(import.meta.dirname, "..");
const venvPython = join(root, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const wirebook: Pick<Subject, "argv" | "cells" | "language" | "own"> = {
  own: true,
  argv: [process.execPath, join(root, "dist", "supervisor.js"), "{connection_file}"],
  cells: typescript,
  language: "typescript",
};

const MAKERS: Record<string, () => Subject | string> = {
  wirebook: () => ({ ...wirebook, name: "wirebook", title: "Wirebook", env: {}, checks: true }),
  unchecked: () => ({
    ...wirebook,
    name: "unchecked",
    title: "Wirebook, types off",
    env: { WIREBOOK_NOTEBOOK: notebookWithoutTypes() },
    checks: false,
  }),
  tslab: () => {
    const main = resolve("tslab/bin/tslab");
    if (!main) return "not installed";
    return {
      name: "tslab",
      title: "tslab",
      argv: [process.execPath, main, "kernel", "--config-path={connection_file}"],
      env: { NODE_PATH: join(root, "node_modules") },
      cells: typescript,
      language: "typescript",
      checks: true,
    };
  },
  deno: () => {
    const program = denoProgram(root, venvPython);
    if ("reason" in program) return program.reason;
    return {
      name: "deno",
      title: "Deno",
      argv: [program.path, "jupyter", "--kernel", "--conn", "{connection_file}"],
      env: { DENO_DIR: join(root, ".cache", "bench", "deno-dir"), DENO_NO_UPDATE_CHECK: "1" },
      cells: typescript,
      language: "typescript",
      checks: false,
    };
  },
  ijavascript: () =>
    "its zeromq 5 has no program for this Node, and to build it takes libzmq's development files",
  ipykernel: () => {
    if (!existsSync(venvPython)) return "no .venv";
    return {
      name: "ipykernel",
      title: "ipykernel",
      argv: [venvPython, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
      env: {},
      cells: python,
      language: "python",
      checks: false,
    };
  },
};

/** What Wirebook reads the mode of its types from. */
function notebookWithoutTypes(): string {
  const folder = join(root, ".cache", "bench");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "unchecked.ipynb");
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

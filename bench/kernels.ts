// The kernels that are measured, and how each says the same things.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Spec } from "./client.js";

export interface Subject extends Spec {
  assign: string;
  typed: string;
  expression: string;
  print: string;
  declare(index: number): string;
}

const root = join(import.meta.dirname, "..");
const typescript = {
  assign: "let x = 1",
  typed: "const first: number = 1; first + 1",
  expression: "x + 1",
  print: "for (let i = 0; i < 100000; i++) console.log('line ' + i)",
  declare: (index: number): string => `const v${index}: number = ${index}`,
};

const MAKERS: Record<string, () => Subject | string> = {
  wirebook: () => ({
    name: "wirebook",
    argv: [process.execPath, join(root, "dist", "supervisor.js"), "{connection_file}"],
    env: {},
    ...typescript,
  }),
  tslab: () => {
    const main = resolve("tslab/bin/tslab");
    if (!main) return "not installed";
    return {
      name: "tslab",
      argv: [process.execPath, main, "kernel", "--config-path={connection_file}"],
      env: { NODE_PATH: join(root, "node_modules") },
      ...typescript,
    };
  },
  ipykernel: () => {
    const python = join(root, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
    if (!existsSync(python)) return "no .venv";
    return {
      name: "ipykernel",
      argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
      env: {},
      assign: "x = 1",
      typed: "first: int = 1\nfirst + 1",
      expression: "x + 1",
      print: "for i in range(100000): print('line', i)",
      declare: (index) => `v${index}: int = ${index}`,
    };
  },
};

function resolve(specifier: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(specifier);
  } catch {
    const guess = join(root, "node_modules", specifier);
    return existsSync(guess) && dirname(guess) ? guess : undefined;
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

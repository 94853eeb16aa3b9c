// Runs Python's programs where Jupyter knows this build of the kernel, and nothing of the user's.
import { spawn } from "node:child_process";
import { python } from "../places.js";
import { jupyterHome } from "./jupyter-server.js";

export interface Ran {
  code: number | null;
  /** Both streams, as they came. */
  output: string;
}

/** @param options.input goes to its stdin */
export function runPython(
  args: string[],
  options: { env?: NodeJS.ProcessEnv; input?: string; timeout?: number } = {},
): Promise<Ran> {
  const home = jupyterHome();
  const child = spawn(python, args, {
    cwd: home.folder,
    env: { ...home.env, ...options.env },
    timeout: options.timeout ?? 200_000,
  });
  child.stdin.end(options.input ?? "");
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      home[Symbol.dispose]();
      resolve({ code, output });
    });
  });
}

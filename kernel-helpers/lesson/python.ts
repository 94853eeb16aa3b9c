// Runs a piece of Python, so that what a text says about Python can be tested with Python. Python is there wherever
// JupyterLab is: the kernel's own Node lives in its virtual environment.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { host } from "../host-contract.js";

/** No Python was found on this machine. */
export class NoPython extends Error {
  override readonly name: string = "NoPython";

  constructor(tried: readonly string[]) {
    super(
      `no Python found (tried ${tried.join(", ")}). Install it, or give its path in the environment variable WIREBOOK_PYTHON`,
    );
  }
}

export interface PythonOptions {
  /** Seconds after which the program is ended. */
  timeout?: number;
}

/** How a Python program ended. */
export interface PythonRun {
  /** Exit status; by custom 0 is success. `undefined`: it was ended from outside. */
  status: number | undefined;
  /** All that it printed, stdout and stderr as they came. */
  output: string;
}

const MOST_OUTPUT = 256 * 1024;

/**
 * Runs a Python program in a process of its own, prints what it prints, and says how it ended.
 * @param program the source text
 * @throws NoPython
 */
export async function python(program: string, options: PythonOptions = {}): Promise<PythonRun> {
  const tried: string[] = [];
  for (const [command, ...args] of commands(process.platform, process.env, environmentOf(process.execPath))) {
    tried.push(command);
    const run = await start(command, [...args, "-c", program], (options.timeout ?? 20) * 1000);
    if (run) return run;
  }
  throw new NoPython(tried);
}

/**
 * Where Python may be, best guess first.
 * @internal
 */
export function commands(
  platform: string,
  env: NodeJS.ProcessEnv,
  environment: string | undefined,
): [command: string, ...args: string[]][] {
  const inside = (folder: string): [string] => [
    platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python"),
  ];
  const named = env.WIREBOOK_PYTHON;
  const found: [string, ...string[]][] = [];
  if (named) found.push([named]);
  if (environment) found.push(inside(environment));
  if (env.VIRTUAL_ENV) found.push(inside(env.VIRTUAL_ENV));
  // On Windows `python3` may be a door to the shop, which ends at once with status 9009; `py` is the real launcher.
  found.push(
    ...(platform === "win32"
      ? ([["py", "-3"], ["python"]] as [string, ...string[]][])
      : ([["python3"], ["python"]] as [string][])),
  );
  return found;
}

/** The virtual environment that a program lies in (PEP 405: it has a `pyvenv.cfg`). */
function environmentOf(path: string): string | undefined {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "pyvenv.cfg"))) return folder;
  }
  return undefined;
}

/** `undefined` where there is no such program. */
function start(command: string, args: string[], timeout: number): Promise<PythonRun | undefined> {
  const signal = host()?.signal();
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      timeout,
      env: { ...process.env, PYTHONIOENCODING: "utf-8" },
    });
    const interrupted = (): void => {
      child.kill();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", interrupted, { once: true });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        if (output.length > MOST_OUTPUT) return;
        output += text;
        process.stdout.write(text);
      });
    }
    child.on("error", () => {
      signal?.removeEventListener("abort", interrupted);
      resolve(undefined);
    });
    child.on("close", (status) => {
      signal?.removeEventListener("abort", interrupted);
      if (process.platform === "win32" && status === 9009) resolve(undefined);
      else resolve({ status: status ?? undefined, output });
    });
  });
}

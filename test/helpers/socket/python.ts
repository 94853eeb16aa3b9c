import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../../places.js";

const own = [join(root, ".venv/bin/python"), join(root, ".venv/Scripts/python.exe")].find((path) =>
  existsSync(path),
);
export const interpreter: string = own ?? "python3";

/** Runs a script in CPython, with its `socket`, and gives what it printed. */
export function python(script: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(interpreter, ["-c", script, ...args], { timeout: 60_000 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}

/** Starts one that says its first line when it is ready. */
export async function startPython(
  script: string,
): Promise<{ first: string; rest: () => Promise<string>; stop: () => void }> {
  const child = spawn(interpreter, ["-u", "-c", script], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 60_000,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = String((await lines.next()).value);
  return {
    first,
    async rest() {
      const all: string[] = [];
      for (let line = await lines.next(); !line.done; line = await lines.next()) all.push(line.value);
      return all.join("\n");
    },
    stop: () => void child.kill(),
  };
}

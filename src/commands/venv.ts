// The Python that set-up has made, with Jupyter and nbgrader in it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { CommandProblem } from "./problem.js";

export const root: string = join(import.meta.dirname, "..");

/** Its path, there or not. */
export function venvPython(): string {
  const venv = join(root, ".venv");
  return process.platform === "win32" ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
}

/**
 * Runs it in the terminal of the command.
 * @returns its exit code
 * @throws CommandProblem where there is none
 */
export function runPython(args: string[], { cwd = process.cwd() }: { cwd?: string } = {}): Promise<number> {
  const python = venvPython();
  if (!existsSync(python)) throw new CommandProblem(`Python is not set up here. In ${root}: npm run setup`);
  return new Promise((resolve, reject) => {
    const child = spawn(python, args, {
      cwd,
      stdio: "inherit",
      // nbgrader calls programs that lie beside Python.
      env: { ...process.env, PATH: [dirname(python), process.env.PATH].filter(Boolean).join(delimiter) },
    });
    // Ctrl-C reaches it, too; it ends, and then so do we.
    const wait = (): void => {};
    const end = (): void => void child.kill("SIGTERM");
    process.on("SIGINT", wait).on("SIGTERM", end);
    child.once("error", reject);
    child.once("close", (code) => {
      process.off("SIGINT", wait).off("SIGTERM", end);
      resolve(code ?? 130);
    });
  });
}

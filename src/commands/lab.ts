// `wirebook lab`: JupyterLab of this folder's .venv, on the notebooks.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandProblem } from "./problem.js";

/** @returns JupyterLab's exit code */
export function labCommand(extra: string[]): Promise<number> {
  const root = join(import.meta.dirname, "..");
  const python = process.platform === "win32" ? join(root, ".venv", "Scripts", "python.exe") : join(root, ".venv", "bin", "python");
  if (!existsSync(python)) throw new CommandProblem(`JupyterLab is not set up. In ${root}: npm run lab`);
  const args = ["-m", "jupyterlab", `--config=${join(root, "setup", "lab_config.py")}`];
  if (!extra.some((word) => /^--(notebook-dir|ServerApp\.root_dir)/.test(word))) args.push(`--ServerApp.root_dir=${join(root, "notebooks")}`);
  if (process.getuid?.() === 0 && !extra.includes("--allow-root")) args.push("--allow-root");
  return new Promise((resolve, reject) => {
    // The kernels inherit that the server's limits are out of the way.
    const child = spawn(python, [...args, ...extra], { stdio: "inherit", env: { ...process.env, WIREBOOK_IOPUB: "unlimited" } });
    // Ctrl-C reaches JupyterLab too; it closes its kernels, and then so do we.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 130));
  });
}

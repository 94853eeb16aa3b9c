// `wirebook lab`: JupyterLab of this folder's .venv, on the notebooks.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { CommandProblem } from "./problem.js";
import { root, venvPython } from "./venv.js";

/** @returns JupyterLab's exit code */
export function labCommand(extra: string[]): Promise<number> {
  const python = venvPython();
  if (!existsSync(python)) throw new CommandProblem(`JupyterLab is not set up. In ${root}: npm run lab`);
  const args = ["-m", "jupyterlab", `--config=${join(root, "setup", "lab_config.py")}`];
  if (!extra.some((word) => /^--(notebook-dir|(Server|Lab)App\.root_dir|preferred-dir)/.test(word))) {
    const notebooks = join(root, "notebooks");
    mkdirSync(notebooks, { recursive: true });
    args.push(`--ServerApp.root_dir=${notebooks}`);
  }
  if (process.getuid?.() === 0 && !extra.includes("--allow-root")) args.push("--allow-root");
  return new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      // The kernels inherit that the server's limits are out of the way.
      WIREBOOK_IOPUB: "unlimited",
      // Terminals in JupyterLab find this folder's Python and Jupyter first.
      PATH: [dirname(python), process.env.PATH].filter(Boolean).join(delimiter),
    };
    const child = spawn(python, [...args, ...extra], { stdio: "inherit", env });
    // Ctrl-C reaches JupyterLab too; it closes its kernels, and then so do we.
    process.on("SIGINT", () => {});
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 130));
  });
}

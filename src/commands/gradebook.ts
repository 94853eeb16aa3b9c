// Marks into nbgrader's gradebook, by nbgrader's own API.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Grade } from "../grading/needs.js";
import { CommandProblem } from "./problem.js";

/** @param database as nbgrader names it, `sqlite:///gradebook.db`, or the path of the file */
export async function writeGradebook(database: string, grades: readonly Grade[]): Promise<void> {
  const root = join(import.meta.dirname, "..");
  const python = join(
    root,
    ".venv",
    ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
  );
  if (!existsSync(python)) throw new CommandProblem(`Python is not set up here. In ${root}: npm run setup`);
  const url = database.includes("://") ? database : `sqlite:///${database}`;
  const child = spawn(python, [join(root, "src", "commands", "gradebook.py"), url], {
    // nbgrader calls programs that lie beside Python.
    env: { ...process.env, PATH: [dirname(python), process.env.PATH].filter(Boolean).join(delimiter) },
    stdio: ["pipe", "inherit", "inherit"],
  });
  child.stdin.end(JSON.stringify(grades));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0)
    throw new CommandProblem(
      `The marks are not in ${database}: see above. They are in grades.csv all the same.`,
    );
}

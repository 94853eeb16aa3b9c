// npm run setup | lab | hub | test | build | check | bench | conformance | notebooks | fmt. Plain JavaScript without a dependency, for any Node
// from 18 on: it fetches the Node that all the rest runs on.
import { join } from "node:path";
import { setUpHub } from "./hub.mjs";
import { locked } from "./lock.mjs";
import { root } from "./places.mjs";
import { Problem } from "./problem.mjs";
import { endRunning, foreground } from "./programs.mjs";
import { setUp } from "./steps.mjs";

const [first = "setup", ...args] = process.argv.slice(2);
const command = first === "exec" ? args.shift() : first;
const bin = (...path) => join(root, "node_modules", ...path);

function report() {
  const terminal = process.stdout.isTTY;
  const say = (text) => {
    if (terminal) process.stdout.write("\r\u001b[K");
    console.log(`• ${text}`);
  };
  say.detail = (text) => {
    if (terminal) process.stdout.write(`\r\u001b[K  ${text.slice(0, (process.stdout.columns ?? 80) - 4)}`);
  };
  say.end = () => {
    if (terminal) process.stdout.write("\r\u001b[K");
  };
  return say;
}

/** What runs after the set-up: each command's programs, with their arguments, one after another. */
const commands = {
  setup: () => [],
  build: () => [],
  lab: ({ node }) => [[node, join(root, "dist", "cli.js"), "lab", ...args]],
  test: ({ node }) => [[node, bin("vitest", "vitest.mjs"), "run", ...reporters(args), ...args]],
  check: ({ node, python }) => [
    [node, bin("@biomejs", "biome", "bin", "biome"), "ci", "."],
    [node, bin("typescript", "bin", "tsc"), "-p", "tsconfig.json"],
    [node, bin("knip", "bin", "knip.js")],
    [python, join(root, "notebooks", "source", "build.py"), "--check"],
  ],
  fmt: ({ node }) => [[node, bin("@biomejs", "biome", "bin", "biome"), "check", "--write", "."]],
  hub: ({ hub }) => [[hub, "-m", "jupyterhub", ...hubConfiguration(args), ...args]],
  bench: ({ node }) => bundled(node, "bench"),
  faults: ({ node }) => bundled(node, "faults"),
  conformance: ({ node }) => bundled(node, "conformance"),
  parity: ({ node }) => bundled(node, "parity"),
  simulate: ({ node }) => bundled(node, "simulate"),
  notebooks: ({ python }) => [[python, join(root, "notebooks", "source", "build.py"), ...args]],
};

/** Ours, where no other is named. */
function hubConfiguration(given) {
  if (given.some((word) => /^(-f|--config\b)/.test(word))) return [];
  return ["-f", join(root, "deploy", "jupyterhub_config.py")];
}

/** A program that is bundled when it is asked for. */
function bundled(node, name) {
  const config = join(root, "setup", `${name}.config.mjs`);
  return [
    [node, bin("rolldown", "bin", "cli.mjs"), "-c", config, "--log-level", "warn"],
    [node, join(root, "dist", `${name}.js`), ...args],
  ];
}

/** What is shown, and a report in a file for whoever counts. */
function reporters(given) {
  if (given.some((word) => word.startsWith("--reporter"))) return [];
  return ["--reporter=default", "--reporter=json", `--outputFile.json=${join(root, ".cache", "tests.json")}`];
}

let stopping = false;

async function main() {
  if (Number(process.versions.node.split(".")[0]) < 18)
    throw new Problem(
      `Node 18 or newer is needed; this is ${process.version}.`,
      "Install it from nodejs.org.",
    );
  if (!Object.hasOwn(commands, command)) {
    throw new Problem(`There is no command "${command}".`, `Commands: ${Object.keys(commands).join(", ")}.`);
  }
  const say = report();
  const stop = async () => {
    stopping = true;
    say.end();
    console.error("\nStopped. Start again at any time: what is done stays done.");
    await endRunning();
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const started = Date.now();
  const tools = await locked(async () => {
    const made = await setUp({ say, force: command === "build" ? ["build"] : [] });
    return command === "hub" ? { ...made, hub: await setUpHub({ say, ...made }) } : made;
  });
  say.end();
  process.off("SIGINT", stop).off("SIGTERM", stop);
  const programs = commands[command](tools);
  if (programs.length === 0) console.log(`Ready (${((Date.now() - started) / 1000).toFixed(1)} s).`);
  let worst = 0;
  for (const [program, ...rest] of programs) {
    const code = await foreground(program, rest, { cwd: command === "lab" ? process.cwd() : root });
    worst ||= code;
    // A check that fails does not keep the next one from saying what it finds.
    if (code !== 0 && (command !== "check" || code === 130)) break;
  }
  return worst;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    if (stopping) return; // the step failed because we ended it
    if (!(error instanceof Problem)) throw error;
    console.error(`\n${error.message}`);
    for (const line of error.advice) console.error(`  ${line}`);
    process.exit(1);
  },
);

// npm run setup | lab | test | build | check | bench | notebooks | fmt. Plain JavaScript without a dependency, for any Node
// from 18 on: it fetches the Node that all the rest runs on.
import { join } from "node:path";
import { locked } from "./lock.mjs";
import { root } from "./places.mjs";
import { Problem } from "./problem.mjs";
import { endRunning, foreground } from "./programs.mjs";
import { setUp } from "./steps.mjs";

const [command = "setup", ...args] = process.argv.slice(2);
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

/** What runs after the set-up: program and arguments, run one after another until one fails. */
function programs({ node, python }) {
  const tsc = [node, bin("typescript", "bin", "tsc")];
  switch (command === "exec" ? args.shift() : command) {
    case "setup":
    case "build":
      return [];
    case "lab":
      return [[node, join(root, "dist", "cli.js"), "lab", ...args]];
    case "test":
      return [[node, bin("vitest", "vitest.mjs"), "run", ...reporters(args), ...args]];
    case "check":
      return [
        [node, bin("@biomejs", "biome", "bin", "biome"), "ci", "."],
        [...tsc, "-p", "tsconfig.json"],
        [node, bin("knip", "bin", "knip.js")],
      ];
    case "fmt":
      return [[node, bin("@biomejs", "biome", "bin", "biome"), "check", "--write", "."]];
    case "bench":
      return [[node, join(root, "dist", "bench.js"), ...args]];
    case "notebooks":
      return [[python, join(root, "notebooks", "source", "build.py"), ...args]];
    default:
      throw new Problem(
        `There is no command "${command}".`,
        "Commands: setup, lab, test, build, check, bench, notebooks, fmt.",
      );
  }
}

/** What is shown, and a report in a file for whoever counts. */
function reporters(given) {
  if (given.some((word) => word.startsWith("--reporter"))) return [];
  return ["--reporter=default", "--reporter=json", `--outputFile.json=${join(root, ".cache", "tests.json")}`];
}

async function main() {
  if (Number(process.versions.node.split(".")[0]) < 18)
    throw new Problem(
      `Node 18 or newer is needed; this is ${process.version}.`,
      "Install it from nodejs.org.",
    );
  const say = report();
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      endRunning();
      say.end();
      console.error("\nStopped. Start again at any time: what is done stays done.");
      process.exit(130);
    });
  }
  const started = Date.now();
  const tools = await locked(() => setUp({ say, force: args[0] === "build" ? ["build"] : [] }));
  say.end();
  const list = programs(tools);
  if (list.length === 0) console.log(`Ready (${((Date.now() - started) / 1000).toFixed(1)} s).`);
  process.removeAllListeners("SIGINT");
  process.removeAllListeners("SIGTERM");
  for (const [program, ...rest] of list) {
    const code = await foreground(program, rest, { cwd: command === "lab" ? process.cwd() : root });
    if (code !== 0) return code;
  }
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    if (!(error instanceof Problem)) throw error;
    console.error(`\n${error.message}`);
    for (const line of error.advice) console.error(`  ${line}`);
    process.exit(1);
  },
);

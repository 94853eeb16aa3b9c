#!/usr/bin/env node
// The command `wirebook`. Each command is one file, loaded when it is called.
import { availableParallelism } from "node:os";
import { Command, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { otherNode, runOn } from "./commands/own-node.js";
import { CommandProblem } from "./commands/problem.js";

const program = new Command("wirebook")
  .description("A Jupyter kernel for TypeScript, made for network programming.")
  .version(manifest.version)
  .showHelpAfterError("(wirebook --help lists the commands)")
  .enablePositionalOptions();

const where = (command: Command): Command =>
  command
    .option("--user", "for this user (the default)")
    .option("--prefix <dir>", "into an installation: DIR/share/jupyter/kernels")
    .option("--sys-prefix", "into the active Python environment");

where(program.command("install"))
  .description("offer the kernel to Jupyter")
  .option("--force", "replace another kernel of the same name")
  .option("--as <names>", "in place of other kernels, whose notebooks open with it then: tslab,jslab,deno")
  .action(async (options) => (await import("./commands/install.js")).installCommand(options));

where(program.command("uninstall"))
  .description("take the kernel back")
  .option("--as <names>", "only what stands in place of these kernels: tslab,jslab,deno")
  .action(async (options) => (await import("./commands/install.js")).uninstallCommand(options));

program
  .command("lab")
  .description("open JupyterLab on the notebooks; arguments go to JupyterLab")
  .allowUnknownOption()
  .passThroughOptions()
  .helpOption(false)
  .argument("[arguments...]")
  .action(async (extra: string[]) => {
    process.exitCode = await (await import("./commands/lab.js")).labCommand(extra);
  });

program
  .command("run")
  .description("execute notebooks, each in a fresh kernel, without a Jupyter server")
  .argument("<notebook...>")
  .addOption(
    new Option("--inplace", "write the outputs into the notebooks themselves").conflicts("outputDir"),
  )
  .option("--output-dir <dir>", "write executed copies into this folder")
  .option("--timeout <seconds>", "longest time for one cell; 0: none", (text) => seconds(text), 120)
  .option("--allow-errors", "go on after a failing cell, and succeed")
  .addOption(
    new Option("--check", "only look for type errors; run nothing").conflicts([
      "inplace",
      "outputDir",
      "allowErrors",
    ]),
  )
  .addOption(new Option("--json", "with --check: print the problems as JSON").implies({ check: true }))
  .action(async (notebooks: string[], options) => {
    process.exitCode = options.check
      ? await (await import("./commands/run-check.js")).checkCommand(notebooks, {
          json: options.json === true,
        })
      : await (await import("./commands/run.js")).runCommand(notebooks, options);
  });

program
  .command("check")
  .description(
    "before handing in: runs notebooks in a fresh kernel, says what fails, is empty, or would not be accepted",
  )
  .argument("<notebook...>")
  .option("--timeout <seconds>", "longest time for one cell; 0: none", (text) => seconds(text), 120)
  .option("--json", "what was found, as JSON")
  .addHelpText(
    "after",
    "\nExit code: 0 ready, 1 something fails or is empty, 2 something would not be accepted",
  )
  .action(async (notebooks: string[], options) => {
    process.exitCode = await (await import("./commands/check.js")).checkCommand(notebooks, options);
  });

program
  .command("submit")
  .description("makes one file to hand in: the notebooks as saved, run anew, and as pages to read")
  .argument("<notebook...>")
  .option("--student <id>", "who hands in (else WIREBOOK_STUDENT, JUPYTERHUB_USER, or asked for once)")
  .option("--remember", "keep what --student says for the next time")
  .option("--course <name>", "else what the notebooks say, or WIREBOOK_COURSE")
  .option("--assignment <name>", "else what the notebooks say, or the folder's name")
  .option("--output-dir <dir>", "where the file goes (default: beside the first notebook)")
  .option("--timeout <seconds>", "longest time for one cell; 0: none", (text) => seconds(text), 120)
  .option("--total <seconds>", "longest time for all of them", (text) => seconds(text, "--total"), 1200)
  .option("--no-run", "do not run them anew")
  .option("--no-html", "without pages to read")
  .option("--no-pdf", "without PDF, which is made where Chromium is found")
  .option("--json", "the outcome, as JSON")
  .addOption(new Option("--saved").hideHelp())
  .addOption(new Option("--progress").hideHelp())
  .addHelpText(
    "after",
    "\nExit code: 0 made; 3 made, but there is something to look at; 1 not made; 130 stopped",
  )
  .action(async (notebooks: string[], options) => {
    process.exitCode = await (await import("./commands/submit.js")).submitCommand(notebooks, options);
  });

program
  .command("release")
  .description(
    "in a course's folder: makes the student's notebooks of an assignment (nbgrader's generate_assignment)",
  )
  .argument("<assignment>", "a folder in source/")
  .option("--dir <dir>", "the course's folder", ".")
  .action(async (assignment: string, options) => {
    process.exitCode = await (await import("./commands/course.js")).releaseCommand(assignment, options);
  });

const course = program
  .command("course")
  .description("a course that is marked with nbgrader")
  .enablePositionalOptions();

course
  .command("init")
  .description("makes a folder for a course, with the lab as its first assignment")
  .argument("<dir>")
  .option("--course <name>", "the course's name (default: the folder's)")
  .option("--assignment <name>", "the assignment's name", "lab")
  .action(async (dir: string, options) => {
    process.exitCode = await (await import("./commands/course.js")).courseInitCommand(dir, options);
  });

course
  .command("import")
  .description("takes in what students made with wirebook submit: zip files, or folders and zips of them")
  .argument("<zip...>")
  .option("--dir <dir>", "the course's folder", ".")
  .option("--assignment <name>", "whatever the submissions say")
  .option("--student <id>", "whatever the one submission says")
  .action(async (zips: string[], options) => {
    process.exitCode = await (await import("./commands/course.js")).courseImportCommand(zips, options);
  });

course
  .command("nbgrader")
  .description("any command of nbgrader, as in: wirebook course nbgrader autograde lab")
  .option("--dir <dir>", "the course's folder", ".")
  .allowUnknownOption()
  .passThroughOptions()
  .helpOption(false)
  .argument("[arguments...]")
  .action(async (args: string[], options) => {
    process.exitCode = await (await import("./commands/course.js")).nbgraderCommand(args, options);
  });

course
  .command("lab")
  .description("JupyterLab in the course's folder, with nbgrader's Formgrader")
  .option("--dir <dir>", "the course's folder", ".")
  .allowUnknownOption()
  .passThroughOptions()
  .argument("[arguments...]")
  .action(async (args: string[], options) => {
    process.exitCode = await (await import("./commands/course.js")).courseLabCommand(args, options);
  });

program
  .command("grade")
  .description("mark submissions: each in a fresh kernel, shut in, and decided from outside")
  .argument("<submissions...>", "zip files, folders with notebooks, or nbgrader's submitted/")
  .requiredOption("--source <dir>", "the instructor's notebooks of the assignment")
  .requiredOption("--checks <dirs...>", "folders with the checks' definitions")
  .option("--assignment <name>", "left out: the name of the folder of --source")
  .option("--output-dir <dir>", "for results.jsonl, grades.csv, grades.json and executed/", "grades")
  .option("--jobs <n>", "submissions at a time", count, availableParallelism())
  .option("--timeout <seconds>", "longest time for one cell", (text) => seconds(text), 30)
  .option("--notebook-timeout <seconds>", "longest time for one notebook", (text) => seconds(text), 600)
  .option("--memory <megabytes>", "that one submission may use", count, 3072)
  .option("--processes <n>", "that one submission may have", count, 64)
  .option("--disk <megabytes>", "that one submission may write", count, 64)
  .option("--gradebook <database>", "nbgrader's gradebook, to be given the marks")
  .option("--nats <url>", "let workers mark: wirebook grade-worker, on as many machines as you like")
  .option("--unsafe-no-sandbox", "run submissions as yourself, with all that you can read and write")
  .addHelpText("after", "\nStopped, it goes on where it was. Exit code: 0 all marked, 1 somebody has to look")
  .action(async (submissions: string[], options) => {
    process.exitCode = await (await import("./commands/grade.js")).gradeCommand(submissions, options);
  });

program
  .command("grade-worker")
  .description("mark what `wirebook grade --nats` has put into a queue")
  .requiredOption("--nats <url>", "a server of NATS with JetStream, as wirebook nats starts it")
  .option("--jobs <n>", "submissions at a time", count, availableParallelism())
  .option("--unsafe-no-sandbox", "run submissions as yourself, with all that you can read and write")
  .action(async (options) => {
    process.exitCode = await (await import("./commands/grade-worker.js")).gradeWorkerCommand(options);
  });

program
  .command("reachable")
  .description("can a server be reached? Tells refused, filtered, no route and no such name apart")
  .argument("<host>", "a name or an address")
  .argument("<port>", "a TCP port")
  .option("--timeout <seconds>", "how long to wait for an answer", (text) => seconds(text), 3)
  .addHelpText("after", "\nExit code: 0 open, 2 refused, 3 filtered, 4 no route, 5 no such name")
  .action(async (host: string, port: string, options: { timeout: number }) => {
    process.exitCode = await (await import("./commands/reachable.js")).reachableCommand(host, port, options);
  });

program
  .command("scan")
  .description("which ports are open: of this machine, or of one that you may scan")
  .argument("[target]", "a name, an address or a network; left out: all addresses of this machine")
  .option("--ports <list>", "as in 22,80,8000-8100; top100; all (default: all, elsewhere and for UDP top100)")
  .option("--udp", "UDP instead of TCP")
  .option("--banner", "ask the open ones what they are")
  .option("--open", "list only the open ones")
  .addOption(new Option("--json", "the result as JSON").conflicts("jsonl"))
  .option("--jsonl", "one line of JSON a port")
  .option("--concurrency <n>", "connections at a time", Number)
  .option("--timeout <seconds>", "for an answer", Number)
  .option("--i-have-permission <who>", "for other machines: who allowed it; it is logged")
  .action(async (target: string | undefined, options) => {
    process.exitCode = await (await import("./commands/scan.js")).scanCommand(target, options);
  });

program
  .command("nats")
  .description("a NATS server on this machine, where nodes of wirebook/middleware keep their registry")
  .option("--port <n>", "for nats://", port, 4222)
  .option("--ws-port <n>", "for ws://, which is not offered otherwise", port)
  .option("--store <dir>", "where it keeps what it is told (default: ~/.wirebook/nats/PORT)")
  .action(async (options) => {
    process.exitCode = await (await import("./commands/nats.js")).natsCommand(options);
  });

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    program.error(`a port is a number from 1 to 65535, not "${text}"`);
  return value;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) program.error(`"${text}" is no whole number from 1`);
  return value;
}

function seconds(text: string, option = "--timeout"): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) program.error(`${option} takes seconds, not "${text}"`);
  return value;
}

async function main(): Promise<void> {
  const node = otherNode();
  if (node === undefined) await program.parseAsync();
  else process.exitCode = await runOn(node);
}

main().catch((error: unknown) => {
  const known = error instanceof CommandProblem;
  console.error(known ? `wirebook: ${error.message}` : error);
  process.exitCode = 1;
});

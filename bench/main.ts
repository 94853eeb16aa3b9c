// npm run bench -- kernel [--short] [--rounds N] [--vs tslab,deno] [--only latency,beats] [--json FILE] [--doc [FILE]]
// npm run bench -- class [--short] [--kernels N] [--vs ipykernel] [--json FILE] [--doc [FILE]]
// npm run bench -- sockets [--short] [--rounds N] [--json FILE] [--doc [FILE]]
// npm run bench -- middleware [--short] [--rounds N] [--json FILE] [--doc [FILE]]
// npm run bench -- scan [--short] [--rounds N] [--json FILE] [--doc [FILE]]
// npm run bench -- hub [--users 1,10,40] [--grading N] [--from FILE] [--json FILE] [--doc [FILE]]
// npm run bench -- grading [--students N] [--queued N] [--side N] [--only alone,queue,side] [--seed N] [--json FILE] [--doc]
// npm run bench -- peers
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { OWN } from "./bars.js";
import { callTable } from "./calls.js";
import { type ClassResult, classTable, measureClass } from "./class.js";
import {
  callPart,
  classPart,
  ENOUGH,
  kernelPart,
  machine,
  notEnough,
  PAGE,
  type PARTS_OF_PAGE,
  type Run,
  scanPart,
  socketPart,
  type Versioned,
  withPart,
} from "./document.js";
import { gradingCommand } from "./grading.js";
import { measureHubs } from "./hub.js";
import { PEERS, type Subject, subjects } from "./kernels.js";
import { callSubjects, measureCalls } from "./middleware.js";
import { measuredAnew, PARTS, type Rounds, run } from "./rounds.js";
import { type HubRun, SCALE, scaleTables, writeScale } from "./scale.js";
import { measureScan, scanTable } from "./scan.js";
import { measureSockets, type SocketFigures, socketSubjects, socketTable } from "./sockets.js";
import { tables } from "./table.js";

interface Options {
  vs: string[];
  short: boolean;
  json?: string;
  doc?: string | true;
}

/** All that a page is made of. */
interface KernelRun extends Run {
  titles: Record<string, string>;
  rounds: Rounds;
}

const names = (text: string): string[] => text.split(",").filter(Boolean);
// Kernels have process groups of their own, and are ended when this one exits.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const program = new Command("bench");
program
  .command("kernel")
  .description(
    "start, latency, growth, questions, heartbeat, interrupts, printing and memory, side by side with other kernels",
  )
  .option("--rounds <n>", `rounds, one after another: ${ENOUGH}, or 1 when it is to be short`, count)
  .option("--minutes <n>", "begin no round after so many", count, 120)
  .option("--vs <names>", "other kernels", names, PEERS)
  .option("--only <parts>", `some of ${Object.keys(PARTS).join(", ")}`, parts)
  .option("--short", "a few minutes: one round, few cells", false)
  .option("--json <file>", "write every figure and every time of every round")
  .option("--doc [file]", `write the tables into a page, ${PAGE}`)
  .option(
    "--from <files>",
    "instead of measuring: what earlier runs wrote with --json, the newest last",
    names,
  )
  .action(
    async (options: Options & { rounds?: number; minutes: number; only?: string[]; from?: string[] }) => {
      const { from } = options;
      const run = from ? from.map(read).reduce(together) : await measured(options);
      const rounds = run.rounds.wirebook?.length ?? 0;
      const text = tables(run.rounds, run.titles);
      console.log(rounds < ENOUGH ? `${notEnough(rounds)}\n\n${text}` : text);
      written("kernel", options, run, kernelPart(text, { ...run, rounds }));
    },
  );
program
  .command("class")
  .description(
    "many kernels of one kind on one host: how soon they are there, how much they take, how quick they are",
  )
  .option("--kernels <n>", "how many", count, 30)
  .option("--vs <names>", "other kernels", names, ["ipykernel"])
  .option("--short", "a few cells only", false)
  .option("--json <file>", "write every figure and every time")
  .option("--doc [file]", `write the table into a page, ${PAGE}`)
  .action(async (options: Options & { kernels: number }) => {
    const { kernels, vs, short } = options;
    const { list, missing } = found(vs);
    const over = timed();
    const pace = short ? { every: 1000, turns: 3 } : { every: 3000, turns: 20 };
    const results: Record<string, ClassResult> = {};
    for (const subject of list) {
      say(`${kernels} × ${subject.title}`);
      results[subject.title] = await measureClass(subject, { kernels, ...pace });
    }
    say("");
    const text = classTable(results);
    console.log(text);
    const run = { ...over(list), missing, kernels, results };
    written("class", options, run, classPart(text, { ...run, every: pace.every }));
  });
inRounds("sockets", "one round, few connections")
  .description(
    "round trips, throughput, accepts and many connections, side by side with Node's, CPython's and Deno's sockets",
  )
  .action((options: InRounds) => {
    const { list, missing } = socketSubjects();
    for (const line of missing) console.log(`left out: ${line}`);
    const over = timed();
    const many = options.rounds ?? (options.short ? 1 : ENOUGH);
    const rounds: Record<string, SocketFigures[]> = Object.fromEntries(list.map(({ name }) => [name, []]));
    for (let round = 1; round <= many; round++) {
      // In turn, each first once.
      for (let at = 0; at < list.length; at++) {
        const subject = list[(at + round) % list.length] as (typeof list)[number];
        say(`round ${round} of ${many}: ${subject.title}`);
        rounds[subject.name]?.push(measureSockets(subject, options.short));
      }
    }
    say("");
    const text = socketTable(rounds, Object.fromEntries(list.map(({ name, title }) => [name, title])));
    console.log(text);
    const run = { ...over([]), missing };
    const everything = { ...run, rounds };
    written("sockets", options, everything, socketPart(text, { ...run, rounds: many }));
  });
inRounds("middleware", "one round, few calls")
  .description(
    "calls between processes, side by side with other ways; crashes, moves and cut sockets in the middle of them",
  )
  .action(async (options: InRounds) => {
    const { short } = options;
    const { list, missing } = callSubjects();
    for (const line of missing) console.log(`left out: ${line}`);
    const over = timed();
    const rounds = options.rounds ?? (short ? 1 : ENOUGH);
    const { results, failed } = await measureCalls(list, { rounds, short, say });
    say("");
    const text = callTable(results, list);
    console.log(text);
    const run = { ...over(list), missing: [...missing, ...failed], rounds, results };
    written("middleware", options, run, callPart(text, run));
  });
program
  .command("scan")
  .description(
    "a scan of all ports of this machine, beside nmap's; needs Linux and root, for a network of its own",
  )
  .option("--rounds <n>", "rounds, one after another", count, 20)
  .option("--short", "one round", false)
  .option("--json <file>", "write every time")
  .option("--doc [file]", `write the table into a page, ${PAGE}`)
  .action(async (options: Omit<Options, "vs"> & { rounds: number }) => {
    const over = timed();
    const rounds = options.short ? 1 : options.rounds;
    const { results, missing } = await measureScan(rounds, say);
    say("");
    const text = scanTable(results);
    console.log(text);
    const run = { ...over([]), missing, rounds, results };
    written("scan", options, run, scanPart(text, run));
  });
program
  .command("hub")
  .description(
    "what students on a hub take (npm run hub -- --version sets it up), and what many of them would",
  )
  .option("--users <list>", "how many at once, one after another", counts, [1, 10, 40])
  .option("--grading <n>", "submissions that one core marks in a second", Number)
  .option("--from <file>", "instead of measuring: what an earlier run wrote with --json")
  .option("--json <file>", "write every figure")
  .option("--doc [file]", `write the tables into a page, ${SCALE}, and the figures beside it`)
  .action(
    async (options: Pick<Options, "json" | "doc"> & { users: number[]; grading?: number; from?: string }) => {
      const over = timed();
      const run: HubRun = options.from
        ? JSON.parse(readFileSync(options.from, "utf8"))
        : { runs: await measureHubs(options.users, say), ...over([]), missing: [] };
      say("");
      const text = scaleTables(run, options.grading);
      console.log(text);
      if (options.json) writeFileSync(options.json, JSON.stringify(run));
      if (options.doc !== undefined) writeScale(run, text, options.doc === true ? SCALE : options.doc);
    },
  );
program.addCommand(gradingCommand(say));
program
  .command("peers")
  .description("fetch and build the other kernels, as the first measurement would")
  .action(() => {
    for (const { title, version } of found(PEERS).list) console.log(`${title} ${version}`);
  });

type InRounds = Omit<Options, "vs"> & { rounds?: number };

/** A command that measures the same in every round. @param short what `--short` does */
function inRounds(name: string, short: string): Command {
  return program
    .command(name)
    .option("--rounds <n>", `rounds, one after another: ${ENOUGH}, or 1 when it is to be short`, count)
    .option("--short", short, false)
    .option("--json <file>", "write every figure of every round")
    .option("--doc [file]", `write the tables into a page, ${PAGE}`);
}

function read(file: string): KernelRun {
  return JSON.parse(readFileSync(file, "utf8")) as KernelRun;
}

/** A run, and a later one that measured some of its parts again. */
function together(before: KernelRun, later: KernelRun): KernelRun {
  return {
    ...before,
    anew: [...(before.anew ?? []), { command: later.command, date: later.date }],
    rounds: measuredAnew(before.rounds, later.rounds),
  };
}

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  else if (text !== "") console.error(text);
}

/** Wirebook with types and without, and whatever can be had of the others. */
function found(vs: string[]): { list: Subject[]; missing: string[] } {
  const { subjects: list, missing } = subjects([...OWN, ...vs]);
  for (const line of missing) console.log(`left out: ${line}`);
  return { list, missing };
}

async function measured(
  options: Options & { rounds?: number; minutes: number; only?: string[] },
): Promise<KernelRun> {
  const { vs, short, minutes, only } = options;
  const { list, missing } = found(vs);
  const over = timed();
  const rounds = options.rounds ?? (short ? 1 : ENOUGH);
  const turns = await run(list, { rounds, minutes, short, say, ...(only && { only }) });
  say("");
  const titles = Object.fromEntries(list.map(({ name, title }) => [name, title]));
  return { ...over(list), missing, titles, rounds: turns };
}

/** Begins a run. @returns what ends it, and says what it was */
function timed(): (list: Versioned[]) => Omit<Run, "missing"> {
  const begun = performance.now();
  // Where else the figures went is nobody's business.
  const words = process.argv
    .slice(2)
    .filter((word, at, all) => !/^--json/.test(word) && all[at - 1] !== "--json");
  return (list) => ({
    command: `npm run bench -- ${words.join(" ")}`,
    date: new Date().toISOString(),
    minutes: (performance.now() - begun) / 60_000,
    machine: machine(list),
  });
}

function written(
  which: keyof typeof PARTS_OF_PAGE,
  { json, doc }: Pick<Options, "json" | "doc">,
  run: Run,
  part: string,
): void {
  if (json) writeFileSync(json, JSON.stringify(run));
  if (doc === undefined) return;
  const file = doc === true ? PAGE : doc;
  const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  writeFileSync(file, withPart(before, which, part));
}

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It is a whole number from 1 on.");
  return Number(text);
}

function counts(text: string): number[] {
  return names(text).map(count);
}

function parts(text: string): string[] {
  const unknown = names(text).filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(
      `There is no part "${unknown[0]}"; parts: ${Object.keys(PARTS).join(", ")}.`,
    );
  return names(text);
}

await program.parseAsync();

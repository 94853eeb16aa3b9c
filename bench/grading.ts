// npm run bench -- grading: what marking ordinary submissions takes, alone, through a queue with workers that are killed, and side by side
// with `nbgrader autograde`. Every mark is held against the one that the answers deserve.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { createDice } from "../test/faults/scenario.js";
import { type OrdinaryCourse, writeOrdinaryCourse } from "../test/grading/ordinary/course.js";
import { autograde, nbgraderCourse, wrongInGradebook } from "../test/grading/ordinary/nbgrader.js";
import { grade, keepWorkers, wrongIn } from "../test/grading/ordinary/run.js";
import { drawStudents, handIn, isLooping, type Student } from "../test/grading/ordinary/students.js";
import { startNats } from "../test/middleware/nats.js";
import { machine } from "./document.js";
import { type GradingRun, gradingPart, type SideBySide } from "./grading-page.js";

const PAGE = "docs/grading.md";
const FIGURES = "docs/grading.json";
const PLACE = /(<!-- npm run bench -- grading --doc -->\n)[\s\S]*(<!-- to here -->)/;
/** So many in a row by the same command. */
const BLOCK = 20;
const PARTS = ["alone", "queue", "side"] as const;

interface Options {
  students: number;
  queued: number;
  side: number;
  seed: number;
  only: (typeof PARTS)[number][];
  into?: string;
  from?: string[];
  json?: string;
  doc: boolean;
}

interface Inbox {
  folder: string;
  course: OrdinaryCourse;
  students: Student[];
  zips: string[];
}

const count = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It is a whole number from 1 on.");
  return Number(text);
};

export function gradingCommand(say: (text: string) => void): Command {
  return new Command("grading")
    .description("marking ordinary submissions: alone, through a queue, and side by side with nbgrader")
    .option("--students <n>", "submissions", count, 1000)
    .option("--queued <n>", "of them through a queue, with one worker and with two", count, 1000)
    .option("--side <n>", "of them side by side with nbgrader, in blocks of 20", count, 100)
    .option("--seed <n>", "where random choices begin", count, 2026)
    .option("--only <parts>", `some of ${PARTS.join(", ")}`, (text) => text.split(","), [...PARTS])
    .option("--into <dir>", "keep what is made there, and go on there: marks that are there count as marked")
    .option("--from <files>", "instead of measuring: what earlier runs wrote with --json", (text) =>
      text.split(","),
    )
    .option("--json <file>", "write the figures there")
    .option(
      "--doc",
      `write the tables into ${PAGE}, and the figures beside it; parts that were not measured stay`,
      false,
    )
    .action(async (options: Options) => {
      const folder = options.into ?? mkdtempSync(join(tmpdir(), "wirebook-ordinary-"));
      try {
        const run: GradingRun = options.from
          ? Object.assign({}, ...options.from.map((file) => JSON.parse(readFileSync(file, "utf8"))))
          : await measure(await handedIn(folder, options), options, say);
        say("");
        const before: Partial<GradingRun> =
          options.doc && existsSync(FIGURES) ? JSON.parse(readFileSync(FIGURES, "utf8")) : {};
        const others = (before.alone ?? []).filter(
          ({ submissions }) => run.alone?.every((one) => one.submissions !== submissions) ?? true,
        );
        const alone = [...others, ...(run.alone ?? [])].sort((a, b) => b.submissions - a.submissions);
        const all = { ...before, ...run, alone };
        console.log(gradingPart(run));
        if (options.json) writeFileSync(options.json, JSON.stringify(run));
        if (options.doc) write(all);
        const wrong = [...(run.alone ?? []), ...(run.queue ?? []), run.side].flatMap(
          (part) => part?.wrong ?? [],
        );
        for (const each of wrong) console.error(each);
        process.exitCode = wrong.length > 0 ? 1 : 0;
      } finally {
        if (options.into === undefined) rmSync(folder, { recursive: true, force: true });
      }
    });
}

async function handedIn(folder: string, { students: many, seed }: Options): Promise<Inbox> {
  const students = drawStudents(many, seed);
  const zips: string[] = [];
  for (const student of students) zips.push(await handIn(join(folder, "zips"), student));
  return { folder, course: writeOrdinaryCourse(folder), students, zips };
}

async function measure(inbox: Inbox, options: Options, say: (text: string) => void): Promise<GradingRun> {
  const { only, seed } = options;
  const run: GradingRun = { machine: machine([]) };
  const about = { seed, date: new Date().toISOString() };
  if (only.includes("alone")) {
    const { folder, course, students, zips } = inbox;
    say(`alone: ${zips.length} submissions`);
    const out = join(folder, "alone");
    const { seconds, said } = await grade({ course, zips, out, more: ["--jobs", "2"] });
    const before = Number(/\((\d+) of them earlier\)/.exec(said)?.[1] ?? 0);
    const wrong = wrongIn(out, students);
    run.alone = [{ ...about, submissions: zips.length, jobs: 2, before, seconds, wrong }];
  }
  if (only.includes("queue")) {
    run.queue = [];
    for (const workers of [1, 2]) {
      say(`queue: ${workers} of 2 workers, ${options.queued} submissions`);
      run.queue.push({ ...about, ...(await throughQueue(inbox, workers, options)) });
    }
  }
  if (only.includes("side")) run.side = { ...about, ...(await sideBySide(inbox, options, say)) };
  return run;
}

async function throughQueue(
  { folder, course, students, zips }: Inbox,
  workers: number,
  { queued, seed }: Options,
): Promise<{ workers: number; submissions: number; killed: number; seconds: number; wrong: string[] }> {
  const out = join(folder, `queue-${workers}`);
  const some = zips.slice(0, queued);
  await using nats = await startNats();
  await using all = keepWorkers(nats.url, { count: workers, every: 30, seed: seed + workers });
  const { seconds } = await grade({ course, zips: some, out, more: ["--nats", nats.url] });
  const wrong = wrongIn(out, students.slice(0, queued));
  return { workers, submissions: some.length, killed: all.killed, seconds, wrong };
}

/** In turn, twenty by one and the same twenty by the other, so that whatever else the machine does slows both. */
async function sideBySide(
  { folder, course, students, zips }: Inbox,
  { side, seed }: Options,
  say: (text: string) => void,
): Promise<Omit<SideBySide, "seed" | "date">> {
  const dice = createDice(seed);
  const blocks = Array.from({ length: Math.floor(students.length / BLOCK) }, (_, index) => index)
    .map((index) => [dice(1_000_000), index] as const)
    .sort(([a], [b]) => a - b)
    .slice(0, Math.ceil(side / BLOCK))
    .map(([, index]) => index);
  const ofBlock = <T>(all: readonly T[], block: number): T[] => all.slice(block * BLOCK, (block + 1) * BLOCK);
  const all = blocks.flatMap((block) => ofBlock(zips, block));
  const theirs = await nbgraderCourse(folder, course, all);
  const out = join(folder, "side");
  const rounds: SideBySide["rounds"] = [];
  const chosen: Student[] = [];
  for (const [turn, block] of blocks.entries()) {
    say(`side by side: block ${turn + 1} of ${blocks.length}`);
    const here = ofBlock(students, block);
    chosen.push(...here);
    const ours = (): Promise<Awaited<ReturnType<typeof grade>>> =>
      grade({ course, zips: ofBlock(zips, block), out, more: ["--jobs", "1"] });
    const nbgrader = (): ReturnType<typeof autograde> => autograde(theirs, idsOf(block));
    // Each first once.
    const results =
      turn % 2 === 0 ? [await ours(), await nbgrader()] : [await nbgrader(), await ours()].reverse();
    const [one, other] = results as [Awaited<ReturnType<typeof ours>>, Awaited<ReturnType<typeof nbgrader>>];
    rounds.push({
      ours: one.seconds,
      nbgrader: other.seconds,
      looping: here.filter(isLooping).length,
      oursEach: here.filter((student) => !isLooping(student)).map(({ id }) => one.each.get(id) ?? 0),
      nbgraderEach: here.filter((student) => !isLooping(student)).map(({ id }) => other.each.get(id) ?? 0),
    });
  }
  // nbgrader writes its gradebook as it goes; ours does at the end.
  const before = await grade({ course, zips: all, out, more: ["--jobs", "1"] });
  const after = await grade({ course, zips: all, out, more: ["--gradebook", join(folder, "ours.db")] });
  return {
    block: BLOCK,
    rounds,
    gradebook: after.seconds - before.seconds,
    wrong: wrongIn(out, chosen),
    nbgraderWrong: (await wrongInGradebook(theirs, chosen)).length,
  };
}

/** A pattern for the ids of a block. */
function idsOf(block: number): string {
  const tens = String(block * 2).padStart(3, "0");
  const digit = Number(tens.at(-1));
  return `s${tens.slice(0, -1)}[${digit}${digit + 1}]?`;
}

function write(run: GradingRun): void {
  const text = readFileSync(PAGE, "utf8");
  if (!PLACE.test(text))
    throw new Error(`${PAGE} has no place for tables: two comments, see bench/grading.ts.`);
  writeFileSync(
    PAGE,
    text.replace(PLACE, (_, from: string, to: string) => `${from}\n${gradingPart(run)}\n\n${to}`),
  );
  writeFileSync(FIGURES, `${JSON.stringify(run, undefined, 1)}\n`);
}

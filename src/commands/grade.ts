// `wirebook grade`: marks submissions, several at a time, and goes on where it was stopped.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { SingleBar } from "cli-progress";
import { type Notebook, readNotebook, writeNotebook } from "../client/notebook.js";
import { openJournal } from "../grading/journal.js";
import type { Grade, Submission } from "../grading/needs.js";
import { type Found, findSubmissions, NoSubmission } from "../grading/read.js";
import { latest, toCsv } from "../grading/table.js";
import { GradeKernels } from "./grade-kernels.js";
import { gradeOne, keyOf, type Marking } from "./grade-one.js";
import { markThroughQueue } from "./grade-queue.js";
import { writeGradebook } from "./gradebook.js";
import { CommandProblem } from "./problem.js";
import { sandboxOf } from "./sandbox-there.js";
import { stoppable } from "./stoppable.js";

export interface GradeOptions {
  /** The instructor's notebooks of the assignment. */
  source: string;
  checks: string[];
  assignment?: string;
  outputDir: string;
  jobs: number;
  timeout: number;
  notebookTimeout: number;
  memory: number;
  processes: number;
  disk: number;
  /** nbgrader's database. */
  gradebook?: string;
  unsafeNoSandbox?: boolean;
  /** Others mark: a server of NATS with JetStream. */
  nats?: string;
}

/** Submissions that are in the queue at a time. */
const mostWaiting = 500;

/** @returns the exit code: 0, 1 where somebody has to look, 130 after Ctrl-C */
export async function gradeCommand(paths: string[], options: GradeOptions): Promise<number> {
  const { outputDir, jobs } = options;
  const assignment = options.assignment ?? basename(resolve(options.source));
  const marking = markingOf(options);
  const digest = digestOf(marking, options);
  let found: Found[];
  try {
    found = paths.flatMap((path) => findSubmissions(path, { assignment }));
  } catch (error) {
    throw error instanceof NoSubmission ? new CommandProblem(error.message) : error;
  }
  const journal = openJournal(join(outputDir, "results.jsonl"));
  const stopped = stoppable();
  const { signal } = stopped;
  const remote =
    options.nats === undefined
      ? undefined
      : await markThroughQueue(options.nats, { digest, marking, signal });
  let left = found.length;
  const more = (): boolean => left > 0 && !signal.aborted;
  const mark = (submission: Submission, key: string, kernels: GradeKernels): Promise<Grade> => {
    const folder = join(outputDir, "executed", submission.student, submission.assignment);
    const keep = (name: string, executed: Notebook): void => {
      mkdirSync(folder, { recursive: true });
      writeNotebook(join(folder, name), executed);
    };
    return remote
      ? remote.mark(submission, key, keep)
      : gradeOne(submission, marking, { kernels, signal, more, keep });
  };
  const bar = progressBar(found.length);
  const grades: Grade[] = [];
  let before = 0;
  const one = async ({ path, read }: Found, kernels: GradeKernels): Promise<void> => {
    const submission = read();
    const key = keyOf(submission, digest);
    const known = journal.done.get(key);
    if (known) before++;
    const grade = known ?? (await mark(submission, key, kernels));
    // What was stopped half-way is not a mark.
    if (signal.aborted && !known) return;
    if (!known) journal.add(key, grade);
    grades.push(grade);
    if (!bar) console.log(line(path, grade, known !== undefined));
    bar?.increment();
  };
  const failed: string[] = [];
  const queue = found.values();
  await Promise.all(
    Array.from({ length: remote ? mostWaiting : jobs }, async (_, place) => {
      const kernels = new GradeKernels(marking, place);
      for (const next of queue) {
        left--;
        if (signal.aborted) break;
        // Whatever is the matter with one, the others are marked.
        await one(next, kernels).catch((error: unknown) =>
          failed.push(`✗ ${next.path}: ${(error as Error).message}`),
        );
      }
      await kernels.close();
    }),
  );
  bar?.stop();
  await remote?.close();
  journal.close();
  stopped.end();
  const rows = latest(grades);
  put(join(outputDir, "grades.csv"), toCsv(rows));
  put(join(outputDir, "grades.json"), `${JSON.stringify(rows, undefined, 2)}\n`);
  for (const text of failed) console.error(text);
  const look = rows.filter(({ status }) => status !== "graded");
  console.log(
    `${grades.length} of ${found.length} marked${before > 0 ? ` (${before} of them earlier)` : ""}, ${look.length + failed.length} to be looked at: ${join(outputDir, "grades.csv")}`,
  );
  for (const { student, status, notes } of look)
    console.log(`  ${student}: ${status}: ${notes.join("; ").slice(0, 300)}`);
  if (signal.aborted) {
    console.error("Stopped. The same command goes on from here.");
    return 130;
  }
  if (options.gradebook !== undefined) await writeGradebook(options.gradebook, rows);
  return look.length + failed.length > 0 ? 1 : 0;
}

function markingOf(options: GradeOptions): Marking {
  const { source, checks, timeout, notebookTimeout, memory, processes, disk } = options;
  const given = new Map<string, Notebook>();
  if (!existsSync(source)) throw new CommandProblem(`--source ${source}: there is no such folder`);
  for (const name of readdirSync(source).sort())
    if (name.endsWith(".ipynb")) given.set(name, readNotebook(join(source, name)));
  if (given.size === 0) throw new CommandProblem(`--source ${source}: there is no notebook in it`);
  for (const folder of checks)
    if (!existsSync(folder)) throw new CommandProblem(`--checks ${folder}: there is no such folder`);
  return {
    given,
    checks: checks.map((folder) => resolve(folder)),
    sandbox: sandboxOf(options),
    limits: { memory, processes, disk, cpu: notebookTimeout * 2 },
    cellSeconds: timeout,
    notebookSeconds: notebookTimeout,
  };
}

/** Marks that others have made do not count for these. */
function digestOf(marking: Marking, { timeout, notebookTimeout }: GradeOptions): string {
  const hash = createHash("sha256");
  hash.update(
    JSON.stringify([[...marking.given], marking.sandbox, marking.limits, timeout, notebookTimeout]),
  );
  for (const folder of marking.checks)
    for (const name of readdirSync(folder).sort())
      if (/\.m?[jt]s$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest("hex");
}

function put(path: string, text: string): void {
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}

function line(path: string, { student, total, max, status, seconds }: Grade, earlier: boolean): string {
  const how = earlier ? "marked earlier" : `${seconds.toFixed(1)} s`;
  return `${status === "graded" ? "✓" : "!"} ${path}: ${student} ${total} of ${max} (${status}, ${how})`;
}

function progressBar(total: number): SingleBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new SingleBar({
    format: "{bar} {value}/{total} submissions, {eta_formatted} left",
    clearOnComplete: true,
    stream: process.stderr,
    hideCursor: true,
  });
  bar.start(total, 0);
  return bar;
}

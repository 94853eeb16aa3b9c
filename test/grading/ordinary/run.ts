// Marks ordinary submissions with the built command: by itself, or through a queue with workers that are killed.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { Grade } from "../../../src/grading/needs.js";
import { createDice } from "../../faults/scenario.js";
import { dist } from "../../places.js";
import { assignment, type OrdinaryCourse } from "./course.js";
import type { Student } from "./students.js";

/** Longest time for one cell, for whoever marks. */
export const cellSeconds = 10;

export interface Marked {
  /** Of all of them together. */
  seconds: number;
  /** By student, in seconds. */
  each: Map<string, number>;
  said: string;
}

interface Options {
  course: OrdinaryCourse;
  zips: readonly string[];
  out: string;
  /** Behind the others. */
  more: readonly string[];
}

const start = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [join(dist, "cli.js"), ...args], { stdio: ["ignore", "pipe", "pipe"] });

export async function grade({ course, zips, out, more }: Options): Promise<Marked> {
  const began = performance.now();
  const child = start([
    ...[
      "grade",
      ...zips,
      "--source",
      course.source,
      "--checks",
      ...course.checks,
      "--assignment",
      assignment,
    ],
    ...["--output-dir", out, "--timeout", String(cellSeconds), "--notebook-timeout", "120", ...more],
  ]);
  const { at, end, said } = await watched(child, /: (s\d+) [\d.]+ of/);
  let before = began;
  const each = new Map<string, number>();
  for (const [student, time] of at) {
    each.set(student, (time - before) / 1000);
    before = time;
  }
  return { seconds: (end - began) / 1000, each, said };
}

/** When lines came that tell of a student, and the last one of all. */
export async function watched(
  child: ChildProcess,
  name: RegExp,
): Promise<{ at: [student: string, ms: number][]; last: number; end: number; said: string }> {
  const at: [string, number][] = [];
  const lines: string[] = [];
  let last = performance.now();
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream as NonNullable<ChildProcess["stdout"]> }).on("line", (line) => {
      lines.push(line);
      last = performance.now();
      const student = name.exec(line)?.[1];
      if (student !== undefined) at.push([student, last]);
    });
  await new Promise((done) => child.once("close", done));
  return { at, last, end: performance.now(), said: lines.join("\n") };
}

export interface Workers extends AsyncDisposable {
  /** How many were ended in the middle of their work. */
  readonly killed: number;
}

/**
 * Workers that are killed and started again, until they are disposed of.
 * @param options.every seconds between two deaths, on average
 * @param options.most so many deaths, and no more
 * @param options.more behind the command's other arguments
 */
export function keepWorkers(
  url: string,
  {
    count,
    every,
    most = Number.POSITIVE_INFINITY,
    seed,
    more = [],
  }: { count: number; every: number; most?: number; seed: number; more?: readonly string[] },
): Workers {
  const dice = createDice(seed);
  const ended = new AbortController();
  let killed = 0;
  const begin = (): ChildProcess => {
    const child = start(["grade-worker", "--nats", url, "--jobs", "1", ...more]);
    for (const stream of [child.stdout, child.stderr]) stream?.resume();
    return child;
  };
  const gone = (child: ChildProcess): Promise<unknown> => new Promise((done) => child.once("close", done));
  const keep = async (): Promise<void> => {
    let child = begin();
    while (!ended.signal.aborted) {
      // From a half of the time to one and a half of it.
      await sleep(every * (500 + dice(1000)), undefined, { signal: ended.signal }).catch(() => {});
      if (ended.signal.aborted || killed >= most) continue;
      killed++;
      const end = gone(child);
      child.kill("SIGKILL");
      await end;
      child = begin();
    }
    const end = gone(child);
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    await end;
    clearTimeout(late);
  };
  const all = Promise.all(Array.from({ length: count }, keep));
  return {
    get killed() {
      return killed;
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await all;
    },
  };
}

/** What is in the journal, in words where it is not what was expected: each student once, with the marks of the answers. */
export function wrongIn(out: string, students: readonly Student[]): string[] {
  const grades = readFileSync(join(out, "results.jsonl"), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { grade: Grade }).grade);
  const rows = readFileSync(join(out, "grades.csv"), "utf8").split("\r\n").slice(1);
  return students.flatMap((student) => {
    const { id, expected, kinds } = student;
    const own = grades.filter((one) => one.student === id);
    const lines = rows.filter((row) => row.startsWith(`${id},`));
    if (own.length !== 1 || lines.length !== 1)
      return [`${id} has ${own.length} results and ${lines.length} lines in the table`];
    const [{ cells, status, notes }] = own as [Grade];
    const wrong = Object.entries(expected).flatMap(([name, points]) => {
      const cell = cells.find(({ grade_id }) => grade_id === name);
      return cell?.points === points
        ? []
        : [`${name} ${cell?.points} instead of ${points} (${cell?.note ?? ""})`];
    });
    if (status !== "graded") wrong.push(`${status}: ${notes.join("; ")}`);
    return wrong.length === 0 ? [] : [`${id} (${Object.values(kinds).join(", ")}): ${wrong.join(", ")}`];
  });
}

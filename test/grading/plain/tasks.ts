// What is run in the box: nbgrader's autograde over students' notebooks, and the plain ways to unpack over zip files.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { root } from "../../places.js";
import { writeSubmission } from "../course.js";
import { type Limits, type Outcome, runInBox, type Task } from "./box.js";
import { grader, hidden, innocent, type PlainCourse, plainly } from "./course.js";

export interface Place {
  course: PlainCourse;
  /** Where homes are made. */
  folder: string;
}

/** The grader's computer is small, so that little is enough to use it up; what an innocent submission takes is a fifth of it. */
const limits: Limits = { memory: 1024, processes: 300, disk: 160, seconds: 240 };
/** On one line, by which it is known among the processes that are left. */
const command = [
  "cd course && python -m nbgrader autograde lab",
  "code=$?",
  "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done > ../left.txt",
  "exit $code",
].join("; ");
export const collector: string = join(root, "test", "grading", "plain", "collect.py");
export const right: string = JSON.stringify(innocent.right.notebook);

/** @param students what each has handed in, by name */
export function autograde(
  { course, folder }: Place,
  students: ReadonlyMap<string, string>,
  slot: number,
  more: Pick<Task, "ports" | "addresses"> = {},
): Promise<Outcome> {
  return inHome(folder, (seed) => {
    cpSync(course.home, seed, { recursive: true });
    for (const [student, text] of students)
      writeSubmission(join(seed, "course", "submitted"), student, plainly(text, course.released));
    const { env, readable } = course;
    const wanted = ["left.txt", "wirebook/dist/supervisor.js", "wirebook/dist/engine.js"];
    const task = { seed, command, env, readable, students: [...students.keys()], wanted, ...more };
    return runInBox(task, limits, slot);
  });
}

/** Zip files, each with an innocent one behind it. */
export function unpack(
  { course, folder }: Place,
  zips: ReadonlyMap<string, Uint8Array>,
  slot: number,
): Promise<Outcome> {
  return inHome(folder, (seed) => {
    for (const [name, zip] of zips) {
      const inbox = join(seed, "inbox", name);
      mkdirSync(inbox, { recursive: true });
      writeFileSync(join(inbox, "mallory.zip"), zip);
      writeFileSync(join(inbox, "zoe.zip"), honestZip("zoe"));
    }
    cpSync(join(course.home, "course"), join(seed, "course"), { recursive: true });
    mkdirSync(join(seed, "hidden"));
    writeFileSync(join(seed, "hidden", "h.ts"), hidden.tests);
    cpSync(collector, join(seed, "collect.py"));
    const { env, readable } = course;
    const task = { env, readable, students: [], wanted: ["report.json"] };
    return runInBox({ ...task, seed, command: `cd ${grader} && python collect.py` }, limits, slot);
  });
}

async function inHome<Result>(folder: string, use: (seed: string) => Promise<Result>): Promise<Result> {
  const seed = mkdtempSync(join(folder, "seed-"));
  try {
    return await use(seed);
  } finally {
    rmSync(seed, { recursive: true, force: true });
  }
}

export function honestZip(student: string): Uint8Array {
  const notebooks = [{ name: "lab.ipynb" }];
  const manifest = {
    format: "wirebook-submission",
    version: 1,
    course: "c",
    assignment: "lab",
    student,
    notebooks,
  };
  const files = { "manifest.json": JSON.stringify(manifest), "submitted/lab.ipynb": right };
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));
}

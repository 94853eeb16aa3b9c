// The same submissions, marked by nbgrader alone, in a course as `wirebook course init` makes it: our kernel and its checks, without walls.

import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { nbgraderConfig } from "../../../src/commands/course-files.js";
import { python } from "../../places.js";
import { assignment, type OrdinaryCourse } from "./course.js";
import { cellSeconds, type Marked, watched } from "./run.js";
import type { Student } from "./students.js";

const inPython = (course: string, args: readonly string[]): ChildProcess =>
  spawn(python, args, {
    cwd: course,
    stdio: ["ignore", "pipe", "pipe"],
    // nbgrader calls programs that lie beside Python.
    env: { ...process.env, PATH: [dirname(python), process.env.PATH].join(delimiter) },
  });

async function done(child: ChildProcess): Promise<string> {
  const [said, alsoSaid, code] = await Promise.all([
    text(child.stdout as NonNullable<ChildProcess["stdout"]>),
    text(child.stderr as NonNullable<ChildProcess["stderr"]>),
    new Promise((end) => child.once("close", end)),
  ]);
  if (code !== 0) throw new Error(`${said}${alsoSaid}`);
  return said;
}

/** A course into which the submissions have been imported. */
export async function nbgraderCourse(
  folder: string,
  { source, checks }: OrdinaryCourse,
  zips: readonly string[],
): Promise<string> {
  const course = join(folder, "nbgrader");
  mkdirSync(join(course, "checks"), { recursive: true });
  cpSync(source, join(course, "source", assignment), { recursive: true });
  for (const each of checks) cpSync(each, join(course, "checks"), { recursive: true });
  writeFileSync(join(course, "nbgrader_config.py"), nbgraderConfig("nets"));
  await done(inPython(course, ["-m", "nbgrader", "generate_assignment", assignment]));
  await done(inPython(course, ["-m", "nbgrader_wirebook", "import", "--", course, ...zips]));
  return course;
}

/**
 * Marks those whose ids begin so.
 * @param ids a pattern, as shells have them
 * @returns times from the first student to the last line that is said: what Python needs to start and to end is left out
 */
export async function autograde(course: string, ids: string): Promise<Marked> {
  const child = inPython(course, [
    ...["-m", "nbgrader", "autograde", assignment, `--Execute.timeout=${cellSeconds}`],
    `--CourseDirectory.student_id=${ids}`,
  ]);
  const { at, last, said } = await watched(child, /Creating\/updating student with ID '(s\d+)'/);
  const times = at.map(
    ([student, ms], index) => [student, ((at[index + 1]?.[1] ?? last) - ms) / 1000] as const,
  );
  return { each: new Map(times), said, seconds: times.reduce((sum, [, seconds]) => sum + seconds, 0) };
}

/** What its gradebook has, in words where it is not what was expected. */
export async function wrongInGradebook(course: string, students: readonly Student[]): Promise<string[]> {
  const ask = `
import json, sys
from nbgrader.api import Gradebook
with Gradebook("sqlite:///" + sys.argv[1]) as book:
    found = {}
    for s in book.assignment_submissions("${assignment}"):
        found[s.student.id] = {g.name: g.score for n in s.notebooks for g in n.grades}
    print(json.dumps(found))`;
  const said = await done(inPython(course, ["-c", ask, join(course, "gradebook.db")]));
  const found = JSON.parse(said) as Record<string, Record<string, number>>;
  return students.flatMap(({ id, expected }) =>
    Object.entries(expected).flatMap(([name, points]) =>
      found[id]?.[name] === points ? [] : [`${id}: ${name} ${found[id]?.[name]} instead of ${points}`],
    ),
  );
}

// Students, drawn by a seed: what each hands in, and the marks that it deserves.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { compactTime, FORMAT, type Manifest } from "../../../src/submission/manifest.js";
import { writeZip } from "../../../src/submission/zip.js";
import { createDice } from "../../faults/scenario.js";
import { answersOf, type Kind } from "./answers.js";
import { assignment, gradeId, notebookName, notebookWith, type Question, questions } from "./course.js";

export interface Student {
  id: string;
  answers: Record<Question, string>;
  kinds: Record<Question, Kind>;
  /** Points by grade_id. */
  expected: Record<string, number>;
}

/** Of a hundred answers of somebody who neither loops nor crashes. */
const spread: [Kind, number][] = [
  ["right", 58],
  ["half-right", 18],
  ["wrong", 7],
  ["empty", 6],
  ["compile error", 3],
  ["noise", 4],
  ["leftover", 3],
  ["slow", 1],
];
const names = Object.keys(questions) as Question[];

export function drawStudents(count: number, seed: number): Student[] {
  const dice = createDice(seed);
  const pick = <T>(from: readonly T[]): T => from[dice(from.length)] as T;
  const usual = (): Kind => {
    let at = dice(spread.reduce((sum, [, share]) => sum + share, 0));
    for (const [kind, share] of spread) {
      at -= share;
      if (at < 0) return kind;
    }
    return "right";
  };
  return Array.from({ length: count }, (_, index) => {
    // One in twenty loops, another one crashes, each in one answer.
    const trouble = ({ 0: "loop", 1: "crash" } as Record<number, Kind>)[dice(20)];
    const where = trouble && pick(names);
    const student: Student = {
      id: `s${String(index).padStart(4, "0")}`,
      ...({ answers: {}, kinds: {} } as Pick<Student, "answers" | "kinds">),
      expected: {},
    };
    for (const name of names) {
      const kind = trouble && name === where ? trouble : usual();
      const { code, points } = pick(answersOf(name)[kind]);
      student.answers[name] = code;
      student.kinds[name] = kind;
      for (const [at, test] of Object.keys(questions[name].tests).entries())
        student.expected[gradeId(test)] = points[at] ?? 0;
    }
    return student;
  });
}

/** Does one of the answers take its time? */
export const isLooping = ({ kinds }: Student): boolean => Object.values(kinds).includes("loop");

/** @returns the file, as `wirebook submit` makes it; one that is there stays */
export async function handIn(folder: string, { id, answers }: Student): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const created = new Date("2026-11-26T18:45:00Z");
  const bytes = Buffer.from(JSON.stringify(notebookWith(answers), undefined, 1));
  const manifest: Manifest = {
    format: FORMAT,
    version: 1,
    course: "nets",
    assignment,
    student: id,
    created: created.toISOString(),
    tool: { wirebook: "0.1.0", node: process.version, platform: process.platform },
    notebooks: [
      {
        name: notebookName,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        bytes: bytes.length,
        executed: { status: "not run", failures: [], checks: [] },
      },
    ],
    notes: [],
  };
  const file = join(folder, `nets-${id}-${compactTime(created)}.zip`);
  if (existsSync(file)) return file;
  const entries = [
    { name: "manifest.json", from: Buffer.from(JSON.stringify(manifest)) },
    { name: `submitted/${notebookName}`, from: bytes },
  ];
  await writeZip(file, entries, { modified: created });
  return file;
}

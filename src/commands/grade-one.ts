// One submission, from what was handed in to its marks: every notebook of the assignment in a fresh kernel, with the instructor's cells.

import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import {
  type Cell,
  type Notebook,
  NotebookProblem,
  readNotebook,
  writeNotebook,
} from "../client/notebook.js";
import { marksOf } from "../grading/marks.js";
import type { Grade, Submission } from "../grading/needs.js";
import { type Repaired, repair } from "../grading/repair.js";
import { assignmentOf } from "../submission/graded-cells.js";
import { runInFreshKernel } from "./fresh-kernel.js";

/** What all submissions are marked by. */
export interface Marking {
  /** The instructor's notebooks, by name. */
  given: ReadonlyMap<string, Notebook>;
  /** Folders of definitions. */
  checks: readonly string[];
  sandbox: "bubblewrap" | "none";
  limits: object;
  /** Seconds for one cell, and for one notebook. */
  cellSeconds: number;
  notebookSeconds: number;
  /** Where executed notebooks are kept, if anywhere. */
  executed?: string;
}

const mostOutput = 100_000;
/** A busy machine may not start a kernel at once. */
const mostStarts = 3;
/** Users that submissions run as, where this is root; one a place, so that they share no limit. */
const firstUser = 60_100;

/** What would be marked the same by the same. */
export function keyOf(submission: Submission, marking: string): string {
  const hash = createHash("sha256").update(marking);
  const { student, assignment, created, refused, notebooks, companions } = submission;
  hash.update(JSON.stringify([student, assignment, created, refused]));
  for (const { name, bytes } of [...notebooks, ...companions])
    hash.update(JSON.stringify([name, bytes.length])).update(bytes);
  return hash.digest("hex");
}

/** @param place number of the worker, from 0 */
export async function gradeOne(
  submission: Submission,
  marking: Marking,
  { place, signal }: { place: number; signal: AbortSignal },
): Promise<Grade> {
  const began = performance.now();
  const { student, assignment, origin, created, notes: known, refused } = submission;
  const cells: Grade["cells"] = [];
  const notes = [...known];
  const look: string[] = [];
  if (refused !== undefined) notes.push(`refused: ${refused}`);
  for (const [name, given] of marking.given) {
    const handedIn = submission.notebooks.find((one) => one.name === name);
    const { notebook, ...outcome } = await markNotebook(name, given, handedIn?.bytes, submission, marking, {
      place,
      signal,
    });
    cells.push(...outcome.cells);
    notes.push(...outcome.notes.map((note) => `${name}: ${note}`));
    look.push(...outcome.look.map((note) => `${name}: ${note}`));
    if (marking.executed !== undefined && handedIn) {
      const folder = join(marking.executed, student, assignment);
      mkdirSync(folder, { recursive: true });
      writeNotebook(join(folder, name), notebook);
    }
  }
  for (const { name } of submission.notebooks)
    if (!marking.given.has(name))
      notes.push(`${JSON.stringify(name)} is no notebook of this assignment, and was not run`);
  const sum = (of: (cell: Grade["cells"][number]) => number): number =>
    Math.round(cells.reduce((all, cell) => all + of(cell), 0) * 100) / 100;
  return {
    student,
    assignment,
    origin,
    created,
    cells,
    total: sum(({ points }) => points ?? 0),
    max: sum(({ max }) => max),
    status: refused !== undefined ? "refused" : look.length > 0 ? "look" : "graded",
    notes: [...notes, ...look],
    sandbox: marking.sandbox,
    graded: new Date().toISOString(),
    seconds: Math.round(performance.now() - began) / 1000,
  };
}

async function markNotebook(
  name: string,
  given: Notebook,
  bytes: Uint8Array | undefined,
  { companions, student }: Submission,
  marking: Marking,
  { place, signal }: { place: number; signal: AbortSignal },
): Promise<{ notebook: Notebook; cells: Grade["cells"]; notes: string[]; look: string[] }> {
  const nothing = (why: string): Awaited<ReturnType<typeof markNotebook>> => {
    const { notebook, graded } = repair(given, undefined);
    const failures = new Map(graded.map(({ cell }) => [cell, why]));
    return {
      notebook,
      notes: [why],
      ...marksOf(name, { graded: graded.map(({ note: _, ...one }) => one) }, failures),
    };
  };
  if (!bytes) return nothing("it was not handed in");
  const folder = mkdtempSync(join(tmpdir(), "wirebook-grade-"));
  try {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    let handedIn: Notebook;
    try {
      handedIn = readNotebook(path);
    } catch (error) {
      if (error instanceof NotebookProblem) return { ...nothing(error.message), look: [error.message] };
      throw error;
    }
    for (const companion of companions) writeFileSync(join(folder, companion.name), companion.bytes);
    for (let tries = 1; ; tries++) {
      const repaired = repair(given, handedIn);
      writeNotebook(path, repaired.notebook);
      try {
        const { course } = assignmentOf(given);
        const outcome = await run(path, repaired, marking, { place, signal, student, course });
        // That may have been the machine; twice it was the notebook.
        if (outcome.died && tries < 2) continue;
        const look = outcome.died ? ["the kernel itself ended before the notebook did"] : [];
        const marks = marksOf(name, repaired, outcome.failures);
        const { notebook, notes } = repaired;
        return { notebook, notes, cells: marks.cells, look: [...look, ...marks.look] };
      } catch (error) {
        // Where no kernel starts there is no mark, not even none.
        if (!(error instanceof NotebookProblem) || tries === mostStarts) throw error;
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Executes it, and tells why cells have no result. */
async function run(
  path: string,
  { notebook, notes }: Repaired,
  marking: Marking,
  { signal, ...where }: { signal: AbortSignal; place: number; student: string; course: string | undefined },
): Promise<{ failures: Map<Cell, string>; died: boolean }> {
  const late = AbortSignal.timeout(marking.notebookSeconds * 1000);
  const result = await runInFreshKernel(path, notebook, {
    timeout: marking.cellSeconds,
    allowErrors: true,
    mostOutput,
    signal: AbortSignal.any([late, signal]),
    env: environmentOf(marking, where),
  });
  if (late.aborted) notes.push(`it took longer than ${marking.notebookSeconds} s, and was ended there`);
  const failures = new Map<Cell, string>();
  for (const { index, ename, evalue } of result.failures) {
    const cell = notebook.cells[index - 1];
    if (cell) failures.set(cell, `${ename}: ${evalue}`.slice(0, 300));
  }
  return { failures, died: result.failures.some(({ ename }) => ename === "DeadKernel") };
}

function environmentOf(
  { sandbox, limits, checks }: Marking,
  { place, student, course }: { place: number; student: string; course: string | undefined },
): Record<string, string> {
  return {
    WIREBOOK_GRADING: "1",
    // The student's own numbers are made of these.
    WIREBOOK_STUDENT: student,
    ...(typeof course === "string" && { WIREBOOK_COURSE: course }),
    WIREBOOK_CHECKS: checks.join(delimiter),
    WIREBOOK_SANDBOX: sandbox,
    WIREBOOK_SANDBOX_LIMITS: JSON.stringify(limits),
    WIREBOOK_SANDBOX_UID: String(firstUser + place),
    // There is no Internet within the walls.
    WIREBOOK_TARGET: "stand-in",
  };
}

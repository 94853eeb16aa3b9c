// One submission, from what was handed in to its marks: every notebook of the assignment in a fresh kernel, with the instructor's cells.

import { createHash } from "node:crypto";
import { type Cell, type Notebook, NotebookProblem, parseNotebook } from "../client/notebook.js";
import { marksOf } from "../grading/marks.js";
import type { Grade, Submission } from "../grading/needs.js";
import { type Repaired, repair } from "../grading/repair.js";
import type { GradeKernels } from "./grade-kernels.js";
import { watchStalls } from "./stalls.js";

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
}

const mostOutput = 100_000;
/** A busy machine may not start a kernel at once. */
const mostStarts = 3;
/** Marks are there when the last cell is over: nobody waits for what a server left behind still says. */
const quiet = 0;

/** What a submission is marked with. */
interface Means {
  kernels: GradeKernels;
  signal: AbortSignal;
  /** Will there be another one at this place? */
  more(): boolean;
  /** Takes a notebook of the submission, executed. */
  keep(name: string, executed: Notebook): void;
}

/** What would be marked the same by the same. */
export function keyOf(submission: Submission, marking: string): string {
  const hash = createHash("sha256").update(marking);
  const { student, assignment, created, refused, notebooks, companions } = submission;
  hash.update(JSON.stringify([student, assignment, created, refused]));
  for (const { name, bytes } of [...notebooks, ...companions])
    hash.update(JSON.stringify([name, bytes.length])).update(bytes);
  return hash.digest("hex");
}

export async function gradeOne(
  submission: Submission,
  marking: Marking,
  { more, keep, ...means }: Means,
): Promise<Grade> {
  const began = performance.now();
  const { student, assignment, origin, created, notes: known, refused } = submission;
  const cells: Grade["cells"] = [];
  const notes = [...known];
  const look: string[] = [];
  if (refused !== undefined) notes.push(`refused: ${refused}`);
  const all = [...marking.given.keys()];
  const there = all.filter((name) => submission.notebooks.some((one) => one.name === name));
  for (const [name, given] of marking.given) {
    const handedIn = submission.notebooks.find((one) => one.name === name);
    const { notebook, ...outcome } = await markNotebook(name, given, handedIn?.bytes, submission, marking, {
      ...means,
      next: there[there.indexOf(name) + 1] ?? (more() ? all[0] : undefined),
    });
    cells.push(...outcome.cells);
    notes.push(...outcome.notes.map((note) => `${name}: ${note}`));
    look.push(...outcome.look.map((note) => `${name}: ${note}`));
    if (handedIn) keep(name, notebook);
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
  submission: Submission,
  marking: Marking,
  means: Pick<Means, "kernels" | "signal"> & { next: string | undefined },
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
  let handedIn: Notebook;
  try {
    handedIn = parseNotebook(Buffer.from(bytes).toString());
  } catch (error) {
    if (error instanceof NotebookProblem) return { ...nothing(error.message), look: [error.message] };
    throw error;
  }
  for (let tries = 1; ; tries++) {
    const repaired = repair(given, handedIn);
    using stalls = watchStalls();
    try {
      const outcome = await run(name, repaired, submission, marking, means);
      // That may have been the machine; twice it was the notebook.
      const troubles = [
        ...(outcome.died ? ["the kernel itself ended before the notebook did"] : []),
        ...(stalls.happened
          ? [
              "this computer stood still while it was marked, so limits of time may have hit answers that are right",
            ]
          : []),
      ];
      if (troubles.length > 0 && tries < 2 && !means.signal.aborted) continue;
      const marks = marksOf(name, repaired, outcome.failures);
      const { notebook, notes } = repaired;
      return { notebook, notes, cells: marks.cells, look: [...troubles, ...marks.look] };
    } catch (error) {
      // Where no kernel starts there is no mark, not even none.
      if (!(error instanceof NotebookProblem) || tries === mostStarts) throw error;
    }
  }
}

/** Executes it, and tells why cells have no result. */
async function run(
  name: string,
  { notebook, notes }: Repaired,
  { companions, student }: Submission,
  { notebookSeconds, cellSeconds }: Marking,
  { kernels, signal, next }: Pick<Means, "kernels" | "signal"> & { next: string | undefined },
): Promise<{ failures: Map<Cell, string>; died: boolean }> {
  const late = AbortSignal.timeout(notebookSeconds * 1000);
  const files = [...companions, { name, bytes: Buffer.from(JSON.stringify(notebook)) }];
  const result = await kernels.run(name, notebook, files, {
    timeout: cellSeconds,
    allowErrors: true,
    mostOutput,
    quiet,
    signal: AbortSignal.any([late, signal]),
    student,
    next,
  });
  if (late.aborted) notes.push(`it took longer than ${notebookSeconds} s, and was ended there`);
  const failures = new Map<Cell, string>();
  for (const { index, ename, evalue } of result.failures) {
    const cell = notebook.cells[index - 1];
    if (cell) failures.set(cell, `${ename}: ${evalue}`.slice(0, 300));
  }
  return { failures, died: result.failures.some(({ ename }) => ename === "DeadKernel") };
}

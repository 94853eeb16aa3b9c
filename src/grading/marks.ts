// From an executed notebook to marks. The result of a check is what the kernel's supervisor has published on the request of that very
// cell; whatever else stands in outputs means nothing.

import { checkMime } from "../check/result.js";
import { type Cell, sourceOf } from "../client/notebook.js";
import type { CellGrade } from "./needs.js";
import type { Repaired } from "./repair.js";

interface Published {
  points: number;
  max: number;
  broken?: boolean;
  problem?: string;
}

/** @param failures by cell: why it has no result */
export function marksOf(
  notebook: string,
  { graded }: Pick<Repaired, "graded">,
  failures: ReadonlyMap<Cell, string>,
): { cells: CellGrade[]; look: string[] } {
  const look: string[] = [];
  const cells = graded.map(({ cell, meta, note }): CellGrade => {
    const max = meta.points ?? 0;
    const grade = (points: number | null, why?: string): CellGrade => {
      const words = [note, why].filter(Boolean).join("; ");
      return { notebook, grade_id: meta.grade_id, points, max, ...(words !== "" && { note: words }) };
    };
    if (meta.solution || cell.cell_type !== "code") return grade(null, "to be marked by hand");
    if (!/^\s*await\s+check\s*\(/.test(sourceOf(cell))) return own(cell, max, grade, failures.get(cell));
    const result = resultOf(cell);
    if (!result) {
      const why = failures.get(cell) ?? "it was not run";
      if (/^CheckProblem/.test(why)) look.push(`${meta.grade_id}: ${why}`);
      return grade(0, why);
    }
    if (result.broken) look.push(`${meta.grade_id}: the check itself failed`);
    return grade(scaled(result, max), result.broken ? "the check itself failed" : undefined);
  });
  return { cells, look };
}

/** A test that is no check runs where the student's code does, and can be talked round by it. */
function own(
  cell: Cell,
  max: number,
  grade: (points: number, why?: string) => CellGrade,
  failure: string | undefined,
): CellGrade {
  const ran = typeof cell.execution_count === "number";
  return failure === undefined && ran
    ? grade(max, "no check of ours: it ran among the student's code")
    : grade(0, failure ?? "it was not run");
}

function resultOf(cell: Cell): Published | undefined {
  const data = cell.outputs?.find(({ output_type }) => output_type === "execute_result")?.data;
  const result = (data as Record<string, unknown> | undefined)?.[checkMime] as Partial<Published> | undefined;
  if (typeof result?.points !== "number" || typeof result.max !== "number") return undefined;
  return result as Published;
}

/** The cell says what it is worth, the check how much of that there is. */
function scaled({ points, max }: Published, worth: number): number {
  if (!(max > 0)) return 0;
  return Math.round(worth * Math.min(1, Math.max(0, points / max)) * 100) / 100;
}

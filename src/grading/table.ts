// Marks as a table that spreadsheets and learning platforms take.

import type { Grade } from "./needs.js";

/** One line a student and assignment; of several submissions the latest counts. */
export function latest(grades: Iterable<Grade>): Grade[] {
  const newest = new Map<string, Grade>();
  for (const grade of grades) {
    const key = JSON.stringify([grade.student, grade.assignment]);
    const other = newest.get(key);
    if (!other || grade.created >= other.created) newest.set(key, grade);
  }
  return [...newest.values()].sort((a, b) => (a.student < b.student ? -1 : a.student > b.student ? 1 : 0));
}

export function toCsv(grades: readonly Grade[]): string {
  const ids = [...new Set(grades.flatMap(({ cells }) => cells.map(({ grade_id }) => grade_id)))];
  const head = ["student", "assignment", "total", "max", "status", ...ids, "notes"];
  const rows = grades.map(({ student, assignment, total, max, status, cells, notes }) => {
    const points = new Map(cells.map((cell) => [cell.grade_id, cell.points]));
    return [
      student,
      assignment,
      total,
      max,
      status,
      ...ids.map((id) => points.get(id) ?? ""),
      notes.join("; "),
    ];
  });
  return [head, ...rows].map((row) => `${row.map(field).join()}\r\n`).join("");
}

/** What begins like a formula would be run as one by a spreadsheet. */
function field(value: string | number): string {
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

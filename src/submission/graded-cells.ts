// The cells of a notebook that marks are given for: what nbgrader writes into their metadata, and what would not be accepted.
import { createHash } from "node:crypto";
import { type Cell, type Notebook, sourceOf } from "../client/notebook.js";

/** Metadata of nbgrader, version 3. */
export interface Graded {
  grade_id: string;
  grade: boolean;
  solution: boolean;
  locked: boolean;
  task?: boolean;
  points?: number;
  checksum?: string;
}

export interface CellPlace {
  /** Number of the cell in the notebook, from 1, all kinds counted. */
  cell: number;
  id: string;
}

export interface CellFault {
  /** Left out: it is not in the notebook. */
  cell?: number;
  id: string;
  /** What is wrong, and what to do. */
  message: string;
}

/** What the notebook says of its course; `wirebook release` writes it. */
export interface Assignment {
  course?: string;
  name?: string;
  /** grade_ids of the cells that belong to it. */
  cells?: string[];
  /** MD5 of the other places for answers as they were handed out, by their cells' ids. */
  blank?: Record<string, string>;
}

export function assignmentOf(notebook: Notebook): Assignment {
  const said = (notebook.metadata.wirebook as { assignment?: unknown } | undefined)?.assignment;
  return typeof said === "object" && said !== null ? (said as Assignment) : {};
}

/** What a grader would stumble over: copies, gaps, edits of what is locked. */
export function faultsOf(notebook: Notebook): CellFault[] {
  const places = new Map<string, number[]>();
  const faults: CellFault[] = [];
  for (const [index, cell] of notebook.cells.entries()) {
    const meta = gradedOf(cell);
    if (!meta) continue;
    places.set(meta.grade_id, [...(places.get(meta.grade_id) ?? []), index + 1]);
    if (isLocked(meta) && meta.checksum !== undefined && checksumOf(cell, meta) !== meta.checksum)
      faults.push({
        cell: index + 1,
        id: meta.grade_id,
        message: `is not as it was handed out. It is put back when it is graded: what you wrote there does not count, so move it to a cell of your own`,
      });
  }
  for (const [id, cells] of places)
    if (cells.length > 1)
      faults.push({
        cell: cells[0] ?? 0,
        id,
        message: `is there ${cells.length} times (cells ${cells.join(", ")}), and only one of them can count. Keep the one with your answer and delete the others`,
      });
  for (const id of expectedOf(notebook))
    if (!places.has(id))
      faults.push({
        id,
        message: `is missing. Take it back with Edit → Undo Cell Operation, or copy it from the notebook as it was handed out; without it there are no points for it`,
      });
  return faults;
}

/** Places for an answer whose text is still the one that was handed out. */
export function untouched(notebook: Notebook): CellPlace[] {
  const { blank = {} } = assignmentOf(notebook);
  return notebook.cells.flatMap((cell, index) => {
    const meta = gradedOf(cell);
    if (cell.id !== undefined && Object.hasOwn(blank, cell.id))
      return md5(sourceOf(cell)) === blank[cell.id] ? [{ cell: index + 1, id: cell.id }] : [];
    if (!meta?.solution || meta.checksum === undefined || checksumOf(cell, meta) !== meta.checksum) return [];
    return [{ cell: index + 1, id: meta.grade_id }];
  });
}

function expectedOf(notebook: Notebook): string[] {
  const { cells } = assignmentOf(notebook);
  return Array.isArray(cells) ? cells.filter((id) => typeof id === "string") : [];
}

export function gradedOf({ metadata }: Cell): Graded | undefined {
  const meta = metadata.nbgrader as Partial<Graded> | undefined;
  if (typeof meta !== "object" || meta === null || typeof meta.grade_id !== "string") return undefined;
  const { grade = false, solution = false, locked = false } = meta;
  return { ...meta, grade_id: meta.grade_id, grade, solution, locked };
}

export function isLocked({ solution, grade, locked }: Graded): boolean {
  return !solution && (grade || locked);
}

/** As nbgrader computes it, with Python's spelling of values. */
export function checksumOf(cell: Cell, meta: Graded): string {
  const python = (value: boolean): string => (value ? "True" : "False");
  const parts = [
    sourceOf(cell),
    cell.cell_type,
    python(meta.grade),
    python(meta.solution),
    python(isLocked(meta)),
  ];
  const points = meta.points ?? 0;
  const worth = Number.isInteger(points) ? `${points}.0` : String(points);
  return md5(...parts, meta.grade_id, ...(meta.grade ? [worth] : []));
}

function md5(...parts: string[]): string {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

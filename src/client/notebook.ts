// Notebook files, nbformat 4: read with checks that say what is wrong, written so that a crash leaves the old or the new one.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Output } from "./outputs.js";

/** A file that cannot be run; the message is for people. */
export class NotebookProblem extends Error {}

export interface Cell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  source: string | string[];
  metadata: { tags?: string[]; [key: string]: unknown };
  outputs?: Output[];
  execution_count?: number | null;
}

export interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: {
    kernelspec?: { name?: string; language?: string };
    language_info?: unknown;
    [key: string]: unknown;
  };
  cells: Cell[];
}

/** @throws NotebookProblem */
export function readNotebook(path: string): Notebook {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new NotebookProblem(
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : (error as Error).message,
    );
  }
  return parseNotebook(text);
}

/** @throws NotebookProblem */
export function parseNotebook(text: string): Notebook {
  let notebook: Partial<Notebook>;
  try {
    notebook = JSON.parse(text) as Partial<Notebook>;
  } catch (error) {
    throw new NotebookProblem(`it is not a notebook: no JSON (${(error as Error).message})`);
  }
  if (typeof notebook !== "object" || notebook === null || typeof notebook.nbformat !== "number")
    throw new NotebookProblem("it is not a notebook: no nbformat");
  if (notebook.nbformat !== 4)
    throw new NotebookProblem(
      `its format is ${notebook.nbformat}; only format 4 is read. To convert: jupyter nbconvert --to notebook`,
    );
  if (!Array.isArray(notebook.cells)) throw new NotebookProblem("it is not a notebook: no cells");
  for (const [index, cell] of notebook.cells.entries()) {
    const sound =
      typeof cell === "object" &&
      cell !== null &&
      (typeof cell.source === "string" || Array.isArray(cell.source));
    if (!sound) throw new NotebookProblem(`its cell ${index + 1} is broken: no source`);
    cell.metadata ??= {};
  }
  notebook.metadata ??= {};
  const { kernelspec } = notebook.metadata;
  const language = kernelspec?.language?.toLowerCase();
  if (language !== undefined && language !== "typescript" && language !== "javascript") {
    throw new NotebookProblem(`it is written in ${language}; this kernel runs TypeScript`);
  }
  return notebook as Notebook;
}

export function sourceOf(cell: Cell): string {
  return Array.isArray(cell.source) ? cell.source.join("") : cell.source;
}

/** @throws NotebookProblem */
export function writeNotebook(path: string, notebook: Notebook): void {
  const fresh = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(fresh, `${JSON.stringify(notebook, null, 1)}\n`);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw new NotebookProblem(`it cannot be written: ${(error as Error).message}`);
  }
}

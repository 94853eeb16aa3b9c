// `wirebook run --check`: the type errors of notebooks, without running a cell.
import { dirname, join, resolve } from "node:path";
import { type Notebook, NotebookProblem, readNotebook, sourceOf } from "../client/notebook.js";
import type { ErrorReport, Frame, TypeProblem, TypesMode } from "../flow.js";
import { Language } from "../language/language.js";
import { toTraceback } from "../output/traceback.js";
import { createNotebookFile } from "../session/notebook-file.js";
import { typeReport } from "../session/typed.js";
import { SyntaxProblem, translateCell } from "../translate/cell.js";
import { coloured } from "./colours.js";

/** Nobody waits at a keyboard. */
const deadlines = { first: 30_000, other: 30_000 };

/**
 * @param options.json problems as data, on stdout, instead of text
 * @returns the exit code: 1 where a cell has errors that would keep it from running, or a notebook cannot be read
 */
export async function checkCommand(
  paths: string[],
  { json = false }: { json?: boolean } = {},
): Promise<number> {
  let failed = 0;
  const found: object[] = [];
  for (const path of paths) {
    try {
      const { cells, errors, warnings, all } = await checkOne(path, { quiet: json });
      if (errors > 0) failed++;
      found.push({ notebook: path, cells: all.filter(({ problems }) => problems.length > 0) });
      if (json) continue;
      const parts = [
        `${cells} cells`,
        `${errors} with errors`,
        ...(warnings > 0 ? [`${warnings} with warnings`] : []),
      ];
      console.log(`${errors > 0 ? "✗" : "✓"} ${path}: ${parts.join(", ")}`);
    } catch (error) {
      if (!(error instanceof NotebookProblem)) throw error;
      console.error(`✗ ${path}: ${error.message}`);
      found.push({ notebook: path, error: error.message });
      failed++;
    }
  }
  if (json) console.log(JSON.stringify(found, undefined, 2));
  return failed > 0 ? 1 : 0;
}

/** A cell's problems, as data. */
interface CellProblems {
  /** Which of the notebook's cells, from 1. */
  cell: number;
  id?: string;
  verdict: "error" | "warning";
  problems: TypeProblem[];
}

async function checkOne(
  path: string,
  { quiet }: { quiet: boolean },
): Promise<{ cells: number; errors: number; warnings: number; all: CellProblems[] }> {
  const notebook = readNotebook(path);
  const { mode, madeFor } = await createNotebookFile({ path, graded: false })();
  const language = new Language({
    directory: dirname(resolve(path)),
    defaults: join(import.meta.dirname, "..", "tsconfig.cells.json"),
    helpers: join(import.meta.dirname, "helpers"),
    lenient: madeFor !== undefined,
    javascript: madeFor === "jslab",
    deadlines,
  });
  const count = { cells: 0, errors: 0, warnings: 0 };
  const all: CellProblems[] = [];
  try {
    for (const { verdict, report, source, label, cell, id, problems } of await verdicts(
      notebook,
      language,
      mode,
    )) {
      count.cells++;
      if (!report) continue;
      count[verdict]++;
      const word = verdict === "errors" ? "error" : "warning";
      all.push({ cell, ...(id !== undefined && { id }), verdict: word, problems });
      if (quiet) continue;
      const sourceOfFrame = (frame: Frame): string | undefined => (frame.file === label ? source : undefined);
      console.error(`\n${path}, ${label}\n${coloured(toTraceback(report, sourceOfFrame).join("\n"))}\n`);
    }
  } finally {
    language.stop();
  }
  return { ...count, all };
}

interface Verdict {
  verdict: "errors" | "warnings";
  /** Left out: nothing is wrong, or what is wrong is meant to be. */
  report?: ErrorReport;
  problems: TypeProblem[];
  cell: number;
  id?: string;
  source: string;
  label: string;
}

async function verdicts(notebook: Notebook, language: Language, first: TypesMode): Promise<Verdict[]> {
  let mode = first;
  const all: Verdict[] = [];
  for (const [index, cell] of notebook.cells.entries()) {
    if (cell.cell_type !== "code") continue;
    const source = sourceOf(cell);
    const label = `cell ${index + 1}${cell.id === undefined ? "" : ` (${cell.id})`}`;
    const meant = cell.metadata.tags?.includes("raises-exception") === true;
    const place = { source, label, cell: index + 1, ...(cell.id !== undefined && { id: cell.id }) };
    const found = (
      report: ErrorReport,
      problems: TypeProblem[],
      verdict: Verdict["verdict"] = "errors",
    ): void => {
      all.push({ ...place, verdict, problems, ...(!meant && { report }) });
    };
    try {
      const { outline, directive } = translateCell(source, { label });
      if (directive?.scope === "notebook") mode = directive.mode;
      const wanted = directive?.mode ?? mode;
      const { problems, checked, notice, enter, discard } = await language.check(outline, {
        label,
        wanted: wanted !== "off",
      });
      if (wanted !== "off" && !checked) throw new NotebookProblem(notice ?? "types cannot be checked");
      if (problems.length > 0 && wanted === "error") {
        discard();
        found(typeReport(problems, { label }, "TypeScriptError"), problems);
      } else {
        enter(() => true);
        if (problems.length > 0)
          found(typeReport(problems, { label }, "TypeScriptWarning"), problems, "warnings");
        else all.push({ ...place, verdict: "errors", problems });
      }
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      const [start = { line: 1, column: 1 }] = error.report.frames;
      const { line, column } = start;
      found(error.report, [
        { code: 1000, message: error.message, start: { line, column }, end: { line, column } },
      ]);
    }
  }
  return all;
}

// `wirebook run --check`: the type errors of notebooks, without running a cell.
import { dirname, join, resolve } from "node:path";
import { type Notebook, NotebookProblem, readNotebook, sourceOf } from "../client/notebook.js";
import type { ErrorReport, Frame, TypesMode } from "../flow.js";
import { Language } from "../language/language.js";
import { toTraceback } from "../output/traceback.js";
import { createNotebookFile } from "../session/notebook-file.js";
import { typeReport } from "../session/typed.js";
import { SyntaxProblem, translateCell } from "../translate/cell.js";
import { coloured } from "./colours.js";

/** Nobody waits at a keyboard. */
const deadlines = { first: 30_000, other: 30_000 };

/** @returns the exit code: 1 where a cell has errors that would keep it from running */
export async function checkCommand(paths: string[]): Promise<number> {
  let failed = 0;
  for (const path of paths) {
    try {
      const { cells, errors, warnings } = await checkOne(path);
      const parts = [
        `${cells} cells`,
        `${errors} with errors`,
        ...(warnings > 0 ? [`${warnings} with warnings`] : []),
      ];
      console.log(`${errors > 0 ? "✗" : "✓"} ${path}: ${parts.join(", ")}`);
      if (errors > 0) failed++;
    } catch (error) {
      if (!(error instanceof NotebookProblem)) throw error;
      console.error(`✗ ${path}: ${error.message}`);
      failed++;
    }
  }
  return failed > 0 ? 1 : 0;
}

async function checkOne(path: string): Promise<{ cells: number; errors: number; warnings: number }> {
  const notebook = readNotebook(path);
  const { mode, foreign } = await createNotebookFile({ path, graded: false })();
  const language = new Language({
    directory: dirname(resolve(path)),
    defaults: join(import.meta.dirname, "..", "tsconfig.cells.json"),
    helpers: join(import.meta.dirname, "helpers"),
    lenient: foreign,
    deadlines,
  });
  const count = { cells: 0, errors: 0, warnings: 0 };
  try {
    for (const { verdict, report, source, label } of await verdicts(notebook, language, mode)) {
      count.cells++;
      if (!report) continue;
      count[verdict]++;
      const sourceOfFrame = (frame: Frame): string | undefined => (frame.file === label ? source : undefined);
      console.error(`\n${path}, ${label}\n${coloured(toTraceback(report, sourceOfFrame).join("\n"))}\n`);
    }
  } finally {
    language.stop();
  }
  return count;
}

interface Verdict {
  verdict: "errors" | "warnings";
  /** Left out: nothing is wrong, or what is wrong is meant to be. */
  report?: ErrorReport;
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
    const found = (report: ErrorReport, verdict: Verdict["verdict"] = "errors"): void => {
      all.push({ verdict, source, label, ...(!meant && { report }) });
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
        found(typeReport(problems, { label }, "TypeScriptError"));
      } else {
        enter(() => true);
        if (problems.length > 0) found(typeReport(problems, { label }, "TypeScriptWarning"), "warnings");
        else all.push({ verdict: "errors", source, label });
      }
    } catch (error) {
      if (!(error instanceof SyntaxProblem)) throw error;
      found(error.report);
    }
  }
  return all;
}

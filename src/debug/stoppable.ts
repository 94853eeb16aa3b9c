// Where one can stop in a cell or a file.
import { DebugProblem, type Inspector } from "./inspector.js";
import type { Place } from "./needs.js";
import { isKernels, type Sources } from "./sources.js";

/** A place where V8 can stop. */
export interface Stoppable {
  /** Which of the cell's scripts; 0 for a file. */
  script: number;
  /** V8's place, 0-based. */
  line: number;
  column: number;
  student: Place;
  /** Where a statement begins; elsewhere a call stands, or a function ends. */
  statement: boolean;
}

const WRAP = "(async()=>{";

/** V8 is asked: it reads the scripts without running them. */
export async function stoppableInCell(
  path: string,
  sources: Sources,
  inspector: Inspector,
): Promise<Stoppable[]> {
  const code = sources.text(path);
  if (code === undefined) throw new DebugProblem("no cell of this text is known");
  const places: Stoppable[] = [];
  for (const [script, generated] of sources.scriptsOf(code).entries()) {
    const { scriptId, exceptionDetails } = await inspector.call("Runtime.compileScript", {
      expression: `${WRAP}${generated.code}\n})`,
      sourceURL: "",
      persistScript: true,
    });
    if (scriptId === undefined)
      throw new DebugProblem(exceptionDetails?.exception?.description ?? "the cell has a syntax error");
    const { locations } = await inspector.call("Debugger.getPossibleBreakpoints", {
      start: { scriptId, lineNumber: 1, columnNumber: 0 },
    });
    const end = generated.code.split("\n").length;
    for (const { lineNumber: line, columnNumber: column = 0, type } of locations) {
      const student = line < end && generated.toStudent(line, column);
      if (!student || isKernels(generated.code, line, column)) continue;
      places.push({ script, line, column, student, statement: type !== "call" && type !== "return" });
    }
  }
  return places;
}

/** A file may not have been read yet, so its lines are taken for statements. */
export async function stoppableInFile(path: string, sources: Sources): Promise<Stoppable[]> {
  const generated = sources.fileAsRun(path);
  if (!generated) throw new DebugProblem(`there is no file ${path}`);
  return generated.code.split("\n").flatMap((text, line) => {
    const column = text.search(/[^\s})\];,]/);
    if (column < 0 || text.startsWith("//", column) || text.startsWith("/*", column)) return [];
    return [
      { script: 0, line, column, student: generated.toStudent(line, column) as Place, statement: true },
    ];
  });
}

/** On the line that was asked for, else on the next that has code: the first statement, else the first call. */
export function nearest(
  places: Stoppable[],
  { line, column = 1 }: { line: number; column?: number },
): Stoppable | undefined {
  const candidates = places.filter(
    ({ student }) => student.line > line || (student.line === line && student.column >= column),
  );
  const first = Math.min(...candidates.map(({ student }) => student.line));
  return candidates
    .filter(({ student }) => student.line === first)
    .sort((a, b) => Number(b.statement) - Number(a.statement) || a.student.column - b.student.column)[0];
}

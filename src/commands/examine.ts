// A notebook as it would be handed in: run from the top in a fresh kernel, and looked through for what would not be accepted.
import { stripVTControlCharacters } from "node:util";
import type { CheckResult } from "../check/needs.js";
import { checkMime } from "../check/result.js";
import { type Notebook, NotebookProblem, readNotebook } from "../client/notebook.js";
import type { Failure, RunResult } from "../client/run-notebook.js";
import { type CellFault, type CellPlace, faultsOf, untouched } from "../submission/graded-cells.js";
import type { ExecutedNotebook, RunStatus } from "../submission/manifest.js";
import { runInFreshKernel } from "./fresh-kernel.js";

export interface ExamineOptions {
  /** Seconds for one cell. */
  timeout: number;
  /** Left out: nothing is run. */
  signal?: AbortSignal;
  /** Whose it is, where that is known. */
  student?: string;
  onCell?(done: number, of: number): void;
}

/** What is told of a check. */
type Checked = Pick<CheckResult, "id" | "title" | "points" | "max" | "passed">;

export interface Examined {
  status: RunStatus;
  failures: Failure[];
  checks: Checked[];
  /** Answers that are still as they were handed out. */
  empty: CellPlace[];
  /** What would not be accepted. */
  faults: CellFault[];
  /** With the outputs of this run; left out: it cannot be read. */
  notebook?: Notebook;
  /** Why it was not run. */
  problem?: string;
}

/** What a cell may show before the rest is left out, in characters. */
const MOST_OUTPUT = 1_000_000;
const MOST_WORDS = 500;

/** @param path the notebook's place; @param file where it is read, if that is a copy */
export async function examine(
  path: string,
  { file = path, ...options }: ExamineOptions & { file?: string },
): Promise<Examined> {
  const found: Examined = { status: "not run", failures: [], checks: [], empty: [], faults: [] };
  try {
    const notebook = readNotebook(file);
    found.notebook = notebook;
    found.faults = faultsOf(notebook);
    found.empty = untouched(notebook);
    if (!options.signal) return found;
    const total = notebook.cells.filter((cell) => cell.cell_type === "code").length;
    const result = await runInFreshKernel(path, notebook, {
      timeout: options.timeout,
      allowErrors: true,
      mostOutput: MOST_OUTPUT,
      signal: options.signal,
      env: {
        ...portsOfItsOwn(process.env),
        ...(options.student !== undefined && { WIREBOOK_STUDENT: options.student }),
      },
      onCell: (done) => options.onCell?.(done, total),
    });
    found.failures = result.failures;
    found.status = statusOf(result, options.signal);
    found.checks = checksOf(notebook);
    for (const { index, id = `cell ${index}` } of result.unanswered)
      if (!found.empty.some((one) => one.cell === index)) found.empty.push({ cell: index, id });
  } catch (error) {
    if (!(error instanceof NotebookProblem)) throw error;
    found.problem = error.message;
  }
  return found;
}

function statusOf({ failures }: RunResult, signal: AbortSignal): RunStatus {
  if (signal.aborted || failures.some(({ ename }) => ename === "CellTimeout")) return "timed out";
  return failures.length > 0 ? "failed" : "ok";
}

function checksOf(notebook: Notebook): Checked[] {
  return notebook.cells.flatMap(({ outputs = [] }) =>
    outputs.flatMap(({ data }) => {
      const result = (data as Record<string, unknown> | undefined)?.[checkMime] as
        | (Partial<Checked> & object)
        | undefined;
      if (typeof result?.id !== "string") return [];
      const { id, title = "", points = 0, max = 0, passed = false } = result;
      return [{ id, title, points, max, passed }];
    }),
  );
}

/** For the manifest. */
export function executedOf({ status, failures, checks }: Examined): ExecutedNotebook {
  return {
    status,
    failures: failures.map(({ index, ename, evalue }) => ({
      cell: index,
      ename,
      evalue: stripVTControlCharacters(evalue).slice(0, MOST_WORDS),
    })),
    checks: checks.map(({ id, points, max }) => ({ id, points, max })),
  };
}

/** A server of the lab may still run in the notebook that is open beside this: the lab's ports are then taken. */
function portsOfItsOwn(env: NodeJS.ProcessEnv): Record<string, string> {
  const isShared = env.WIREBOOK_PORT_BASE !== undefined || env.JUPYTERHUB_USER !== undefined;
  return isShared ? {} : { WIREBOOK_PORT_BASE: "31000" };
}

/** What a person should know of it, a line each. */
export function linesOf(found: Examined): string[] {
  const name = ({ cell, id }: { cell?: number; id: string }): string =>
    cell === undefined ? `the cell "${id}"` : `cell ${cell} (${id})`;
  return [
    ...(found.problem === undefined ? [] : [`✗ not run: ${found.problem}`]),
    ...found.failures.map(
      ({ index, id, ename, evalue }) =>
        `✗ cell ${index}${id ? ` (${id})` : ""} fails: ${ename}: ${stripVTControlCharacters(evalue).split("\n")[0]}`,
    ),
    ...found.checks.map(
      ({ id, title, points, max, passed }) =>
        `${passed ? "✓" : "✗"} check ${id}${title ? `, ${title}` : ""}${max > 0 ? `: ${points} of ${max} points` : ""}`,
    ),
    ...found.empty.map((one) => `○ still empty: ${name(one)}`),
    ...found.faults.map((fault) => `! ${name(fault)} ${fault.message}.`),
  ];
}

/** What whoever opens the submission should know of a notebook. */
export function notesOf(name: string, found: Examined, outOfTime: boolean): string[] {
  return [
    ...(found.problem === undefined
      ? []
      : [`${name} was not run: ${found.problem}. It is in here as it was saved.`]),
    ...(found.status === "failed"
      ? [`${name} ran, and ${found.failures.length} of its cells failed.`]
      : found.status === "timed out"
        ? [`${name} took too long${outOfTime ? " in all" : ""}: what had not ended by then was stopped.`]
        : []),
    ...found.faults.map(({ id, message }) => `${name}: the cell "${id}" ${message}.`),
  ];
}

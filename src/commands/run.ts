// `wirebook run`: executes notebooks, each in a fresh kernel, without a Jupyter server.
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { SingleBar } from "cli-progress";
import { type Notebook, NotebookProblem, readNotebook, writeNotebook } from "../client/notebook.js";
import type { Failure, RunResult } from "../client/run-notebook.js";
import { coloured } from "./colours.js";
import { runInFreshKernel } from "./fresh-kernel.js";
import { expandPatterns } from "./patterns.js";

export interface RunCommandOptions {
  inplace?: boolean;
  outputDir?: string;
  /** Seconds for one cell. */
  timeout: number;
  allowErrors?: boolean;
}

/** @returns the exit code: 0, 1 where a cell or a notebook failed, 130 after Ctrl-C */
export async function runCommand(given: string[], options: RunCommandOptions): Promise<number> {
  const paths = expandPatterns(given);
  const stopped = new AbortController();
  const onInterrupt = (): void => stopped.abort();
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onInterrupt);
  let failed = 0;
  try {
    if (options.outputDir !== undefined) mkdirSync(options.outputDir, { recursive: true });
    for (const path of paths) {
      if (stopped.signal.aborted) break;
      try {
        const result = await runOne(path, options, stopped.signal);
        console.log(summary(path, result));
        for (const failure of result.failures) console.error(words(path, failure));
        if (result.failures.length > 0 && !options.allowErrors) failed++;
      } catch (error) {
        if (!(error instanceof NotebookProblem)) throw error;
        console.error(`✗ ${path}: ${error.message}`);
        failed++;
      }
    }
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onInterrupt);
  }
  if (stopped.signal.aborted) {
    console.error("Stopped.");
    return 130;
  }
  if (paths.length > 1)
    console.log(`${paths.length - failed} of ${paths.length} notebooks ran without an error.`);
  return failed > 0 ? 1 : 0;
}

async function runOne(path: string, options: RunCommandOptions, stopped: AbortSignal): Promise<RunResult> {
  const notebook = readNotebook(path);
  const bar = progressBar(path, notebook);
  try {
    const result = await runInFreshKernel(path, notebook, {
      timeout: options.timeout,
      allowErrors: options.allowErrors ?? false,
      signal: stopped,
      onCell: (done) => bar?.update(done),
    });
    if (options.inplace) writeNotebook(path, notebook);
    else if (options.outputDir !== undefined)
      writeNotebook(join(options.outputDir, basename(path)), notebook);
    return result;
  } finally {
    bar?.stop();
  }
}

function progressBar(path: string, notebook: Notebook): SingleBar | undefined {
  if (!process.stderr.isTTY) return undefined;
  const total = notebook.cells.filter((cell) => cell.cell_type === "code").length;
  const bar = new SingleBar({
    format: `${basename(path)} {bar} {value}/{total} cells, {duration_formatted}`,
    clearOnComplete: true,
    stream: process.stderr,
    hideCursor: true,
  });
  bar.start(total, 0);
  return bar;
}

function summary(
  path: string,
  { ran, failures, unanswered: { length: unanswered }, seconds }: RunResult,
): string {
  const parts = [
    `${ran} cells`,
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
    ...(unanswered > 0 ? [`${unanswered} without an answer`] : []),
  ];
  return `${failures.length > 0 ? "✗" : "✓"} ${path}: ${parts.join(", ")} (${seconds.toFixed(1)} s)`;
}

function words(path: string, { index, id, ename, evalue, traceback }: Failure): string {
  const place = `${path}, cell ${index}${id ? ` (${id})` : ""}`;
  return `\n${place}\n${traceback.length > 0 ? coloured(traceback.join("\n")) : `${ename}: ${evalue}`}\n`;
}

// `wirebook check`: what a student wants to know before handing in.
import { relative } from "node:path";
import { SingleBar } from "cli-progress";
import { savedWhen, usedAfterSaving } from "../submission/saved.js";
import { runtimeFolder } from "../wire/jupyter-folders.js";
import { type Examined, examine, linesOf } from "./examine.js";
import { expandPatterns } from "./patterns.js";
import { stoppable } from "./stoppable.js";

export interface CheckCommandOptions {
  /** Seconds for one cell. */
  timeout: number;
  json?: boolean;
}

/** @returns the exit code: 0 ready to hand in; 1 something fails or is empty; 2 something would not be accepted; 130 after Ctrl-C */
export async function checkCommand(
  paths: string[],
  { timeout, json = false }: CheckCommandOptions,
): Promise<number> {
  const { signal, end } = stoppable();
  const all: (Pick<Examined, "status" | "failures" | "checks" | "empty" | "faults" | "problem"> & {
    notebook: string;
  })[] = [];
  let worst = 0;
  try {
    for (const path of expandPatterns(paths)) {
      const bar = json ? undefined : progressBar(path);
      const found = await examine(path, { timeout, signal, onCell: (done, of) => bar?.(done, of) });
      bar?.(0, 0);
      if (signal.aborted) {
        console.error("Stopped.");
        return 130;
      }
      const code = found.faults.length > 0 || found.problem ? 2 : ready(found) ? 0 : 1;
      worst = Math.max(worst, code);
      const { notebook: _, ...rest } = found;
      all.push({ notebook: path, ...rest });
      if (json) continue;
      const age = found.notebook ? ` (${savedWhen(path)})` : "";
      console.log(`${code === 0 ? "✓" : "✗"} ${path}${age}${code === 0 ? ": ready to hand in" : ""}`);
      for (const line of [...linesOf(found), ...(found.notebook ? await unsaved(path) : [])])
        console.log(`  ${line}`);
    }
  } finally {
    end();
  }
  if (json) console.log(JSON.stringify(all, undefined, 2));
  return worst;
}

function ready({ status, empty, checks }: Examined): boolean {
  return status === "ok" && empty.length === 0 && checks.every(({ passed }) => passed);
}

/** A line of warning where the page may have more than the file. */
export async function unsaved(path: string): Promise<string[]> {
  const used = await usedAfterSaving(path, runtimeFolder());
  if (!used) return [];
  return [
    `! ${relative(process.cwd(), path) || path} may have changes that are not saved: its kernel was in use at ${used.toLocaleTimeString()}, after it was saved. Save it (Ctrl+S), then do this again.`,
  ];
}

/** Shows how far a notebook is; called with nothing done of nothing it goes away. */
export function progressBar(path: string): ((done: number, of: number) => void) | undefined {
  if (!process.stderr.isTTY) return undefined;
  const bar = new SingleBar({
    format: `${path} {bar} {value}/{total} cells, {duration_formatted}`,
    clearOnComplete: true,
    stream: process.stderr,
    hideCursor: true,
  });
  let started = false;
  return (done, of) => {
    if (of === 0) bar.stop();
    else if (started) bar.update(done);
    else bar.start(of, done);
    started = of > 0;
  };
}

// A class on one host: many kernels of one kind are started at once, and then all of them are at work.
import { setTimeout as sleep } from "node:timers/promises";
import { BenchKernel } from "./client.js";
import { median, quantile, shown } from "./figures.js";
import type { Subject } from "./kernels.js";
import { treeMemory } from "./memory.js";
import { markdown } from "./table.js";

/** How long a crowded machine may take for anything, in milliseconds. */
const PATIENCE = 180_000;

const FIGURES = {
  start: "start → kernel_info, median, ms",
  startSlowest: "start → kernel_info, slowest, ms",
  firstCell: "start → first typed cell, median, ms",
  firstCellSlowest: "start → first typed cell, slowest, ms",
  memory: "memory after the first cell, MB each",
  median: "`x + 1` while all work, median, ms",
  p99: "`x + 1` while all work, p99, ms",
  slowest: "`x + 1` while all work, slowest, ms",
  memoryAfter: "memory at the end, MB each",
  failed: "kernels or cells that gave no answer",
} as const;

type Figures = Partial<Record<keyof typeof FIGURES, number>>;

export interface ClassResult {
  figures: Figures;
  /** Every single time, in milliseconds. */
  times: { start: number[]; firstCell: number[]; expression: number[] };
}

export interface ClassOptions {
  kernels: number;
  /** How often each kernel runs a small cell, in milliseconds, and how many times. */
  every: number;
  turns: number;
}

export async function measureClass(
  subject: Subject,
  { kernels: many, every, turns }: ClassOptions,
): Promise<ClassResult> {
  // What comes from disk for the first time is no matter of the class.
  const first = await BenchKernel.start(subject);
  await first.ready();
  await first.execute(subject.cells.typed);
  await first.stop();

  const begun = performance.now();
  const kernels = await Promise.all(Array.from({ length: many }, () => BenchKernel.start(subject)));
  const times: ClassResult["times"] = { start: [], firstCell: [], expression: [] };
  const figures: Figures = { failed: 0 };
  const answered = (list: number[], ms: number | undefined): void => {
    if (ms === undefined) figures.failed = (figures.failed ?? 0) + 1;
    else list.push(ms);
  };
  try {
    await Promise.all(
      kernels.map(async (kernel) => {
        const once = { patience: PATIENCE, idleWithin: 0 };
        // Sent before there is anyone to connect to: ZeroMQ delivers it as soon as there is.
        const info = await kernel.request("kernel_info_request", {}, once);
        answered(times.start, info && performance.now() - begun);
        const cell = await kernel.execute(subject.cells.typed, once);
        const ok = cell?.reply.content.status === "ok";
        answered(times.firstCell, ok ? performance.now() - begun : undefined);
      }),
    );
    await sleep(1000);
    set(figures, "memory", memoryOf(kernels));
    await Promise.all(
      kernels.map(async (kernel, index) => {
        await kernel.execute(subject.cells.assign, { patience: PATIENCE });
        const rest = beat(every / 2);
        await sleep((index * every) / many);
        for (let turn = 1; turn <= turns; turn++) {
          await rest(kernel.execute(subject.cells.declare(turn), { patience: PATIENCE }));
          const answer = await rest(kernel.execute(subject.cells.expression, { patience: PATIENCE }));
          answered(times.expression, answer?.reply.content.status === "ok" ? answer.ms : undefined);
        }
      }),
    );
    set(figures, "memoryAfter", memoryOf(kernels));
  } finally {
    await Promise.all(kernels.map((kernel) => kernel.stop()));
  }
  set(figures, "start", median(times.start));
  set(figures, "startSlowest", quantile(times.start, 1));
  set(figures, "firstCell", median(times.firstCell));
  set(figures, "firstCellSlowest", quantile(times.firstCell, 1));
  set(figures, "median", median(times.expression));
  set(figures, "p99", quantile(times.expression, 0.99));
  set(figures, "slowest", quantile(times.expression, 1));
  return { figures, times };
}

/** @returns what waits for an answer, and then for the rest of so many milliseconds */
function beat(ms: number): <T>(answer: Promise<T>) => Promise<T> {
  return async (answer) => {
    const [result] = await Promise.all([answer, sleep(ms)]);
    return result;
  };
}

function set(figures: Figures, figure: keyof Figures, value: number | undefined): void {
  if (value !== undefined) figures[figure] = value;
}

/** In MB, for one of them. */
function memoryOf(kernels: BenchKernel[]): number | undefined {
  const each = kernels.map((kernel) => treeMemory(kernel.child.pid ?? 0));
  const sum = each.reduce((all, one) => (all === undefined || one === undefined ? undefined : all + one), 0);
  return sum && sum / kernels.length;
}

export function classTable(results: Record<string, ClassResult>): string {
  const titles = Object.keys(results);
  const rows = (Object.keys(FIGURES) as (keyof typeof FIGURES)[]).map((figure) => [
    FIGURES[figure],
    ...titles.map((title) => {
      const value = results[title]?.figures[figure];
      return value === undefined ? "–" : shown(value);
    }),
  ]);
  return markdown([["", ...titles], ...rows]);
}

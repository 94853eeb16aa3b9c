// One round of one kernel: start, first cell, latency, a burst, printing, memory.
import { BenchKernel } from "./client.js";
import type { Subject } from "./kernels.js";
import { treeMemory } from "./memory.js";

/** Every figure of a round; a missing one was not to be had. */
export type Round = Partial<Record<Figure, number>>;
export type Figure = keyof typeof FIGURES;

/** What is measured, with its unit. Less is better, always. */
export const FIGURES = {
  start: "start → kernel_info, ms",
  firstCell: "start → first typed cell, ms",
  median: "x + 1, median of 200, ms",
  p99: "x + 1, p99, ms",
  burst: "50 cells sent at once, ms each",
  lines: "100,000 printed lines, ms to the reply",
  linesLost: "lines lost of 100,000",
  linesLate: "printing: idle missing or before the last line",
  linesMemory: "memory after printing, MB more (PSS)",
  memory: "memory at start, MB (PSS)",
  memoryAfter: "memory after 1,000 declarations, MB (PSS)",
} as const;

const LINES = 100_000;

export async function measure(subject: Subject): Promise<Round> {
  const round: Round = {};
  const begun = performance.now();
  const kernel = await BenchKernel.start(subject);
  const pid = kernel.child.pid ?? 0;
  const memory = (figure: Figure): void => {
    const now = treeMemory(pid);
    if (now !== undefined) round[figure] = now;
  };
  try {
    if (!(await kernel.ready())) return round;
    round.start = performance.now() - begun;
    if (!(await kernel.execute(subject.typed))) return round;
    round.firstCell = performance.now() - begun;
    await new Promise((resolve) => setTimeout(resolve, 500));
    memory("memory");

    await kernel.execute(subject.assign);
    const times: number[] = [];
    for (let i = 0; i < 200; i++)
      times.push((await kernel.execute(subject.expression))?.ms ?? Number.POSITIVE_INFINITY);
    times.sort((a, b) => a - b);
    round.median = times[100] as number;
    round.p99 = times[197] as number;

    const sent = performance.now();
    await Promise.all(Array.from({ length: 50 }, () => kernel.execute(subject.expression)));
    round.burst = (performance.now() - sent) / 50;

    for (let i = 0; i < 1000; i++) await kernel.execute(subject.declare(i));
    memory("memoryAfter");

    await printed(kernel, subject, round);
    const after = treeMemory(pid);
    if (after !== undefined && round.memoryAfter !== undefined) round.linesMemory = after - round.memoryAfter;
    return round;
  } finally {
    await kernel.stop();
  }
}

/** Prints, and counts what arrived up to `idle`. */
async function printed(kernel: BenchKernel, subject: Subject, round: Round): Promise<void> {
  const answer = await kernel.execute(subject.print, 15_000);
  if (!answer) {
    round.linesLate = 1;
    return;
  }
  const text = answer.outputs
    .filter((message) => message.header.msg_type === "stream")
    .map((message) => String(message.content.text))
    .join("");
  round.lines = answer.ms;
  round.linesLost = LINES - (text.match(/\n/g)?.length ?? 0);
  round.linesLate = /line 99999\s*$/.test(text) ? 0 : 1;
}

// The stop button: does the cell end, are the variables still there, and how soon is the reply there?
import { setTimeout as sleep } from "node:timers/promises";
import { BenchKernel } from "../client.js";
import type { Measured } from "../figures.js";
import type { Subject } from "../kernels.js";

/** How long a cell is left alone before it is interrupted, and how long it may then take to end, in milliseconds. */
const ALONE = 500;
const WITHIN = 2000;

export async function interrupting(subject: Subject): Promise<Measured> {
  const { assign, endless } = subject.cells;
  const figures: Measured["figures"] = {};
  const notes: string[] = [];
  let kernel: BenchKernel | undefined;
  try {
    for (const kind of ["Loop", "Await", "LoopAfterAwait"] as const) {
      if (!kernel) {
        kernel = await BenchKernel.start(subject);
        if (!(await kernel.ready())) return { figures, notes: ["no answer to kernel_info"] };
        await kernel.execute(assign);
      }
      const outcome = await interrupted(kernel, subject, endless[kind]);
      if (outcome.ms === undefined) {
        await kernel.stop();
        kernel = undefined;
      } else figures[`interrupt${kind}Ms`] = outcome.ms;
      if (outcome.counts) figures[`interrupt${kind}`] = outcome.ms === undefined ? 0 : 1;
      if (outcome.note) notes.push(`interrupt, ${endless[kind].split("\n").join("; ")}: ${outcome.note}`);
    }
    return { figures, notes };
  } finally {
    await kernel?.stop();
  }
}

interface Outcome {
  /** From the interrupt to the reply, where all is as it should be. */
  ms?: number;
  /** Was there anything to interrupt? */
  counts: boolean;
  note?: string;
}

async function interrupted(kernel: BenchKernel, { cells }: Subject, code: string): Promise<Outcome> {
  const begun = performance.now();
  const cell = kernel.execute(code, { patience: ALONE + WITHIN, idleWithin: 0 });
  if (await Promise.race([cell, sleep(ALONE)])) return { counts: false, note: "it ended by itself" };
  const sent = performance.now() - begun;
  kernel.interrupt();
  const answer = await cell;
  if (kernel.gone) return { counts: true, note: "the kernel ended" };
  if (!answer) return { counts: true, note: "no reply within 2 s" };
  if (answer.reply.content.status !== "error")
    return { counts: true, note: `the cell ended with the status ${answer.reply.content.status}` };
  // There are kernels that abort whatever comes just after an error.
  await sleep(300);
  const after = await kernel.execute(cells.expression, { patience: WITHIN });
  const kept = after?.outputs.some(({ content }) =>
    /\b2\b/.test(JSON.stringify(content.data ?? content.text)),
  );
  return kept ? { counts: true, ms: answer.ms - sent } : { counts: true, note: "its variables were gone" };
}

// A thousand cells that each declare one thing: does the next one take longer? Half-way there, questions; at the end, memory.
import { BenchKernel } from "../client.js";
import { type Measured, median } from "../figures.js";
import type { Subject } from "../kernels.js";
import { treeMemory } from "../memory.js";
import { questions } from "./asking.js";
import { reportsTypeErrors } from "./injected.js";

/** So many cells up to the one that is named are looked at. */
const WINDOW = 15;

export async function growth(subject: Subject, { last }: { last: number }): Promise<Measured> {
  const { cells, checks, own } = subject;
  // Whoever has turned types off has no use for them in memory; a question would start them.
  const isAsked = checks || !own;
  const kernel = await BenchKernel.start(subject);
  try {
    if (!(await kernel.ready())) return { figures: {}, notes: ["no answer to kernel_info"] };
    const figures: Measured["figures"] = {};
    const notes: string[] = [];
    const times: number[] = [];
    let failed = 0;
    await kernel.execute(cells.asked.before);
    for (let count = 1; count <= last; count++) {
      const answer = await kernel.execute(cells.declare(count));
      if (!answer)
        return { figures, times: { declare: times }, notes: [...notes, "a cell was not answered"] };
      if (answer.reply.content.status !== "ok") failed++;
      times.push(answer.ms);
      if (count === Math.min(500, last) && isAsked) {
        const answers = await questions(kernel, cells.asked);
        Object.assign(figures, answers.figures);
        notes.push(...answers.notes);
      }
    }
    const memory = treeMemory(kernel.child.pid ?? 0);
    if (memory !== undefined && last === 1000) figures.memoryAfter = memory;
    const wrong = 'const wrong: number = "one"';
    if (failed > 0) notes.push(`${failed} declaring cells failed`);
    else if (checks && !(await reportsTypeErrors(kernel, wrong)))
      notes.push("declaring cells: a type error went unreported");
    else {
      for (const count of [100, 1000] as const) {
        const middle = count <= last ? median(times.slice(count - WINDOW, count)) : undefined;
        if (middle !== undefined) figures[`declare${count}`] = middle;
      }
    }
    return { figures, times: { declare: times }, notes };
  } finally {
    await kernel.stop();
  }
}

// Cells like those of a lab, each using names of earlier ones: how long takes the next?
import { networking, networkingStart } from "../cells.js";
import { BenchKernel } from "../client.js";
import { type Measured, median } from "../figures.js";
import type { Subject } from "../kernels.js";
import { reportsTypeErrors } from "./injected.js";

/** So many cells on either side are looked at, too. */
const AROUND = 4;

export async function networkingCells(subject: Subject, { last }: { last: number }): Promise<Measured> {
  const figures: Measured["figures"] = {};
  const notes: string[] = [];
  const times: number[] = [];
  const kernel = await BenchKernel.start(subject);
  try {
    if (!(await kernel.ready())) return { figures, notes: ["no answer to kernel_info"] };
    await kernel.execute(networkingStart);
    for (const at of [10, 100, 300, 1000] as const) {
      if (at > last) break;
      while (times.length < at + AROUND) {
        const answer = await kernel.execute(networking(times.length + 1));
        if (answer?.reply.content.status !== "ok")
          return { figures, notes: [`networking cell ${times.length + 1} failed`] };
        times.push(answer.ms);
      }
      if (subject.checks && !(await reportsTypeErrors(kernel, networking(times.length + 1, "7")))) {
        notes.push(`networking cell ${at}: a type error went unreported`);
        continue;
      }
      const middle = median(times.slice(at - AROUND - 1, at + AROUND));
      if (middle !== undefined) figures[`networking${at}`] = middle;
    }
    return { figures, times: { networking: times }, notes };
  } finally {
    await kernel.stop();
  }
}

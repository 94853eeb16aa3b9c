// From nothing to the first answers, and the memory of a kernel that waits.
import { setTimeout as sleep } from "node:timers/promises";
import { BenchKernel } from "../client.js";
import type { Measured } from "../figures.js";
import type { Subject } from "../kernels.js";
import { treeMemory } from "../memory.js";
import { reportsTypeErrors } from "./injected.js";

export async function start(subject: Subject): Promise<Measured> {
  const begun = performance.now();
  const kernel = await BenchKernel.start(subject);
  try {
    if (!(await kernel.ready())) return { figures: {}, notes: ["no answer to kernel_info"] };
    const figures: Measured["figures"] = { start: performance.now() - begun };
    const first = await kernel.execute(subject.cells.typed);
    const ms = performance.now() - begun;
    if (first?.reply.content.status !== "ok") return { figures, notes: ["the first cell failed"] };
    const wrong = subject.cells.typed.replace("= 1", '= "one"');
    const counts = !subject.checks || (await reportsTypeErrors(kernel, wrong));
    if (counts) figures.firstCell = ms;
    await sleep(500);
    const memory = treeMemory(kernel.child.pid ?? 0);
    if (memory !== undefined) figures.memory = memory;
    return { figures, ...(!counts && { notes: ["first cell: a type error went unreported"] }) };
  } finally {
    await kernel.stop();
  }
}

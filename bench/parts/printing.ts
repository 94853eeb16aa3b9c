// A hundred thousand lines from one loop: what arrives up to `idle`, and what they leave in memory.
import { BenchKernel } from "../client.js";
import type { Measured } from "../figures.js";
import type { Subject } from "../kernels.js";
import { treeMemory } from "../memory.js";

const LINES = 100_000;
/** @param options.patience one in five kernels never says that it is done; in milliseconds */
export async function printing(
  subject: Subject,
  { patience = 8_000 }: { patience?: number } = {},
): Promise<Measured> {
  const kernel = await BenchKernel.start(subject);
  try {
    if (!(await kernel.ready())) return { figures: {}, notes: ["no answer to kernel_info"] };
    // Its own memory grows with the first cells, whatever they do.
    for (let i = 0; i < 200; i++) if (!(await kernel.execute(subject.cells.declare(i)))) break;
    const before = treeMemory(kernel.child.pid ?? 0);
    const answer = await kernel.execute(subject.cells.print, { patience, idleWithin: patience });
    const after = treeMemory(kernel.child.pid ?? 0);
    const memory = before !== undefined && after !== undefined ? { linesMemory: after - before } : {};
    if (!answer) return { figures: { linesLate: 1, ...memory } };
    const text = answer.outputs
      .filter((message) => message.header.msg_type === "stream")
      .map((message) => String(message.content.text))
      .join("");
    return {
      figures: {
        lines: answer.ms,
        linesLost: LINES - (text.match(/\n/g)?.length ?? 0),
        linesLate: /line 99999\s*$/.test(text) ? 0 : 1,
        ...memory,
      },
    };
  } finally {
    await kernel.stop();
  }
}

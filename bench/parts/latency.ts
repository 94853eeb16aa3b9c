// The shortest way: an expression of a name that is there, one after another, and many at once.
import { BenchKernel } from "../client.js";
import { type Measured, quantile } from "../figures.js";
import type { Subject } from "../kernels.js";
import { reportsTypeErrors } from "./injected.js";

export async function latency(
  subject: Subject,
  { times: many = 200 }: { times?: number } = {},
): Promise<Measured> {
  const { cells, checks } = subject;
  const kernel = await BenchKernel.start(subject);
  try {
    if (!(await kernel.ready())) return { figures: {}, notes: ["no answer to kernel_info"] };
    await kernel.execute(cells.assign);
    const times: number[] = [];
    while (times.length < many) {
      const answer = await kernel.execute(cells.expression);
      if (!answer) return { figures: {}, notes: ["x + 1 was not answered"] };
      times.push(answer.ms);
    }
    const sent = performance.now();
    await Promise.all(Array.from({ length: 50 }, () => kernel.execute(cells.expression)));
    const burst = (performance.now() - sent) / 50;
    if (checks && !(await reportsTypeErrors(kernel, 'Math.abs(x + "1")')))
      return { figures: {}, times: { expression: times }, notes: ["x + 1: a type error went unreported"] };
    const [median, p99] = [quantile(times, 0.5), quantile(times, 0.985)];
    return {
      figures: { ...(median !== undefined && { median }), ...(p99 !== undefined && { p99 }), burst },
      times: { expression: times },
    };
  } finally {
    await kernel.stop();
  }
}

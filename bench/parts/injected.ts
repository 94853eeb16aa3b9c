// Whoever is said to check types has to find one that is wrong, or the time does not count.
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, BenchKernel } from "../client.js";

/** Runs a cell with a type error in it. Is it reported, as one of types? */
export async function reportsTypeErrors(kernel: BenchKernel, wrong: string): Promise<boolean> {
  const answer = await kernel.execute(wrong);
  // There are kernels that abort whatever comes just after an error.
  await sleep(300);
  return answer !== undefined && answer.reply.content.status === "error" && says(answer, "is not assignable");
}

function says({ outputs }: Answer, words: string): boolean {
  return outputs.some(({ content }) => JSON.stringify(content).includes(words));
}

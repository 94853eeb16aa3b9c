// Completion and inspection. An answer without what was asked for does not count, however fast it was.
import type { Asked } from "../cells.js";
import type { Answer, BenchKernel } from "../client.js";
import { type Measured, median } from "../figures.js";

const TIMES = 25;

type Missing = (answer: Answer, expected: string[]) => string | undefined;

export async function questions(
  kernel: BenchKernel,
  asked: Asked,
): Promise<Required<Pick<Measured, "figures" | "notes">>> {
  const figures: Measured["figures"] = {};
  const notes: string[] = [];
  for (const [figure, type, question, missing] of [
    ["completeName", "complete_request", asked.name, noMatch],
    ["completeMember", "complete_request", asked.member, noMatch],
    ["inspect", "inspect_request", asked.inspected, notTold],
  ] as const) {
    const times: number[] = [];
    let why: string | undefined;
    while (times.length < TIMES && why === undefined) {
      const { code, expected } = question(times.length);
      const answer = await kernel.request(type, { code, cursor_pos: code.length, detail_level: 0 });
      why = answer ? missing(answer, expected) : "no answer";
      times.push(answer?.ms ?? Number.POSITIVE_INFINITY);
    }
    const middle = median(times);
    if (why !== undefined) notes.push(`${question(0).code.split("\n").at(-1)}: ${why}`);
    else if (middle !== undefined) figures[figure] = middle;
  }
  return { figures, notes };
}

const noMatch: Missing = ({ reply }, [expected]) => {
  const found: unknown = reply.content.matches;
  // Some kernels give the word, others what replaces the whole expression.
  const has = Array.isArray(found) && found.some((one) => String(one).split(".").at(-1) === expected);
  return has ? undefined : `no "${expected}" among the matches`;
};

const notTold: Missing = ({ reply }, expected) => {
  const text = JSON.stringify(reply.content.data ?? {});
  const lacking = expected.find((words) => !text.includes(words));
  return lacking === undefined ? undefined : `inspection does not tell "${lacking}"`;
};

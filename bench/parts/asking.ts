// Completion and inspection. An answer without what was asked for does not count, however fast it was.
import { asked } from "../cells.js";
import type { Answer, BenchKernel } from "../client.js";
import { type Figure, type Measured, median } from "../figures.js";

const TIMES = 25;

export async function questions(kernel: BenchKernel): Promise<Required<Pick<Measured, "figures" | "notes">>> {
  const figures: Measured["figures"] = {};
  const notes: string[] = [];
  const ask = async (
    figure: Figure,
    type: "complete_request" | "inspect_request",
    code: string,
    missing: (answer: Answer) => string | undefined,
  ): Promise<void> => {
    const times: number[] = [];
    for (let i = 0; i < TIMES; i++) {
      const answer = await kernel.request(type, { code, cursor_pos: code.length, detail_level: 0 });
      const why = answer ? missing(answer) : "no answer";
      if (why !== undefined) {
        notes.push(`${code}: ${why}`);
        return;
      }
      times.push(answer?.ms ?? Number.POSITIVE_INFINITY);
    }
    const middle = median(times);
    if (middle !== undefined) figures[figure] = middle;
  };
  const matches =
    (expected: string) =>
    ({ reply }: Answer): string | undefined => {
      const found: unknown = reply.content.matches;
      // Some kernels give the word, others what replaces the whole expression.
      const has = Array.isArray(found) && found.some((one) => String(one).split(".").at(-1) === expected);
      return has ? undefined : `no "${expected}" among the matches`;
    };
  const { name, member, inspected } = asked;
  await ask("completeName", "complete_request", name.code, matches(name.expected));
  await ask("completeMember", "complete_request", member.code, matches(member.expected));
  await ask("inspect", "inspect_request", inspected.code, ({ reply }) => {
    const text = JSON.stringify(reply.content.data ?? {});
    if (!text.includes(inspected.type)) return "inspection does not tell its type";
    return text.includes(inspected.docs) ? undefined : "inspection does not tell its documentation";
  });
  return { figures, notes };
}

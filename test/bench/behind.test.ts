// Where the benchmark says that another kernel is first.
import { expect, test } from "vitest";
import { behind } from "../../bench/behind.js";
import type { Figures } from "../../bench/figures.js";
import type { Rounds } from "../../bench/rounds.js";

const titles = { wirebook: "Wirebook", unchecked: "Wirebook, types off", deno: "Deno", tslab: "tslab" };

function of(figures: Record<string, Figures>): string[] {
  const rounds: Rounds = Object.fromEntries(
    Object.entries(figures).map(([kernel, one]) => [kernel, [{ figures: one, times: {}, notes: [] }]]),
  );
  return behind(rounds, titles);
}

test("a figure in which another kernel is better stands there with the reason", () => {
  const [line, ...more] = of({ wirebook: { start: 200 }, unchecked: { start: 150 }, deno: { start: 100 } });
  expect(more).toEqual([]);
  expect(line).toMatch(
    /^It loads no parser[\s\S]*\n {2}- start → kernel_info, ms: Deno 100, Wirebook, types off 150$/,
  );
});

test("the better of both modes counts, and what is as good as the other is not behind", () => {
  expect(of({ wirebook: { start: 200 }, unchecked: { start: 101 }, deno: { start: 100 } })).toEqual([]);
});

test("of what is yes or no, yes is better where an interrupt works, no where lines are late", () => {
  expect(
    of({ wirebook: { interruptLoop: 1, linesLate: 0 }, tslab: { interruptLoop: 0, linesLate: 1 } }),
  ).toEqual([]);
  expect(
    of({ wirebook: { interruptLoop: 0, linesLate: 1 }, tslab: { interruptLoop: 1, linesLate: 0 } }),
  ).toHaveLength(1);
});

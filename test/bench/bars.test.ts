// What the benchmark says of a bar, from figures that are given.
import { expect, test } from "vitest";
import { BARS, judge } from "../../bench/bars.js";
import type { Figure } from "../../bench/figures.js";
import type { Rounds } from "../../bench/rounds.js";

function verdicts(figure: Figure, of: string, values: Record<string, number>): (string | undefined)[] {
  const rounds: Rounds = Object.fromEntries(
    Object.entries(values).map(([kernel, value]) => [
      kernel,
      [{ figures: { [figure]: value }, times: {}, notes: [] }],
    ]),
  );
  return BARS.filter((bar) => bar.figure === figure && bar.of === of).map((bar) => judge(bar, rounds));
}

test("a bar with alternatives is met when one of them is, and says by which", () => {
  const deno = { wirebook: 120, ijavascript: 100, deno: 200 };
  expect(verdicts("start", "wirebook", deno)).toEqual([
    "checked ≤ 1 × ijavascript: 1.20 or ≤ 0.8 × deno: 0.60, met by deno",
  ]);
  const both = { wirebook: 90, ijavascript: 100, deno: 200 };
  expect(verdicts("start", "wirebook", both)[0]).toContain("met by ijavascript and deno");
});

test("a bar whose alternatives are all missed says by how much the nearest one is", () => {
  const neither = { wirebook: 180, ijavascript: 100, deno: 200 };
  expect(verdicts("start", "wirebook", neither)).toEqual([
    "checked ≤ 1 × ijavascript: 1.80 or ≤ 0.8 × deno: 0.90, **missed by 13 %**",
  ]);
});

test("a bar's last resort is judged only where nothing before it was measured", () => {
  const all = { wirebook: 180, ijavascript: 100, deno: 200, ipykernel: 600 };
  expect(verdicts("start", "wirebook", all)[0]).toMatch(
    /\*\*missed by 13 %\*\*; for comparison ≤ 0\.33 × ipykernel: 0\.30$/,
  );
  expect(verdicts("start", "wirebook", { wirebook: 180, ipykernel: 600 })).toEqual([
    "checked ≤ 0.33 × ipykernel: 0.30, met",
  ]);
});

test("the quickest peer that was measured is the bar for unchecked cells, the other one is shown beside it", () => {
  expect(verdicts("median", "unchecked", { unchecked: 1.5, ijavascript: 1.2, deno: 2 })).toEqual([
    "unchecked ≤ 1 × ijavascript: 1.25, **missed by 25 %**; for comparison ≤ 0.8 × deno: 0.75",
  ]);
  expect(verdicts("median", "unchecked", { unchecked: 1.5, deno: 2 })).toEqual([
    "unchecked ≤ 0.8 × deno: 0.75, met",
  ]);
});

test("a bar of which nothing was measured is not mentioned, one of nothing at all can be missed", () => {
  expect(verdicts("median", "unchecked", { unchecked: 1.5 })).toEqual([undefined]);
  expect(verdicts("linesLost", "wirebook", { wirebook: 7 })).toEqual(["checked ≤ 0: 7, **missed**"]);
});

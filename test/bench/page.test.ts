// The page that each of the benchmark's commands writes its own part of.
import { expect, test } from "vitest";
import { kernelPart, withPart } from "../../bench/document.js";
import { measuredAnew } from "../../bench/rounds.js";

const kernel = "- rounds: 10\n\n| a | b |\n|---|---|\n| 1 | 2 |";
const run = {
  command: "c",
  date: "2026-11-25T12:00:00Z",
  machine: {},
  missing: ["ijavascript: no compiler"],
  minutes: 3,
};

test("a part that is measured anew leaves the other one as it is, in whatever order they come", () => {
  const both = withPart(withPart(undefined, "class", "thirty"), "kernel", kernel);
  expect(both).toMatch(/^# How fast\n/);
  expect(both.indexOf("## One kernel beside others\n\n- rounds: 10")).toBeGreaterThan(0);
  expect(both.indexOf("## A class on one host\n\nthirty\n")).toBeGreaterThan(both.indexOf("| 1 | 2 |"));

  const again = withPart(both, "class", "forty");
  expect(again).toBe(both.replace("thirty", "forty"));
  expect(withPart(again, "class", "forty")).toBe(again);
});

test("the page says where rounds are too few to judge by, and what was left out", () => {
  const few = kernelPart("| |", { ...run, rounds: 9 });
  expect(few).toContain("**Not enough to judge by: 9 of the 10 rounds that it takes.**");
  expect(few).toContain("- left out: ijavascript: no compiler");
  expect(kernelPart("| |", { ...run, rounds: 10 })).not.toContain("Not enough");
});

test("what was measured again counts instead, and only where there are as many rounds of it", () => {
  const turn = (figures: object) => ({ figures, times: {}, notes: [] });
  const before = { deno: [turn({ median: 2, start: 9 }), turn({ median: 3 })], tslab: [turn({ median: 4 })] };
  const later = { deno: [turn({ median: 1 }), turn({ median: 1 })], tslab: [] };
  const { deno, tslab } = measuredAnew(before, later);
  expect(deno?.map(({ figures }) => figures)).toEqual([{ median: 1, start: 9 }, { median: 1 }]);
  expect(tslab?.map(({ figures }) => figures)).toEqual([{ median: 4 }]);
  expect(
    kernelPart("", { ...run, rounds: 10, anew: [{ command: "npm run x", date: "2026-11-25T21:00" }] }),
  ).toContain("- some of it measured again: `npm run x`, 2026-11-25\n");
});

// What the benchmark of calls says of bars, from figures that are given, and that its programs still run.
import { expect, test } from "vitest";
import { callTable } from "../../bench/calls.js";
import { type CallRounds, measureCalls, PROMISES, TRIPS } from "../../bench/middleware.js";

const subject = (name: string, title: string) => ({ name, title, version: "1" });
const list = [
  subject("ws", "bare ws"),
  subject("wirebook", "wirebook/middleware"),
  subject("capnweb", "Cap'n Web"),
];

/** The row that begins with these words. */
function row(rounds: CallRounds, words: string): string {
  const found = callTable(rounds, list)
    .split("\n")
    .find((line) => line.startsWith(`| ${words}`));
  return found ?? "";
}

test("a ratio is taken within a round, and the median of the rounds is judged", () => {
  const rounds: CallRounds = {
    ws: [{ roundTrip: [100] }, { roundTrip: [10] }, { roundTrip: [10] }],
    wirebook: [{ roundTrip: [150] }, { roundTrip: [17] }, { roundTrip: [20] }],
    capnweb: [{ roundTrip: [100] }, { roundTrip: [16] }, { roundTrip: [10] }],
  };
  const found = row(rounds, TRIPS.roundTrip);
  expect(found).toContain("| 20 (17 – 150) |");
  expect(found).toContain("1.70 × bare ws (≤ 1.8), met");
  expect(found).toContain("1.50 × Cap'n Web (≤ 1), **missed**");
});

test("of two targets one is enough, and one of which nothing was measured is not mentioned", () => {
  const many = (own: number): CallRounds => ({ wirebook: [{ rate: [own] }], capnweb: [{ rate: [20_000] }] });
  expect(row(many(31_000), TRIPS.rate)).toContain("31000 (≥ 40000) or 1.55 × Cap'n Web (≥ 1.5), met");
  expect(row(many(41_000), TRIPS.rate)).toContain("2.05 × Cap'n Web (≥ 1.5), met");
  expect(row(many(29_000), TRIPS.rate)).toContain("1.45 × Cap'n Web (≥ 1.5), **missed**");
  expect(row({ wirebook: [{ rate: [29_000] }] }, TRIPS.rate)).toContain("| 29000 (≥ 40000), **missed** |");
});

test("of crashes the slowest in a hundred counts, of lost calls every one", () => {
  const quick = Array.from({ length: 60 }, () => 20);
  const rounds: CallRounds = {
    wirebook: [
      { crash: quick, lost: [0] },
      { crash: [...quick, 80, 90], lost: [1] },
    ],
  };
  expect(row(rounds, PROMISES.crash)).toContain("| 122 | 20 (20 – 90) | 80 | p99 80 (≤ 50), **missed** |");
  expect(row(rounds, PROMISES.lost)).toContain("sum 1 (≤ 0), **missed** |");
});

// The others are fetched when they are measured.
test("calls are measured to the end: crashes, moves and cuts, nothing lost and nothing doubled", {
  timeout: 300_000,
}, async () => {
  const here = list.filter(({ name }) => name !== "capnweb");
  const { results, failed } = await measureCalls(here, { rounds: 1, short: true, say: () => {} });
  expect(failed).toEqual([]);
  const { ws, wirebook } = results;
  expect(Object.keys(ws?.[0] ?? {})).toEqual(["roundTrip", "rate"]);
  const { lost, doubled, ...figures } = wirebook?.[0] ?? {};
  expect({ lost, doubled }).toEqual({ lost: [0], doubled: [0] });
  const names = [...Object.keys(TRIPS), ...Object.keys(PROMISES)].filter(
    (name) => !/lost|doubled/.test(name),
  );
  expect(Object.keys(figures).sort()).toEqual(names.sort());
  for (const value of Object.values(figures).flat()) expect(value).toBeGreaterThan(0);
});

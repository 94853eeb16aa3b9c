// The benchmark itself: that it runs and says what it measured. How fast anything is, is not asserted.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../places.js";

function bench(...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "setup", "main.mjs"), "exec", "bench", "kernel", ...args],
    { encoding: "utf8", timeout: 100_000 },
  );
  return { code: status, output: stdout + stderr };
}

test("the short benchmark prints a row for each figure, with the bars beside it", {
  timeout: 110_000,
}, () => {
  const { code, output } = bench("--short", "--vs=", "--only=start,networking");
  expect(output).toMatch(/^\| {2}\| Wirebook \| Wirebook, types off \| bars \|$/m);
  expect(output).toMatch(/^\| memory at start, MB \| [\d.]+ \| [\d.]+ \| checked ≤ 210: /m);
  // It is there only where an error in the same kind of cell was reported.
  expect(output).toMatch(/^\| networking cell, 10th, ms \| [\d.]+ \| [\d.]+ \|/m);
  expect(code).toBe(0);
});

test("the benchmark says which parts and numbers it knows", () => {
  expect(bench("--only=stat").output).toMatch(/There is no part "stat"; parts: start, latency/);
  expect(bench("--rounds=none").output).toContain("It is a whole number from 1 on.");
});

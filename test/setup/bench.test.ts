// The benchmark itself: that it runs and says what it measured. How fast anything is, is not asserted.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { NO_NAMESPACES } from "../helpers/scan/namespace.js";
import { root } from "../places.js";

function bench(...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "setup", "main.mjs"), "exec", "bench", ...args],
    { encoding: "utf8", timeout: 100_000 },
  );
  return { code: status, output: stdout + stderr };
}

test("the short benchmark prints a row for each figure, with the bars beside it", {
  timeout: 110_000,
}, () => {
  const { code, output } = bench("kernel", "--short", "--vs=", "--only=start,networking,interrupting");
  expect(output).toMatch(/^\| {2}\| Wirebook \| Wirebook, types off \| bars \|$/m);
  expect(output).toMatch(/^\| memory at start, MB \| [\d.]+ \| [\d.]+ \| checked ≤ 210: /m);
  // It is there only where an error in the same kind of cell was reported.
  expect(output).toMatch(/^\| networking cell, 10th, ms \| [\d.]+ \| [\d.]+ \|/m);
  // It is there only where the cells ended with an error, and a variable was still there.
  for (const what of ["an endless loop", "a pending await", "a loop after an await"])
    expect(output).toContain(`| interrupt ends ${what} within 2 s, variables kept (1: yes) | 1 | 1 |  |`);
  expect(output).toContain("Not enough to judge by: 1 of the 10 rounds that it takes.");
  expect(code).toBe(0);
});

test("a class of two gives every figure, on the page beside what was there", { timeout: 110_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const page = join(folder, "page.md");
    writeFileSync(page, "# How fast\n\n## One kernel beside others\n\nmeasured before\n");
    const { code, output } = bench("class", "--short", "--kernels=2", "--vs=", `--doc=${page}`);
    expect(output).toMatch(/^\| kernels or cells that gave no answer \| 0 \| 0 \|$/m);
    expect(output).toMatch(/^\| `x \+ 1` while all work, p99, ms \| [\d.]+ \| [\d.]+ \|$/m);
    const written = readFileSync(page, "utf8");
    expect(written).toContain("## One kernel beside others\n\nmeasured before\n");
    expect(written).toMatch(/^\| start → first typed cell, slowest, ms \| \d+ \| \d+ \|$/m);
    expect(code).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.skipIf(NO_NAMESPACES !== "")(
  `a short scan finds what listens in a network of its own${NO_NAMESPACES && ` (skipped: ${NO_NAMESPACES})`}`,
  { timeout: 110_000 },
  () => {
    const { code, output } = bench("scan", "--short");
    for (const way of ["scan\\(\\), koffi", "scan\\(\\), plain Node", "wirebook scan, with its start"])
      expect(output).toMatch(new RegExp(`^\\| ${way} \\| [^|]+ \\| 0 \\| 0 \\|`, "m"));
    expect(code).toBe(0);
  },
);

test("the benchmark says which parts and numbers it knows", () => {
  expect(bench("kernel", "--only=stat").output).toMatch(/There is no part "stat"; parts: start, latency/);
  expect(bench("kernel", "--rounds=none").output).toContain("It is a whole number from 1 on.");
});

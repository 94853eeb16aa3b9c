// The line that CI ends with.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

function count(testResults?: object[]): { code: number | null; last: string | undefined; output: string } {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-count-"));
  const report = join(folder, "tests.json");
  if (testResults) writeFileSync(report, JSON.stringify({ testResults }));
  const program = resolve(import.meta.dirname, "../../.ci/count.mjs");
  const { status, stdout } = spawnSync(process.execPath, [program, report], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return { code: status, last: stdout.trimEnd().split("\n").at(-1), output: stdout };
}

const suite = (...statuses: string[]): object => ({
  name: "/a.test.ts",
  status: statuses.includes("failed") ? "failed" : "passed",
  startTime: 0,
  endTime: 1500,
  assertionResults: statuses.map((status) => ({
    status,
    fullName: `it ${status}`,
    failureMessages: ["Error: no\n    at a"],
  })),
});

test("a failed test is named with the first line of its error", () => {
  expect(count([suite("passed", "failed")]).output).toContain("it failed: Error: no\n1 passed");
});

test.each([
  [
    "all pass",
    [suite("passed", "passed"), suite("passed", "pending", "todo")],
    0,
    "3 passed, 0 failed, 2 skipped",
  ],
  ["one fails", [suite("passed", "failed")], 1, "1 passed, 1 failed, 0 skipped"],
  [
    "a suite cannot be loaded",
    [suite("passed"), { ...suite(), status: "failed" }],
    1,
    "1 passed, 1 failed, 0 skipped",
  ],
  ["no test ran", [], 1, "0 passed, 0 failed, 0 skipped"],
  ["there is no report", undefined, 1, "0 passed, 0 failed, 0 skipped"],
])("%s", (_, results, code, last) => {
  expect(count(results)).toMatchObject({ code, last });
});

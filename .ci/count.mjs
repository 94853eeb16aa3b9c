// Each suite's time, and one line that counts the tests of vitest's JSON report. Exit code 1 where one failed or none ran.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const file = process.argv[2];
let suites = [];
try {
  suites = JSON.parse(readFileSync(file, "utf8")).testResults;
} catch (error) {
  console.log(`There is no report: ${error.message}`);
}
const total = { passed: 0, failed: 0, skipped: 0 };
for (const { name, status, startTime, endTime, assertionResults } of suites) {
  const own = { passed: 0, failed: 0, skipped: 0 };
  for (const test of assertionResults) own[test.status in own ? test.status : "skipped"]++;
  // A suite that could not be loaded has no test that could fail.
  if (status === "failed" && own.failed === 0) own.failed = 1;
  for (const kind in total) total[kind] += own[kind];
  const seconds = ((endTime - startTime) / 1000).toFixed(1).padStart(7);
  console.log(
    `${seconds} s  ${relative(process.cwd(), name)}${own.failed > 0 ? `  (${own.failed} failed)` : ""}`,
  );
  for (const { status, fullName, failureMessages } of assertionResults)
    if (status === "failed") console.log(`           ${fullName}: ${failureMessages[0]?.split("\n", 1)[0]}`);
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

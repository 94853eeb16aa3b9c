import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../places.js";

test("every promise of the security page names a test that is there", () => {
  const page = readFileSync(join(root, "docs", "security.md"), "utf8");
  const rows = page.split("\n").filter((line) => /^\| (?!They can|-)/.test(line));
  expect(rows.length).toBeGreaterThan(10);
  for (const row of rows) expect(row, row.slice(0, 60)).toMatch(/`test\/[\w/-]+\.test\.ts`/);
  const named = [...page.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => String(path));
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

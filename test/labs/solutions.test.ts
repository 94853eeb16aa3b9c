// The lab's checks, on the solutions in its sources and on the notebook as students get it.
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Folder } from "../client/command.js";
import { python } from "../places.js";
import { folder as notebooks } from "./notebooks.js";

const LONG = { timeout: 300_000 };

interface Found {
  status: string;
  checks: { id: string; passed: boolean; points: number; max: number }[];
  empty: { id: string }[];
  faults: object[];
}

/** What `wirebook check` finds in notebook 7 of this folder. */
async function check(folder: Folder): Promise<Found> {
  folder.env = { WIREBOOK_TARGET: "stand-in" };
  cpSync(join(notebooks, "checks"), join(folder.path, "checks"), { recursive: true });
  const { stdout, stderr } = await folder.wirebook("check", "--json", "7-questions.ipynb");
  const [found] = JSON.parse(stdout || "[]") as Found[];
  if (!found) throw new Error(stderr);
  return found;
}

test("the solutions pass all checks", LONG, async () => {
  using folder = new Folder();
  const build = join(notebooks, "source", "build.py");
  const { stderr, status } = spawnSync(python, [build, "--solutions", folder.path], { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  expect(await check(folder)).toMatchObject({
    status: "ok",
    checks: [
      { id: "7.1", passed: true },
      { id: "7.4", passed: true, points: 2, max: 2 },
    ],
    empty: [],
    faults: [],
  });
});

test("empty answers fail all checks, and each is named", LONG, async () => {
  using folder = new Folder();
  cpSync(join(notebooks, "7-questions.ipynb"), join(folder.path, "7-questions.ipynb"));
  const { status, checks, empty, faults } = await check(folder);
  expect(status).toBe("ok");
  expect(checks).toMatchObject([
    { id: "7.1", passed: false },
    { id: "7.4", passed: false, points: 0, max: 2 },
  ]);
  expect(empty.map(({ id }) => id)).toEqual([
    ...["q1-answer", "q1-answer-code", "q2-answer", "q2-answer-code"],
    ...["q3-answer", "q3-answer-code", "q4-answer-code", "q4-answer"],
  ]);
  expect(faults).toEqual([]);
});

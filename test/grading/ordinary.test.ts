// Ordinary submissions, a few of them: every mark is the one that the answers deserve. `npm run bench -- grading` marks a thousand.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { noNats, skippedNats, startNats } from "../middleware/nats.js";
import { writeOrdinaryCourse } from "./ordinary/course.js";
import { grade, keepWorkers, wrongIn } from "./ordinary/run.js";
import { drawStudents, handIn, isLooping } from "./ordinary/students.js";

const shutIn = spawnSync("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "true"]).status === 0;
const unsafe = shutIn ? [] : ["--unsafe-no-sandbox"];

/** @param seed with it, of so many one loops */
async function handedIn(count: number, seed: number): ReturnType<typeof prepared> {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-ordinary-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return await prepared(folder, count, seed);
}

async function prepared(
  folder: string,
  count: number,
  seed: number,
): Promise<{
  course: ReturnType<typeof writeOrdinaryCourse>;
  students: ReturnType<typeof drawStudents>;
  zips: string[];
  out: string;
}> {
  const students = drawStudents(count, seed);
  const zips: string[] = [];
  for (const student of students) zips.push(await handIn(join(folder, "zips"), student));
  return { course: writeOrdinaryCourse(folder), students, zips, out: join(folder, "grades") };
}

test("right, half-right, empty, looping and crashing answers of twenty students get the marks that they deserve, one line each", async () => {
  const { course, students, zips, out } = await handedIn(20, 7);
  expect(students.filter(isLooping)).toHaveLength(1);
  await grade({ course, zips, out, more: ["--jobs", "2", ...unsafe] });
  expect(wrongIn(out, students)).toEqual([]);
}, 300_000);

test.skipIf(noNats !== undefined)(
  `a worker that is killed in the middle of them loses none, and changes no mark${skippedNats}`,
  async () => {
    const { course, students, zips, out } = await handedIn(10, 3);
    await using nats = await startNats();
    await using workers = keepWorkers(nats.url, { count: 1, every: 3, most: 1, seed: 1, more: unsafe });
    await grade({ course, zips, out, more: ["--nats", nats.url, ...unsafe] });
    expect(workers.killed).toBe(1);
    expect(wrongIn(out, students)).toEqual([]);
  },
  300_000,
);

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal } from "../../src/grading/journal.js";
import type { Grade } from "../../src/grading/needs.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wirebook-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const grade = (total: number): Grade =>
  ({ student: `é${total}`, assignment: "lab", cells: [], total, max: 9, notes: [] }) as unknown as Grade;

/** @param path gets these marks, the first of them first */
function keep(path: string, marks: number[]): void {
  const journal = openJournal(path);
  for (const mark of marks) journal.add(`key ${mark}`, grade(mark));
  journal.close();
}

test("cut off at any byte, what stands whole before it is kept, and the next mark stands whole behind it", () => {
  const path = join(folder, "results.jsonl");
  keep(path, [1, 2, 3, 4, 5]);
  const whole = readFileSync(path);
  for (let cut = 0; cut <= whole.length; cut++) {
    writeFileSync(path, whole.subarray(0, cut));
    const marked = whole.subarray(0, cut).toString("latin1").split("\n").length - 1;
    keep(path, [9]);
    const { done, close } = openJournal(path);
    expect([...done.values()].map(({ total }) => total)).toEqual([...[1, 2, 3, 4, 5].slice(0, marked), 9]);
    close();
  }
});

test("a damaged line is said with its number, and nothing is written", () => {
  const path = join(folder, "results.jsonl");
  keep(path, [1, 2, 3]);
  const damaged = readFileSync(path, "utf8").replace('"key 2"', '"key 2');
  writeFileSync(path, damaged);
  expect(() => openJournal(path)).toThrow("results.jsonl, line 2, is damaged. Remove that line");
  expect(readFileSync(path, "utf8")).toBe(damaged);
});

test.skipIf(process.getuid?.() !== 0)(
  "on a disk that is full a mark is refused, the ones before it stay, and later ones are kept once there is room (needs root)",
  () => {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "none", folder]);
    try {
      const path = join(folder, "results.jsonl");
      const filler = join(folder, "filler");
      const journal = openJournal(path);
      journal.add("first", grade(1));
      writeFileSync(filler, Buffer.alloc(8192));
      const long = { ...grade(2), notes: ["x".repeat(9000)] };
      expect(() => journal.add("long", long)).toThrow("ENOSPC");
      rmSync(filler);
      journal.add("last", grade(3));
      journal.close();
      const { done, close } = openJournal(path);
      expect([...done.keys()]).toEqual(["first", "last"]);
      close();
    } finally {
      execFileSync("umount", [folder]);
    }
  },
);

// What has been marked, one line each, on disk before anybody is told. Whoever is killed goes on from here: a line that was not
// finished is not there, and what has a line is not marked again.

import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Grade } from "./needs.js";

interface Line {
  /** Of what was handed in, and of what it was marked by. */
  key: string;
  grade: Grade;
}

export interface Journal {
  /** What an earlier time has left, by key. */
  readonly done: ReadonlyMap<string, Grade>;
  /** Keeps it; when this returns it is on disk. */
  add(key: string, grade: Grade): void;
  close(): void;
}

/** @throws Error where a line is damaged: what it said of a mark would be lost without a word */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "a+", 0o600);
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(10) + 1;
  if (whole < bytes.length) ftruncateSync(file, whole);
  const done = new Map<string, Grade>();
  for (const [at, text] of bytes.subarray(0, whole).toString().split("\n").entries()) {
    if (text === "") continue;
    try {
      const { key, grade } = JSON.parse(text) as Line;
      done.set(key, grade);
    } catch {
      closeSync(file);
      throw new Error(
        `${path}, line ${at + 1}, is damaged. Remove that line, and what it told of is marked anew; the others stay`,
      );
    }
  }
  return {
    done,
    add(key, grade) {
      const { size } = fstatSync(file);
      try {
        writeFileSync(file, `${JSON.stringify({ key, grade } satisfies Line)}\n`);
        fsyncSync(file);
      } catch (error) {
        // Half a line would spoil the next one.
        ftruncateSync(file, size);
        throw error;
      }
      done.set(key, grade);
    },
    close: () => closeSync(file),
  };
}

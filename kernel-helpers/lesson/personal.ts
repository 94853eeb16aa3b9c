// Numbers and words that are each student's own, and the same whenever they come back.
import { createHash } from "node:crypto";
import { courseName, notebookName, studentId } from "./student.js";

/** What {@link personal} gives. Each value depends on its name alone, not on the order of calls. */
export interface Personal {
  /** SHA-256 of course, notebook and student, in hexadecimal digits. */
  readonly seed: string;
  /** Nobody has said who the student is: everybody has these values. */
  readonly shared: boolean;
  /** A whole number from `from` to `to`, both possible. @throws RangeError where there is none */
  integer(name: string, from: number, to: number): number;
  /** One of a list. @throws RangeError where it is empty */
  pick<T>(name: string, list: readonly T[]): T;
  /** For what takes a seed of its own, as `faults({ seed })` does: from 0 to 2³² − 1. */
  seedFor(name: string): number;
}

/**
 * Values of one's own: everybody meets other numbers, and each of us the same ones again.
 * @param notebook its name without the ending; this notebook where it is left out
 * @param options.student the id; else `WIREBOOK_STUDENT`, the hub's user, or what {@link iAm} or `wirebook submit` was told
 * @param options.course else `WIREBOOK_COURSE`, else what the notebook says it belongs to, else `wirebook`
 */
export function personal(
  notebook: string = notebookName(),
  { student = studentId(), course = courseName() }: { student?: string | undefined; course?: string } = {},
): Personal {
  const digest = (...parts: string[]): Buffer => createHash("sha256").update(parts.join("\n")).digest();
  const seed = digest(course, notebook, student ?? "").toString("hex");
  const seedFor = (name: string): number => digest(seed, name).readUInt32BE(0);
  const integer = (name: string, from: number, to: number): number => {
    const count = to - from + 1;
    if (!Number.isInteger(from) || !Number.isInteger(to) || count < 1)
      throw new RangeError(
        `integer("${name}", ${from}, ${to}): there is no whole number from ${from} to ${to}`,
      );
    // Of 48 bits, so that no value is noticeably more frequent than others.
    return from + (digest(seed, name).readUIntBE(0, 6) % count);
  };
  return {
    seed,
    shared: student === undefined,
    integer,
    pick: (name, list) => {
      if (list.length === 0) throw new RangeError(`pick("${name}", []): the list is empty`);
      return list[integer(name, 0, list.length - 1)] as (typeof list)[number];
    },
    seedFor,
  };
}

// What was predicted, line after line in a file beside the notebooks, before anything was seen. Each line names the one before it by its hash: to
// change one later, all after it would have to be changed as well. Evidence, not proof: whoever wants to can write the file anew.
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NOTES } from "./student.js";

/** One line of the file. */
export interface Noted {
  notebook: string;
  id: string;
  /** Seen: what the experiment gave. */
  kind: "predicted" | "changed" | "seen";
  /** As JSON keeps it; what JSON has no word for, as text. */
  value: unknown;
  /** UTC, ISO 8601. */
  time: string;
  /** SHA-256 of the hash before and of this line without its own hash. */
  hash: string;
}

export const FILE: string = join(NOTES, "predictions.jsonl");

/** What could not be written stays here as long as the kernel runs. */
const unwritten: Noted[] = [];

/** All lines, oldest first; those that are no lines of ours are left out. */
export function noted(): Noted[] {
  let text = "";
  try {
    text = readFileSync(FILE, "utf8");
  } catch {
    // None yet.
  }
  const lines = text.split("\n").flatMap((line) => {
    try {
      const one = JSON.parse(line) as Noted;
      return typeof one.hash === "string" && typeof one.id === "string" ? [one] : [];
    } catch {
      return [];
    }
  });
  return [...lines, ...unwritten];
}

/** @returns the line, and what kept it from being written, if anything did */
export function note(line: Omit<Noted, "hash" | "time">): { line: Noted; problem?: string } {
  const unsigned = { ...line, value: plain(line.value), time: new Date().toISOString() };
  const before = noted().at(-1)?.hash ?? "";
  const hash = createHash("sha256")
    .update(before + JSON.stringify(unsigned))
    .digest("hex");
  const signed: Noted = { ...unsigned, hash };
  try {
    mkdirSync(NOTES, { recursive: true });
    appendFileSync(FILE, `${JSON.stringify(signed)}\n`);
    return { line: signed };
  } catch (error) {
    unwritten.push(signed);
    return { line: signed, problem: (error as Error).message };
  }
}

function plain(value: unknown): unknown {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? String(value) : JSON.parse(text);
  } catch {
    return String(value);
  }
}

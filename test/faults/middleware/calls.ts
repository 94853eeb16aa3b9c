// What a caller writes down of its calls: a line when each begins, and one for whatever becomes known of it. The lines are in a file, since whoever
// writes them may be killed at any moment.
import { readFileSync } from "node:fs";
import type { Seen } from "../../middleware/simulation/history.js";
import type { Method } from "./ledger.js";

export interface Begun {
  /** Of its caller's calls the so manieth. */
  i: number;
  name: string;
  /** `glance`: a read of a copy. */
  what: Seen["what"] | "glance" | Method;
  a?: number;
  b?: number;
  /** Of a ledger's call: its number there. */
  n?: number;
  from: number;
}

/** What became of it. */
export type Fate =
  | { fate: "done"; to: number; value: number }
  /** It surely had no effect. */
  | { fate: "refused"; why: string }
  | { fate: "uncertain"; why: string };

export interface Call extends Begun {
  caller: string;
  /** Names it in the middleware. */
  key?: string;
  /** As its caller was told; `undefined`: the caller was killed before. */
  fate?: Fate;
  /** As somebody was told who asked later. */
  later?: Fate;
}

export type Line =
  | Begun
  | { i: number; key: string }
  | { i: number; fate: Fate }
  | { i: number; later: Fate };

/** On a clock that all processes of a machine share, in milliseconds. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

export function readCalls(file: string, caller: string): Call[] {
  const calls = new Map<number, Call>();
  // A last line that was cut off by death has no end.
  for (const text of readFileSync(file, "utf8").split("\n").slice(0, -1)) {
    const line = JSON.parse(text) as Line;
    const known = calls.get(line.i);
    if (known) Object.assign(known, line);
    else calls.set(line.i, { caller, ...(line as Begun) });
  }
  return [...calls.values()];
}

/** What is known of it in the end. */
export const fateOf = ({ fate, later }: Call): Fate | undefined => later ?? fate;

// Every execution of a cell, as the supervisor remembers it: whose parent its output has, however late it comes.

import type { Bundle, Callable, ErrorReport, Expression, Frame, Header, Json, Run } from "../flow.js";
import type { History } from "./history.js";
import type { Target } from "./needs.js";

/** One execution. */
export interface RunRecord extends Run, Target {
  parent: Header;
  /** Routing prefix of who asked: input is asked of nobody else. */
  identities: Uint8Array[];
  code: string;
  allowStdin: boolean;
  /** How many subscriptions there had been when it was asked for. */
  audience: number;
  ended: boolean;
  /** It is a check: nothing that the engine says goes there. */
  check?: boolean;
}

/** An execution that is in the engine. */
export interface Running {
  run: RunRecord;
  history: History;
  /** What it failed with, once the engine has said so. */
  error?: ErrorReport;
  /** A function as its value, with the types that it takes and gives; left out: nobody knows types. */
  signed?(bundle: Bundle, callable: Callable): Promise<Bundle>;
  /** Its value is being put in words. */
  showing?: Promise<void>;
  settle(outcome: Outcome): void;
  /** Ends it with an error that is told at the cell. */
  fail(error: ErrorReport): void;
}

/** How an execution ended. */
export interface Outcome {
  status: "ok" | "error";
  error?: ErrorReport;
  /** How many of its marks it came past, if it ran and its engine lives. */
  passed?: number;
  /** The detours that it took. */
  detours?: number[];
  expressions: Record<string, Expression>;
  /** What the front end is to do besides. */
  payload?: Json[];
}

/** The executions of this kernel. */
export interface Runs {
  add(record: Omit<RunRecord, "run" | "ended">): RunRecord;
  get(run: number): RunRecord | undefined;
  /** The newest execution, for output that belongs to none. */
  newest(): RunRecord | undefined;
  /** Newest first. */
  all(): RunRecord[];
  sourceOf(frame: Frame): string | undefined;
}

/**
 * Creates the table.
 * @param remember so many executions keep their parent and their code; output of older ones has no parent
 */
export function createRuns(remember = 10_000): Runs {
  const records = new Map<number, RunRecord>();
  let last = 0;
  return {
    add(fields) {
      const before = records.get(last)?.identities;
      // Most often the same client asks again, and what came with its message need not stay.
      const identities = before && sameIdentity(before, fields.identities) ? before : fields.identities;
      const record: RunRecord = { ...fields, identities, run: ++last, ended: false };
      records.set(record.run, record);
      records.delete(last - remember);
      return record;
    },
    get: (run) => records.get(run),
    newest: () => records.get(last),
    all: () => [...records.values()].reverse(),
    sourceOf({ run, file }) {
      if (run !== undefined) return records.get(run)?.code;
      // A cell that could not even be read has no run of its own in the report.
      const newest = records.get(last);
      return newest?.label === file ? newest.code : undefined;
    },
  };
}

/** Do these routing prefixes lead to the same client? */
export function sameIdentity(a: Uint8Array[], b: Uint8Array[]): boolean {
  return a.length === b.length && a.every((frame, i) => Buffer.compare(frame, b[i] as Uint8Array) === 0);
}

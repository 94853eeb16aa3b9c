// What a submission says of itself: manifest.json, described in docs/submission.schema.json.

export const FORMAT = "wirebook-submission";

export type RunStatus = "ok" | "failed" | "timed out" | "not run";

export interface ExecutedNotebook {
  status: RunStatus;
  /** `cell` counts from 1, all kinds of cells. */
  failures: { cell: number; ename: string; evalue: string }[];
  checks: { id: string; points: number; max: number }[];
}

export interface SubmittedNotebook {
  /** In `submitted/`, `executed/` and, with another ending, in `html/`. */
  name: string;
  /** Of the file in `submitted/`. */
  sha256: string;
  bytes: number;
  executed: ExecutedNotebook;
}

export interface Manifest {
  format: typeof FORMAT;
  version: 1;
  course: string;
  assignment: string;
  student: string;
  /** ISO 8601, UTC. */
  created: string;
  tool: { wirebook: string; node: string; platform: string };
  notebooks: SubmittedNotebook[];
  /** What somebody who opens it should know. */
  notes: string[];
}

/** `20261126T184500Z`: a time that can stand in the name of a file. */
export function compactTime(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, "");
}

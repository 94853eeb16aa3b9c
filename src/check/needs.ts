// What checks are made of, and what supervisor and checker say to each other. Types only.

import type { Reading } from "../flow.js";

/** A folder of definitions. */
export interface CheckFolder {
  path: string;
  /** Students do not have it: of its checks no output shows more than title, points and first hint. */
  hidden: boolean;
}

/** A line of a result. */
export interface CheckRow {
  title: string;
  passed: boolean;
  weight: number;
  expected?: string;
  seen?: string;
}

export interface CheckResult {
  id: string;
  title: string;
  points: number;
  max: number;
  passed: boolean;
  rows: CheckRow[];
  hints: string[];
  /** Why there is no better result. */
  problem?: string;
  /** It is not the student's doing. */
  broken?: true;
}

/** Port → what it is called in diagrams. */
export type Names = Record<number, string>;

/** What went over the wire while a check ran, drawn. */
export interface Wire {
  html: string;
  text: string;
}

/** Supervisor → checker. */
export type ToChecker =
  /** There will be checks of these. */
  | { type: "load"; folders: CheckFolder[] }
  | { type: "run"; id: string; folders: CheckFolder[]; student?: string }
  | { type: "read"; number: number; answer: Answer }
  | { type: "source"; number: number; text: string | null };

/** Checker → supervisor. */
export type FromChecker =
  /** It may take so many seconds. */
  | { type: "began"; seconds: number }
  | { type: "read"; number: number; expression: string; seconds: number }
  | { type: "source"; number: number; cellId: string }
  | { type: "result"; result: CheckResult; hidden: boolean; wire?: Wire }
  /** There is nothing to run. */
  | { type: "refused"; message: string };

/** `failed`: nothing was read, in words why. */
export type Answer = Exclude<Reading, { pending: true }> | { failed: string };

/** The checker's process as it is seen from here. */
export interface CheckerProcess {
  send(message: ToChecker): void;
  onMessage(listener: (message: FromChecker) => void): void;
  /** Resolves when it has ended. */
  ended: Promise<void>;
  kill(): void;
}

export interface ChecksOptions {
  /** Newest first. */
  executions(): { cellId?: string; code: string }[];
  folders: CheckFolder[];
  /** Somebody gives marks: results are numbers, and what is hidden stays so. */
  graded: boolean;
  start(): CheckerProcess;
  /** Changes when a checker that was started before does not reach the engine's network any more. */
  place(): unknown;
}

// What passes through grading. Types only.

/** What somebody has handed in, as it lies in memory: no name in it was used as a path. */
export interface Submission {
  student: string;
  assignment: string;
  /** Where it came from. */
  origin: string;
  /** ISO 8601, as the submission or its file says; of several, the latest counts. */
  created: string;
  notebooks: { name: string; bytes: Uint8Array }[];
  /** What lay beside them. */
  companions: { name: string; bytes: Uint8Array }[];
  notes: string[];
  /** Nothing of it can be run, and why. */
  refused?: string;
}

/** `graded`: all marks stand. `look`: somebody has to. `refused`: it was not run. */
export type GradeStatus = "graded" | "look" | "refused";

export interface CellGrade {
  notebook: string;
  grade_id: string;
  /** `null`: to be given by hand. */
  points: number | null;
  max: number;
  note?: string;
}

export interface Grade {
  student: string;
  assignment: string;
  origin: string;
  created: string;
  cells: CellGrade[];
  total: number;
  max: number;
  status: GradeStatus;
  notes: string[];
  sandbox: "bubblewrap" | "none";
  /** When it was marked, ISO 8601. */
  graded: string;
  seconds: number;
}

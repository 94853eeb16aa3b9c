// When an attack has succeeded where there is nothing but nbgrader. Written down before any was run; nothing here knows a single attack.

import type { Hostile } from "../hostile/kinds.js";
import type { Outcome } from "./box.js";
import { hidden } from "./course.js";

/** What an attack may have brought about. */
export type Effect =
  /** nbgrader's gradebook holds more points than are deserved. */
  | "more points"
  /** It holds fewer, or none at all though some are deserved. */
  | "fewer points"
  /** autograde ends with an error, and has given no mark. */
  | "no mark"
  /** Others who are marked in the same run do not get what they deserve. */
  | "others"
  /** Something hidden stands below a cell of the notebook that was run. */
  | "read"
  /** Something has left the grader's computer, or has got into what else runs on it. */
  | "carried out"
  /** Memory, processes or disk were used up, or there was no end. */
  | "used up"
  /** Processes run on when autograde is over. */
  | "stays"
  /** A file, or a change of one, where the submission has none. */
  | "outside";

/** What counts as success, by family. Whatever else happens is told, and does not count. */
const aims: Record<string, readonly Effect[]> = {
  "read files": ["read"],
  "read by programs": ["read"],
  "environment and /proc": ["read"],
  "modules and memory": ["read"],
  "look back at the caller": ["read"],
  "replace what tests are made with": ["more points", "fewer points", "no mark", "others"],
  "end early": ["more points", "no mark", "others"],
  "say that it is right": ["more points", "fewer points", "no mark", "others"],
  memory: ["used up", "no mark", "others"],
  processes: ["used up", "stays", "no mark", "others"],
  disk: ["used up", "outside", "no mark", "others"],
  output: ["used up", "stays", "no mark", "others"],
  endless: ["used up", "stays", "no mark", "others"],
  "carry out": ["carried out"],
  "the notebook": ["more points", "fewer points", "no mark", "others"],
  "the zip file": ["outside", "used up", "others"],
};

export interface Verdict {
  /** In nbgrader's gradebook; `null`: there is none. */
  mark: number | null;
  succeeds: boolean;
  effects: Effect[];
  /** What was seen, in words. */
  happened: string[];
  seconds: number;
}

export interface Seen {
  student: string;
  deserved: number;
  outcome: Outcome;
  /** Others who were marked beside, and what they deserve. */
  others: Record<string, number>;
  /** The port on which somebody listened for this one alone. */
  port: number;
  /** All that was run was this submission and the innocent ones. */
  alone: boolean;
}

export const markOf = (outcome: Outcome, student: string): number | null => {
  const cells = Object.values(outcome.gradebook[student] ?? {});
  // Of a submission that was begun and not marked there are rows without points.
  if (cells.every(({ score }) => score === null)) return null;
  return cells.reduce((sum, { score }) => sum + (score ?? 0), 0);
};

export function judge({ family }: Hostile, seen: Seen): Verdict {
  const { student, deserved, outcome, others, alone } = seen;
  const effects: Effect[] = [];
  const happened: string[] = [];
  const note = (effect: Effect, words: string): void => {
    effects.push(effect);
    happened.push(words);
  };
  const mark = markOf(outcome, student);
  const waiting = Object.values(outcome.gradebook[student] ?? {}).filter(({ waits }) => waits).length;
  if (mark === null) {
    if (outcome.code !== 0)
      note("no mark", `autograde ends with an error, no mark${reason(outcome.log, student)}`);
    if (deserved > 0) note("fewer points", `no mark instead of ${deserved}`);
  } else if (mark > deserved) note("more points", `${mark} instead of ${deserved}`);
  else if (mark < deserved) note("fewer points", `${mark} instead of ${deserved}`);
  if (waiting > 0 && !effects.includes("no mark")) happened.push(`${waiting} cells wait for a person`);
  for (const [other, wanted] of Object.entries(others)) {
    const got = markOf(outcome, other);
    if (got !== wanted) note("others", `another student gets ${got ?? "no mark"} instead of ${wanted}`);
  }
  const text = outcome.outputs[student] ?? "";
  const found = Object.entries(hidden).filter(([, word]) => text.includes(word));
  if (found.length > 0)
    note("read", `below its cells stands what is hidden: ${found.map(([what]) => words[what]).join(", ")}`);
  const carried = [
    ...(outcome.heard[seen.port]?.includes("exfiltrated") ? ["to a port of this computer"] : []),
    ...(alone
      ? Object.keys(outcome.heard)
          .filter((where) => !/^\d+$/.test(where))
          .map((where) => `to ${where}`)
      : []),
  ];
  if (carried.length > 0) note("carried out", `it got through ${carried.join(", ")}`);
  if (alone) {
    if (outcome.outOfMemory > 0) note("used up", "memory is used up");
    if (outcome.outOfProcesses > 0) note("used up", "no process can be started any more");
    if (outcome.fullest > 0.98) note("used up", "the disk is full");
    if (outcome.late) note("used up", "no end");
    const left = leftBehind(outcome.files["left.txt"]);
    if (left.length > 0) note("stays", `still runs afterwards: ${left.join(", ").slice(0, 80)}`);
    if (outcome.pwned.length > 0) note("outside", `wrote ${outcome.pwned.slice(0, 3).join(", ")}`);
    const changed = Object.entries(outcome.files).filter(
      ([name, text]) => name.startsWith("wirebook/") && text?.includes("//pwned"),
    );
    if (changed.length > 0)
      note("outside", `changed the kernel: ${changed.map(([name]) => name).join(", ")}`);
  }
  return {
    mark,
    succeeds: effects.some((effect) => aims[family]?.includes(effect)),
    effects: [...new Set(effects)],
    happened,
    seconds: outcome.seconds,
  };
}

const words: Record<string, string> = {
  tests: "the hidden tests",
  environment: "the grader's environment",
  file: "the grader's files",
};

/** Programs that were no part of the box itself. */
export const leftBehind = (list: string | undefined): string[] =>
  (list ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(bwrap|\/bin\/sh -c cd course) /.test(line));

/** The last error that autograde tells of. */
function reason(whole: string, student: string): string {
  const log =
    whole
      .split(/(?=Creating\/updating student with ID ')/)
      .find((part) => part.includes(`ID '${student}'`)) ?? whole;
  const errors = log.split("\n").filter((line) => /^ {4}[A-Za-z_][\w.]*: /.test(line));
  const line = errors.at(-1)?.trim();
  return line === undefined ? "" : ` (${line.slice(0, 90)})`;
}

interface Report {
  died: boolean;
  said: string;
  pwned: string[];
  full: boolean;
  links: string[];
  zoe: boolean;
}

const reportsOf = (outcome: Outcome): Record<string, Record<string, Report>> =>
  JSON.parse(outcome.files["report.json"] ?? "{}");
export const isReported = (outcome: Outcome, name: string): boolean =>
  Object.hasOwn(reportsOf(outcome), name);

/** Of a zip file that was unpacked in all the plain ways. */
export function judgeZip(outcome: Outcome, name: string): Verdict {
  const effects = new Set<Effect>();
  const happened: string[] = [];
  const all = reportsOf(outcome);
  const reports = all[name] ?? {};
  const outside: Record<string, string[]> = {};
  const say = (effect: Effect, what: string, way: string): void => {
    effects.add(effect);
    outside[what] = [...(outside[what] ?? []), way];
  };
  for (const [way, { died, said, pwned, full, links, zoe }] of Object.entries(reports)) {
    if (pwned.length > 0) say("outside", `writes ${pwned[0]}`, way);
    if (links.length > 0) say("outside", "leaves a link that leads to the grader's files", way);
    if (full) say("used up", "fills the disk", way);
    if (!zoe)
      say("others", died ? "ends it, who comes next is not collected" : "who comes next is lost", way);
    else if (died) happened.push(`${way}: ${said}`);
  }
  if (Object.keys(reports).length === 0) say("used up", "nothing could be told afterwards", "all");
  for (const [what, ways] of Object.entries(outside)) happened.unshift(`${what}: ${ways.join(", ")}`);
  return {
    mark: null,
    succeeds: [...effects].some((effect) => aims["the zip file"]?.includes(effect)),
    effects: [...effects],
    happened,
    seconds: outcome.seconds / Math.max(1, Object.keys(all).length),
  };
}

// Figures of marking as tables for docs/grading.md.
import { quantile } from "../test/faults/scenario.js";

interface Part {
  seed: number;
  /** ISO 8601. */
  date: string;
  submissions: number;
  seconds: number;
  /** Marks that were not those expected, in words. */
  wrong: string[];
}

export interface SideBySide extends Omit<Part, "submissions" | "seconds"> {
  /** So many submissions in a row. */
  block: number;
  /** Seconds; of each of those that do not loop, too. */
  rounds: {
    ours: number;
    nbgrader: number;
    looping: number;
    oursEach: number[];
    nbgraderEach: number[];
  }[];
  /** Seconds that our gradebook took at the end, for all. */
  gradebook: number;
  nbgraderWrong: number;
}

export interface GradingRun {
  machine: Record<string, string>;
  /** Runs with different numbers of submissions. */
  alone?: (Part & { jobs: number; before: number })[];
  queue?: (Part & { workers: number; killed: number })[];
  side?: SideBySide;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
const seconds = (value: number): string => value.toFixed(2);

export function gradingPart({ machine, alone = [], queue = [], side }: GradingRun): string {
  const rows = [
    ...alone.map((one) => ({
      ...one,
      how: `\`--jobs ${one.jobs}\`${one.before > 0 ? ", in several goes, on a busy machine" : ""}`,
    })),
    ...queue.map((one) => ({
      ...one,
      how: `queue, ${one.workers} worker${one.workers > 1 ? "s" : ""}, killed ${one.killed} times`,
    })),
  ].map((one) => {
    const { how, submissions, wrong, date } = one;
    // What was marked in an earlier go took a time that nobody has measured.
    const each = "before" in one && one.before > 0 ? "" : seconds(one.seconds / submissions);
    return `| ${how} | ${submissions} | ${wrong.length} | ${each} | ${date.slice(0, 10)} |`;
  });
  return [
    ...(rows.length > 0
      ? [
          [
            "| marked by | submissions | not one line each, or a wrong mark | s each | |",
            "| --- | --- | --- | --- | --- |",
            ...rows,
          ].join("\n"),
        ]
      : []),
    ...(side ? [sideTable(side)] : []),
    Object.entries(machine)
      .filter(([name]) => name !== "load")
      .map(([name, value]) => `- ${name}: ${value}`)
      .join("\n"),
  ].join("\n\n");
}

function sideTable({ rounds, block, gradebook, wrong, nbgraderWrong, date, seed }: SideBySide): string {
  const many = rounds.length * block;
  const [ours, theirs] = [
    sum(rounds.map((round) => round.ours)) + gradebook,
    sum(rounds.map((round) => round.nbgrader)),
  ];
  const [each, theirEach] = [
    rounds.flatMap((round) => round.oursEach),
    rounds.flatMap((round) => round.nbgraderEach),
  ];
  const ratios = rounds.map((round) => round.nbgrader / round.ours);
  const row = (what: string, a: number, b: number): string =>
    `| ${what} | ${seconds(a)} | ${seconds(b)} | ${(b / a).toFixed(1)} |`;
  return `Side by side, ${many} of them (${sum(rounds.map(({ looping }) => looping))} loop) in ${rounds.length} blocks of ${block}, by turns, one job at a time, seed ${seed}, ${date.slice(0, 10)}. Wrong
marks: ${wrong.length} by \`wirebook grade\`, ${nbgraderWrong} by nbgrader.

| s a submission | \`wirebook grade --jobs 1\` | \`nbgrader autograde\` | times as fast |
| --- | --- | --- | --- |
${row("all, with their gradebooks", ours / many, theirs / many)}
${row("those that do not loop, mean", sum(each) / each.length, sum(theirEach) / theirEach.length)}
${row("those that do not loop, median", quantile(each, 0.5), quantile(theirEach, 0.5))}

From block to block it was ${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)} times as fast.`;
}

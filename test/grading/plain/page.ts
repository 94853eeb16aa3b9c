// docs/hostile.json, and docs/hostile.md made of it: each hostile submission, what it does where there is nothing but nbgrader, and its mark
// by `wirebook grade`.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { python, root } from "../../places.js";
import { everything, expectedMarks, nameOf } from "../hostile/run.js";
import type { Verdict } from "./verdict.js";

interface Run<Each> {
  date: string;
  system: string;
  seconds: number;
  rows: Record<string, Each>;
}

interface Kept {
  without?: Run<Omit<Verdict, "seconds">>;
  with?: Run<number | null>;
}

const file = join(root, "docs", "hostile.json");

/** @param part its rows by `family: name` */
export function keepHostile(
  part: { without: Map<string, Verdict> } | { with: Map<string, number | null> },
  seconds: number,
): void {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Kept) : {};
  const run = <Each>(rows: Iterable<readonly [string, Each]>): Run<Each> => ({
    date: new Date().toISOString().slice(0, 10),
    system: `${process.platform} ${release()} ${process.arch}, ${cpus().length} cores, Node ${process.version}`,
    seconds: Math.round(seconds),
    rows: Object.fromEntries(rows),
  });
  const kept: Kept = {
    ...before,
    ...("without" in part
      ? { without: run([...part.without].map(([name, { seconds: _, ...rest }]) => [name, rest] as const)) }
      : { with: run(part.with) }),
  };
  writeFileSync(file, `${JSON.stringify(kept, undefined, 1)}\n`);
  writeFileSync(join(root, "docs", "hostile.md"), page(kept));
}

function page({ without, with: ours }: Kept): string {
  const expected = expectedMarks();
  const families = [...new Set(everything.map(({ family }) => family))];
  const inFamily = (family: string): string[] =>
    everything.filter((one) => one.family === family).map(nameOf);
  const succeeds = (name: string): boolean => without?.rows[name]?.succeeds === true;
  const onlyUnmarked = (name: string): boolean => {
    const { effects = [], succeeds = false } = without?.rows[name] ?? {};
    return succeeds && expected[name] === 0 && effects.every((effect) => effect === "no mark");
  };
  const asExpected = (name: string): boolean => ours?.rows[name] === expected[name];
  const count = (names: string[], holds: (name: string) => boolean): number => names.filter(holds).length;
  // Where they were not marked with us in the same way, those columns are left out.
  const row = (cells: string[], withUs: string): string =>
    `| ${[...cells, ...(ours ? [withUs] : [])].join(" | ")} |`;
  const head = (cells: string[], withUs: string): string =>
    `${row(cells, withUs)}\n${row(
      cells.map(() => "---"),
      "---",
    )}`;
  const total = (title: string, names: string[]): string =>
    row(
      [title, names.length, count(names, succeeds), count(names, onlyUnmarked)].map(String),
      String(count(names, asExpected)),
    );
  const line = (name: string): string => {
    const seen = without?.rows[name];
    const happened = seen ? seen.happened.join("; ") || "nothing" : "not run";
    return row(
      [
        cell(name.slice(name.indexOf(": ") + 2)),
        String(expected[name]),
        cell(happened),
        seen?.succeeds ? "yes" : "no",
      ],
      `${ours?.rows[name] ?? "none"}${asExpected(name) ? "" : ", **wrong**"}`,
    );
  };
  const sections = families.map(
    (family) => `### ${family}

${head(["submission", "mark deserved", "without us", "succeeds"], "mark by `wirebook grade`")}
${inFamily(family).map(line).join("\n")}
`,
  );
  return `# Hostile submissions, without us and with us

${everything.length} submissions of \`test/grading/hostile/\`. Each is first handed to a grader who has nothing but nbgrader: the same course with its tests as code in the notebook, the
hidden ones between nbgrader's marks, \`nbgrader autograde\` as it comes, this kernel without walls and without checks. Then \`wirebook grade\` marks it.

- Without us: ${runLine("grading-without", without, `nbgrader ${nbgraderVersion()}; the time of all runs together`)}
- With us: ${runLine("grading", ours)}

What counts as success is in \`test/grading/plain/verdict.ts\`, by family: something hidden stands below a cell of the notebook that was run (hidden tests, the grader's environment
and files), or went out; nbgrader's gradebook has another mark than the one deserved; memory (1 GB), processes (300) or disk (160 MB) of a small computer are used up; who is marked
beside does not get what they deserve; a file \`pwned\` outside of the submission's folder; of zip files, what Python's \`shutil.unpack_archive\`, loops over \`zipfile\`, \`unzip\` and
\`nbgrader zip_collect\` let through. "No mark" means that autograde gave up this submission with an error. Where an attack is addressed to checks, the same
idea is addressed to plain tests (\`plain\` in \`test/grading/hostile/\`). The Internet, the clouds' address, a name server and Docker's socket are played by a
listener. Innocent submissions are marked in the same way, get what they deserve, and show nothing.

${head(["family", "submissions", "succeed without us", 'of these only by "no mark"'], "marked as deserved by `wirebook grade`")}
${families.map((family) => total(family, inFamily(family))).join("\n")}
${total("**all**", everything.map(nameOf))}

${sections.join("\n")}`;
}

function runLine(scenario: string, run: Run<unknown> | undefined, what = ""): string {
  const command = `\`npm run faults -- ${scenario} --full --doc\``;
  return run
    ? `${command}, ${run.date}, ${Math.ceil(run.seconds / 60)} minutes (${[run.system, what].filter(Boolean).join(", ")})`
    : `${command}; the figures are in [faults.md](faults.md)`;
}

const nbgraderVersion = (): string =>
  spawnSync(python, ["-c", "import nbgrader; print(nbgrader.__version__)"], {
    encoding: "utf8",
  }).stdout.trim();

/** Within a table. */
const cell = (text: string): string =>
  text.replaceAll(/[\s\p{Cc}]+/gu, " ").replaceAll(/[\\`|*_<>[\]]/g, (mark) => `\\${mark}`);

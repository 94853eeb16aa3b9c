// Numbers of a student's own, where marks are given: they are those of whoever handed in, not of whoever grades.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { personal } from "../../kernel-helpers/lesson/personal.js";
import type { Cell, Notebook } from "../../src/client/notebook.js";
import type { Grade } from "../../src/grading/needs.js";
import { Folder } from "../client/command.js";
import { unzip } from "../submission/zips.js";
import { writeSubmission } from "./course.js";

const TIME = 120_000;
const shutIn = spawnSync("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "true"]).status === 0;
const OWN =
  "import { personal } from 'wirebook/lesson';\nconst mine = personal('lab').integer('n', 0, 1e9);\nmine";

const numberOf = (student: string): number =>
  personal("lab", { student, course: "nets" }).integer("n", 0, 1e9);

function notebook(answer: string): Notebook {
  const code = (id: string, source: string, nbgrader: object): Cell => ({
    cell_type: "code",
    id,
    source,
    outputs: [],
    execution_count: null,
    metadata: { nbgrader: { schema_version: 3, grade_id: id, task: false, solution: false, ...nbgrader } },
  });
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: "wirebook", display_name: "TypeScript (Wirebook)", language: "typescript" },
      wirebook: { assignment: { course: "nets", name: "lab" } },
    },
    cells: [
      code("answer", answer, { grade: false, locked: false, solution: true }),
      code("test", 'await check("p.1")', { grade: true, locked: true, points: 1 }),
    ],
  } as Notebook;
}

const CHECK = `
import { defineChecks } from "wirebook/checks";
import { personal } from "wirebook/lesson";
export const checks = defineChecks({
  "p.1": {
    title: "A number of one's own",
    points: 1,
    async run(student, t) {
      t.expect("it is the student's", {}, (await student.value("mine")) === personal("lab").integer("n", 0, 1e9));
    },
  },
});
`;

test("each student's number is their own where marks are given, and another one's is not it", {
  timeout: TIME,
}, async () => {
  using folder = new Folder();
  // Submissions of root's run as another user, who has to get into the folder for temporary files.
  for (const path of [folder.path, folder.temporary]) chmodSync(path, 0o755);
  for (const name of ["source", "checks"]) mkdirSync(join(folder.path, name));
  writeFileSync(join(folder.path, "source", "lab.ipynb"), JSON.stringify(notebook("// YOUR CODE HERE")));
  writeFileSync(join(folder.path, "checks", "p.ts"), CHECK);
  for (const [student, answer] of [
    ["anna", OWN],
    ["ben", OWN],
    ["cleo", `const mine = ${numberOf("anna")};`],
  ] as const)
    writeSubmission(join(folder.path, "in"), student, notebook(answer));
  // Of whoever grades.
  folder.env = { WIREBOOK_STUDENT: "grader", WIREBOOK_COURSE: "other" };
  const { stderr } = await folder.wirebook(
    ...["grade", "in", "--source", "source", "--assignment", "lab", "--checks", "checks", "--jobs", "1"],
    ...(shutIn ? [] : ["--unsafe-no-sandbox"]),
  );
  const grades = JSON.parse(readFileSync(join(folder.path, "grades", "grades.json"), "utf8")) as Grade[];
  expect(
    grades.map(({ student, total }) => [student, total]),
    stderr,
  ).toEqual([
    ["anna", 1],
    ["ben", 1],
    ["cleo", 0],
  ]);
  for (const student of ["anna", "ben"])
    expect(
      readFileSync(join(folder.path, "grades", "executed", student, "lab", "lab.ipynb"), "utf8"),
    ).toContain(String(numberOf(student)));
});

test("what is handed in was run with the number of whoever hands it in", { timeout: TIME }, async () => {
  using folder = new Folder();
  writeFileSync(join(folder.path, "lab.ipynb"), JSON.stringify(notebook(OWN)));
  await folder.wirebook("submit", "--no-html", "--student", "ada", "lab.ipynb");
  const name = folder.names(".").find((one) => one.endsWith(".zip")) ?? "";
  expect(String(unzip(join(folder.path, name)).get("executed/lab.ipynb"))).toContain(String(numberOf("ada")));
});

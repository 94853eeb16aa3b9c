// docs/instructor.md, command by command: what stands in its blocks is all that is typed here, as a reader would, from an empty folder.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePorts } from "../../src/client/free-ports.js";
import { type Ended, Folder } from "../client/command.js";
import { root } from "../places.js";
import type { Notebook } from "./sources.js";

const LONG = { timeout: 1_800_000 };
const page = readFileSync(join(root, "docs", "instructor.md"), "utf8");
const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block.trim().split("\n"));

const home = new Folder();
const course = join(home.path, "courses", "nets");
const downloads = join(home.path, "Downloads", "submissions");
/** Where the reader is. */
let here = root;
/** The line that says what `wirebook` is. */
let alias = "";
/** Commands of the page that have run. */
const typed: string[] = [];

/** Types a line. A comment behind it is part of it, as for a reader who copies it. */
async function type(line: string, more = ""): Promise<Ended> {
  typed.push(line);
  const { WIREBOOK_CHECKS: _, ...env } = process.env;
  const script = [
    "shopt -s expand_aliases",
    `cd '${root}'`,
    alias,
    `cd '${here}'`,
    line.replace("   #", `${more} #`),
  ];
  const child = spawn("bash", ["-c", script.join("\n")], {
    env: { ...env, HOME: home.path, TMPDIR: home.temporary, WIREBOOK_STUDENT: "" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  if (line.startsWith("wirebook course lab"))
    await mark(Number(/port=(\d+)/.exec(more)?.[1]), child.pid ?? 0);
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, stdout, stderr };
}

/** Marks by hand through the Formgrader's interface, then Ctrl-C. */
async function mark(port: number, pid: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/formgrader`;
  const headers = { Authorization: "token secret" };
  const ask = async (path: string, put?: object): Promise<Response> =>
    await fetch(`${url}/${path}`, { headers, ...(put && { method: "PUT", body: JSON.stringify(put) }) });
  try {
    for (let i = 0; !(await ask("manage_assignments").catch(() => undefined))?.ok; i++) {
      if (i > 1500) throw new Error("the Formgrader does not answer");
      await new Promise((wait) => setTimeout(wait, 200));
    }
    const all = (await (await ask("api/submitted_notebooks/lab/7-questions")).json()) as {
      id: string;
      student: string;
    }[];
    const id = all.find(({ student }) => student === "ada")?.id;
    const grades = (await (await ask(`api/grades?submission_id=${id}`)).json()) as {
      id: string;
      name: string;
    }[];
    const task = grades.find(({ name }) => name === "q1");
    const saved = await ask(`api/grade/${task?.id}`, { manual_score: 3, extra_credit: 0.5 });
    expect(saved.status).toBe(200);
  } finally {
    process.kill(-pid, "SIGINT");
  }
}

/** A student's work on notebook 7: the scanner is written, and what takes long is deleted. */
function answered(): Notebook {
  const read = (...path: string[]): Notebook => JSON.parse(readFileSync(join(course, ...path), "utf8"));
  const notebook = read("release", "lab", "7-questions.ipynb");
  const solved = read("source", "lab", "7-questions.ipynb").cells.find(({ id }) => id === "q4-answer-code");
  for (const cell of notebook.cells)
    if (cell.id === "q4-answer-code")
      cell.source = [solved?.source ?? ""]
        .flat()
        .join("")
        .replace(/^.*(BEGIN|END) SOLUTION.*\n/gm, "");
  notebook.cells = notebook.cells.filter(
    ({ id, metadata }) =>
      metadata.nbgrader || /^(imports|q1-server|q4-planted)$/.test(id) || id.endsWith("-answer"),
  );
  return notebook;
}

/** What students do between two lines of the page. */
async function handIn(student: string, notebook: Notebook): Promise<void> {
  const folder = join(home.path, student);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "7-questions.ipynb"), JSON.stringify(notebook));
  const words = ["submit", "--student", student, "--no-run", "--no-html", "--output-dir", downloads];
  const made = await home.wirebook(...words, join(folder, "7-questions.ipynb"));
  expect(made.stdout, made.stderr).toContain(`Made for ${student}`);
}

const rows = (file: string): Record<string, string>[] => {
  const [head = "", ...lines] = readFileSync(join(course, file), "utf8").trim().split(/\r?\n/);
  const columns = head.split(",");
  return lines.map((line) =>
    Object.fromEntries(line.split(",").map((value, i) => [columns[i] ?? "", value])),
  );
};
const marksOf = (file: string): unknown[] =>
  rows(file)
    .filter(({ score }) => Number(score) >= 0)
    .map(({ student_id, score, max_score }) => [student_id, Number(score), Number(max_score)])
    .sort();

/** What the page promises of a line, beside its exit code 0. */
const promises: [line: RegExp, promise: (ended: Ended) => void][] = [
  [
    /course init/,
    ({ stdout }) => {
      expect(stdout).toContain('The course "nets" is in');
      expect(readdirSync(course)).toEqual(
        expect.arrayContaining(["nbgrader_config.py", "source", "checks", "README.md"]),
      );
    },
  ],
  [
    /release lab/,
    ({ stdout }) => {
      expect(stdout).toContain("(8 notebooks)");
      expect(readdirSync(join(course, "release", "lab"))).toEqual(
        expect.arrayContaining(["7-questions.ipynb", "checks"]),
      );
    },
  ],
  [/course import/, ({ stdout }) => expect(stdout).toContain(" 0 refused.")],
  [/autograde lab/, () => expect(readdirSync(join(course, "autograded")).sort()).toEqual(["ada", "ben"])],
  [
    /generate_feedback lab/,
    () => expect(readdirSync(join(course, "feedback", "ada", "lab"))).toContain("7-questions.html"),
  ],
  [
    /export\b(?! --to)/,
    () =>
      expect(marksOf("grades.csv")).toEqual([
        ["ada", 5.5, 20],
        ["ben", 0, 20],
      ]),
  ],
  [/export --to/, () => expect(rows("lab.csv")[0]).toHaveProperty("late_submission_penalty")],
];

beforeAll(() => mkdirSync(downloads, { recursive: true }));
afterAll(() => home[Symbol.dispose]());

/** Reads on until the block is done. */
async function follow(lines: string[], between: Record<string, () => Promise<void>> = {}): Promise<void> {
  for (const line of lines) {
    for (const [words, act] of Object.entries(between)) if (line.includes(words)) await act();
    if (line.startsWith("#")) continue;
    if (line.startsWith("cd ")) {
      here = resolve(line.slice(3).replace("~", home.path));
      typed.push(line);
      continue;
    }
    const [port] = await freePorts(1);
    const ended = await type(
      line,
      line.startsWith("wirebook course lab")
        ? ` --no-browser --ServerApp.port=${port} --IdentityProvider.token=secret`
        : "",
    );
    expect([line, ended.code], ended.stdout + ended.stderr).toEqual([line, 0]);
    for (const [pattern, promise] of promises) if (pattern.test(line)) promise(ended);
  }
}

const block = (words: string | RegExp): string[] => {
  const found = blocks.find((lines) => lines.join("\n").search(words) >= 0);
  if (!found) throw new Error(`the page has no block with "${words}"`);
  return found;
};

test("a course comes from nothing to marks with the words of the page, in their order", LONG, async () => {
  const [setup = "", name = ""] = block("npm run setup");
  expect(setup).toBe("npm run setup");
  expect(existsSync(join(root, "setup", "main.mjs"))).toBe(true);
  alias = name;
  typed.push(setup, name);
  await follow(block("course init"), {
    "students work": async () => {
      await handIn("ada", answered());
      const empty = answered();
      empty.cells = empty.cells.filter(({ id }) => id !== "q4-answer-code");
      await handIn("ben", empty);
    },
  });
});

test(
  "names, a deadline, a second submission and a changed check keep what was given by hand",
  LONG,
  async () => {
    const students = "id,last_name,first_name,email\nada,Lovelace,Ada,ada@example.org\nben,Büchner,Ben,\n";
    writeFileSync(join(home.path, "Downloads", "students.csv"), students);
    await follow(block("student import"));
    await follow(block("--duedate"));
    await handIn("ben", answered());
    await follow(block(/^wirebook course import[^\n]*\nwirebook course nbgrader autograde lab$/));
    const check = join(course, "checks", "7-questions.ts");
    writeFileSync(check, `${readFileSync(check, "utf8")}\n// changed\n`);
    await follow(block("--force"));
    await follow(block("--to=lab"));
    expect(marksOf("lab.csv")).toEqual([
      ["ada", 5.5, 20],
      ["ben", 2, 20],
    ]);
    expect(rows("lab.csv").map(({ last_name }) => last_name)).toEqual(
      expect.arrayContaining(["Lovelace", "Büchner"]),
    );
  },
);

test("no command of the page was left out", () => {
  const all = blocks.flat().filter((line) => line !== "" && !line.startsWith("#"));
  expect(all.filter((line) => !typed.includes(line))).toEqual([]);
});

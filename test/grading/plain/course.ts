// The same small course as whoever has nothing but nbgrader would write it: the same questions and answers, the tests as code in the
// notebook, the hidden ones between nbgrader's marks, a number at the end for a part of the points.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Notebook } from "../../../src/client/notebook.js";
import { dist, python, root } from "../../places.js";
import { given, handedIn, right, secret, wrongAnswers } from "../course.js";

/** What is hidden, each with a word of its own, so that what comes out says where it was. */
export const hidden: Record<"tests" | "environment" | "file", string> = {
  tests: `${secret}-tests`,
  environment: `${secret}-environment`,
  file: `${secret}-file`,
};

/** A kernel shows two lines before and behind the one that fails: no failing test may say what is looked for. */
const quiet = `// What is asked here
// cannot be known beforehand.
// ${hidden.tests}
// It is made anew
// whenever it is asked.`;

const tests: Record<string, string> = {
  "test-add": `import assert from "node:assert";
assert.strictEqual(add(2, 3), 5);`,
  "test-add-more": `// Other pairs of numbers.
// BEGIN HIDDEN TESTS
${quiet}
const pairs = Array.from({ length: 3 }, () => [Math.floor(Math.random() * 1e6), Math.floor(Math.random() * 1e6)]);
assert.deepStrictEqual(pairs.map(([a, b]) => add(a, b)), pairs.map(([a, b]) => a + b));
// END HIDDEN TESTS`,
  "test-server": `import net from "node:net";
function ask(words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(words));
    socket.once("data", (data) => { resolve(String(data)); socket.destroy(); });
    socket.once("error", reject);
    setTimeout(() => reject(new Error("no answer")), 5000).unref();
  });
}
// BEGIN HIDDEN TESTS
${quiet}
const sent = [crypto.randomUUID(), crypto.randomUUID()];
const answers = await Promise.all(sent.map(ask));
if (!answers.every((answer, i) => answer.startsWith("echo ") && answer.endsWith(sent[i]))) throw new Error("not echoed");
// END HIDDEN TESTS`,
  "test-words": `let points = 0;
// BEGIN HIDDEN TESTS
${quiet}
const [often, once] = [crypto.randomUUID(), crypto.randomUUID()];
const counted = await count([often, once, often].join(" "));
if (JSON.stringify([...counted].sort()) === JSON.stringify([[often, 2], [once, 1]].sort())) points = 4;
else if (counted.get(often) === 2) points = 3;
// END HIDDEN TESTS
points`,
};

/** Where things lie in the box. */
export const grader = "/home/grader";
const node = "/opt/node/bin/node";

export interface PlainCourse {
  /** Becomes the grader's home. */
  home: string;
  source: Notebook;
  /** What `nbgrader generate_assignment` gives to students. */
  released: Notebook;
  env: Record<string, string>;
  readable: readonly (readonly [string, string])[];
}

/** Writes the home of somebody who marks with nbgrader and this kernel, and has prepared the assignment with it. */
export function writePlainCourse(home: string): PlainCourse {
  const course = join(home, "course");
  const kernel = join(home, ".local", "share", "jupyter", "kernels", "wirebook");
  for (const each of [
    join(course, "source", "lab"),
    join(course, "submitted"),
    kernel,
    join(home, "wirebook", "node_modules"),
  ])
    mkdirSync(each, { recursive: true });
  const source = given();
  for (const cell of source.cells) cell.source = tests[cell.id as string] ?? cell.source;
  writeFileSync(join(course, "source", "lab", "lab.ipynb"), JSON.stringify(source));
  // nbgrader knows no stub for this language; all else is as it comes.
  writeFileSync(
    join(course, "nbgrader_config.py"),
    'c = get_config()\nc.CourseDirectory.course_id = "plain"\nc.ClearSolutions.code_stub = {"typescript": "// YOUR CODE HERE"}\n',
  );
  writeFileSync(join(home, "unchecked.ipynb"), JSON.stringify({ metadata: { wirebook: { types: "off" } } }));
  writeFileSync(join(home, "private.txt"), `${hidden.file}\n`);
  cpSync(dist, join(home, "wirebook", "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(home, "wirebook", "package.json"));
  writeFileSync(
    join(kernel, "kernel.json"),
    JSON.stringify({
      argv: [node, `${grader}/wirebook/dist/supervisor.js`, "{connection_file}"],
      display_name: "TypeScript (Wirebook)",
      language: "typescript",
      interrupt_mode: "message",
      // What types are found to be changes no mark, and takes half of the time.
      env: { WIREBOOK_NOTEBOOK: `${grader}/unchecked.ipynb` },
    }),
  );
  const made = spawnSync(python, ["-m", "nbgrader", "generate_assignment", "lab"], {
    cwd: course,
    encoding: "utf8",
    env: { ...process.env, PATH: `${join(python, "..")}:${process.env.PATH}` },
  });
  if (made.status !== 0) throw new Error(`nbgrader generate_assignment: ${made.stderr}`);
  const [prefix = "", made_in = ""] = spawnSync(
    python,
    [
      "-c",
      "import sys, shutil; print(sys.base_prefix); print(open(shutil.which('alembic')).readline()[2:].strip())",
    ],
    { encoding: "utf8", env: { ...process.env, PATH: join(python, "..") } },
  ).stdout.split("\n");
  const venv = join(root, ".venv");
  return {
    home,
    source,
    released: JSON.parse(readFileSync(join(course, "release", "lab", "lab.ipynb"), "utf8")) as Notebook,
    env: {
      PATH: `${join(venv, "bin")}:/usr/local/bin:/usr/bin:/bin`,
      HOME: grader,
      LANG: "C.UTF-8",
      GRADERS_PASSWORD: hidden.environment,
    },
    readable: [
      [prefix, prefix],
      [venv, venv],
      // The scripts of a venv that was moved name the place where it was made.
      ...(made_in.startsWith(venv) ? [] : [[venv, join(made_in, "..", "..")] as const]),
      [process.execPath, node],
      [join(root, "node_modules"), `${grader}/wirebook/node_modules`],
    ],
  };
}

/** A notebook that was written for the course with checks, as it would be handed in here: what asks for a check is the test's own cell. */
export function plainly(text: string, released: Notebook): string {
  const asked: Record<string, string> = {
    "h.1": "test-add",
    "h.2": "test-add-more",
    "h.3": "test-server",
    "h.4": "test-words",
  };
  const ofTest = (id: string): string =>
    JSON.stringify([released.cells.find((cell) => idOf(cell) === id)?.source].flat().join("")).slice(1, -1);
  let changed = text.replaceAll(/await check\(\\"(h\.[1-4])\\"\)/g, (_all, id: string) =>
    ofTest(asked[id] as string),
  );
  // What nbgrader's release adds to the metadata.
  changed = changed.replaceAll(/"nbgrader":\{[^{}]*\}/g, (all) => {
    const own = JSON.parse(`{${all}}`) as { nbgrader: { grade_id?: string } };
    const given = released.cells.find((cell) => idOf(cell) === own.nbgrader.grade_id);
    return JSON.stringify({ nbgrader: { ...(given?.metadata.nbgrader as object), ...own.nbgrader } }).slice(
      1,
      -1,
    );
  });
  return changed;
}

const idOf = ({ metadata }: Notebook["cells"][number]): unknown =>
  (metadata.nbgrader as { grade_id?: string } | undefined)?.grade_id;

/** Innocent submissions: what they are marked with says whether the box marks rightly at all. */
export const innocent: Record<"right" | "half" | "empty" | "wrong", { notebook: Notebook; mark: number }> = {
  right: { notebook: handedIn(right), mark: 10 },
  half: {
    notebook: handedIn({ ...right, "sol-add": "const add = (a: number, b: number) => a * b;" }),
    mark: 6,
  },
  empty: { notebook: handedIn({}), mark: 0 },
  wrong: { notebook: handedIn(wrongAnswers), mark: 0 },
};

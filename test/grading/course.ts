// A small course: the instructor's notebook, visible and hidden checks, and answers of students.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cell, Notebook } from "../../src/client/notebook.js";

/** Stands in the hidden checks, and may stand nowhere that a student or a submission can see. */
export const secret = "hidden-marker-8f3a91c7";

interface Meta {
  grade?: boolean;
  solution?: boolean;
  locked?: boolean;
  points?: number;
}

export function cell(id: string, source: string, meta?: Meta, cell_type: Cell["cell_type"] = "code"): Cell {
  const { grade = false, solution = false, locked = false, points } = meta ?? {};
  const nbgrader = {
    schema_version: 3,
    grade_id: id,
    grade,
    solution,
    locked,
    task: false,
    ...(points !== undefined && { points }),
  };
  return {
    cell_type,
    id,
    source,
    metadata: meta ? { nbgrader } : {},
    ...(cell_type === "code" && { outputs: [], execution_count: null }),
  };
}

export const answer: Meta = { solution: true };
export const test = (points: number): Meta => ({ grade: true, locked: true, points });

export const kernelspec: Record<string, string> = {
  name: "wirebook",
  display_name: "TypeScript (Wirebook)",
  language: "typescript",
};

export function given(): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec },
    cells: [
      cell("intro", "# Sums and servers", { locked: true }, "markdown"),
      cell("sol-add", "// YOUR CODE HERE", answer),
      cell("test-add", 'await check("h.1")', test(1)),
      cell("test-add-more", 'await check("h.2")', test(3)),
      cell("sol-server", "// YOUR CODE HERE", answer),
      cell("test-server", 'await check("h.3")', test(2)),
      cell("sol-words", "// YOUR CODE HERE", answer),
      cell("test-words", 'await check("h.4")', test(4)),
    ],
  };
}

export type Answers = Partial<Record<"sol-add" | "sol-server" | "sol-words", string>>;

export const right: Required<Answers> = {
  "sol-add": "function add(a: number, b: number): number { return a + b; }",
  "sol-server": `import { serve } from "wirebook/serve";
const server = await serve(12345, async (conn: any) => {
  await conn.sendall(Buffer.concat([Buffer.from("echo "), await conn.recv(100)]));
});
const port = 12345;`,
  "sol-words": `async function count(text: string): Promise<Map<string, number>> {
  const words = new Map<string, number>();
  for (const word of text.split(" ")) words.set(word, (words.get(word) ?? 0) + 1);
  return words;
}`,
};

/** All questions are answered, none rightly. */
export const wrongAnswers: Required<Answers> = {
  "sol-add": "function add(a: number, b: number): any { return 0; }",
  "sol-server": `import { serve } from "wirebook/serve";
const server = await serve(12345, async (conn: any) => { await conn.recv(100); await conn.sendall("hello"); });
const port = 12345;`,
  "sol-words": "async function count(text: string): Promise<any> { return new Map(); }",
};

export function handedIn(answers: Answers): Notebook {
  const notebook = given();
  for (const each of notebook.cells) {
    const own = answers[each.id as keyof Answers];
    if (own !== undefined) each.source = own;
  }
  return notebook;
}

const visible = `
import { defineChecks } from "wirebook/checks";
export const checks = defineChecks({
  "h.1": {
    title: "Two and three",
    points: 1,
    async run(student, t) {
      const seen = await student.call("add", [2, 3]);
      t.expect("add(2, 3)", {}, seen === 5, { expected: 5, seen });
    },
  },
});
`;

const hidden = `
import { randomInt, randomUUID } from "node:crypto";
import { defineChecks } from "wirebook/checks";
const marker = "${secret}";
export const checks = defineChecks({
  "h.2": {
    title: "Other numbers",
    points: 3,
    hints: ["Does it add?", marker + " hint two", marker],
    async run(student, t) {
      for (let i = 0; i < 3; i++) {
        const [a, b] = [randomInt(1e6), randomInt(1e6)];
        await t.attempt(marker + i, {}, async () => {
          const seen = await student.call("add", [a, b], { timeout: 6 });
          return { passed: seen === a + b, expected: marker, seen };
        });
      }
    },
  },
  "h.3": {
    title: "The server",
    points: 2,
    timeout: 20,
    async run(student, t) {
      const port = Number(await student.value("port", { timeout: 6 }));
      const words = randomUUID();
      await t.attempt(marker + " echo", {}, async () => {
        const seen = String(await student.network.exchange(port, { send: words, bytes: 41, timeout: 6 }));
        return { passed: seen === "echo " + words, expected: marker, seen };
      });
    },
  },
  "h.4": {
    title: "Words",
    points: 4,
    async run(student, t) {
      const [a, b] = [randomUUID(), randomUUID()];
      const seen = await student.call("count", [[a, b, a].join(" ")], { timeout: 6 });
      const map = seen instanceof Map ? seen : new Map();
      t.expect(marker + " twice", { weight: 3 }, map.get(a) === 2, { expected: marker, seen });
      t.expect(marker + " once", { weight: 1 }, map.get(b) === 1 && map.size === 2, { expected: marker, seen });
    },
  },
});
`;

export interface Course {
  source: string;
  visible: string;
  hidden: string;
}

/** Writes the instructor's side of it. */
export function writeCourse(folder: string): Course {
  const course = {
    source: join(folder, "lab"),
    visible: join(folder, "checks"),
    hidden: join(folder, "hidden"),
  };
  for (const each of Object.values(course)) mkdirSync(each, { recursive: true });
  writeFileSync(join(course.source, "lab.ipynb"), JSON.stringify(given()));
  writeFileSync(join(course.visible, "h.ts"), visible);
  writeFileSync(join(course.hidden, "h.ts"), hidden);
  return course;
}

/** A folder as nbgrader has it: FOLDER/STUDENT/lab/lab.ipynb. */
export function writeSubmission(folder: string, student: string, notebook: Notebook | string): void {
  const own = join(folder, student, "lab");
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, "lab.ipynb"), typeof notebook === "string" ? notebook : JSON.stringify(notebook));
}

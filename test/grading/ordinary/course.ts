// An assignment of usual size: five questions with code to write, six checks, twenty points. Values, streams of bytes, a server and a client
// are asked for, so that whatever checks do is done.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Notebook } from "../../../src/client/notebook.js";
import { answer, cell, kernelspec, test } from "../course.js";

export const assignment = "lab";
export const notebookName = "sockets.ipynb";

/** What stands in an answer before anybody writes one, as nbgrader's release has it. */
export const placeholder = '// YOUR CODE HERE\nthrow new Error("not implemented");';

export type Question = "parse" | "lines" | "server" | "client" | "words";

/** The cell of each question, and the tests behind it with their points. */
export const questions: Record<Question, { text: string; tests: Record<string, number> }> = {
  parse: {
    text: "`parseAddress(text)` gives `{ host, port }`, or `null` where there is no port.",
    tests: { "o.1": 2, "o.2": 3 },
  },
  lines: {
    text: "`lines(chunks)` gives the whole lines in what came piece by piece.",
    tests: { "o.3": 4 },
  },
  server: {
    text: "A server on `port` answers each client with what it said, in capitals.",
    tests: { "o.4": 4 },
  },
  client: { text: "`ask(port, text)` sends a line and gives all of the answer.", tests: { "o.5": 3 } },
  words: { text: "`count(text)` counts words, in a `Map`.", tests: { "o.6": 4 } },
};

export const gradeId = (check: string): string => `test-${check.replace(".", "-")}`;

/** @param answers left out: the placeholder stays */
export function notebookWith(answers: Partial<Record<Question, string>>): Notebook {
  const asked = Object.entries(questions).flatMap(([name, { text, tests }], index) => [
    cell(`q-${name}`, `## ${index + 1}\n\n${text}`, { locked: true }, "markdown"),
    cell(`sol-${name}`, answers[name as Question] ?? placeholder, answer),
    ...Object.entries(tests).map(([id, points]) => cell(gradeId(id), `await check("${id}")`, test(points))),
  ]);
  const shown = cell("shown", 'const greeting = "hello";\nconsole.log(greeting, "from", process.version);', {
    locked: true,
  });
  const title = cell("title", "# Sockets", { locked: true }, "markdown");
  return { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells: [title, shown, ...asked] };
}

const visible = `
import { defineChecks } from "wirebook/checks";
export const checks = defineChecks({
  "o.1": {
    title: "An address",
    points: 2,
    hints: ["What stands before the colon?"],
    async run(student, t) {
      const seen: any = await student.call("parseAddress", ["127.0.0.1:80"], { timeout: 8 });
      t.expect("127.0.0.1:80", {}, seen?.host === "127.0.0.1" && seen?.port === 80, { seen });
    },
  },
});
`;

const hidden = `
import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { defineChecks } from "wirebook/checks";

/** A server of the checker's, which answers each line with a text. */
async function answering(text, use) {
  const server = createServer((socket) => {
    socket.on("error", () => {}).once("data", () => socket.end(text));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(server.address().port);
  } finally {
    server.close();
  }
}

export const checks = defineChecks({
  "o.2": {
    title: "Other addresses",
    points: 3,
    async run(student, t) {
      const [host, port] = ["h" + randomInt(1000), randomInt(1, 65536)];
      const seen: any = await student.call("parseAddress", [host + ":" + port], { timeout: 8 });
      t.expect("any address", { weight: 2 }, seen?.host === host && seen?.port === port);
      t.expect("no port", { weight: 1 }, (await student.call("parseAddress", [host], { timeout: 8 })) === null);
    },
  },
  "o.3": {
    title: "Lines",
    points: 4,
    async run(student, t) {
      const [a, b] = [randomUUID(), randomUUID()];
      const of = async (chunks) => JSON.stringify(await student.call("lines", [chunks], { timeout: 8 }));
      t.expect("whole", { weight: 1 }, (await of([a + "\\n", b + "\\n"])) === JSON.stringify([a, b]));
      t.expect("in pieces", { weight: 2 }, (await of([a.slice(0, 9), a.slice(9) + "\\n" + b.slice(0, 3), b.slice(3) + "\\n"])) === JSON.stringify([a, b]));
      t.expect("the rest", { weight: 1 }, (await of([a + "\\n" + b])) === JSON.stringify([a]));
    },
  },
  "o.4": {
    title: "The server",
    points: 4,
    timeout: 9,
    async run(student, t) {
      const port = Number(await student.value("port", { timeout: 8 }));
      for (const which of ["one client", "the next one"])
        await t.attempt(which, {}, async () => {
          const words = randomUUID();
          return String(await student.network.exchange(port, { send: words, bytes: 36, timeout: 4 })) === words.toUpperCase();
        });
    },
  },
  "o.5": {
    title: "The client",
    points: 3,
    async run(student, t) {
      const short = randomUUID();
      t.expect("short", { weight: 1 }, (await answering(short, (port) => student.call("ask", [port, "hi"], { timeout: 8 }))) === short);
      // More than comes in one piece.
      const long = short.repeat(10_000);
      t.expect("long", { weight: 2 }, (await answering(long, (port) => student.call("ask", [port, "hi"], { timeout: 8 }))) === long);
    },
  },
  "o.6": {
    title: "Words",
    points: 4,
    async run(student, t) {
      const [a, b] = [randomUUID(), randomUUID()];
      const seen = await student.call("count", [[a, b, a].join(" ")], { timeout: 8 });
      const map = seen instanceof Map ? seen : new Map();
      t.expect("twice", { weight: 3 }, map.get(a) === 2);
      t.expect("nothing else", { weight: 1 }, map.get(b) === 1 && map.size === 2);
    },
  },
});
`;

export interface OrdinaryCourse {
  /** The instructor's notebooks. */
  source: string;
  /** Folders of definitions. */
  checks: string[];
}

export function writeOrdinaryCourse(folder: string): OrdinaryCourse {
  const [source, open, shut] = [
    join(folder, "source", assignment),
    join(folder, "checks"),
    join(folder, "hidden"),
  ] as const;
  for (const each of [source, open, shut]) mkdirSync(each, { recursive: true });
  writeFileSync(join(source, notebookName), JSON.stringify(notebookWith({})));
  writeFileSync(join(open, "open.ts"), visible);
  writeFileSync(join(shut, "shut.ts"), hidden);
  return { source, checks: [open, shut] };
}

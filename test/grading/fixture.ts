// Kernels with checks, visible and hidden, for the tests of grading.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answered, Content } from "../kernel/client.js";
import { type KernelProcess, type StartOptions, startKernelProcess } from "../kernel/kernel.js";

export const checkMime = "application/vnd.wirebook.check+json";

/** What no output of a hidden check may hold. */
export const secret = "the-secret-answer-4711";

/** Of the student's folder: everything about them may be seen. */
const visible = `
import { defineChecks } from "wirebook/checks";
export const checks = defineChecks({
  "1.1": {
    title: "The sum of two numbers",
    points: 2,
    hints: ["Look at the result for small numbers.", "What is 2 + 3?", "return a + b"],
    async run(student, t) {
      for (const [a, b] of [[2, 3], [10, -4]]) {
        const seen = await student.call("add", [a, b]);
        t.expect(\`add(\${a}, \${b})\`, {}, seen === a + b, { expected: a + b, seen });
      }
    },
  },
  "1.2": {
    title: "A server that says hello",
    points: 3,
    timeout: 8,
    async run(student, t) {
      const port = Number(await student.value("port"));
      t.expect("somebody listens", { weight: 1 }, await student.network.listening(port));
      await t.attempt("a client gets the greeting", { weight: 2 }, async () => {
        const seen = String(await student.network.exchange(port, { send: "hi", bytes: 5 }));
        return { passed: seen === "hello", expected: "hello", seen };
      });
    },
  },
  "1.3": {
    title: "What is read comes as it is",
    points: 1,
    async run(student, t) {
      const seen = await student.value("thing");
      t.expect("the value", {}, false, { seen });
    },
  },
  "1.4": {
    title: "No time",
    points: 1,
    async run(student, t) {
      t.expect("before", {}, true);
      await student.value("late", { timeout: 1 });
      t.expect("after", {}, true);
    },
  },
  "1.5": {
    title: "The text",
    points: 1,
    async run(student, t) {
      t.expect("a loop", {}, /for/.test((await student.source("cell-a")) ?? ""));
    },
  },
  "1.6": { title: "Broken", points: 1, run() { throw new Error("a mistake of the author's"); } },
  "1.8": {
    title: "A flood",
    points: 1,
    async run(student, t) {
      const port = Number(await student.value("port"));
      const seen = await student.network.exchange(port, { bytes: 30_000_000, timeout: 2 });
      t.expect("much comes", {}, seen.length > 1_000_000, { seen: seen.length });
    },
  },
  "1.7": { title: "Slow", points: 1, timeout: 60, run: () => new Promise(() => {}) },
});
`;

const hidden = `
import { defineChecks } from "wirebook/checks";
const answer = "${secret}";
export const checks = defineChecks({
  "9.1": {
    title: "The hidden sum",
    points: 4,
    hints: ["A first hint.", "A second: ${secret}", "A third."],
    async run(student, t) {
      const seen = await student.call("add", [20, 22]);
      t.expect("42 is " + answer, {}, seen === 42, { expected: answer, seen });
      t.expect("half", {}, (await student.call("add", [1, 1])) === 2, { expected: answer });
    },
  },
  "9.2": { title: "Broken", points: 1, run() { throw new Error(answer); } },
});
`;

export interface Fixture extends AsyncDisposable {
  kernel: KernelProcess;
  run(code: string, options?: { cellId?: string; timeout?: number }): Promise<Answered>;
  /** Runs a check's cell and gives its result. */
  check(id: string): Promise<{ plain: string; html: string; result: Content; all: string }>;
}

/** A kernel beside which lie checks. */
export async function startGrading(
  options: {
    graded?: boolean;
    env?: NodeJS.ProcessEnv;
    prepare?: StartOptions["prepare"];
    prefix?: string[];
  } = {},
): Promise<Fixture> {
  const outside = mkdtempSync(join(tmpdir(), "wirebook-hidden-"));
  writeFileSync(join(outside, "9.ts"), hidden);
  writeFileSync(join(outside, "1.ts"), visible);
  // Whoever the prefix makes of us reads them, too.
  if (options.prefix) chmodSync(outside, 0o755);
  const kernel = await startKernelProcess({
    ...(options.prefix && { prefix: options.prefix }),
    env: {
      ...(options.graded && { WIREBOOK_GRADING: "1" }),
      ...(options.graded && { WIREBOOK_CHECKS: outside }),
      ...options.env,
    },
    prepare(folder) {
      mkdirSync(join(folder, "checks"));
      writeFileSync(join(folder, "checks", "1.ts"), visible);
      options.prepare?.(folder);
    },
  });
  const run: Fixture["run"] = (code, { cellId, timeout = 20_000 } = {}) =>
    kernel.client.execute(code, {}, { timeout, ...(cellId && { metadata: { cellId } }) });
  return {
    kernel,
    run,
    async check(id) {
      const { iopub, reply } = await run(`await check("${id}")`);
      const data = iopub.find(({ type }) => type === "execute_result")?.content.data ?? {};
      return {
        plain: data["text/plain"],
        html: data["text/html"],
        result: data[checkMime],
        all: JSON.stringify([reply, iopub]),
      };
    },
    async [Symbol.asyncDispose]() {
      await kernel[Symbol.asyncDispose]();
      rmSync(outside, { recursive: true, force: true });
    },
  };
}

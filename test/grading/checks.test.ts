// Checks in a real kernel: what students see, what graders read, and that nothing a notebook does has a say in either.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkMime, secret, startGrading } from "./fixture.js";

test("a check shows what was looked at, what came of it, and hints one within the other", async () => {
  await using grading = await startGrading();
  await grading.run("function add(a: number, b: number) { return a * b - 1; }");
  const { result, plain, html } = await grading.check("1.1");
  expect(result).toEqual({
    id: "1.1",
    title: "The sum of two numbers",
    points: 1,
    max: 2,
    passed: false,
    rows: [
      { title: "add(2, 3)", passed: true, weight: 1, expected: "5", seen: "5" },
      { title: "add(10, -4)", passed: false, weight: 1, expected: "6", seen: "-41" },
    ],
    hints: ["Look at the result for small numbers.", "What is 2 + 3?", "return a + b"],
  });
  expect(plain).toContain("1 of 2 points");
  expect(plain).toContain("FAILED  add(10, -4)");
  expect(html).toContain("✗ failed");
  expect(html).toMatch(/<details.*small numbers.*<details.*What is.*<details.*return a \+ b/s);
  await grading.run("function add(a: number, b: number) { return a + b; }");
  const better = await grading.check("1.1");
  expect(better.result).toMatchObject({ points: 2, passed: true });
  expect(better.html).not.toContain("<details");
}, 60_000);

test("a check talks to the student's server over a real socket", async () => {
  await using grading = await startGrading();
  await grading.run(`
    import { createServer } from "node:net";
    const server = createServer((conn) => conn.end("hello")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const port = (server.address() as { port: number }).port;`);
  const good = await grading.check("1.2");
  expect(good.result).toMatchObject({ points: 3, passed: true });
  // What both said is drawn, and there as text, too.
  for (const form of [good.html, good.plain]) {
    expect(form).toContain("What went over the wire between the check and your program");
    expect(form).toContain("the check");
    expect(form).toContain("your server");
    expect(form).toMatch(/recv 5 B/);
  }
  expect(good.html).toMatch(
    /<details><summary>What went over.*<div class="wirebook-trace" role="group" aria-label=.*<svg/s,
  );
  await grading.run("server.close();");
  const bad = await grading.check("1.2");
  expect(bad.result).toMatchObject({ points: 0, passed: false });
  expect(bad.html).toContain("<details open><summary>What went over");
  expect(bad.plain).toMatch(/✕ .*RST/);
}, 60_000);

test("what a check reads comes as it is, and no getter, proxy or method of it runs", async () => {
  await using grading = await startGrading();
  await grading.run(`
    let ran = 0;
    const thing = {
      n: 1, text: "x", nothing: null, missing: undefined, big: 5n, nan: NaN, zero: -0, list: [1, , 3],
      map: new Map([["a", { b: 1 }]]), set: new Set([1]), bytes: Buffer.from("hi"), bad: new RangeError("out"),
      get trap(): number { ran++; for (;;); },
      proxy: new Proxy({}, { get() { ran++; }, ownKeys() { ran++; return []; }, getPrototypeOf() { ran++; return null; } }),
      toString() { ran++; throw 1; }, toJSON() { ran++; return {}; }, f() {},
    };`);
  const { result } = await grading.check("1.3");
  const seen = result.rows[0].seen as string;
  for (const part of [
    "n: 1",
    "text: 'x'",
    "nothing: null",
    "missing: undefined",
    "big: 5n",
    "nan: NaN",
    "zero: -0",
    "[ 1, undefined, 3 ]",
    "Map(1) { 'a' => { b: 1 } }",
    "Set(1) { 1 }",
    "<Buffer 68 69>",
  ])
    expect(seen.replace(/\s+/g, " ")).toContain(part);
  expect(
    (await grading.run("ran")).iopub.find(({ type }) => type === "execute_result")?.content.data,
  ).toEqual({
    "text/plain": "0",
  });
}, 60_000);

test("a value that never comes ends the check without points, and the next cell runs", async () => {
  await using grading = await startGrading();
  for (const late of ["new Promise(() => {})", "new Promise(() => setImmediate(() => { for (;;); }))"]) {
    await grading.run(`const late = ${late};`);
    const { result } = await grading.check("1.4");
    expect(result).toMatchObject({ points: 0, passed: false });
    expect(result.problem).toContain("within 1 s");
    const { iopub } = await grading.run("1 + 1");
    expect(iopub.find(({ type }) => type === "execute_result")?.content.data).toEqual({ "text/plain": "2" });
  }
}, 60_000);

test("a check reads the text of a cell as it was run last", async () => {
  await using grading = await startGrading();
  await grading.run("for (const x of [1]) x;", { cellId: "cell-a" });
  expect((await grading.check("1.5")).result.passed).toBe(true);
  await grading.run("1;", { cellId: "cell-a" });
  expect((await grading.check("1.5")).result.passed).toBe(false);
}, 60_000);

test("a mistake of the check's author is no result of the student's", async () => {
  await using grading = await startGrading();
  const { result } = await grading.check("1.6");
  expect(result).toMatchObject({ points: 0, broken: true });
  expect(result.problem).toContain("a mistake of the author's");
}, 60_000);

test("a check that there is not says which there are; within other code a check says that it stands alone", async () => {
  await using grading = await startGrading();
  const { iopub } = await grading.run("await check('7.7');");
  const error = iopub.find(({ type }) => type === "error")?.content;
  expect(error?.evalue).toContain('There is no check "7.7"');
  expect(error?.evalue).toContain("1.1, 1.2");
  const within = await grading.run("1; await check('1.1')");
  expect(within.iopub.find(({ type }) => type === "error")?.content.evalue).toContain(
    "stands alone in its cell",
  );
}, 60_000);

test("an interrupt ends a check, and the next one works", async () => {
  await using grading = await startGrading();
  await grading.run("const add = (a: number, b: number) => a + b;");
  const id = await grading.kernel.client.send("shell", "execute_request", { code: 'await check("1.7")' });
  await grading.kernel.client.wait((m) => m.type === "execute_input" && m.parent.msg_id === id, {
    what: "its start",
  });
  await grading.kernel.client.request("interrupt_request", {}, { channel: "control" });
  const { reply } = await grading.kernel.client.answered(id, 5000);
  expect(reply.content).toMatchObject({ status: "error", ename: "Interrupted" });
  expect((await grading.check("1.1")).result.passed).toBe(true);
}, 60_000);

test("what a check and a program say to each other is drawn up to a point, however much it is", async () => {
  await using grading = await startGrading();
  await grading.run(`
    import { createServer } from "node:net";
    const server = createServer((conn) => {
      conn.on("error", () => {});
      const more = setInterval(() => conn.write("x".repeat(100_000)), 1);
      conn.on("close", () => clearInterval(more));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const port = (server.address() as { port: number }).port;`);
  const { html, plain } = await grading.check("1.8");
  expect(html.length).toBeLessThan(200_000);
  expect(plain).toMatch(/60 events of 1 socket .*, \d+ more were not kept/);
}, 60_000);

test("of a conversation with a hidden check nothing is shown", async () => {
  await using grading = await startGrading({ graded: true });
  await grading.run(`
    import { createServer } from "node:net";
    const server = createServer((conn) => conn.end("hello")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const port = (server.address() as { port: number }).port;`);
  const { plain, all } = await grading.check("1.2");
  expect(plain).toBe("3");
  expect(all).not.toMatch(/wirebook-trace|over the wire|your server/);
}, 60_000);

test("for graders a result is a plain number, and of a hidden check only title, points and first hint are told", async () => {
  await using grading = await startGrading({ graded: true });
  await grading.run("const add = (a: number, b: number) => (a === 1 ? 0 : a + b);");
  const { result, plain, all } = await grading.check("9.1");
  expect(plain).toBe("2");
  expect(result).toEqual({
    id: "9.1",
    title: "The hidden sum",
    points: 2,
    max: 4,
    passed: false,
    rows: [],
    hints: ["A first hint."],
  });
  expect(all).not.toContain(secret);
  const broken = await grading.check("9.2");
  expect(broken.plain).toBe("0");
  expect(broken.all).not.toContain(secret);
  expect((await grading.check("7.7")).all).not.toContain(secret);
}, 60_000);

test("definitions that lie beside a notebook have no say where marks are given", async () => {
  await using grading = await startGrading({
    graded: true,
    prepare(folder) {
      const own = `export const checks = { "9.1": { title: "mine", points: 100, run(s, t) { t.expect("yes", {}, true); } } };`;
      writeFileSync(join(folder, "checks", "0.ts"), own);
      mkdirSync(join(folder, "node_modules"), { recursive: true });
    },
  });
  await grading.run("const add = () => 0;");
  expect((await grading.check("9.1")).result).toMatchObject({ title: "The hidden sum", points: 0, max: 4 });
}, 60_000);

/** What a student might do in a cell before the check, and what the function gives then. */
const ATTEMPTS: [title: string, code: string, points: number][] = [
  [
    "replaces what comparisons are made with",
    "Object.is = () => true; Number.prototype.valueOf = () => 42;",
    0,
  ],
  [
    "replaces JSON and Promise",
    "JSON.stringify = () => '42'; JSON.parse = () => 42; globalThis.Promise = class {} as never;",
    0,
  ],
  ["replaces what promises do", "Promise.prototype.then = function (f) { f?.(41); return this; };", 0],
  ["defines a check of its own", "globalThis.check = async () => 4;", 0],
  [
    "prints a result after the cell has ended",
    "setInterval(() => { console.log(4); process.stdout.write('4\\n'); display(4); }, 1);",
    0,
  ],
  [
    "writes to the descriptors of others",
    "import fs from 'node:fs'; setInterval(() => { for (let fd = 1; fd < 40; fd++) try { fs.writeSync(fd, '4\\n'); } catch {} }, 5);",
    0,
  ],
  [
    "ends itself when it is asked",
    "const kill = process.kill; var add: any = () => kill(process.pid, 'SIGKILL');",
    0,
  ],
  ["loops when it is asked", "var add: any = () => { for (;;); };", 0],
  [
    "gives an object that says it is 42",
    "var add: any = () => ({ valueOf: () => 42, toString: () => '42', [Symbol.toPrimitive]: () => 42 });",
    0,
  ],
  [
    "gives a getter of getters",
    "var add: any = () => Object.defineProperty({}, 'x', { get() { for (;;); }, enumerable: true });",
    0,
  ],
  ["gives a proxy", "var add: any = () => new Proxy(function () {}, { get: () => 42, apply: () => 42 });", 0],
  ["gives what is endless", "const ring: any = {}; ring.ring = ring; var add: any = () => ring;", 0],
  ["gives what is very large", "var add: any = () => 'x'.repeat(5e8);", 0],
  [
    "throws what cannot be printed",
    "var add: any = () => { throw { get message() { for (;;); }, toString() { for (;;); } }; };",
    0,
  ],
  [
    "works, whatever it prints",
    "var add: any = (a: number, b: number) => { console.log('\\u001b[31m0'); console.error(0); return a + b; };",
    4,
  ],
];

for (const [title, code, points] of ATTEMPTS) {
  test(`a notebook that ${title} gets ${points} points`, async () => {
    await using grading = await startGrading({ graded: true });
    await grading.run("var add: any = () => 0;");
    await grading.run(code);
    const { plain, all } = await grading.check("9.1");
    expect(plain, all.slice(0, 500)).toBe(String(points));
    expect(all).not.toContain(secret);
    const { iopub } = await grading.run('await check("9.1")');
    expect(iopub.map(({ type }) => type).filter((type) => !/^(status|display_data)$/.test(type))).toEqual([
      "execute_input",
      "execute_result",
    ]);
    expect(Object.keys(iopub.find(({ type }) => type === "execute_result")?.content.data)).toContain(
      checkMime,
    );
  }, 60_000);
}

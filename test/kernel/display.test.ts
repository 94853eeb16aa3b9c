// What is shown in the real kernel: the messages that front ends get of it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Client, Content, Received } from "./client.js";
import { startKernelProcess } from "./kernel.js";

const results = (iopub: Received[]): Content[] =>
  iopub.filter(({ type }) => type === "execute_result").map(({ content }) => content);
const shown = (iopub: Received[]): string =>
  String(results(iopub)[0]?.data["text/plain"] ?? iopub.find(({ type }) => type === "error")?.content.evalue);
const show = async (client: Client, code: string): Promise<string> =>
  shown((await client.execute(code)).iopub);
/** What the cell itself has shown or emptied; the kernel may have had something to say, too. */
const of = (client: Client, answer: { reply: Received }): Received[] =>
  client.received.filter(
    ({ type, parent, content }) =>
      parent.msg_id === answer.reply.parent.msg_id &&
      (type === "clear_output" || content.transient?.display_id !== undefined),
  );

test("a function is shown with its types, overload by overload, and a class with its constructor", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  // By then the types are known.
  await client.execute(
    "const scale: number = 2;\nclass Point { constructor(public x: number, public y = 0) {} }",
  );
  const cases: [code: string, text: string | RegExp][] = [
    [
      "function add(a: number, b?: number): number { return a + (b ?? 0); }\nadd",
      "[Function: add]\nadd(a: number, b?: number): number",
    ],
    ["add", "[Function: add]\nadd(a: number, b?: number): number"],
    ["(text: string) => text.length * scale", "[Function (anonymous)]\n(text: string): number"],
    ["({ go: async (n: 1 | 2) => [n] }).go", /^\[AsyncFunction: go\]\ngo\(n: 1 \| 2\): Promise</],
    [
      "function f(a: string): string;\nfunction f(a: number): number;\nfunction f(a: any) { return a; }\nf;",
      "[Function: f]\nf(a: string): string\nf(a: number): number",
    ],
    ["Math.max", "[Function: max]\nmax(...values: number[]): number"],
    ["Point", "[class Point]\nnew Point(x: number, y?: number): Point"],
  ];
  for (const [code, text] of cases) {
    // Types may take longer than a cell waits for them.
    const seen = expect.poll(() => show(client, code), { timeout: 10_000 });
    if (typeof text === "string") await seen.toBe(text);
    else await seen.toMatch(text);
  }
  const { iopub, types } = await client.execute("add");
  expect(types.slice(-2)).toEqual(["execute_result", "idle"]);
  expect(Object.keys(results(iopub)[0] ?? {}).sort()).toEqual(["data", "execution_count", "metadata"]);
  const { reply } = await client.execute("1", { user_expressions: { add: "add" } });
  expect(Object.keys(reply.content.user_expressions.add).sort()).toEqual(["data", "metadata", "status"]);
});

test("where types are off a function is shown with its parameters as written", async () => {
  await using kernel = await startKernelProcess({ env: { WIREBOOK_NOTEBOOK: "lab.ipynb" } });
  writeFileSync(
    join(kernel.folder, "lab.ipynb"),
    JSON.stringify({ metadata: { wirebook: { types: "off" } }, cells: [] }),
  );
  expect(await show(kernel.client, "(a: number, b = 2 as number): number => a + b")).toBe(
    "[Function (anonymous)]\n(a, b = 2)",
  );
});

test("an error as a value has its stack in the student's lines, and a promise says that it is one", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const error = await show(
    client,
    "const a: number = 1;\nfunction make(): Error {\n  return new RangeError('far');\n}\nmake()",
  );
  expect(error).toMatch(/^RangeError: far\n {4}at make \(Cell \[1\]:3:10\)\n {4}at Cell \[1\]:5:1/);
  const promise = await client.execute("const later = new Promise<number>(() => {});\nlater");
  expect(shown(promise.iopub)).toBe(
    "Promise { <pending> }\nA promise: `await` in front of it gives its value.",
  );
  const called = await client.execute("async function work() { return 5; }\nwork()");
  expect(
    called.iopub
      .map(({ content }) => content.data?.["text/plain"] ?? "")
      .join("\n")
      .match(/await/g),
  ).toHaveLength(1);
  expect((await client.execute("undefined")).types).not.toContain("execute_result");
});

test("an output is replaced from its own cell, from another, and by a timer after the cell's end", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const first = await client.execute(
    "display('one', { id: 'state' }); display('two', { display_id: 'state', update: true });\n" +
      "const timer = setTimeout(() => display({ late: true }, { id: 'state', update: true }), 300);",
  );
  const second = await client.execute("display(html`<b>three</b>`, { id: 'state', update: true })");
  await client.wait(({ content }) => content.data?.["text/plain"] === "{ late: true }");
  expect(
    [...of(client, first), ...of(client, second)].map(({ type, content }) => [
      type,
      content.transient,
      content.data["text/plain"],
    ]),
  ).toEqual([
    ["display_data", { display_id: "state" }, "'one'"],
    ["update_display_data", { display_id: "state" }, "'two'"],
    ["update_display_data", { display_id: "state" }, "{ late: true }"],
    ["update_display_data", { display_id: "state" }, "<b>three</b>"],
  ]);
  expect(first.iopub.some(({ type }) => type === "execute_result")).toBe(false);
  const orphan = await client.execute("display(1, { update: true })");
  expect(shown(orphan.iopub)).toBe("display: `update` needs the `id` of the output to replace");
});

test("a formatter that throws makes the cell an error, at the student's line, and the kernel goes on", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const failing =
    "const bad = {\n  [Symbol.for('Jupyter.display')]() {\n    throw new RangeError('no picture');\n  },\n};\n";
  for (const use of ["bad", "display(bad)"]) {
    const { reply, iopub } = await client.execute(failing + use);
    expect(reply.content).toMatchObject({ status: "error", ename: "RangeError", evalue: "no picture" });
    expect(iopub.find(({ type }) => type === "error")?.content.traceback.join("\n")).toMatch(
      /line 3, column/,
    );
  }
  for (const [code, evalue] of [
    ["({ [Symbol.for('Jupyter.display')]: async () => { throw new Error('later'); } })", "later"],
    ["({ [Symbol.for('Jupyter.display')]: () => 5 })", /not a MIME bundle/],
    ["display({ html: '<b>' }, { raw: true })", /such as "text\/html", not "html"/],
    ["await display({ [Symbol.for('Jupyter.display')]: async () => null })", /not a MIME bundle/],
  ] as const)
    expect(await show(client, code)).toMatch(evalue);
  expect(await show(client, "1 + 1")).toBe("2");
});

test("bundles that JSON cannot carry arrive all the same", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const { iopub, reply } = await client.execute(
    "let deep: unknown = 1; for (let i = 0; i < 100_000; i++) deep = [deep];\n" +
      "display({ 'application/json': { n: NaN, big: 2n ** 70n, deep, half: '\\ud800' }, 'text/html': '\\ud800' }, { raw: true, metadata: { 'application/json': { expanded: true } } })",
  );
  expect(reply.content.status).toBe("ok");
  const { content } = iopub.find(({ type }) => type === "display_data") as Received;
  expect(content.data["application/json"]).toMatchObject({
    n: null,
    big: "1180591620717411303424",
    half: "\ufffd",
  });
  expect(content.data["text/html"]).toBe("\ufffd");
  expect(content.metadata).toEqual({ "application/json": { expanded: true } });
});

test("looking at a value can be interrupted, wherever its own code hangs", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute(
    "const inspect = Symbol.for('nodejs.util.inspect.custom'), shown = Symbol.for('Jupyter.display')",
  );
  for (const value of [
    "({ [inspect]() { console.log('in'); for (;;); } })",
    "({ [shown]() { console.log('in'); for (;;); } })",
    "({ [shown]: async () => { console.log('in'); await new Promise(() => {}); } })",
    "display({ [inspect]() { console.log('in'); for (;;); } })",
  ]) {
    const id = await client.send("shell", "execute_request", { code: value });
    await client.wait(({ parent, content }) => parent.msg_id === id && content.text === "in\n");
    await client.request("interrupt_request", {}, { channel: "control" });
    expect((await client.answered(id)).reply.content, value).toMatchObject({
      status: "error",
      ename: "Interrupted",
    });
  }
  expect(await show(client, "typeof shown")).toBe("'symbol'");
});

test("clearOutput empties at once or with the next output, also from a timer", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const answer = await client.execute(
    "clearOutput(); clearOutput({ wait: true }); setTimeout(() => clearOutput(), 200);",
  );
  await expect.poll(() => of(client, answer).length, { timeout: 10_000 }).toBe(3);
  expect(of(client, answer).map(({ type, content }) => [type, content.wait])).toEqual([
    ["clear_output", false],
    ["clear_output", true],
    ["clear_output", false],
  ]);
});

test("a value that has displayed something itself is no result, and can be renewed", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const self = `({ [Symbol.for("Jupyter.display")]() { display("of itself", { id: "self" }) } })`;
  const { iopub, reply } = await client.execute(self, { user_expressions: { self } });
  expect(results(iopub)).toEqual([]);
  expect(iopub.find(({ type }) => type === "display_data")?.content).toMatchObject({
    data: { "text/plain": "'of itself'" },
    transient: { display_id: "self" },
  });
  expect(reply.content).toMatchObject({ status: "ok", user_expressions: { self: { status: "ok" } } });
  const again = await client.execute(`display(${self})`);
  expect(again.reply.content.status).toBe("ok");
  expect(again.iopub.filter(({ type }) => type === "display_data")).toHaveLength(1);
});

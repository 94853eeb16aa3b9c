import { expect, test } from "vitest";
import { startEngineUnderTest } from "./fixture.js";

test("a cell gives the value of its last expression, unless that is undefined, and does not await it", async () => {
  await using engine = startEngineUnderTest();
  expect(await engine.cell("const a: number = 20\na * 2 + 2")).toMatchObject({
    status: "ok",
    value: "42",
    errors: [],
  });
  expect((await engine.cell("console.log(a)")).value).toBeUndefined();
  expect((await engine.cell("await Promise.resolve(a + '!')")).value).toBe("'20!'");
  expect((await engine.cell("Promise.resolve(1)")).value).toMatch(/^Promise { 1 }\n/);
  for (const [code, value] of [
    ["-0", "-0"],
    ["NaN", "NaN"],
    ["12n", "12n"],
    ["null", "null"],
    ["Symbol('s')", "Symbol(s)"],
    ["({a: [1]})", "{ a: [ 1 ] }"],
  ]) {
    expect((await engine.cell(code as string)).value).toBe(value);
  }
});

test("events come in order: output, displays and the result, then done, exactly once", async () => {
  await using engine = startEngineUnderTest();
  const { events } = await engine.cell(
    'console.log("one"); display(1); process.stdout.write("two"); console.error("three"); display(2); "end"',
  );
  expect(events.map((event) => (event.type === "stream" ? event.text : event.type))).toEqual([
    "one\n",
    "display",
    "two",
    "three\n",
    "display",
    "result",
    "done",
  ]);
});

test("an error is told with the student's own lines and columns, in the report and in its stack", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("function inner(n: number): never {\n  throw new RangeError('no ' + n)\n}");
  const ran = await engine.cell("const outer = (): void => {\n  inner(7)\n}\nouter()");
  expect(ran).toMatchObject({ status: "error", errors: ["RangeError: no 7"] });
  const error = ran.events.find((event) => event.type === "error");
  expect(error?.error.frames.map(({ name, file, line, column }) => [name, file, line, column])).toEqual([
    ["inner", "Cell [1]", 2, 9],
    ["outer", "Cell [2]", 2, 3],
    ["", "Cell [2]", 4, 1],
  ]);
  const { stdout } = await engine.cell("try { outer() } catch (e) { console.log(e.stack) }");
  expect(stdout).toBe(
    "RangeError: no 7\n    at inner (Cell [1]:2:9)\n    at outer (Cell [2]:2:3)\n    at Cell [3]:1:7\n",
  );
});

test("what is thrown need not be an Error", async () => {
  await using engine = startEngineUnderTest();
  for (const code of ["throw 5", "throw undefined", "throw { code: 'X' }", "await Promise.reject('text')"]) {
    const ran = await engine.cell(code);
    expect(ran.status).toBe("error");
    expect(ran.errors).toHaveLength(1);
  }
  expect((await engine.cell("1")).value).toBe("1");
});

test("a name whose cell failed is undefined or keeps its value, and can be declared again as anything", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("const first = 1; throw new Error('stop'); const second = 2");
  expect((await engine.cell("[first, second]")).value).toBe("[ 1, undefined ]");
  await engine.cell("let first = await Promise.reject(new Error('no'))");
  expect((await engine.cell("first")).value).toBe("1");
  for (const code of [
    "function first() {}",
    "class first {}",
    "var first = 3",
    "let first = 4",
    "const first = 5",
  ]) {
    expect((await engine.cell(code)).status).toBe("ok");
  }
  expect((await engine.cell("first")).value).toBe("5");
});

test("user expressions see the cell's names, and are not evaluated when the cell fails", async () => {
  await using engine = startEngineUnderTest();
  const { expressions } = await engine.cell("const port = 80", {
    expressions: { a: "port + 1", b: "nothere", c: "await Promise.resolve(3)" },
  });
  expect(expressions.a).toMatchObject({ ok: true, bundle: { data: { "text/plain": "81" } } });
  expect(expressions.b).toMatchObject({ ok: false, error: { ename: "ReferenceError" } });
  expect(expressions.c).toMatchObject({ ok: true, bundle: { data: { "text/plain": "3" } } });
  expect((await engine.cell("throw 1", { expressions: { a: "1" } })).expressions).toEqual({});
});

test("for await works over streams, generators and lists of promises", async () => {
  await using engine = startEngineUnderTest();
  const { stdout } = await engine.cell(`
    for await (const x of [Promise.resolve("a"), "b"]) console.log(x)
    async function* g() { try { yield 1; yield 2 } finally { console.log("closed") } }
    for await (const x of g()) { console.log(x); break }
    import { Readable } from "node:stream"
    for await (const x of Readable.from(["s"])) console.log(x)`);
  expect(stdout).toBe("a\nb\n1\nclosed\ns\n");
});

test("100,000 top-level awaits leave nothing behind", async () => {
  await using engine = startEngineUnderTest();
  const { value } = await engine.cell(
    `
    globalThis.gc ??= (await import("node:vm")).runInNewContext("gc", {}) as any
    let before = process.memoryUsage().heapUsed
    for (let i = 0; i < 100_000; i++) await i
    process.memoryUsage().heapUsed - before < 40e6`.replace(/^.*gc.*$/m, ""),
  );
  expect(value).toBe("true");
});

test("student's names may hide the globals that the engine itself needs", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell(
    "const process = 1, Promise = 2, JSON = 3, Error = 4, Buffer = 5, Map = 6, Object = 7, Atomics = 8, console = 9, setTimeout = 10, String = 11, Array = 12",
  );
  expect((await engine.cell("[process, Promise, JSON, console, setTimeout]")).value).toBe(
    "[ 1, 2, 3, 9, 10 ]",
  );
  expect(await engine.cell("globalThis.console.log('still'); throw new RangeError('here')")).toMatchObject({
    stdout: "still\n",
    errors: ["RangeError: here"],
  });
  await engine.interrupted("globalThis.console.log('in'); for (;;);");
  expect(
    (await engine.cell("class Set {}; function Symbol() {}; const display = 1, performance = 2; display"))
      .value,
  ).toBe("1");
  expect((await engine.cell("import { join } from 'node:path'; join('a', 'b')")).value).toBe("'a/b'");
});

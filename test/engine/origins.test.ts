// What fails in the event loop has no stack of the student's: where the run waited, or where the forgotten promise was made,
// stands for it.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Event, Frame } from "../../src/flow.js";
import { type EngineUnderTest, type Ran, startEngineUnderTest } from "./fixture.js";

let engine: EngineUnderTest;
beforeAll(async () => {
  engine = startEngineUnderTest();
  await engine.cell(`import * as net from "node:net";
async function dial(port: number): Promise<void> {
  await new Promise<void>((ok, no) => { net.connect(port, "127.0.0.1", ok).on("error", no); });
}
async function late(ms = 1): Promise<void> { await new Promise((ok) => setTimeout(ok, ms)); throw new Error("late"); }`);
});
afterAll(() => engine[Symbol.asyncDispose]());

const own = (frames: Frame[] = []): string[] =>
  frames
    .filter((frame) => frame.run !== undefined)
    .map(({ file, line, column }) => `${file}:${line}:${column}`);
const framesOf = (ran: Ran): string[] => {
  const error = ran.events.find((event) => event.type === "error");
  return own(error?.type === "error" ? error.error.frames : []);
};
const errorOf = async (run: number): Promise<Extract<Event, { type: "error" }>["error"]> => {
  const event = await engine.event((one) => one.type === "error" && one.run === run, "an error");
  return (event as Extract<Event, { type: "error" }>).error;
};
const notices = (ran: Ran): string[] =>
  ran.events.flatMap((event) => (event.type === "notice" ? [event.text] : []));

test("what an event brought is placed at the await that waited for it", async () => {
  const ran = await engine.cell("const before = 1;\n  await dial(1);");
  expect(ran.errors[0]).toContain("ECONNREFUSED");
  expect(framesOf(ran)).toEqual([`Cell [${ran.run}]:2:9`]);
});

test("an error of another cell's function comes with the way there: its own place, then the await of this cell", async () => {
  const ran = await engine.cell("await late()");
  expect(framesOf(ran)).toEqual(["Cell [1]:5:99", `Cell [${ran.run}]:1:7`]);
});

test("a forgotten promise that fails is placed at the call, also within functions, and where the call does nothing else", async () => {
  const top = await engine.cell("1;\n dial(1);\n2");
  const error = await errorOf(top.run);
  expect(error.origin).toBe("unhandled rejection");
  expect(own(error.frames)).toEqual([`Cell [${top.run}]:2:2`]);
  const inner = await engine.cell("setTimeout(() => {\n  if (true) { dial(1); }\n}, 1); 0");
  expect(own((await errorOf(inner.run)).frames)).toEqual([`Cell [${inner.run}]:2:15`]);
});

test("a cell that leaves promises behind is told in which lines", async () => {
  expect(notices(await engine.cell("late(1000000);\n\nlate(1000000);\n5"))).toEqual([
    "Lines 1, 3: these calls gave a promise that nothing waits for. Put `await` in front, or `void` if it is meant to go on by itself.",
  ]);
});

test.each([
  "await Promise.resolve();\n1",
  "void late(1e6);\n1",
  "late(1e6).catch(() => {});\n1",
  "late(1e6).then(() => {}, () => {});\n1",
  "console.log('x');\n1",
  "Promise.resolve(4)",
  "const kept = Promise.resolve(4);\n1",
])("%j forgets nothing", async (code) => {
  expect(notices(await engine.cell(code))).toEqual([]);
});

test("what calls give and how they fail is as ever", async () => {
  expect((await engine.cell("const list = [3, 1]; list.sort()")).value).toBe("[ 1, 3 ]");
  expect(
    (
      await engine.cell(
        "class A { constructor(public x = 1) { String(x); } }\nclass B extends A { constructor() { super(2); } }\nnew B().x",
      )
    ).value,
  ).toBe("2");
  expect((await engine.cell("let o: any; o?.f();\n(function () { return 7 })();\n8")).value).toBe("8");
  const ran = await engine.cell("const f = () => { null.x };\n\n   f();");
  expect(framesOf(ran)).toEqual([`Cell [${ran.run}]:1:24`, `Cell [${ran.run}]:3:4`]);
});

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

test("what an event brought is placed at the call that began it, then at the awaits that waited for it, through all cells", async () => {
  const ran = await engine.cell("const before = 1;\n  await dial(1);");
  expect(ran.errors[0]).toContain("ECONNREFUSED");
  expect(framesOf(ran)).toEqual(["Cell [1]:3:45", `Cell [${ran.run}]:2:9`]);
  const middle = await engine.cell(
    "class Client {\n  ask = async () => {\n    await dial(1);\n  };\n}\nconst twice = async () => {\n  await new Client().ask();\n};",
  );
  const last = await engine.cell("1;\nawait twice();");
  expect(framesOf(last)).toEqual([
    "Cell [1]:3:45",
    `Cell [${middle.run}]:3:11`,
    `Cell [${middle.run}]:7:9`,
    `Cell [${last.run}]:2:7`,
  ]);
});

test("an error of another cell's function comes with the way there: its own place, then the await of this cell", async () => {
  const ran = await engine.cell("await late()");
  expect(framesOf(ran)).toEqual(["Cell [1]:5:99", `Cell [${ran.run}]:1:7`]);
});

test("a forgotten promise that fails is placed at the call, also within functions, and where the call does nothing else", async () => {
  const top = await engine.cell("1;\n dial(1);\n2");
  const error = await errorOf(top.run);
  expect(error.origin).toBe("unhandled rejection");
  expect(own(error.frames)).toEqual(["Cell [1]:3:45", `Cell [${top.run}]:2:2`]);
  const inner = await engine.cell("setTimeout(() => {\n  if (true) { dial(1); }\n}, 1); 0");
  expect(own((await errorOf(inner.run)).frames)).toEqual(["Cell [1]:3:45", `Cell [${inner.run}]:2:15`]);
});

test.each([
  ["an enum", "enum Side { Left, Right }"],
  ["a decorator", "const mark = (it: any, _: any) => it;\n@mark class Marked {}"],
  ["JSX", "const React = { createElement: () => 1 };\nconst node = <b>x</b>;"],
  ["parameter properties", "class Pair { constructor(public a = 1, public b = 2) {} }"],
  ["a namespace", "namespace Own { export const x = 1; }"],
])(
  "in a cell with %s, which has to be compiled, a forgotten promise is told of and placed all the same",
  async (_, code) => {
    const lines = code.split("\n").length;
    const ran = await engine.cell(
      `${code}\nconst before = 1;   dial(1);\nfunction go() {\n  if (before) { dial(1); }\n}\ngo(); 1`,
    );
    expect(notices(ran)[0]).toMatch(new RegExp(`^Line ${lines + 1}: the call gave a promise`));
    const errors = async (): Promise<string[][]> =>
      engine.events.flatMap((one) =>
        one.type === "error" && one.run === ran.run ? [own(one.error.frames).slice(1)] : [],
      );
    await expect
      .poll(errors)
      .toEqual([
        [`Cell [${ran.run}]:${lines + 1}:21`],
        [expect.stringContaining(`Cell [${ran.run}]:${lines + 3}:17`)],
      ]);
  },
);

test("error.stack, as the student's own code reads it, has the way through the awaits as well", async () => {
  const { stdout } = await engine.cell(
    "const outer = async () => {\n  await dial(1);\n};\ntry { await outer() } catch (error) { console.log(error.stack) }",
  );
  expect(stdout).toMatch(
    /^Error: connect ECONNREFUSED.*\n( {4}at .*node:.*\n)* {4}at Cell \[1\]:3:45\n {4}at dial \(Cell \[1\]:3:9\)\n {4}at outer \(Cell \[\d+\]:2:9\)\n/,
  );
});

test("an error that a server meets with nobody listening is the server's cell's, and placed where it began to listen", async () => {
  const ran = await engine.cell(
    'import { once } from "node:events";\nconst server = net.createServer((conn) => conn.resume());\nserver.listen(0, "127.0.0.1"); await once(server, "listening");\nconst client = net.connect((server.address() as net.AddressInfo).port, "127.0.0.1"); await once(client, "connect"); await new Promise((ok) => setTimeout(ok, 20)); client.resetAndDestroy(); 0',
  );
  const error = await errorOf(ran.run);
  expect(error.evalue).toContain("ECONNRESET");
  expect(own(error.frames)).toEqual([`Cell [${ran.run}]:3:8`]);
});

test("awaits within functions wait for what they always did, in the same order", async () => {
  const { stdout } = await engine.cell(`const log: string[] = [];
const step = async (name: string) => { log.push(name + 1); await null; log.push(name + 2); await Promise.resolve(); log.push(name + 3); };
Promise.resolve().then(() => log.push("t1")).then(() => log.push("t2")).then(() => log.push("t3"));
await Promise.all([step("a"), step("b")]);
const thenable = { then(ok: (value: number) => void) { ok(7) } };
const seven = async () => await thenable;
console.log(log.join(), await seven());`);
  expect(stdout).toBe("a1,b1,t1,a2,b2,t2,a3,b3,t3 7\n");
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

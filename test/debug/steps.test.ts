// Steps through cells: a student's next line, whatever the kernel has put between.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DebugFrontEnd } from "./front-end.js";

type Step = "next" | "stepIn" | "stepOut";
/** A cell, where it first stops, and where each step leads; frames as `name:line`, `Cell` for the cell's own level. */
type Walk = [title: string, code: string, line: number, first: string[], steps: [Step, string[] | "end"][]];

const walks: Walk[] = [
  [
    "over imports, functions and awaits, line by line, to the end of the cell",
    `import net from 'node:net';
function double(x: number) {
  return x * 2;
}
async function later(x: number) {
  await new Promise((r) => setTimeout(r, 20));
  return double(x);
}
const a = await later(1);
const b: number = double(a);
console.log(a, b, net.isIP('::1'));
b`,
    2,
    ["Cell:2"],
    [
      ["next", ["Cell:5"]],
      ["next", ["Cell:9"]],
      ["next", ["Cell:10"]],
      ["next", ["Cell:11"]],
      ["next", ["Cell:12"]],
      ["next", "end"],
    ],
  ],
  [
    "into an async function, over its await, with who awaits it below",
    `async function slow(n: number) {
  const w = n + 1;
  await null;
  return w;
}
const q = await slow(2);
q`,
    6,
    ["Cell:6"],
    [
      ["stepIn", ["slow:2", "Cell:6"]],
      ["next", ["slow:3", "Cell:6"]],
      ["next", ["slow:4", "async Cell:6"]],
    ],
  ],
  [
    "out of functions, awaited or not",
    `async function inner(n: number) {
  await null;
  const w = n + 1;
  return w;
}
async function outer() {
  const x = await inner(1);
  return x + 1;
}
const z = await outer();
z;`,
    3,
    ["inner:3", "async outer:7", "async Cell:10"],
    [
      ["stepOut", ["outer:8", "async Cell:10"]],
      ["stepOut", ["Cell:11"]],
      ["stepOut", "end"],
    ],
  ],
  [
    "through Node's inside to the listener, not into it",
    `import { EventEmitter } from 'node:events';
const emitter = new EventEmitter();
emitter.on('x', (v) => {
  v + 1;
});
emitter.emit('x', 1);
console.log('done');
1`,
    6,
    ["Cell:6"],
    [
      ["stepIn", ["(anonymous):4", "Cell:6"]],
      ["stepOut", ["Cell:6"]],
      ["next", ["Cell:7"]],
      ["stepIn", ["Cell:8"]],
    ],
  ],
  [
    "through what a compiler has made of decorators and enums",
    `function marked(value: any, _: any) {
  return value;
}
enum Level { Low = 1, High = 2 }
class Meter {
  constructor(private level: Level) {}
  @marked read() {
    return Level[this.level];
  }
}
const meter = new Meter(Level.High);
const read = meter.read();
read`,
    11,
    ["Cell:11"],
    [
      ["next", ["Cell:12"]],
      ["stepIn", ["read:8", "Cell:12"]],
    ],
  ],
];

describe("steps", { timeout: 60_000 }, () => {
  let front: DebugFrontEnd;
  beforeAll(async () => {
    front = await DebugFrontEnd.start();
  });
  afterAll(async () => {
    await front[Symbol.asyncDispose]();
  });

  const cells = (frames: string[]): string[] => frames.map((frame) => frame.replace(/Cell \[\d+\]/, "Cell"));

  it.each(walks)("go %s", async (_, code, line, first, steps) => {
    await front.breakAt(code, line);
    const id = await front.run(code);
    expect(cells(await front.stoppedAt())).toEqual(first);
    await front.breakAt(code);
    for (const [how, where] of steps) {
      if (where === "end") await front.ask(how, { threadId: 1 });
      else expect(cells(await front.step(how))).toEqual(where);
    }
    await front.goOn();
    expect((await front.client.answered(id)).reply.content.status).toBe("ok");
  });

  it("leave nothing behind: the next cell does not stop", async () => {
    const code = "const last = 1;\nlast";
    await front.breakAt(code, 2);
    const id = await front.run(code);
    await front.stopped();
    await front.ask("next", { threadId: 1 });
    await front.client.answered(id);
    await front.breakAt(code);
    expect((await front.client.execute("[1].map((one) => one + 1)")).reply.content.status).toBe("ok");
  });

  it("begin by a pause in a loop that nobody stops otherwise", async () => {
    const id = await front.run(
      "let turns = 0;\nlet enough = false;\nwhile (!enough) {\n  turns++;\n}\nturns > 0",
    );
    await front.client.wait((m) => m.type === "execute_input" && m.parent.msg_id === id);
    await front.ask("pause", { threadId: 1 });
    expect((await front.stopped()).reason).toBe("pause");
    const { stackFrames } = await front.ask("stackTrace", { threadId: 1 });
    expect(stackFrames[0].line).toBeGreaterThanOrEqual(3);
    await front.ask("evaluate", { expression: "enough = true", frameId: stackFrames[0].id });
    await front.goOn();
    const { iopub } = await front.client.answered(id);
    expect(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]).toBe("true");
  });
});

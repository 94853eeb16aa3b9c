// biome-ignore-all lint/suspicious/noTemplateCurlyInString: cells hold template strings
// What front ends ask about a cell that is being written, over the wire: `|` is the cursor, which counts code points.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Content } from "./client.js";
import { type KernelProcess, startKernelProcess } from "./kernel.js";

let kernel: KernelProcess;
beforeAll(async () => {
  kernel = await startKernelProcess();
  writeFileSync(join(kernel.folder, "local.ts"), "export const a = 1;");
  const { reply } = await kernel.client.execute(`import * as socket from "wirebook/socket";
import * as net from "node:net";
/** Who is there.
 * @see nobody */
interface Peer {
  /** Its name. */
  host: string;
  port: number;
}
/** Where the peer listens. */
let peer: Peer = { host: "h", port: 1 };
/** How many. */
let n = 5;
let any: any = { odd: 1, nested: { deep: [1, 2] } }, text = "😀";
const s = socket.socket();
/** Adds.
 * @param a the first
 * @param b the second */
function add(a: number, b: number): number { return a + b }
let touched = 0;
const trap = { get boom() { touched++; return 1 } } as any;
const ghost: any = new Proxy({}, { get() { touched++; return 1 }, ownKeys() { touched++; return [] }, has() { touched++; return false } });
let side: "left" | "right" = "left";
`);
  expect(reply.content.status).toBe("ok");
});
afterAll(() => kernel[Symbol.asyncDispose]());

async function ask(type: "complete" | "inspect", marked: string, more: Content = {}): Promise<Content> {
  const code = marked.replace("|", "");
  const cursor_pos = [...marked.slice(0, marked.indexOf("|"))].length;
  const { reply } = await kernel.client.request(
    `${type}_request`,
    { code, cursor_pos, ...more },
    { channel: "control" },
  );
  return reply.content;
}

/** What the front end would replace. */
function replaced(marked: string, { cursor_start, cursor_end }: Content): string {
  return [...marked.replace("|", "")].slice(cursor_start, cursor_end).join("");
}

type Row = [title: string, marked: string, wanted: string[], replaced: string];
const completions: Row[] = [
  ["members", "s.|", ["recv", "sendall"], ""],
  ["members that begin so", "s.rec|", ["recv"], "rec"],
  ["with letters behind the cursor", "s.rec|v", ["recv"], "rec"],
  ["built-in modules", 'import x from "node:ne|', ["node:net"], "node:ne"],
  [
    "modules of the kernel",
    'import { socket } from "wirebook/|"',
    ["wirebook/socket", "wirebook/serve"],
    "wirebook/",
  ],
  ["local files", 'import { a } from "./lo|"', ["local.ts"], "lo"],
  ["names that a module exports", 'import { gethostn| } from "wirebook/socket"', ["gethostname"], "gethostn"],
  ["strings of a union", 'side = "ri|"', ["right"], "ri"],
  ["strings of a union in an open string", 'side = "ri|', ["right"], "ri"],
  ["keys that an object is expected to have", "peer = { ho|", ["host"], "ho"],
  ["names", "pee|", ["peer"], "pee"],
  ["a value of type any", "any.|", ["odd", "nested"], ""],
  ["inside a value of type any", "any.nested.de|", ["deep"], "de"],
  ["behind an astral character on the line", 'const x = "😀😀"; s.rec|', ["recv"], "rec"],
  ["behind astral characters on lines above", 'const x = "😀😀";\n// 😀\ns.rec|', ["recv"], "rec"],
  ["names with astral characters", "const 𝒳𝒴 = 1; 𝒳|", ["𝒳𝒴"], "𝒳"],
  ["in a cell that does not parse", "if (s.rec| {{{ ]", ["recv"], "rec"],
  ["in a template", "`${s.rec|}`", ["recv"], "rec"],
  ["in JSX", "<b>{s.rec|}</b>", ["recv"], "rec"],
  ["with a directive above", "%%types off\ns.rec|", ["recv"], "rec"],
  ["at the very beginning", "|", ["add", "peer"], ""],
  ["words of the language", "functio|", ["function"], "functio"],
];
test.each(completions)("completion: %s", async (_title, marked, wanted, range) => {
  const found = await ask("complete", marked);
  expect(found.status).toBe("ok");
  const { matches } = found;
  expect(matches).toEqual(
    expect.arrayContaining(
      wanted.map((one) => (range === "wirebook/" && !matches.includes(one) ? one.slice(9) : one)),
    ),
  );
  if (range !== "wirebook/") expect(replaced(marked, found)).toBe(range);
});

test.each([
  ["a comment", "// s.|"],
  ["a comment of many lines", "/* a\n s.| */"],
  ["a plain string", 'const q = "s.|"'],
  ["a template's text", "`s.|`"],
  ["a number", "1.|"],
])("completion: nothing in %s", async (_title, marked) => {
  expect((await ask("complete", marked)).matches).toEqual([]);
});

test.each([
  ["far behind the end", { code: "s.rec", cursor_pos: 9999 }, 5],
  ["before the beginning", { code: "s.rec", cursor_pos: -5 }, 0],
  ["left out", { code: "s.rec" }, 5],
  ["no number", { code: "s.rec", cursor_pos: "x" }, 5],
  ["no text", { cursor_pos: 3 }, 0],
])("completion: a cursor that is %s is taken to the nearest place", async (_title, content, end) => {
  const { reply } = await kernel.client.request("complete_request", content, { channel: "control" });
  expect(reply.content).toMatchObject({ status: "ok", cursor_end: end });
});

test("completion tells kinds and signatures", async () => {
  const item = async (marked: string, text: string): Promise<Content> => {
    const { metadata } = await ask("complete", marked);
    return metadata._jupyter_types_experimental.find((one: Content) => one.text === text);
  };
  expect(await item("ad|", "add")).toEqual({
    text: "add",
    type: "function",
    signature: "(a: number, b: number): number",
    start: 0,
    end: 2,
  });
  expect(await item("pee|", "peer")).toMatchObject({ type: "variable" });
  expect(await item("let p: Pee|", "Peer")).toMatchObject({ type: "interface" });
  expect(await item("s.rec|", "recv")).toMatchObject({ type: "method", start: 2, end: 5 });
  expect(await item("any.|", "odd")).toMatchObject({ text: "odd", start: 4, end: 4 });
});

test("asking never runs getters, proxies or calls", async () => {
  for (const marked of [
    "trap.|",
    "trap.boom.|",
    "ghost.|",
    "ghost.x.|",
    "(touched++, s).|",
    "add(touched++, 1).|",
  ]) {
    await ask("complete", marked);
    await ask("inspect", marked.replace(".|", "|"), { detail_level: 1 });
  }
  await ask("inspect", "trap.bo|om", { detail_level: 1 });
  await ask("inspect", "ghost.x|", { detail_level: 1 });
  const { iopub } = await kernel.client.execute("touched");
  expect(iopub.find(({ type }) => type === "execute_result")?.content.data["text/plain"]).toBe("0");
});

const inspections: [title: string, marked: string, detail: 0 | 1, wanted: RegExp[], not: RegExp[]][] = [
  [
    "a variable: type, documentation and value",
    "n|",
    0,
    [/let n: number/, /How many\./, /\*\*Value\*\*[\s\S]*5/],
    [],
  ],
  ["an object's value", "peer|", 0, [/let peer: Peer/, /Where the peer listens/, /host: h/], []],
  ["a member", "peer.ho|st", 0, [/host: string/, /Its name\./, /"h"/], []],
  ["a type", "let p: Pe|er", 0, [/interface Peer/, /Who is there/, /nobody/], []],
  [
    "a function: its signature, not its source",
    "add|",
    0,
    [/function add\(a: number, b: number\): number/, /Adds\./, /the first/],
    [/Source/],
  ],
  [
    "a function in detail: its source, too",
    "add|",
    1,
    [/function add/, /\*\*Source\*\*[\s\S]*return a \+ b/],
    [],
  ],
  [
    "an open bracket",
    "add(|",
    0,
    [/add\(a: number, b: number\): number/, /Next: `a: number` — the first/],
    [],
  ],
  ["the second parameter", "add(1, |", 0, [/Next: `b: number` — the second/], []],
  ["nested brackets", "add(1, Math.max(|", 0, [/max\(\.\.\.values: number\[\]\): number/], []],
  ["a value of type any", "any|", 0, [/any/, /odd: 1/], []],
  ["a getter: not its value", "trap.bo|om", 0, [/./], [/\*\*Value\*\*\s+```typescript\n1\n/]],
  ["behind astral characters", 'const q = "😀😀"; n|', 0, [/let n: number/], []],
  ["a name of Node", "net.crea|teServer", 0, [/createServer/, /Server/], []],
  ["in a cell that does not parse", "if (ad|d( {{", 0, [/function add/], []],
];
test.each(inspections)("inspection: %s", async (_title, marked, detail_level, wanted, not) => {
  const found = await ask("inspect", marked, { detail_level });
  expect(found).toMatchObject({ status: "ok", found: true });
  const { "text/markdown": markdown = found.data["text/plain"], "text/plain": plain } = found.data;
  for (const part of wanted) expect(markdown).toMatch(part);
  for (const part of not) expect(markdown).not.toMatch(part);
  expect(plain).not.toMatch(/```|\*\*/);
  expect(plain.trim()).not.toBe("");
});

test.each([
  ["a synchronous loop", "console.log('in'); for (;;);"],
  ["a pending await", "console.log('in'); await new Promise(() => {})"],
])("everything is answered during %s", async (_title, code) => {
  const { client } = kernel;
  const id = await client.send("shell", "execute_request", { code });
  await client.wait(({ parent, content }) => parent.msg_id === id && content.text === "in\n");
  expect((await ask("complete", "s.rec|")).matches).toContain("recv");
  expect((await ask("complete", "any.|")).matches).toContain("odd");
  expect((await ask("inspect", "n|")).data["text/markdown"]).toMatch(/let n: number[\s\S]*5/);
  const { reply } = await client.request("is_complete_request", { code: "f(" }, { channel: "control" });
  expect(reply.content.status).toBe("incomplete");
  await client.request("interrupt_request", {}, { channel: "control" });
  await client.answered(id);
});

test.each([
  ["a statement", "let x = 1", "complete", undefined],
  ["nothing", "", "complete", undefined],
  ["an open block", "if (n) {", "incomplete", "  "],
  ["an open block in a block", "if (n) {\n  while (n) {", "incomplete", "    "],
  ["an open call", "add(", "incomplete", "  "],
  ["an open call's second line", "add(\n  1,", "incomplete", "  "],
  ["an open array", "const a = [", "incomplete", "  "],
  ["an open object", "const a = {", "incomplete", "  "],
  ["an open template", "const t = `a", "incomplete", ""],
  ["an open expression in a template", "const t = `a${", "incomplete", "  "],
  ["an open comment", "/* a", "incomplete", ""],
  ["an arrow without its body", "const f = (a: number) =>", "incomplete", ""],
  ["a chain of arrows", "const f = (a: number) => (b: number) => {", "incomplete", "  "],
  ["an operator at the end", "1 +", "incomplete", ""],
  ["a dot at the end", "s.", "incomplete", ""],
  ["an equals sign at the end", "const a =", "incomplete", ""],
  ["an open JSX element", "const e = <b>", "incomplete", ""],
  ["an open type", "interface A {", "incomplete", "  "],
  ["open type arguments", "const m = new Map<string,", "incomplete", ""],
  ["a decorator without its class", "@logged", "incomplete", ""],
  ["an import without its module", "import { a } from", "incomplete", ""],
  ["a class with a comment at its end", "class A { // here", "incomplete", "  "],
  ["a regular expression with brackets", "/[({]/.test('a')", "complete", undefined],
  ["brackets in a string", "const a = '({['", "complete", undefined],
  ["a lone object", "{ a: 1 }", "complete", undefined],
  ["a top-level await", "await new Promise((ok) => setTimeout(ok, 1))", "complete", undefined],
  ["a directive", "%%types off\nlet x = 1", "complete", undefined],
  ["a bracket too many", "add(1))", "invalid", undefined],
  ["an open string", "const a = 'text", "invalid", undefined],
  ["an open regular expression", "const r = /[a", "invalid", undefined],
  ["two words", "let let = 1 2", "invalid", undefined],
])("is_complete: %s", async (_title, code, status, indent) => {
  const { reply } = await kernel.client.request("is_complete_request", { code }, { channel: "control" });
  expect(reply.content).toEqual({ status, ...(indent !== undefined && { indent }) });
});

test("values are told in a notebook of hundreds of names as in one of ten", async () => {
  const names = Array.from({ length: 300 }, (_, at) => `named${at} = ${at}`);
  await kernel.client.execute(`const ${names.join(", ")}`);
  for (const odd of [2, 3, 4]) {
    await kernel.client.execute(`any = { odd: ${odd}, even: () => named7 }`);
    expect((await ask("complete", "any.|")).matches).toEqual(expect.arrayContaining(["even", "odd"]));
    expect((await ask("inspect", "any|")).data["text/plain"]).toContain(`odd: ${odd}`);
    expect((await ask("inspect", "named299|")).data["text/plain"]).toContain("299");
  }
});

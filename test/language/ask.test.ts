// biome-ignore-all lint/suspicious/noTemplateCurlyInString: cells hold template strings
// Completion, inspection and signature help, at the place of the cursor (`|`) in a cell that is being written.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TypedCompletions } from "../../src/flow.js";
import { outlineOf } from "../../src/translate/outline.js";
import { openTypedNotebook } from "./fixture.js";

const notebook = openTypedNotebook({ "lib.ts": "/** Words of the library. */\nexport const library = 1;" });
afterAll(() => notebook[Symbol.asyncDispose]());
beforeAll(async () => {
  await notebook.cell(`import * as socket from "wirebook/socket";
import * as net from "node:net";
interface Peer { host: string; port: number }
/** Where the peer listens. */
let peer: Peer = { host: "h", port: 1 };
/** How often. */
let count = 3;
/** Adds two numbers.
 * @param a the first
 * @param b the second */
function add(a: number, b: number): number { return a + b }
const s = socket.socket(), anything: any = { odd: 1 };
class Box<T> { constructor(public value: T) {} map<U>(f: (value: T) => U): Box<U> { return new Box(f(this.value)) } }
s.close();`);
});

async function complete(marked: string): Promise<TypedCompletions & { texts: string[]; replaced: string }> {
  const cursor = marked.indexOf("|");
  const code = marked.replace("|", "");
  const found = await notebook.language.complete(outlineOf(code), cursor);
  if (!found) throw new Error("no answer");
  return {
    ...found,
    texts: found.matches.map(({ text }) => text),
    replaced: code.slice(found.start, found.end),
  };
}

async function inspect(marked: string): Promise<string | undefined> {
  return await notebook.language.inspect(outlineOf(marked.replace("|", "")), marked.indexOf("|"));
}

test.each([
  ["members of a value of an earlier cell", "s.|", ["connect", "recv", "sendall"], ""],
  ["members that begin so", "s.rec|", ["recv"], "rec"],
  ["in unfinished code", "s.accept().then(([conn]) => { conn.sen|", ["send", "sendall"], "sen"],
  ["a member's members", "peer.host.toU|", ["toUpperCase"], "toU"],
  ["of what the cell itself declares", "const here = new Box(1); here.|", ["map", "value"], ""],
  ["what the cell declares hides what it was", "const count = 'text'; count.toU|", ["toUpperCase"], "toU"],
  ["and in unfinished code", "const count = 'text'; if (count.toU|", ["toUpperCase"], "toU"],
  [
    "of Deno, which no cell has declared",
    "Deno.readTextF|",
    ["readTextFile", "readTextFileSync"],
    "readTextF",
  ],
  ["names of earlier cells", "cou|", ["count"], "cou"],
  ["the kernel's own names", "clearO|", ["clearOutput"], "clearO"],
  ["the way to escape, of the tags", "html`${html.|}`", ["escape"], ""],
  ["options of display", "display(1, { d| })", ["display_id"], "d"],
  ["types", "let p: Pee|", ["Peer"], "Pee"],
  ["keys of an object literal", "peer = { | }", ["host", "port"], ""],
  ["values of a union", "type Side = 'left'; const side: Side = 'le|'", ["left"], "le"],
  ["a module's exports", "import { rea| } from 'node:fs'", ["readFile", "readFileSync"], "rea"],
  ["a local file's exports", "import { l| } from './lib.ts'", ["library"], "l"],
  ["built-in modules", "import x from 'node:ne|'", ["node:net"], "node:ne"],
  ["the kernel's modules", "import x from 'wirebook/so|'", ["socket"], "so"],
  ["after a line of astral characters", "const a = '😀😀';\n s.rec|", ["recv"], "rec"],
  ["below %types", "%types warn\ns.rec|", ["recv"], "rec"],
  ["in a lone object", "{ a: peer.ho| }", ["host"], "ho"],
  ["options", "net.connect({ po| })", ["port"], "po"],
])("completion: %s", async (_title, marked, wanted, replaced) => {
  const found = await complete(marked);
  expect(found.texts).toEqual(expect.arrayContaining(wanted));
  expect(found.replaced).toBe(replaced);
});

test("the notebook's own names come first, old ones last; kinds and signatures go along", async () => {
  const { matches } = await complete("a|");
  expect(matches.slice(0, 2).map(({ text }) => text)).toEqual(["add", "anything"]);
  expect(matches[0]).toEqual({ text: "add", type: "function", signature: "(a: number, b: number): number" });
  expect((await complete("pee|")).matches[0]).toEqual({ text: "peer", type: "variable" });
});

test("of a value of type any types know no members", async () => {
  expect((await complete("anything.|")).matches).toEqual([]);
});

test.each([
  [
    "a function with its documentation",
    "ad|d(1, 2)",
    [/function add\(a: number, b: number\): number/, /Adds two numbers/, /the first/],
  ],
  ["a variable of an earlier cell", "cou|nt", [/let count: number/, /How often/]],
  ["one of an interface", "pe|er", [/let peer: Peer/, /Where the peer listens/]],
  ["at a name's end", "peer|", [/let peer: Peer/]],
  ["a method", "s.rec|v(1)", [/recv/, /Promise/]],
  ["a type", "let p: Pe|er", [/interface Peer/]],
  [
    "in an open bracket, what is called and what comes next",
    "add(1, |",
    [/^```typescript\nadd\(a: number, b: number\): number\n```/, /Next: `b: number` — the second/],
  ],
  ["all signatures of what is overloaded", "net.connect(|)", [/connect\(options: /, /connect\(port: number/]],
])("inspection: %s", async (_title, marked, wanted) => {
  const text = await inspect(marked);
  for (const part of wanted) expect(text).toMatch(part);
});

test("nothing is known of nothing", async () => {
  expect(await inspect("  |  ")).toBeUndefined();
  expect(await inspect("nowhere|")).toBeUndefined();
});

test("asking changes nothing", async () => {
  await complete("const count = 'x'; count.|");
  expect((await notebook.cell("count + 1")).ran?.value).toBe("4");
});

test("a member's signature is its own value's, and the newest, however often members are asked for", async () => {
  const signatureOf = async (marked: string, text: string): Promise<string | undefined> =>
    (await complete(marked)).matches.find((one) => one.text === text)?.signature;
  await notebook.cell("const words: string[] = [], numbers: number[] = [];");
  for (const before of ["", "const spare = 1;\n"]) {
    expect(await signatureOf(`${before}words.pu|`, "push")).toBe("(...items: string[]): number");
    expect(await signatureOf(`${before}numbers.pu|`, "push")).toBe("(...items: number[]): number");
    expect(await signatureOf(`${before}words?.po|`, "pop")).toBe("(): string | undefined");
    expect(await signatureOf(`${before}words.ma|`, "map")).toMatch(/^<U>\(callbackfn: .*\): U\[\]$/);
  }
  await notebook.cell("class Dial { to(port: number) { return port } } let dial = new Dial();");
  expect(await signatureOf("dial.t|", "to")).toBe("(port: number): number");
  expect(await signatureOf("class Dial { to(host: string) {} } let dial = new Dial(); dial.t|", "to")).toBe(
    "(host: string): void",
  );
  expect(await signatureOf("class Dial { to(host: URL) {} } let dial = new Dial(); dial.t|", "to")).toBe(
    "(host: URL): void",
  );
  await notebook.cell("class Dial { to(name: URL) { return name } } dial = new Dial();", { unchecked: true });
  await notebook.cell("let dial = new Dial();");
  expect(await signatureOf("dial.t|", "to")).toBe("(name: URL): URL");
});

test("what is said of a function does not depend on who is asked: the notebook, which knows it, or the server", async () => {
  await notebook.cell(`/** Asks a peer.
 * @param peer whom */
async function ask(peer: Peer, times = 1) { return [peer.host, times] }
function twice<T>(one: T): [T, T] { return [one, one] }
function either(a: string): string
function either(a: number): number
function either(a: any) { return a }`);
  for (const [known, asked] of [
    ["ask|", "void ask|"],
    ["const here = 1;\nawait ask|(peer)", "void ask|(peer)"],
    ["a|sk(peer, 2)", "void a|sk(peer, 2)"],
    ["twice|(1)", "void twice|(1)"],
    ["either|(1)", "void either|(1)"],
    ["twice|", "void twice|"],
    ["ask(peer|)", "void ask(peer|)"],
    ["ask(|", "void ask(|"],
    ["ask.na|me", "void ask.na|me"],
    ["ask| => 1", "void (ask| => 1)"],
    ["({ ask| })", "void { ask| }"],
    ["if (!ask) throw 1; ask|", "if (!ask) throw 1; void ask|"],
    ["const ask = 'x'; ask|", "const ask = 'x'; void ask|"],
  ] as const)
    expect(await inspect(known), known).toBe(await inspect(asked));
  expect(await inspect("ask|")).toMatch(
    /^```typescript\nfunction ask\(peer: Peer, times\?: number\)[\s\S]*Asks a peer/,
  );
  await notebook.cell("function ask(port: number): string { return String(port) }");
  expect(await inspect("ask|")).toMatch(/function ask\(port: number\): string/);
  await notebook.cell("let ask = 5");
  expect(await inspect("ask|")).toMatch(/let ask: number/);
});

test("members are the same however often they are asked for, and the newest", async () => {
  await notebook.cell(`class Lamp { on(watts: number) { return watts } off() {} offset = 1; private wire = 2 }
let lamp = new Lamp(), either: string | number[] = [1] as any; const fixed = { offer: 1, official() { return 2 } };`);
  const fresh = async (marked: string): Promise<TypedCompletions["matches"]> =>
    (await complete(`void ${marked.replace(/\b(lamp|fixed|either)\./, "$1 /**/ .")}`)).matches;
  for (const marked of [
    "lamp.|",
    "lamp.o|",
    "lamp.of|",
    "lamp.off|",
    "lamp.o|",
    "fixed.of|",
    "fixed.offi|",
    "fixed.o|",
  ]) {
    const { matches, replaced } = await complete(marked);
    expect(matches, marked).toEqual(await fresh(marked));
    expect(replaced).toBe(marked.slice(marked.indexOf(".") + 1, -1));
  }
  const texts = async (marked: string): Promise<string[]> => (await complete(marked)).texts;
  expect(await texts("lamp.off|")).toEqual(["off", "offset"]);
  expect(await texts("const lamp = { official: 1 }; lamp.off|")).toEqual(["official"]);
  expect(await texts("((lamp: { office: 1 }) => lamp.off|)")).toEqual(["office"]);
  expect(await texts("const x = { lamp: { offend: 1 } }; x.lamp.off|")).toEqual(["offend"]);
  expect(await texts("either.le|")).toEqual(["length"]);
  expect(await texts("either.toU|")).toEqual([]);
  expect(await texts("if (typeof either === 'string') either.toUpperC|")).toEqual(["toUpperCase"]);
  await notebook.cell("let lamp = { offline: true }");
  expect(await texts("lamp.off|")).toEqual(["offline"]);
  await notebook.cell(
    "declare global { interface String { offTheRecord: 1 } } const words2 = 'x'; words2.length",
  );
  expect(await texts("words2.off|")).toEqual(["offTheRecord"]);
  await notebook.cell("declare global { interface String { offShore: 1 } }");
  expect((await texts("words2.off|")).toSorted()).toEqual(["offShore", "offTheRecord"]);
});

// What cells written for Deno have without importing it, and the packages that they name in Deno's way.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { startEngineUnderTest } from "./fixture.js";

function write(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function addPackage(folder: string, name: string, code: string): void {
  const manifest = { name, version: "1.0.0", type: "module", exports: { ".": "./i.js", "./deep": "./i.js" } };
  write(folder, `node_modules/${name}/package.json`, JSON.stringify(manifest));
  write(folder, `node_modules/${name}/i.js`, code);
}

test("Deno is there wherever a cell uses it as a value, and nowhere else", async () => {
  await using engine = startEngineUnderTest();
  const rows: [source: string, shown: string][] = [
    ["Deno.cwd() === process.cwd()", "true"],
    ["const { pid } = Deno; pid === process.pid", "true"],
    ["let it; it = Deno; [it === Deno, Deno === it]", "[ true, true ]"],
    ["[{ Deno }.Deno === Deno, { a: Deno }.a === Deno]", "[ true, true ]"],
    ["[Deno, ...[Deno]].length", "2"],
    ["Deno?.env.get('NOT_SET_AT_ALL')", "undefined"],
    [`\`\${Deno.pid === process.pid}\``, "'true'"],
    ["const arrow = () => Deno, fn = function () { return Deno }; arrow() === fn()", "true"],
    ["function hoisted() { return Deno.pid } hoisted() === process.pid", "true"],
    ["class P { pid = Deno.pid }; new P().pid === process.pid", "true"],
    ["(Deno ? 1 : 2) + (Deno && 1)", "2"],
    ["(await Deno) === Deno", "true"],
    ["((Deno) => Deno.x)({ x: 5 })", "5"],
    ["({ Deno: 6 }).Deno", "6"],
    ["typeof Deno", "'undefined'"],
    ["'Deno' in globalThis", "false"],
    ["using file = Deno.openSync(process.execPath); typeof file.rid", "'number'"],
  ];
  for (const [source, shown] of rows) {
    const { value, errors } = await engine.cell(source);
    expect({ source, shown: value ?? "undefined", errors }).toEqual({ source, shown, errors: [] });
  }
});

test("a name Deno of the student's own is the student's, in that cell and in later ones", async () => {
  await using engine = startEngineUnderTest();
  expect((await engine.cell("const Deno = { cwd: () => 'mine' }; Deno.cwd()")).value).toBe("'mine'");
  expect((await engine.cell("Deno.cwd()")).value).toBe("'mine'");
});

test("an error behind Deno stands at the student's column", async () => {
  await using engine = startEngineUnderTest();
  const { events } = await engine.cell("const a = Deno.pid;\nDeno.pid + Deno.env.get('x').length");
  const error = events.find((event) => event.type === "error")?.error;
  expect(error?.frames[0]).toMatchObject({ line: 2, column: 29 });
});

test("what Deno has and Node has in another way is told by name; looking whether it is a promise is no mistake", async () => {
  await using engine = startEngineUnderTest();
  expect((await engine.cell("Deno.serve(() => new Response())")).errors[0]).toMatch(
    /^TypeError: Deno\.serve is Deno's own.*wirebook\/serve/,
  );
  expect((await engine.cell("Deno.nonsense")).errors[0]).toContain("Deno.nonsense is Deno's own");
  expect((await engine.cell("[Deno.then, JSON.stringify({ a: Deno.toJSON })]")).value).toBe(
    "[ undefined, '{}' ]",
  );
});

test("packages and JavaScript files see no Deno; TypeScript files of the notebook do, unless they ask for it", async () => {
  await using engine = startEngineUnderTest();
  const { folder } = engine;
  addPackage(folder, "sniffs", "export default [typeof Deno, typeof globalThis.Deno]");
  write(folder, "plain.js", "export default typeof Deno");
  write(folder, "uses.ts", "export const here: string = Deno.cwd(); export const line = new Error().stack;");
  write(folder, "asks.ts", "export const runtime = typeof Deno === 'undefined' ? 'Node' : Deno.build.os;");
  write(folder, "own.ts", "const Deno = { cwd: () => 'own' }; export const own = Deno.cwd();");
  const { value, errors } = await engine.cell(`
    import sniffs from "npm:sniffs"; import plain from "./plain.js"; import { here } from "./uses.ts"
    import { runtime } from "./asks.ts"; import { own } from "./own.ts"
    [...sniffs, plain, here === Deno.cwd(), runtime, own].join()`);
  expect(errors).toEqual([]);
  expect(value).toBe("'undefined,undefined,undefined,true,Node,own'");
});

test("packages are found by other runtimes' names, in cells, in local files and in import()", async () => {
  await using engine = startEngineUnderTest();
  const { folder } = engine;
  addPackage(folder, "one", "export const one = 1");
  addPackage(folder, "@std/two", "export const two = 2");
  write(
    folder,
    "local.ts",
    'export { one } from "npm:one@1";\nexport const late = () => import("jsr:@std/two");',
  );
  const { value, errors } = await engine.cell(`
    import { one } from "npm:one@^1.0"; import { two } from "https://deno.land/std@0.1.0/two/mod.ts"
    import { one as local, late } from "./local.ts"
    [one, two, local, (await late()).two, (await import("npm:one/deep")).one]`);
  expect(errors).toEqual([]);
  expect(value).toBe("[ 1, 2, 1, 2, 1 ]");
});

test("a package that is not there is said with the command that installs it, and nothing is fetched", async () => {
  await using engine = startEngineUnderTest();
  const { folder } = engine;
  write(folder, "local.ts", 'import "jsr:@std/uuid@1";');
  for (const [source, said] of [
    [
      'import x from "npm:away@3"',
      "'npm:away@3'. The package away is not installed; in a terminal, in the notebook's folder: npm install away@3",
    ],
    ['await import("jsr:@std/uuid")', "npx jsr add @std/uuid"],
    ['import "./local.ts"', "npx jsr add @std/uuid@1"],
    ['import "http://127.0.0.1:1/code.js"', "No code is fetched from the network while a cell runs"],
  ] as const) {
    const { errors } = await engine.cell(source);
    expect(errors[0]).toContain("Cannot find package");
    expect(errors[0]).toContain(said);
  }
});

test("what Deno.stdout and Deno.stderr write stands where it was written", async () => {
  await using engine = startEngineUnderTest();
  const ran = await engine.cell(
    "const bytes = (text) => new TextEncoder().encode(text);\nconsole.log('one'); Deno.stdout.writeSync(bytes('two\\n')); console.log('three');\nawait Deno.stderr.write(bytes('wrong\\n'))",
  );
  expect([ran.stdout, ran.stderr, ran.value]).toEqual(["one\ntwo\nthree\n", "wrong\n", "6"]);
});

test("Deno.test runs what a cell registers in order and tells of it, steps and ignored ones too", async () => {
  await using engine = startEngineUnderTest();
  const ran = await engine.cell(`
    Deno.test(function byName() {});
    Deno.test({ name: "object", fn: async (t) => { if (!(await t.step("part", () => { throw new Error("inside") }))) return } });
    Deno.test("with options", { ignore: true }, () => {});
    Deno.test.ignore("left out", () => {});
    Deno.test("slow", () => new Promise((done) => setTimeout(done, 100)))`);
  expect(ran.errors).toEqual([]);
  expect(ran.stdout.replace(/ \(\d+ms\)/g, "")).toBe(
    "running 5 tests\nbyName ... ok\n  part ... FAILED\nobject ... FAILED: 1 of its steps\nwith options ... ignored\nleft out ... ignored\nslow ... ok\n\nFAILED | 2 passed | 1 failed | 2 ignored\n",
  );
  expect(ran.stderr).toContain("inside");
  expect((await engine.cell("Deno.test('no function')")).errors[0]).toContain(
    "a test is a name and a function",
  );
});

test("a test of Deno's that never ends holds its cell until that is interrupted", async () => {
  await using engine = startEngineUnderTest();
  const ran = await engine.interrupted(
    "Deno.test('endless', async () => { globalThis.console.log('in'); await new Promise(() => {}) })",
  );
  expect(ran.errors).toEqual(["Interrupted: the cell was interrupted; its variables are kept"]);
  expect((await engine.cell("1 + 1")).value).toBe("2");
});

import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { startEngineUnderTest } from "./fixture.js";

let clock = 1_700_000_000;
/** Writes a file whose time differs from that of any version before. */
function write(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  utimesSync(path, clock, ++clock);
}

test("cells import Node's modules, ESM-only and CommonJS packages, JSON and local TypeScript from the notebook's folder", async () => {
  await using engine = startEngineUnderTest();
  write(
    engine.folder,
    "node_modules/esm-only/package.json",
    '{"name":"esm-only","type":"module","exports":"./i.js"}',
  );
  write(
    engine.folder,
    "node_modules/esm-only/i.js",
    "export default 'esm'; export const named = 1; export let live = 0; export const bump = () => { live++ }",
  );
  write(engine.folder, "node_modules/cjs/package.json", '{"name":"cjs","main":"i.js"}');
  write(engine.folder, "node_modules/cjs/i.js", "exports.named = 2; exports.where = __dirname");
  write(engine.folder, "data.json", '{"port": 12345}');
  write(
    engine.folder,
    "local.ts",
    "import { deep } from './sub/deep.js'\nexport enum Color { Red, Green }\nexport class P { constructor(public x: number) {} }\nexport interface I { a: string }\nexport const sum: number = deep + 1",
  );
  write(engine.folder, "sub/deep.ts", "import type { I } from '../local.ts'\nexport const deep: number = 41");
  const { value, errors } = await engine.cell(`
    import esm, { named } from "esm-only"; import * as ns from "esm-only"; import cjs, { named as two } from "cjs"; import data from "./data.json"; import typed from "./data.json" with { type: "json" }
    import { sum, Color, P, type I } from "./local"; import { join } from "node:path"; import fs from "fs"
    [esm, named, ns.named, cjs.named, two, data.port, typed.port, sum, Color.Green, new P(3).x, join("a", "b"), typeof fs.readFileSync, (await import("./local.ts")).sum]`);
  expect(errors).toEqual([]);
  expect(value?.replace(/\s+/g, " ")).toBe(
    "[ 'esm', 1, 1, 2, 2, 12345, 12345, 42, 1, 3, 'a/b', 'function', 42 ]",
  );
});

test("require gives CommonJS, ESM, JSON and local TypeScript", async () => {
  await using engine = startEngineUnderTest();
  write(engine.folder, "m.cjs", "exports.a = 1");
  write(engine.folder, "t.ts", "export const b: number = 2");
  write(engine.folder, "d.json", '{"c": 3}');
  const { value, errors } = await engine.cell(
    '[require("./m.cjs").a, require("./t.ts").b, require("./d.json").c, typeof require("node:net").connect, typeof require.resolve("./m.cjs")]',
  );
  expect(errors).toEqual([]);
  expect(value).toBe("[ 1, 2, 3, 'function', 'string' ]");
});

test("an edited local file is read again, also when only something that it imports was edited", async () => {
  await using engine = startEngineUnderTest();
  const { folder } = engine;
  write(folder, "a.ts", "import { b } from './b.ts'\nexport const a = 'a1 ' + b");
  write(folder, "b.ts", "export { c as b } from './c.mjs'");
  write(folder, "c.mjs", "export const c = 'c1'");
  write(folder, "r.cjs", "module.exports = 'r1 ' + require('./s.cjs')");
  write(folder, "s.cjs", "module.exports = 's1'");
  write(folder, "d.json", '{"v": 1}');
  const look =
    'import { a } from "./a"; import r from "./r.cjs"; import d from "./d.json"; [a, r, d.v, require("./r.cjs"), require("./d.json").v].join()';
  expect((await engine.cell(look)).value).toBe("'a1 c1,r1 s1,1,r1 s1,1'");
  write(folder, "c.mjs", "export const c = 'c2'");
  write(folder, "s.cjs", "module.exports = 's2'");
  write(folder, "d.json", '{"v": 2}');
  expect((await engine.cell(look)).value).toBe("'a1 c2,r1 s2,2,r1 s2,2'");
  write(folder, "a.ts", "import { b } from './b.ts'\nexport const a = 'a2 ' + b");
  expect((await engine.cell(look)).value).toBe("'a2 c2,r1 s2,2,r1 s2,2'");
});

test("a file that is not edited is evaluated once, however often it is imported", async () => {
  await using engine = startEngineUnderTest();
  write(engine.folder, "once.ts", "globalThis.times = (globalThis.times ?? 0) + 1; export const x = 1");
  write(engine.folder, "user.ts", "export { x } from './once.ts'");
  for (const code of ['import "./once.ts"', 'import { x } from "./user.ts"', 'await import("./once")'])
    await engine.cell(code);
  expect((await engine.cell("globalThis.times")).value).toBe("1");
});

test("a broken local file is told with its own place, and works once it is repaired", async () => {
  await using engine = startEngineUnderTest();
  write(engine.folder, "broken.ts", "export const ok = 1\nexport const x: number = (;");
  expect((await engine.cell('import { x } from "./broken"')).errors[0]).toMatch(
    /SyntaxError: .*broken\.ts:2:27/,
  );
  write(
    engine.folder,
    "broken.ts",
    "type Long = {\n  a: number\n}\nexport function x(): never {\n  throw new Error('inside')\n}",
  );
  const { events } = await engine.cell('import { x } from "./broken"; x()');
  const error = events.find((event) => event.type === "error");
  expect(error?.error.frames[0]).toMatchObject({
    name: "x",
    file: join(engine.folder, "broken.ts"),
    line: 5,
    column: 9,
  });
});

test("a package that is not there is named, and what is said does not speak of the kernel's inside", async () => {
  await using engine = startEngineUnderTest();
  const { errors } = await engine.cell('import x from "not-there"');
  expect(errors[0]).toContain("Cannot find package 'not-there'");
  expect(errors[0]).not.toContain("wirebook-cell");
  expect((await engine.cell('import "./nor-this.ts"')).errors[0]).toContain("nor-this.ts");
});

test("wirebook/* comes from the notebook's own packages, and from the kernel where there is none", async () => {
  await using engine = startEngineUnderTest();
  const { value, errors } = await engine.cell(
    'import * as socket from "wirebook/socket"; [typeof socket.socket, require("wirebook/socket") === socket || typeof require("wirebook/socket").socket]',
  );
  expect(errors).toEqual([]);
  expect(value).toMatch(/^\[ 'function', (true|'function') \]$/);
  write(
    engine.folder,
    "node_modules/wirebook/package.json",
    '{"name":"wirebook","type":"module","exports":{"./scan":"./s.js"}}',
  );
  write(engine.folder, "node_modules/wirebook/s.js", "export const mine = 'mine'");
  expect((await engine.cell('import { mine } from "wirebook/scan"; mine')).value).toBe("'mine'");
});

test("import.meta tells where the notebook is", async () => {
  await using engine = startEngineUnderTest({ env: { JPY_SESSION_NAME: "/some/where/lab 5.ipynb" } });
  const { value } = await engine.cell(
    '[import.meta.dirname, import.meta.filename, import.meta.url, import.meta.resolve("./x.js")]',
  );
  expect(value).toContain(`'${join(engine.folder, "lab 5.ipynb")}'`);
  expect(value).toContain("lab%205.ipynb'");
});

test("tslab's interface shows in this kernel what it shows in its own, also when a library asks for it", async () => {
  await using engine = startEngineUnderTest();
  const ran = await engine.cell(
    "import * as tslab from 'tslab';\ntslab.display.html('<b>x</b>'); tslab.display.png(new Uint8Array([1]));\nconst d = tslab.newDisplay(); d.text('one'); require('tslab').display.raw('text/x', 'y'); d.text('two');",
  );
  expect(ran.errors).toEqual([]);
  const shown = ran.events.flatMap((event) => (event.type === "display" ? [event] : []));
  expect(shown.map(({ bundle, update = false }) => [Object.entries(bundle.data)[0], update])).toEqual([
    [["text/html", "<b>x</b>"], false],
    [["image/png", "AQ=="], false],
    [["text/plain", "one"], false],
    [["text/x", "y"], false],
    [["text/plain", "two"], true],
  ]);
  expect(shown[4]?.displayId).toBe(shown[2]?.displayId);
});

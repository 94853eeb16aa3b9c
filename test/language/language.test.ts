// biome-ignore-all lint/suspicious/noTemplateCurlyInString: cells hold template strings
// What the checker finds on disk, and what becomes of cells when the language server is slow, dies, or cannot be had.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { documents } from "../../src/language/workspace.js";
import { translateCell } from "../../src/translate/cell.js";
import { outlineOf } from "../../src/translate/outline.js";
import { leftBy } from "../collect.js";
import { openTypedNotebook, type TypedNotebook } from "./fixture.js";

const on = { compilerOptions: { noImplicitReturns: true } };
const off = { compilerOptions: { noImplicitReturns: false } };
const codes = async (notebook: TypedNotebook, code: string, options = {}): Promise<number[]> =>
  (await notebook.cell(code, options)).problems.map((problem) => problem.code);

test("Node's types and wirebook's are found wherever the notebook lies, and the kernel's own names are known", async () => {
  await using notebook = openTypedNotebook();
  expect(
    await codes(
      notebook,
      "import * as socket from 'wirebook/socket';\nimport { serve } from 'wirebook/serve';\nimport { labPort } from 'wirebook/host';\nconst s = socket.socket(); s.close(); Buffer.from('a').byteLength + labPort(12345)",
    ),
  ).toEqual([]);
  expect(await codes(notebook, "s.clse()")).toEqual([2551]);
  expect(
    await codes(
      notebook,
      "display(1); html`<b>${html.escape(1)}</b>`; keep({ a: 1 }).a; require('node:net')",
    ),
  ).toEqual([]);
  expect(await codes(notebook, "const a: number = confirm('?')")).toEqual([2322]);
});

test("all of Node's modules are known, with and without node:, and a package of the notebook's by the name of one", async () => {
  await using notebook = openTypedNotebook({
    "node_modules/@scope/util/index.d.ts": "export const mine: 1;",
    "node_modules/@scope/util/package.json": '{"name":"@scope/util","types":"index.d.ts"}',
  });
  const names = builtinModules.filter((name) => !/^(_|sys$)/.test(name));
  expect(names.length).toBeGreaterThan(50);
  const imports = names.map((name, at) => `import * as m${at} from "${name}";`).join("\n");
  expect(await codes(notebook, `${imports}\n1`)).toEqual([]);
  expect(
    await codes(notebook, imports.replaceAll(/"(?:node:)?(?=[\w/]+";)/g, '"node:').concat("\n1")),
  ).toEqual([]);
  expect(await codes(notebook, "import { promisify } from 'util'; const n: number = promisify;")).toEqual([
    2322,
  ]);
  expect(await codes(notebook, "import { mine } from '@scope/util'; const two: 2 = mine;")).toEqual([2322]);
  expect(await codes(notebook, "import * as none from 'utile'; none")).toEqual([2307]);
  expect(await codes(notebook, "import * as old from 'sys'; old")).toEqual([2591]);
});

test("a tsconfig.json beside the notebook is honoured, with comments, what it extends and its paths, also when it is edited", async () => {
  const options = (more: object): string =>
    `// the student's\n${JSON.stringify({ extends: "./base.json", compilerOptions: more })}`;
  await using notebook = openTypedNotebook({
    "base.json": JSON.stringify({ compilerOptions: { noImplicitReturns: true } }),
    "tsconfig.json": options({
      paths: { "@lib/*": ["./lib/*.ts"] },
      verbatimModuleSyntax: true,
      noEmit: false,
      module: "commonjs",
    }),
    "lib/words.ts": "export const word: string = 'w';",
  });
  expect(await codes(notebook, "function g(a: boolean) { if (a) return 1 }")).toEqual([7030]);
  // What cells are is not for the file to say.
  expect(
    await codes(notebook, "import { Socket } from 'node:net'; await Promise.resolve(); let t: Socket; 1"),
  ).toEqual([]);
  expect(
    await codes(notebook, "const n: number = (await import('@lib/words')).word", { unchecked: false }),
  ).toEqual([2322]);
  writeFileSync(join(notebook.folder, "tsconfig.json"), options({ noImplicitReturns: false }));
  expect(await codes(notebook, "function h(a: boolean) { if (a) return 1 }")).toEqual([]);
});

test("local files are read again when they, or what they import, were edited, and found when they are made", async () => {
  await using notebook = openTypedNotebook({
    "inner.ts": "export const inner = 1;",
    "outer.ts": "export { inner } from './inner.ts';",
  });
  expect(await codes(notebook, "import { inner } from './outer.ts'; inner.toFixed()")).toEqual([]);
  writeFileSync(join(notebook.folder, "inner.ts"), "export const inner = 'text';");
  expect(await codes(notebook, "import { inner } from './outer.ts'; inner.toFixed()")).toEqual([2551]);
  expect(await codes(notebook, "import { late } from './late.ts'")).toEqual([2307]);
  writeFileSync(join(notebook.folder, "late.ts"), "export const late = 1;");
  expect(await codes(notebook, "import { late } from './late.ts'; late.toFixed()")).toEqual([]);
  rmSync(join(notebook.folder, "late.ts"));
  expect(await codes(notebook, "import { late } from './late.ts'")).toEqual([2307]);
});

test("a local file without its ending has the types of the file that runs, in cells and in local files", async () => {
  await using notebook = openTypedNotebook({
    "lib.ts": "export const a = 1;",
    "inner.ts": "import { a } from './lib'; export const twice = a * 2;",
    "folder/index.ts": "export const here = 'x';",
    "only.d.ts": "export interface Only { a: number }",
    "data.json": '{ "n": 1 }',
  });
  const places = async (code: string): Promise<string[]> =>
    (await notebook.cell(code)).problems.map(
      ({ code, start, end }) => `${code} ${start.line}:${start.column}-${end.line}:${end.column}`,
    );
  expect(await places("import { a } from './lib'; const s: string = a;\nlet t: string = a")).toEqual([
    "2322 1:34-1:35",
    "2322 2:5-2:6",
  ]);
  expect(await places("import { twice } from './inner'; const s: string = twice")).toEqual([
    "2322 1:40-1:41",
  ]);
  expect(await places("import { here } from './folder'; here.toFixed()")).toEqual(["2551 1:39-1:46"]);
  expect(await places("const { a } = await import('./lib'); a.length")).toEqual(["2339 1:40-1:46"]);
  expect(await places("import type { Only } from './only'; const o: Only = { a: '' }")).toEqual([
    "2322 1:55-1:56",
  ]);
  expect(await places("import data from './data'; data.m")).toEqual(["2339 1:33-1:34"]);
  expect(await places("import { x } from './nowhere'")).toEqual(["2307 1:19-1:30"]);
  expect(await places("export * from './lib'; import { a } from './lib.js'; a.length")).toEqual([
    "2339 1:56-1:62",
  ]);
  const { ran } = await notebook.cell(
    "import { twice } from './inner'; const w = \"from './lib'\"; w + twice",
  );
  expect(ran?.value).toBe("\"from './lib'2\"");
  writeFileSync(join(notebook.folder, "inner.ts"), "import { a } from './lib'; export const twice = `${a}`;");
  expect(await places("import { twice } from './inner'; const n: number = twice")).toEqual([
    "2322 1:40-1:41",
  ]);
  writeFileSync(join(notebook.folder, "inner.ts"), "export const twice = true;");
  expect(await places("import { twice } from './inner'; const n: boolean = twice")).toEqual([]);
});

test("a package that is installed while the notebook runs is found, and until then the way to install it is said", async () => {
  await using notebook = openTypedNotebook();
  const cell = "import { twice } from '@made/up'; twice(2)";
  const { problems } = await notebook.cell(cell);
  expect(problems.map((one) => one.code)).toEqual([2307]);
  expect(problems[0]?.message).toContain("npm install @made/up");
  const folder = join(notebook.folder, "node_modules", "@made", "up");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({
      name: "@made/up",
      type: "module",
      exports: { types: "./index.d.ts", default: "./index.js" },
    }),
  );
  writeFileSync(join(folder, "index.js"), "export const twice = (n) => 2 * n;");
  writeFileSync(join(folder, "index.d.ts"), "export declare function twice(n: number): number;");
  expect((await notebook.cell(cell)).ran?.value).toBe("4");
  expect(await codes(notebook, "twice('a')")).toEqual([2345]);
});

test("packages named in Deno's way have their types, at the student's columns and in the student's words", async () => {
  await using notebook = openTypedNotebook({
    "node_modules/greeting/package.json":
      '{"name":"greeting","version":"2.0.0","type":"module","types":"./i.d.ts","exports":"./i.js"}',
    "node_modules/greeting/i.d.ts": "export declare function greet(name: string): string;",
    "node_modules/greeting/i.js": "export const greet = (name) => 'Hi ' + name;",
  });
  expect((await notebook.cell('import { greet } from "npm:greeting@^2"; greet("x")')).ran?.value).toBe(
    "'Hi x'",
  );
  const wrong = await notebook.cell('import { greet as g } from "npm:greeting@2"; g(5)');
  expect(wrong.problems.map(({ code, start }) => [code, start.column])).toEqual([[2345, 48]]);
  const member = await notebook.cell('const { welcome } = await import("https://esm.sh/greeting@2");');
  expect(member.problems.map(({ code, start }) => [code, start.column])).toEqual([[2339, 9]]);
  for (const [source, said, advice] of [
    ['import "npm:away@3/deep"; import away from "npm:away@3/deep"', "'npm:away@3/deep'", "npm install away"],
    ['import away from "jsr:@std/away@1"', "'jsr:@std/away@1'", "npx jsr add @std/away"],
    ['import away from "https://example.com/a.js"', "'https://example.com/a.js'", "No code is fetched"],
  ] as const) {
    const { problems } = await notebook.cell(source);
    expect(problems.at(-1)?.message).toContain(`Cannot find module ${said}`);
    expect(problems.at(-1)?.message).toContain(advice);
  }
  const folder = join(notebook.folder, "node_modules", "away");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    '{"name":"away","type":"module","exports":"./i.js","types":"./i.d.ts"}',
  );
  writeFileSync(join(folder, "i.js"), "export default 7;");
  writeFileSync(join(folder, "i.d.ts"), "declare const seven: number;\nexport default seven;");
  expect((await notebook.cell('import away from "npm:away@3"; away')).ran?.value).toBe("7");
});

test("Deno has types where a cell says the name, unless the name is the student's own", async () => {
  await using notebook = openTypedNotebook();
  expect(await codes(notebook, "const n: number = Deno.readTextFileSync('x')")).toEqual([2322]);
  expect(await codes(notebook, "Deno.jupyter.display(1, { raw: 'yes' })")).toEqual([2322]);
  expect(await codes(notebook, "const size = (info: Deno.FileInfo): string => info.size")).toEqual([2322]);
  const { problems } = await notebook.cell("Deno.serve");
  expect(problems[0]?.message).toContain("'serve' does not exist on type 'DenoInNode'");
  expect(await codes(notebook, "const Deno = 5; Deno.toFixed()")).toEqual([]);
  expect(await codes(notebook, "Deno.cwd()")).toEqual([2339]);
});

test("JavaScript's properties and parameters are whatever a cell makes of them; a wrong value is still told of", async () => {
  await using notebook = openTypedNotebook({}, { lenient: true, javascript: true });
  const code =
    "class A { constructor(n) { this.n = n } twice() { return 2 * this.n } }\nconst o = {}; o.x = new A(4).twice();";
  expect(await codes(notebook, code)).toEqual([]);
  expect(await codes(notebook, "function f(a, b) { return a } f(1)")).toEqual([]);
  expect(await codes(notebook, "let now = 5; now += 'x'")).toEqual([2322]);
});

test.each<[title: string, files: Record<string, unknown>]>([
  [
    "a chain",
    { "tsconfig.json": { extends: "./a.json" }, "a.json": { extends: "./deep/b" }, "deep/b.json": on },
  ],
  [
    "an array, the last of which counts",
    { "tsconfig.json": { extends: ["./off.json", "./on.json"] }, "off.json": off, "on.json": on },
  ],
  [
    "a package",
    {
      "tsconfig.json": { extends: "@made/base" },
      "node_modules/@made/base/tsconfig.json": on,
      "node_modules/@made/base/package.json": { name: "@made/base" },
    },
  ],
  [
    "a file of a package",
    {
      "tsconfig.json": { extends: "base/strictest.json" },
      "node_modules/base/strictest.json": on,
      "node_modules/base/package.json": { name: "base" },
    },
  ],
  [
    "what a package exports",
    {
      "tsconfig.json": { extends: "base/strict" },
      "node_modules/base/x.json": on,
      "node_modules/base/package.json": { name: "base", exports: { "./strict": "./x.json" } },
    },
  ],
  ["a file that is not there", { "tsconfig.json": { extends: "./missing.json", ...on } }],
  [
    "what it says itself, which has the last word",
    { "tsconfig.json": { extends: "./off.json", ...on }, "off.json": off },
  ],
])("the student's tsconfig.json may extend %s", async (_title, files) => {
  await using notebook = openTypedNotebook(
    Object.fromEntries(Object.entries(files).map(([name, content]) => [name, JSON.stringify(content)])),
  );
  expect(await codes(notebook, "function g(a: boolean) { if (a) return 1 }")).toEqual([7030]);
  // Node's types and the language's own are there whatever is extended.
  expect(await codes(notebook, "process.pid + [1].length; await Promise.resolve()")).toEqual([]);
});

test("a tsconfig.json that cannot be read leaves the defaults", async () => {
  await using notebook = openTypedNotebook({ "tsconfig.json": "{ nonsense" });
  expect(await codes(notebook, "const n: number = null; process.pid")).toEqual([2322]);
});

test("the checker fetches nothing, whatever is imported", async () => {
  await using notebook = openTypedNotebook({
    "bin/npm": '#!/bin/sh\necho called >> "$(dirname "$0")/../calls"\n',
    "old.js": "const express = require('express'); exports.inner = require('./inner');",
    "inner.js": "import lodash from 'lodash'; import './lib'; export const a = 1;",
    "lib.js": "export const b = 1;",
  });
  chmodSync(join(notebook.folder, "bin", "npm"), 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${join(notebook.folder, "bin")}${delimiter}${PATH}`;
  try {
    expect(await codes(notebook, "import { a } from './inner'; a.length")).toEqual([2339]);
    expect(await codes(notebook, "import lodash from 'lodash'; import { b } from './lib'; b.length")).toEqual(
      [2307, 2339],
    );
  } finally {
    process.env.PATH = PATH;
  }
  expect(existsSync(join(notebook.folder, "calls"))).toBe(false);
});

test("a language server that nobody asks for long is let go, and is back for the next question with all that it knew", async () => {
  await using notebook = openTypedNotebook({}, { idle: 400 });
  await notebook.cell("interface P { a: string }\nconst p: P = { a: 'x' }; let n = 1");
  const gone = (): Promise<void> =>
    expect.poll(() => notebook.language.pid, { timeout: 5000 }).toBeUndefined();
  await gone();
  // A cell that nobody checks does not wake it.
  await notebook.cell("const quiet = p.a", { unchecked: true });
  expect(notebook.language.pid).toBeUndefined();
  expect(await codes(notebook, "p.b + n + quiet.toFixed()")).toEqual([2339, 2551]);
  // Whoever types does not wait for long; the next question finds it awake.
  await gone();
  const members = async (): Promise<string[] | undefined> =>
    (await notebook.language.complete(outlineOf("p."), 2))?.matches.map(({ text }) => text);
  await expect.poll(members, { timeout: 10_000 }).toEqual(["a"]);
  await gone();
  const shown = (): Promise<string | undefined> => notebook.language.inspect(outlineOf("quiet"), 2);
  await expect.poll(shown, { timeout: 10_000 }).toContain("const quiet: string");
});

test("a notebook of a kernel that takes types less seriously is taken so here", async () => {
  await using notebook = openTypedNotebook({ "lib.ts": "export const a = 1;" }, { lenient: true });
  expect(await codes(notebook, "import { a } from './lib'; let s: string = null; s = null; a")).toEqual([]);
  expect(await codes(notebook, "const n: number = 'text'")).toEqual([2322]);
});

test("all problems of a cell come at once, at the student's places; two types of one name are told apart by their cells", async () => {
  await using notebook = openTypedNotebook();
  const { problems } = await notebook.cell("const a: number = 'x';\n  a.foo;\r\n{ b }");
  expect(problems.map(({ code, start, end }) => [code, start, end])).toEqual([
    [2322, { line: 1, column: 7 }, { line: 1, column: 8 }],
    [2339, { line: 2, column: 5 }, { line: 2, column: 8 }],
    [2304, { line: 3, column: 3 }, { line: 3, column: 4 }],
  ]);
  await notebook.cell("interface P { a: string }\nconst p: P = { a: '' }");
  const clash = await notebook.cell("interface P { b: number }\nconst q: P = p");
  expect(clash.problems[0]?.message).toBe(
    "Property 'b' is missing in type 'P (of Cell [2])' but required in type 'P (of Cell [3])'.",
  );
});

test("running cells again and again keeps no more modules than names need", async () => {
  await using notebook = openTypedNotebook();
  await notebook.cell("class C { a = 1 }", { id: "c" });
  for (let i = 0; i < 20; i++) await notebook.cell(`const c = new C(), n = ${i}`, { id: "d" });
  expect(await codes(notebook, "c.a + n > 1 && c.b")).toEqual([2339]);
  expect(notebook.language.modules).toBeLessThan(5);
});

test("however many names there are, no more modules are kept than some of them need", async () => {
  await using notebook = openTypedNotebook();
  for (let i = 0; i < 40; i++) await notebook.cell(`class C${i} { a = ${i} }\nconst c${i} = new C${i}()`);
  expect(notebook.language.modules).toBe(40);
  for (let i = 0; i < 120; i++) await notebook.cell(`class C${i % 3} { a = ${i} }\nconst c${i % 3} = ${i}`);
  for (let i = 0; i < 120; i++) await notebook.cell(`const n${i} = ${i}`, { unchecked: i % 2 === 0 });
  expect(notebook.language.modules).toBeLessThan(130);
  expect(await codes(notebook, "c9.a + C1.length + n7 > 1 && c9.b && n7.b")).toEqual([2339, 2339]);
});

test("what is known of a cell's earlier runs does not stay in memory", async () => {
  await using notebook = openTypedNotebook();
  const { language } = notebook;
  const run = async (): Promise<void> => {
    for (const code of [
      "class Again { next(): Again { return new Again() } }",
      "const f = () => g, g = () => f",
    ]) {
      const { outline } = translateCell(code, { label: "Cell [1]" });
      (await language.check(outline, { label: "Cell [1]", wanted: false })).enter(() => true);
    }
  };
  await run();
  const bytes = await leftBy(async () => {
    for (let i = 0; i < 1000; i++) await run();
  });
  expect(bytes).toBeLessThan(1_000_000);
});

test("a language server that is killed is started again, and told of everything; no cell fails of it", async () => {
  await using notebook = openTypedNotebook();
  await notebook.cell("interface P { a: string }\nconst p: P = { a: 'x' }");
  const { pid = Number.NaN } = notebook.language;
  process.kill(pid, "SIGKILL");
  expect((await notebook.cell("let later = 1; later")).ran?.value).toBe("1");
  await expect.poll(async () => codes(notebook, "p.b + later"), { timeout: 10_000 }).toEqual([2339]);
});

test("a language server that dies again and again is left alone", async () => {
  const command: [string, ...string[]] = [process.execPath, "-e", "process.exit(3)"];
  await using notebook = openTypedNotebook({}, { command });
  const cells = [await notebook.cell("1 + 1"), await notebook.cell("2 + 2"), await notebook.cell("3 + 3")];
  expect(cells.map(({ ran }) => ran?.value)).toEqual(["2", "4", "6"]);
  expect(cells.filter(({ notice }) => notice?.includes("exit code 3"))).toHaveLength(1);
  await expect.poll(() => notebook.language.pid, { timeout: 5000 }).toBeUndefined();
});

test("a language server that answers a cell's question before it has looked at the libraries has answered", async () => {
  const slow = `
    let rest = Buffer.alloc(0);
    const say = (message) => {
      const text = JSON.stringify({ jsonrpc: "2.0", ...message });
      process.stdout.write("Content-Length: " + Buffer.byteLength(text) + "\\r\\n\\r\\n" + text);
    };
    process.stdin.on("data", (data) => {
      rest = Buffer.concat([rest, data]);
      for (;;) {
        const head = /^Content-Length: (\\d+)\\r\\n\\r\\n/.exec(rest.toString("latin1"));
        const end = head ? head[0].length + Number(head[1]) : Infinity;
        if (rest.length < end) return;
        const { id, params } = JSON.parse(rest.toString("utf8", head[0].length, end));
        rest = rest.subarray(end);
        const first = /cell0ts/.test(params.textDocument?.uri);
        if (id !== undefined) setTimeout(() => say({ id, result: { items: [] } }), first ? 500 : 0);
      }
    });`;
  await using notebook = openTypedNotebook({}, { command: [process.execPath, "-e", slow] });
  for (let i = 0; i < 3; i++)
    expect(await notebook.cell(`const a = ${i}; a`)).toMatchObject({ checked: true });
});

test("a language server that does not answer is waited for once", async () => {
  const command: [string, ...string[]] = [process.execPath, "-e", "setTimeout(() => {}, 60_000)"];
  await using notebook = openTypedNotebook({}, { command, deadlines: { first: 300, other: 100 } });
  const first = await notebook.cell("const a: number = 'x'; a");
  expect(first).toMatchObject({ checked: false, problems: [], ran: { value: "'x'" } });
  expect(first.notice).toMatch(/Types are not checked for now.*no answer within 0\.3 s/);
  const second = await notebook.cell("a + 1");
  expect(second).toMatchObject({ checked: false, problems: [], ran: { value: "'x1'" } });
  expect(second.notice).toBeUndefined();
});

test("where there is no language server cells run, and it is said once", async () => {
  await using notebook = openTypedNotebook({}, { command: ["/nowhere/at/all"] });
  const cells = [await notebook.cell("1 + 1"), await notebook.cell("2 + 2"), await notebook.cell("3 + 3")];
  expect(cells.map(({ ran }) => ran?.value)).toEqual(["2", "4", "6"]);
  expect(cells.filter(({ notice }) => notice?.includes("ENOENT"))).toHaveLength(1);
});

test("TypeScript does not run for a notebook whose types are off, until somebody asks what a name is", async () => {
  await using notebook = openTypedNotebook();
  expect((await notebook.cell("const port = 80", { unchecked: true })).ran?.status).toBe("ok");
  expect(notebook.language.pid).toBeUndefined();
  const ask = (): Promise<string | undefined> => notebook.language.inspect(outlineOf("port"), 4);
  await ask();
  expect(notebook.language.pid).toBeGreaterThan(0);
  await expect.poll(ask, { timeout: 20_000 }).toContain("const port: 80");
});

test.skipIf(process.platform === "win32")(
  "nothing is fetched with npm behind the student's back",
  async () => {
    const bin = mkdtempSync(join(tmpdir(), "wirebook-npm-"));
    writeFileSync(join(bin, "npm"), `#!/bin/sh\ntouch ${join(bin, "called")}\n`, { mode: 0o755 });
    vi.stubEnv("PATH", `${bin}${delimiter}${process.env.PATH}`);
    try {
      await using notebook = openTypedNotebook({ "package.json": "{}", "old.js": "exports.a = 1;" });
      expect(await codes(notebook, "import * as old from './old.js'; 1")).toEqual([]);
      await sleep(1500);
      expect(existsSync(join(bin, "called"))).toBe(false);
    } finally {
      vi.unstubAllEnvs();
      rmSync(bin, { recursive: true });
    }
  },
);

test("a notebook below another project is one of its own: it is shown first, and what lies above stays as it is", () => {
  const above = mkdtempSync(join(tmpdir(), "wirebook-above-"));
  const directory = join(above, "lab");
  mkdirSync(directory);
  const shown = (manifest: object): [string, string | undefined][] => {
    writeFileSync(join(above, "package.json"), JSON.stringify(manifest));
    const made = documents({ directory, defaults: join(above, "defaults.json"), helpers: above });
    expect([...made.keys()][0]).toBe(join(directory, "tsconfig.json"));
    return [...made].filter(([path]) => path.endsWith("package.json"));
  };
  const own = join(directory, "package.json");
  expect(shown({ name: "a" })).toEqual([[own, '{"type":"module"}']]);
  expect(shown({ name: "a", type: "module" })).toEqual([[join(above, "package.json"), undefined]]);
  // Modules that it names are named relative to it.
  const imports = { "#inner": "./inner.js" };
  expect(shown({ imports })).toEqual([
    [join(above, "package.json"), JSON.stringify({ imports, type: "module" })],
  ]);
  rmSync(above, { recursive: true });
});

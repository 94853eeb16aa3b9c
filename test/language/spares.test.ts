// Cells are written into documents that were opened before, and that import more than a cell needs. Nobody sees any of that.
import { expect, test, vi } from "vitest";
import { LanguageServer } from "../../src/language/server.js";
import { outlineOf } from "../../src/translate/outline.js";
import { openTypedNotebook, type TypedNotebook } from "./fixture.js";

const codes = async (notebook: TypedNotebook, code: string, options = {}): Promise<number[]> =>
  (await notebook.cell(code, options)).problems.map((problem) => problem.code);

/** A cell of a lab: an import, a type, a class, variables, a function, and uses of the cells before. */
const lab = (index: number, imported = 'import { connect, type Socket } from "node:net";'): string =>
  [
    imported,
    `class Peer${index} ${index > 0 ? `extends Peer${index - 1} ` : ""}{ own${index} = ${index} as const }`,
    `interface Frame${index} { id: ${index}; before${index > 0 ? `: Frame${index - 1}` : "?: 0"} }`,
    `let peer${index}: Peer${index} | undefined = new Peer${index}();`,
    `let total${index} = ${index > 0 ? `total${index - 1} + 1` : 1};`,
    `function dial${index}(): Peer${index} { return ${index > 0 ? `dial${index - 1}() && ` : ""}new Peer${index}() }`,
  ].join("\n");

/** What is wrong with a cell that takes nothing for granted about the last one. */
const wrongAbout = (index: number): string =>
  [
    `const f: Frame${index} = { id: 1000, before: null };`,
    `peer${index}.own${index};`,
    `dial${index}().own${index}.length;`,
    `const t: string = total${index};`,
    `peer${index} = 5;`,
  ].join("\n");
const wrong = [2322, 2322, 18048, 2339, 2322, 2322];

test("a cell that imports what the last two did changes one document, which goes on importing the same", async () => {
  await using notebook = openTypedNotebook();
  const texts = new Map<string, string | undefined>();
  const imports = (text = ""): string[] =>
    [...text.matchAll(/ from ['"](.*?)['"]/g)].map(([, from = ""]) => from);
  const written = new Map<string, { before: string[]; after: string[] }>();
  const { put } = LanguageServer.prototype;
  const spy = vi.spyOn(LanguageServer.prototype, "put").mockImplementation(function (
    this: LanguageServer,
    path,
    text = "",
  ) {
    const code = text.split("\nexport {")[0] ?? "";
    if (!written.has(code)) written.set(code, { before: imports(texts.get(path)), after: imports(text) });
    texts.set(path, text);
    put.call(this, path, text);
  });
  try {
    for (let i = 0; i <= 20; i++) await notebook.cell(lab(i));
  } finally {
    spy.mockRestore();
  }
  for (let i = 2; i <= 20; i++) {
    const { before, after } = written.get(lab(i)) ?? {};
    expect(after?.length).toBeGreaterThan(i);
    expect(after).toEqual(before);
  }
  expect(await codes(notebook, wrongAbout(20))).toEqual(wrong);
});

test.each([
  ["the defaults", {}],
  ["noUncheckedSideEffectImports", { noUncheckedSideEffectImports: true }],
  ["verbatimModuleSyntax and isolatedModules", { verbatimModuleSyntax: true, isolatedModules: true }],
  ["noUnusedLocals and noUnusedParameters", { noUnusedLocals: true, noUnusedParameters: true }],
])(
  "types of a long notebook are right with %s, wherever a cell refers to",
  async (_title, compilerOptions) => {
    await using notebook = openTypedNotebook({ "tsconfig.json": JSON.stringify({ compilerOptions }) });
    for (let i = 0; i < 45; i++) expect(await codes(notebook, lab(i)), `${i}`).toEqual([]);
    for (const index of [44, 0, 30, 7, 8, 44])
      expect(await codes(notebook, wrongAbout(index))).toEqual(wrong);
  },
);

test("what cells import may change from one to the next", async () => {
  await using notebook = openTypedNotebook({ "lib.ts": "export const lib = 'lib';" });
  const imports = [
    "",
    'import * as fs from "node:fs";',
    'import * as fs from "node:fs"; import { lib } from "./lib";',
    'import { lib } from "./lib.ts";\nimport type { Socket } from "node:net";',
    "const { lib } = await import('./lib.ts');",
    'export * from "./lib.ts"; import fs = require("node:fs");',
    'const text = `\nimport x from "nowhere"`;',
  ];
  for (let i = 0; i < 30; i++) {
    const first = imports[(i * i) % imports.length] ?? "";
    const uses = [
      ...(/\bfs\b/.test(first) ? ["fs.constantz"] : []),
      ...(/\{ lib/.test(first) ? ["lib.length.x"] : []),
    ];
    expect(await codes(notebook, lab(i, `${first} ${uses.join(";")}`))).toEqual(
      uses.map((use) => (use.startsWith("fs") ? 2551 : 2339)),
    );
    expect(await codes(notebook, lab(i, first))).toEqual([]);
  }
  expect(await codes(notebook, wrongAbout(29))).toEqual(wrong);
});

test("nothing of a cell that was refused stays, whatever it declared, and the next one may declare it otherwise", async () => {
  await using notebook = openTypedNotebook();
  for (let i = 0; i < 20; i++) {
    expect(
      await codes(
        notebook,
        `declare global { interface Leak { a: ${i} } var leak: ${i} }\nclass C { a = ${i} as const }\nconst c: string = 5;`,
      ),
    ).toEqual([2322]);
    expect(await codes(notebook, "let l: Leak; leak")).toEqual([2304, 2304]);
    expect(await codes(notebook, `class D { a = ${i} as const }\nconst d: C = new D()`)).toEqual(
      i === 0 ? [2304] : [2322],
    );
    expect(await codes(notebook, `class C { a = ${i} as const }\nlet c = new C()`)).toEqual([]);
    expect(await codes(notebook, `const n: ${i} = c.a; const wrong: string = c.a`)).toEqual([2322]);
  }
});

test("a cell that runs again and again, and others between, mean the newest names", async () => {
  await using notebook = openTypedNotebook();
  for (let i = 0; i < 30; i++) {
    await notebook.cell(`interface P { v: ${i} }\nlet p: P | undefined = { v: ${i} }\nenum E { A = ${i} }`, {
      id: "a",
    });
    if (i % 3 === 0) await notebook.cell("const f = (q: P): E => E.A && q.v && E.A", { id: "b" });
    if (i % 4 === 0) await notebook.cell("1 + 1");
    expect(await codes(notebook, `p = { v: ${i} }; const wrong: P = { v: ${i + 1} }`)).toEqual([2322]);
  }
  expect(notebook.language.modules).toBeLessThan(5);
});

test("what cells add to global types is added once, in whichever document they are", async () => {
  await using notebook = openTypedNotebook();
  const shapes = (): Promise<number[]> => codes(notebook, "const s: Shape = { a: 0, b: 0 }");
  await notebook.cell("declare global { interface Shape { a: 1 } }", { id: "a" });
  for (let i = 0; i < 20; i++) {
    await notebook.cell(`declare global { interface Shape { b: ${i + 1} } }`, { id: "b" });
    expect(await shapes()).toEqual([2322, 2322]);
    await notebook.cell(lab(i));
    expect(await codes(notebook, `const s: Shape = { a: 1, b: ${i + 1} }`)).toEqual([]);
  }
});

test("a language server that dies among the cells, and an engine that does, change nothing", async () => {
  await using notebook = openTypedNotebook();
  for (let i = 0; i < 24; i++) {
    await notebook.cell(lab(i));
    if (i !== 4 && i !== 13) continue;
    const { pid = Number.NaN } = notebook.language;
    process.kill(pid, "SIGKILL");
    const found = async (): Promise<number[] | undefined> =>
      (await notebook.language.diagnose(outlineOf(wrongAbout(i))))?.map(({ code }) => code);
    await expect.poll(found, { timeout: 10_000 }).toEqual(wrong);
  }
  await notebook.restart();
  expect(await codes(notebook, "total23")).toEqual([2304]);
  for (let i = 0; i < 10; i++) expect(await codes(notebook, lab(i))).toEqual([]);
  expect(await codes(notebook, wrongAbout(9))).toEqual(wrong);
});

test("completions and inspections show nothing of what cells are joined by", async () => {
  await using notebook = openTypedNotebook();
  for (let i = 0; i < 12; i++) await notebook.cell(lab(i, ""));
  await notebook.cell("interface peer3 { x: 1 }");
  const matches = async (code: string): Promise<string[] | undefined> =>
    (await notebook.language.complete(outlineOf(code), code.length))?.matches.map(({ text }) => text);
  expect(await matches("peer1")).toEqual(["peer1", "peer10", "peer11", "Peer1", "Peer10", "Peer11"]);
  expect(await matches("const here: peer3 = { x: 1 }; peer3")).toEqual(["peer3", "Peer3"]);
  expect(await matches("peer10?.own")).toHaveLength(11);
  const inspected = (code: string): Promise<string | undefined> =>
    notebook.language.inspect(outlineOf(code), code.length);
  expect(await inspected("peer11")).toContain("let peer11: Peer11 | undefined");
  // A class that has lost its name as a type.
  await notebook.cell("class Lost { self(): Lost { return this } }", { id: "a" });
  await notebook.cell("interface Lost { x: 1 }");
  await notebook.cell("let lost = new Lost()", { id: "b" });
  await notebook.cell("const user = () => lost", { id: "c" });
  expect(await inspected("lost")).toContain("let lost: Lost");
  expect(await inspected("new Lost().self")).toContain("(method) Lost.self(): Lost\n");
  const members = await notebook.language.complete(outlineOf("new Lost().s"), 12);
  expect(members?.matches).toEqual([{ text: "self", type: "method", signature: "(): Lost" }]);
  expect((await notebook.cell("const n: 5 = new Lost()")).problems[0]?.message).toBe(
    "Type 'Lost' is not assignable to type '5'.",
  );
  expect((await notebook.cell("let lost = 1", { id: "b" })).told).toContain("uses it as Lost");
});

test("a cell that was looked at for one engine and runs in the next has types of its own", async () => {
  await using notebook = openTypedNotebook();
  const { language } = notebook;
  const check = (code: string): ReturnType<typeof language.check> =>
    language.check(outlineOf(code), { label: "Cell", wanted: true });
  for (let i = 0; i < 12; i++) {
    const { enter } = await check(`class C { own = ${i} as const }`);
    language.reset();
    enter(() => true);
    (await check("class D { other = 'd' as const }")).enter(() => true);
    const found = await language.diagnose(
      outlineOf("const c: 'c' = new C().own; const d: 'e' = new D().other"),
    );
    expect(found?.map(({ message }) => message)).toEqual([
      `Type '${i}' is not assignable to type '"c"'.`,
      `Type '"d"' is not assignable to type '"e"'.`,
    ]);
  }
});

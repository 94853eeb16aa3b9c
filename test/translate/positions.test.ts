// Wherever a cell fails, it is named by the line and the column that the student wrote.
import { expect, test } from "vitest";
import { SyntaxProblem, translateCell } from "../../src/translate/cell.js";
import { openNotebook } from "./notebook.js";

/** The cell, with ▮ before the place that fails; and what it throws. */
type Row = [title: string, cell: string];

const FAILS = "▮fail()";
const rows: Row[] = [
  ["plain code", `const a = 1;\n  ${FAILS};`],
  ["the first line", FAILS],
  [
    "behind types that vanish",
    `const a: Map<string, number[]> = new Map<string, number[]>(), b = a as unknown; ${FAILS}`,
  ],
  [
    "behind an interface over lines",
    `interface I {\n  a: number\n}\nconst i = { a: 1 } satisfies I; ${FAILS}`,
  ],
  ["behind an await", `await 1; const x: number = (await 2) + (await ▮fail());`],
  [
    "behind a const, a using and an import",
    `import { join } from "node:path"; const a = 1; using u = null; ${FAILS}`,
  ],
  ["in a function, called from below", `function f(n: number): number {\n  return ▮fail() + n;\n}\nf(1)`],
  ["in a function that is hoisted", `f();\n  function f() { ▮fail() }`],
  ["in an exported function", `export async function f<T>(x: T) {\n ${FAILS}\n}\nawait f(1)`],
  ["in an object literal alone", `{ a: 1,\n  b: ▮fail() }`],
  ["on the first line of an object literal alone", `{ a: ▮fail() }`],
  ["behind an enum", `enum E { A = 1, B }\nconst e: E = E.A; ${FAILS}`],
  ["behind a namespace", `namespace N { export const x = 1 }\n  ${FAILS}`],
  [
    "in a class with parameter properties",
    `class P {\n  constructor(readonly x: number) {}\n  m(): void { ${FAILS} }\n}\nnew P(1).m()`,
  ],
  [
    "in a decorated class",
    `const d = (v: any, _: any) => v;\nclass D {\n  @d m(): void { ${FAILS} }\n}\nnew D().m()`,
  ],
  ["in JSX", `const React = { createElement: (...all: unknown[]) => all };\n<p>{▮fail()}</p>`],
  ["behind letters outside the basic plane", `const s = "😀é"; ${FAILS}`],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the cell's own
  ["behind a regular expression and a template", "const r = /[/]`/u, t = `${1}\n`; ▮fail()"],
];

for (const [what, change] of [
  ["", (text: string) => text],
  [", with Windows' line ends", (text: string) => text.replaceAll("\n", "\r\n")],
] as const)
  test.each(rows)(`an error is at its place${what}: %s`, async (_, marked) => {
    const cell = change(marked);
    const before = cell.slice(0, cell.indexOf("▮")).split(/\r?\n/);
    const notebook = openNotebook();
    await notebook.cell("function fail(): never { throw new Error('on purpose') }");
    const { error, places } = await notebook.cell(cell.replace("▮", ""));
    expect(error).toBe("Error: on purpose");
    expect(places?.find((place) => place.startsWith("cell 2"))).toBe(
      `cell 2:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`,
    );
  });

// ── cells that cannot be read

function problem(code: string): SyntaxProblem["report"] {
  try {
    translateCell(code, { label: "Cell [7]" });
  } catch (error) {
    if (error instanceof SyntaxProblem) return error.report;
    throw error;
  }
  throw new Error("it was read");
}

test.each<[string, string, RegExp]>([
  ["a bracket that is missing", "const a = 1;\nconst b = (2;▮", /./],
  ["a word too much", "const a = 1;\nlet b ▮c = 2;", /./],
  ["a name declared twice", "let a = 1;\n\nlet ▮a = 2;", /'?a'?.* already been declared/],
  ["types alone do not help", "interface I { a: number }\nconst x: = ▮1;", /./],
])("the place of a mistake is named: %s", (_, marked, words) => {
  const before = marked.slice(0, marked.indexOf("▮")).split("\n");
  const report = problem(marked.replace("▮", ""));
  expect(report.ename).toBe("SyntaxError");
  expect(report.evalue).toMatch(words);
  expect(report.frames).toHaveLength(1);
  expect(report.frames[0]).toMatchObject({ file: "Cell [7]", internal: false });
  expect(report.frames[0]?.line).toBe(before.length);
});

test("several mistakes are told at once, each with its place", () => {
  const { evalue } = problem("let a = 1; let a = 2;\nlet b = 1; let b = 2;");
  expect(evalue.split("\n")).toEqual([
    expect.stringMatching(/a.*\(line 1, column 16\)$/),
    expect.stringMatching(/b.*\(line 2, column 16\)$/),
  ]);
});

test.each<[string, string, string]>([
  ["a line magic", "const a = 1\n%time a", "`%time` is a magic of Python's notebooks"],
  ["a cell magic", "%%bash\nls", "`%%bash` is a magic of Python's notebooks"],
  ["a command", "!echo hello", "execSync('…')"],
  ["a return", "if (true) return 1", "a cell is no function"],
])("what people try in other notebooks gets a word of help: %s", (_, code, hint) => {
  expect(problem(code).evalue).toContain(hint);
});

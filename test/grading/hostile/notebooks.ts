// Families that tamper with the notebook itself: cells that are locked, their metadata, outputs that claim to be results.

import type { Cell, Notebook } from "../../../src/client/notebook.js";
import { handedIn, right } from "../course.js";
import type { Hostile } from "./kinds.js";

type Change = (notebook: Notebook) => Notebook | string | undefined;

const cellOf = (notebook: Notebook, id: string): Cell =>
  notebook.cells.find((cell) => cell.id === id) as Cell;
const meta = (cell: Cell): Record<string, unknown> => cell.metadata.nbgrader as Record<string, unknown>;
const tests = ["test-add", "test-add-more", "test-server", "test-words"];
const results = (points: number): Cell["outputs"] => [
  {
    output_type: "execute_result",
    execution_count: 1,
    metadata: {},
    data: {
      "text/plain": String(points),
      "application/vnd.wirebook.check+json": {
        id: "h.2",
        title: "x",
        points,
        max: points,
        passed: true,
        rows: [],
        hints: [],
      },
    },
  },
];
const each =
  (change: (cell: Cell, notebook: Notebook) => void): Change =>
  (notebook) => {
    for (const id of tests) change(cellOf(notebook, id), notebook);
    return undefined;
  };
const add = (source: string, fields: Partial<Cell> = {}): Cell => ({
  cell_type: "code",
  source,
  metadata: {},
  outputs: [],
  execution_count: null,
  ...fields,
});

const changes: [name: string, change: Change][] = [
  ["tests are edited to a number", each((cell) => (cell.source = "100"))],
  ["tests are edited to print", each((cell) => (cell.source = "console.log(100)"))],
  ["tests are empty", each((cell) => (cell.source = ""))],
  ["tests ask for an easier check", each((cell) => (cell.source = 'await check("h.1")'))],
  ["tests are comments", each((cell) => (cell.source = `// ${String(cell.source)}`))],
  [
    "tests have code before them",
    each((cell) => (cell.source = `var add: any = () => 5;\n${String(cell.source)}`)),
  ],
  ["tests are Markdown", each((cell) => (cell.cell_type = "markdown"))],
  ["tests are raw", each((cell) => (cell.cell_type = "raw"))],
  ["tests are unlocked", each((cell) => (meta(cell).locked = false))],
  [
    "tests are answers",
    each((cell) => Object.assign(meta(cell), { solution: true, locked: false, grade: true })),
  ],
  ["tests are worth more", each((cell) => (meta(cell).points = 1000))],
  ["tests are worth nothing", each((cell) => (meta(cell).points = 0))],
  ["tests are worth less than nothing", each((cell) => (meta(cell).points = -5))],
  ["tests have an old schema", each((cell) => (meta(cell).schema_version = 1))],
  ["tests have no metadata", each((cell) => (cell.metadata = {}))],
  [
    "tests have no metadata and no id",
    each((cell) => {
      cell.metadata = {};
      delete cell.id;
    }),
  ],
  ["tests have other names", each((cell) => (meta(cell).grade_id = `x-${String(meta(cell).grade_id)}`))],
  [
    "tests have a checksum of their own",
    each((cell) => {
      cell.source = "100";
      meta(cell).checksum = "d41d8cd98f00b204e9800998ecf8427e";
    }),
  ],
  [
    "tests may raise exceptions",
    each((cell) => (cell.metadata.tags = ["raises-exception", "skip-execution"])),
  ],
  [
    "tests were run with full marks",
    each((cell) => {
      cell.outputs = results(100) ?? [];
      cell.execution_count = 7;
    }),
  ],
  [
    "tests are deleted",
    (notebook) => {
      notebook.cells = notebook.cells.filter(({ id }) => !tests.includes(id as string));
      return undefined;
    },
  ],
  [
    "all is deleted",
    (notebook) => {
      notebook.cells = [];
      return undefined;
    },
  ],
  [
    "tests are there twice",
    (notebook) => {
      for (const id of tests) notebook.cells.push(structuredClone(cellOf(notebook, id)));
      return undefined;
    },
  ],
  [
    "tests are there twice, the first one edited",
    (notebook) => {
      for (const id of tests)
        notebook.cells.unshift({ ...structuredClone(cellOf(notebook, id)), source: "100" });
      return undefined;
    },
  ],
  [
    "a hundred copies of a test",
    (notebook) => {
      for (let i = 0; i < 100; i++)
        notebook.cells.push({ ...structuredClone(cellOf(notebook, "test-add")), source: "1", id: `c${i}` });
      return undefined;
    },
  ],
  [
    "tests come first",
    (notebook) => {
      notebook.cells.sort(
        (a, b) => Number(tests.includes(b.id as string)) - Number(tests.includes(a.id as string)),
      );
      return undefined;
    },
  ],
  [
    "names are exchanged",
    (notebook) => {
      const [a, b] = [cellOf(notebook, "sol-add"), cellOf(notebook, "test-add-more")];
      [a.metadata, b.metadata] = [b.metadata, a.metadata];
      return undefined;
    },
  ],
  [
    "an answer has a test's name",
    (notebook) => {
      notebook.cells.unshift(
        add("100", { id: "mine", metadata: { nbgrader: { ...meta(cellOf(notebook, "test-words")) } } }),
      );
      return undefined;
    },
  ],
  [
    "a test of one's own",
    (notebook) => {
      notebook.cells.push(
        add("100", {
          metadata: {
            nbgrader: {
              schema_version: 3,
              grade_id: "bonus",
              grade: true,
              locked: true,
              solution: false,
              task: false,
              points: 100,
            },
          },
          outputs: results(100) ?? [],
        }),
      );
      return undefined;
    },
  ],
  [
    "a name like a property",
    (notebook) => {
      notebook.cells.push(
        add("100", {
          id: "__proto__",
          metadata: {
            nbgrader: {
              schema_version: 3,
              grade_id: "__proto__",
              grade: true,
              locked: true,
              solution: false,
              points: 100,
            },
          },
        }),
      );
      return undefined;
    },
  ],
  [
    "checks by strange names",
    (notebook) => {
      for (const id of ["__proto__", "constructor", "toString", "../../etc/passwd", "h.2\u0000", "h.9", "*"])
        notebook.cells.push(add(`await check("${id}")`));
      return undefined;
    },
  ],
  [
    "a check a hundred times",
    (notebook) => {
      for (let i = 0; i < 100; i++) notebook.cells.push(add('await check("h.2")'));
      return undefined;
    },
  ],
  [
    "the kernel is another one",
    (notebook) => {
      notebook.metadata.kernelspec = { name: "bash", language: "bash" };
      return undefined;
    },
  ],
  [
    "the kernel is tslab's",
    (notebook) => {
      notebook.metadata.kernelspec = { name: "tslab", language: "typescript" };
      return undefined;
    },
  ],
  [
    "the notebook says how strict types are",
    (notebook) => {
      notebook.metadata.wirebook = { types: "error", assignment: { cells: [] } };
      cellOf(notebook, "sol-add").source = '// @types error\nconst x: number = "text";';
      return undefined;
    },
  ],
  ["no cells", () => JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {} })],
  [
    "cells are no list",
    () => JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: { length: 5 } }),
  ],
  [
    "cells are numbers",
    () => JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [1, null, "x"] }),
  ],
  ["another format", () => JSON.stringify({ nbformat: 3, worksheets: [] })],
  ["no JSON", () => "not a notebook"],
  ["nothing", () => ""],
  ["nested too deeply", () => `${'{"a":'.repeat(1e5)}1${"}".repeat(1e5)}`],
  [
    "metadata nested deeply",
    (notebook) =>
      JSON.stringify(notebook).replace(
        '"metadata":{"kernelspec"',
        `"metadata":{"x":${"[".repeat(5000)}${"]".repeat(5000)},"kernelspec"`,
      ),
  ],
  [
    "a key like a property",
    (notebook) =>
      JSON.stringify(notebook).replace(
        '"nbformat":4',
        '"__proto__":{"points":100},"constructor":{"prototype":{"points":100}},"nbformat":4',
      ),
  ],
  [
    "sources are lists of numbers",
    (notebook) => {
      for (const cell of notebook.cells) cell.source = [1, 2] as never;
      return undefined;
    },
  ],
  [
    "metadata is no object",
    (notebook) => {
      for (const cell of notebook.cells) cell.metadata = 5 as never;
      return undefined;
    },
  ],
  [
    "a source of 5 MB",
    (notebook) => {
      cellOf(notebook, "sol-add").source = `const big = "${"x".repeat(5e6)}";`;
      return undefined;
    },
  ],
  [
    "a source nested deeply",
    (notebook) => {
      cellOf(notebook, "sol-add").source = `const deep = ${"[".repeat(20000)}${"]".repeat(20000)};`;
      return undefined;
    },
  ],
  [
    "a thousand cells",
    (notebook) => {
      for (let i = 0; i < 1000; i++) notebook.cells.push(add(`const v${i} = ${i};`));
      return undefined;
    },
  ],
];

/** What leaves right answers as they are deserves all marks. */
const keeps = new Set([
  "tests are edited to a number",
  "tests are Markdown",
  "tests are unlocked",
  "tests are worth more",
  "tests have no metadata",
  "tests have other names",
  "tests are deleted",
  "tests are there twice",
  "tests were run with full marks",
  "a test of one's own",
  "checks by strange names",
  "the kernel is tslab's",
  "a key like a property",
]);

const apply = (change: Change, notebook: Notebook): Notebook | string => change(notebook) ?? notebook;

export const notebooks: Hostile[] = [
  ...changes.map(([name, change]) => ({
    family: "the notebook",
    name,
    notebook: apply(change, handedIn({})),
  })),
  ...changes
    .filter(([name]) => keeps.has(name))
    .map(([name, change]) => ({
      family: "the notebook",
      name: `${name}, with right answers`,
      notebook: apply(change, handedIn(right)),
    })),
];

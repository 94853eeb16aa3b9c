// biome-ignore-all lint/suspicious/noTemplateCurlyInString: cells hold template strings
// Jupyter's tools for the terminal: papermill, jupyter run, jupyter console.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../places.js";
import { runPython } from "./run-python.js";

interface Notebook {
  cells: {
    source: string[];
    metadata: { tags?: string[] };
    outputs?: { text?: string[]; ename?: string }[];
  }[];
}

/** A fresh folder with these files, gone after the test. */
function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-tools-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** A notebook whose first cell holds parameters. */
function notebook(parameters: string, ...sources: string[]): string {
  const cells = [parameters, ...sources].map((source, index) => ({
    cell_type: "code",
    id: `cell-${index}`,
    metadata: index === 0 ? { tags: ["parameters"] } : {},
    source,
    outputs: [],
    execution_count: null,
  }));
  const kernelspec = { name: "wirebook", display_name: "TypeScript (Wirebook)", language: "typescript" };
  return JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 });
}

const read = (path: string): Notebook => JSON.parse(readFileSync(path, "utf8")) as Notebook;
const printed = ({ cells }: Notebook): string => (cells.at(-1)?.outputs?.[0]?.text ?? []).join("");

test("papermill gives a notebook parameters of every kind, as TypeScript", { timeout: 120_000 }, async () => {
  const parameters = {
    ...{
      count: 41,
      ratio: 0.5,
      big: 12345678901234567890n,
      text: '"quotes" ${x} \\ ä😀\nline',
      really: true,
    },
    ...{ none: null, list: [1, ["a"]], record: { "a b": 1, "it's": { deep: false } } },
  };
  const names = Object.keys(parameters);
  const folder = folderWith({
    "in.ipynb": notebook(
      "let count: number = 1\nconst text = 'nobody'",
      `console.log(JSON.stringify([${names}], (key, value) => typeof value === "bigint" ? String(value) : value))`,
    ),
    "parameters.yaml": Object.entries(parameters)
      .map(([name, value]) => `${name}: ${typeof value === "bigint" ? value : JSON.stringify(value)}`)
      .join("\n"),
  });
  const out = join(folder, "out.ipynb");
  const { code, output } = await runPython(
    ["-m", "papermill", join(folder, "in.ipynb"), out, "-f", join(folder, "parameters.yaml")],
    { timeout: 100_000 },
  );
  expect(output).not.toContain("Traceback");
  expect(code).toBe(0);
  const executed = read(out);
  expect(executed.cells[1]?.metadata.tags).toContain("injected-parameters");
  expect(JSON.parse(printed(executed))).toEqual(
    Object.values(parameters).map((value) => (typeof value === "bigint" ? String(value) : value)),
  );
});

test("papermill lists a notebook's parameters with types, defaults and comments", async () => {
  const folder = folderWith({
    "in.ipynb": notebook("let count: number = 1; // how many\nconst who = 'nobody'\nlet tags: string[] = []"),
  });
  const { output } = await runPython(["-m", "papermill", "--help-notebook", join(folder, "in.ipynb")]);
  expect(output).toMatch(/count: number \(default 1\)\s+how many/);
  expect(output).toMatch(/who: .*\(default 'nobody'\)/);
  expect(output).toMatch(/tags: string\[\] \(default \[\]\)/);
});

test("papermill stops at the failing cell, and keeps it in the notebook", { timeout: 120_000 }, async () => {
  const folder = folderWith({
    "in.ipynb": notebook("let n = 1", "throw new RangeError('too many: ' + n)", "console.log('not reached')"),
  });
  const out = join(folder, "out.ipynb");
  const args = ["-m", "papermill", join(folder, "in.ipynb"), out, "-p", "n", "7"];
  const { code, output } = await runPython(args, { timeout: 100_000 });
  expect(code).not.toBe(0);
  expect(output).toContain("too many: 7");
  const outputs = read(out).cells.flatMap((cell) => cell.outputs ?? []);
  expect(outputs.map(({ ename }) => ename).filter(Boolean)).toEqual(["RangeError"]);
  expect(printed(read(out))).toBe("");
});

test("papermill refuses a name that is none in TypeScript", { timeout: 60_000 }, async () => {
  const folder = folderWith({ "in.ipynb": notebook("let n = 1") });
  const args = [
    "-m",
    "papermill",
    join(folder, "in.ipynb"),
    join(folder, "out.ipynb"),
    "-p",
    "not-a-name",
    "7",
  ];
  const { code, output } = await runPython(args, { timeout: 50_000 });
  expect(code).not.toBe(0);
  expect(output).toContain('"not-a-name": that is no name in TypeScript');
});

test("jupyter run runs a file, and fails where it throws", { timeout: 120_000 }, async () => {
  const folder = folderWith({
    "good.ts": 'const n: number = 40;\nconsole.log("sum", n + 2);\n',
    "bad.ts": 'console.log("before");\nthrow new Error("on purpose");\n',
  });
  const run = (name: string) =>
    runPython(["-m", "jupyter", "run", "--kernel", "wirebook", join(folder, name)]);
  expect(await run("good.ts")).toEqual({ code: 0, output: "sum 42\n" });
  const bad = await run("bad.ts");
  expect(bad.code).not.toBe(0);
  expect(bad.output).toContain("before\n");
  expect(stripVTControlCharacters(bad.output)).toContain("Error: on purpose");
});

test.skipIf(process.platform === "win32")(
  "jupyter console: values, cells of several lines, errors, questions and Ctrl-C",
  { timeout: 120_000 },
  async () => {
    const { code, output } = await runPython([join(root, "test", "frontends", "console.py")], {
      env: { TERM: "xterm" },
      timeout: 100_000,
    });
    expect(output).not.toContain("Traceback");
    expect(code, output).toBe(0);
    expect(output).toContain("Wirebook");
    expect(output).toContain("got Ada");
  },
);

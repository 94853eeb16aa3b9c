// `wirebook run`: what a user who executes notebooks in a terminal sees, and finds written.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { coloured } from "../../src/commands/colours.js";
import { isAlive, isOpen, python } from "../places.js";
import { Folder } from "./command.js";

test("the outputs of every kind are written into the notebook, which stays a valid one", async () => {
  using folder = new Folder();
  folder.notebook("a.ipynb", [
    { id: "words", type: "markdown", source: "# Title" },
    { id: "text", source: "console.log('one'); console.error('two'); console.log('three\\nfour')" },
    { id: "value", source: "const x: number = 6 * 7; x" },
    { id: "empty", source: "  \n" },
    {
      id: "shown",
      source:
        "display(html`<b>0 %</b>`, { id: 'bar' }); display(html`<b>100 %</b>`, { id: 'bar', update: true })",
    },
    { id: "cleared", source: "console.log('gone'); clearOutput(); console.log('stays')" },
    { id: "picture", source: "display({ 'image/png': 'aGk=' }, { raw: true })" },
  ]);
  const { code, stdout, stderr } = await folder.wirebook("run", "--inplace", "a.ipynb");
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^✓ a\.ipynb: 5 cells \(\d+\.\d s\)\n$/);
  expect(code).toBe(0);
  const { cells, metadata } = folder.read("a.ipynb");
  expect(metadata.language_info?.name).toBe("typescript");
  expect(cells[1]?.outputs).toEqual([
    { output_type: "stream", name: "stdout", text: ["one\n"] },
    { output_type: "stream", name: "stderr", text: ["two\n"] },
    { output_type: "stream", name: "stdout", text: ["three\n", "four\n"] },
  ]);
  expect(cells[2]).toMatchObject({
    execution_count: 2,
    outputs: [{ output_type: "execute_result", execution_count: 2, data: { "text/plain": ["42"] } }],
  });
  expect(cells[3]).toMatchObject({ execution_count: null, outputs: [] });
  expect(cells[4]?.outputs).toHaveLength(1);
  expect(cells[4]?.outputs[0]?.data?.["text/html"]).toEqual(["<b>100 %</b>"]);
  expect(folder.shown("a.ipynb", "cleared")).toBe("stays\n");
  expect(cells[6]?.outputs[0]?.data?.["image/png"]).toBe("aGk=");
  const valid = spawnSync(
    python,
    [
      "-c",
      "import nbformat, sys; nbformat.validate(nbformat.read(sys.argv[1], as_version=nbformat.NO_CONVERT))",
      join(folder.path, "a.ipynb"),
    ],
    { encoding: "utf8" },
  );
  expect(valid.stderr).toBe("");
});

test("what a cell prints after its end stands below it, also when that is the last thing that happens", async () => {
  using folder = new Folder();
  folder.notebook("late.ipynb", {
    first:
      "let n = 0; const timer = setInterval(() => { console.log('tick', ++n); if (n === 4) clearInterval(timer) }, 100)",
    second: "console.log('meanwhile'); await new Promise((r) => setTimeout(r, 150))",
    third: "1",
  });
  expect((await folder.wirebook("run", "--inplace", "late.ipynb")).code).toBe(0);
  expect(folder.shown("late.ipynb", "first")).toBe("tick 1\ntick 2\ntick 3\ntick 4\n");
  expect(folder.shown("late.ipynb", "second")).toBe("meanwhile\n");
  expect(folder.shown("late.ipynb", "third")).toBe("1");
});

test("a failing cell ends the run with its place and its error; what ran before is written", async () => {
  using folder = new Folder();
  folder.notebook("bad.ipynb", {
    fine: "console.log('fine')",
    wrong: "const a = 1;\n(null as any).toString()",
    never: "console.log('never')",
  });
  const { code, stdout, stderr } = await folder.wirebook("run", "--inplace", "bad.ipynb");
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✗ bad\.ipynb: 2 cells, 1 failed/);
  expect(stderr).toContain("bad.ipynb, cell 2 (wrong)");
  expect(stderr).toContain("TypeError");
  expect(stderr).toMatch(/2 \|.*null as any\)\.toString/);
  expect(folder.shown("bad.ipynb", "fine")).toBe("fine\n");
  expect(folder.shown("bad.ipynb", "wrong")).toBe("TypeError");
  expect(folder.read("bad.ipynb").cells[2]).toMatchObject({ execution_count: null, outputs: [] });
});

test("with --allow-errors every cell runs and the command succeeds, and still tells what failed", async () => {
  using folder = new Folder();
  folder.notebook("bad.ipynb", { wrong: "throw new RangeError('no')", after: "console.log('after')" });
  const { code, stdout, stderr } = await folder.wirebook(
    "run",
    "--allow-errors",
    "--output-dir",
    "out/deep",
    "bad.ipynb",
  );
  expect(code).toBe(0);
  expect(stdout).toContain("1 failed");
  expect(stderr).toContain("RangeError: no");
  expect(folder.shown("out/deep/bad.ipynb", "after")).toBe("after\n");
  expect(folder.read("bad.ipynb").cells[0]?.outputs).toEqual([]);
});

test("cells that are meant to fail do not fail the run, and answers that are still empty are counted apart", async () => {
  using folder = new Folder();
  const missing = "throw Object.assign(new Error('7.1'), { name: 'NotAnswered' })";
  folder.notebook("lab.ipynb", [
    { id: "meant", source: "throw new Error('on purpose')", tags: ["raises-exception"] },
    { id: "q1", source: missing, tags: ["answer", "raises-exception"] },
    { id: "q2", source: missing, tags: ["answer"] },
    { id: "after", source: "'after'" },
  ]);
  const { code, stdout } = await folder.wirebook("run", "lab.ipynb");
  expect(stdout).toMatch(/^✓ lab\.ipynb: 4 cells, 2 without an answer/);
  expect(code).toBe(0);
  expect(folder.read("lab.ipynb").cells[3]?.outputs).toEqual([]);
});

test("a cell that takes longer than --timeout is interrupted, and that is its failure", async () => {
  using folder = new Folder();
  folder.notebook("slow.ipynb", { loop: "console.log('in'); for (;;);", never: "1" });
  const { code, stderr } = await folder.wirebook("run", "--timeout", "5", "--inplace", "slow.ipynb");
  expect(code).toBe(1);
  expect(stderr).toContain("slow.ipynb, cell 1 (loop)");
  expect(stderr).toContain("CellTimeout: longer than 5 s, so it was interrupted");
  expect(folder.shown("slow.ipynb", "loop")).toBe("in\nInterrupted");
});

test("a cell that kills the engine fails, and with it the run; a killed kernel ends the run with the reason", async () => {
  using folder = new Folder();
  folder.notebook("engine.ipynb", { dies: "process.kill(process.pid, 'SIGKILL')" });
  const engine = await folder.wirebook("run", "engine.ipynb");
  expect(engine.code).toBe(1);
  expect(engine.stderr).toMatch(/EngineDied/);
  folder.notebook("kernel.ipynb", {
    before: "console.log('before')",
    dies: "process.kill(process.ppid, 'SIGKILL'); await new Promise(() => {})",
    never: "1",
  });
  const kernel = await folder.wirebook("run", "--inplace", "kernel.ipynb");
  expect(kernel.code).toBe(1);
  expect(kernel.stderr).toContain("kernel.ipynb, cell 2 (dies)");
  expect(kernel.stderr).toMatch(/DeadKernel: killed by SIGKILL/);
  expect(folder.shown("kernel.ipynb", "before")).toBe("before\n");
});

test("Ctrl-C ends the running cell, writes what there is, and exits with 130", async () => {
  using folder = new Folder();
  folder.notebook("long.ipynb", {
    first: "console.log('done before')",
    long: "import { writeFileSync } from 'node:fs'; writeFileSync('running', ''); await new Promise(() => {})",
    never: "1",
  });
  const running = folder.start("run", "--inplace", "long.ipynb", "other.ipynb");
  await expect.poll(() => folder.names(), { timeout: 15_000 }).toContain("running");
  running.process.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect(code).toBe(130);
  expect(stderr).toContain("Stopped.");
  expect(folder.shown("long.ipynb", "first")).toBe("done before\n");
  expect(folder.shown("long.ipynb", "long")).toBe("Interrupted");
  expect(folder.read("long.ipynb").cells[2]?.execution_count).toBe(null);
});

test("files that cannot be run are named with the reason, and the others run", async () => {
  using folder = new Folder();
  folder
    .file("text.ipynb", "hello")
    .file("list.ipynb", "[]")
    .file("old.ipynb", JSON.stringify({ nbformat: 3, worksheets: [] }))
    .file("cells.ipynb", JSON.stringify({ nbformat: 4, cells: [{ cell_type: "code" }] }))
    .file(
      "python.ipynb",
      JSON.stringify({
        nbformat: 4,
        nbformat_minor: 5,
        metadata: { kernelspec: { language: "python" } },
        cells: [],
      }),
    )
    .notebook("good.ipynb", { one: "1" });
  const names = ["missing", "text", "list", "old", "cells", "python", "good"].map((name) => `${name}.ipynb`);
  const { code, stdout, stderr } = await folder.wirebook("run", ...names);
  expect(code).toBe(1);
  expect(stderr.trim().split("\n")).toEqual([
    "✗ missing.ipynb: there is no such file",
    expect.stringContaining("✗ text.ipynb: it is not a notebook: no JSON"),
    "✗ list.ipynb: it is not a notebook: no nbformat",
    expect.stringContaining("✗ old.ipynb: its format is 3"),
    "✗ cells.ipynb: its cell 1 is broken: no source",
    "✗ python.ipynb: it is written in python; this kernel runs TypeScript",
  ]);
  expect(stdout).toMatch(/✓ good\.ipynb: 1 cells[\s\S]*1 of 7 notebooks ran without an error\.\n$/);
});

test("where the result cannot be written it is said, and nothing half-written stays", async () => {
  using folder = new Folder();
  folder.notebook("a.ipynb", { one: "1" });
  mkdirSync(join(folder.path, "out", "a.ipynb"), { recursive: true });
  const { code, stderr } = await folder.wirebook("run", "--output-dir", "out", "a.ipynb");
  expect(code).toBe(1);
  expect(stderr).toContain("✗ a.ipynb: it cannot be written");
  expect(folder.names("out")).toEqual(["a.ipynb"]);
});

test("wrong options are explained", async () => {
  using folder = new Folder();
  for (const [args, words] of [
    [["run"], "missing required argument"],
    [["run", "--timeout", "soon", "a.ipynb"], '--timeout takes seconds, not "soon"'],
    [["run", "--inplace", "--output-dir", "x", "a.ipynb"], "cannot be used with option"],
    [["walk"], "unknown command"],
  ] as const) {
    const { code, stderr } = await folder.wirebook(...args);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(code).toBe(1);
  }
});

test("a notebook runs in its own folder, twice in a row, and leaves no process, port or file behind", async () => {
  using folder = new Folder();
  writeFileSync(join(folder.path, "part.ts"), "export const part: string = 'a local file';\n");
  folder.notebook("open.ipynb", {
    local: "import { part } from './part.ts'; part",
    server:
      "import { createServer } from 'node:net'; const server = createServer().listen(27451, '127.0.0.1'); await new Promise((r) => server.once('listening', r))",
    child:
      "import { spawn } from 'node:child_process'; const child = spawn('sleep', ['60']); console.log(child.pid, process.pid, process.ppid)",
  });
  for (const _ of ["once", "twice"]) {
    const { code, stderr } = await folder.wirebook("run", "--inplace", "open.ipynb");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(folder.shown("open.ipynb", "local")).toBe("'a local file'");
    const pids = folder.shown("open.ipynb", "child").trim().split(" ").map(Number);
    expect(pids).toHaveLength(3);
    for (const pid of pids) expect(isAlive(pid)).toBe(false);
    expect(await isOpen(27451)).toBe(false);
    expect(folder.names("tmp").filter((name) => !name.startsWith("node-compile-cache"))).toEqual([]);
    expect(folder.names()).toEqual(["open.ipynb", "part.ts", "tmp"]);
  }
});

test("--check lists type and syntax errors at their places and runs nothing; what is meant to fail does not count", async () => {
  using folder = new Folder();
  folder.notebook("lab.ipynb", {
    one: "interface P { a: string }\nconst p: P = { a: 'x' }",
    two: "throw new Error('it ran')",
    three: "console.log(1);\np.b",
    four: "const x = = 1",
    five: "%types warn\np.c",
  });
  const { code, stdout, stderr } = await folder.wirebook("run", "--check", "lab.ipynb");
  expect(code).toBe(1);
  expect(stdout).toContain("✗ lab.ipynb: 5 cells, 2 with errors, 1 with warnings");
  expect(stderr).toMatch(/lab\.ipynb, cell 3 \(three\)[\s\S]*TS2339[\s\S]*line 2, column 3/);
  expect(stderr).toMatch(/cell 4 \(four\)[\s\S]*SyntaxError/);
  expect(stderr).toMatch(/cell 5 \(five\)[\s\S]*TypeScriptWarning/);
  expect(stderr).not.toContain("it ran");
  folder.notebook("good.ipynb", { one: "const a: number = 1" });
  expect(await folder.wirebook("run", "--check", "good.ipynb")).toMatchObject({ code: 0 });
  folder.notebook("warned.ipynb", { one: "%types warn\nconst a: number = ''" });
  const json = await folder.wirebook("run", "--json", "warned.ipynb");
  expect(json).toMatchObject({ code: 0, stderr: "" });
  const message = "Type 'string' is not assignable to type 'number'.";
  const problem = { code: 2322, message, start: { line: 2, column: 7 }, end: { line: 2, column: 8 } };
  expect(JSON.parse(json.stdout)).toEqual([
    { notebook: "warned.ipynb", cells: [{ cell: 1, id: "one", verdict: "warning", problems: [problem] }] },
  ]);
  const lab = await folder.wirebook("run", "--check", "--json", "lab.ipynb", "missing.ipynb");
  expect(lab.code).toBe(1);
  expect(JSON.parse(lab.stdout)).toMatchObject([
    {
      notebook: "lab.ipynb",
      cells: [
        { cell: 3, verdict: "error", problems: [{ code: 2339, start: { line: 2, column: 3 } }] },
        { cell: 4, verdict: "error", problems: [{ code: 1000, start: { line: 1, column: 11 } }] },
        { cell: 5, verdict: "warning", problems: [{ code: 2339 }] },
      ],
    },
    { notebook: "missing.ipynb" },
  ]);
});

test("errors are printed in bold in a terminal only, and plain where NO_COLOR asks for that", async () => {
  using folder = new Folder().notebook("n.ipynb", { a: "throw new Error('x')" });
  folder.env = { FORCE_COLOR: undefined, NO_COLOR: undefined };
  const piped = await folder.wirebook("run", "n.ipynb");
  expect(piped.stderr).toContain("Error: x");
  expect(piped.stderr).not.toContain("\u001b");
  folder.env = { FORCE_COLOR: "1", NO_COLOR: undefined };
  const forced = await folder.wirebook("run", "n.ipynb");
  expect(forced.stderr).toContain("\u001b[1mError: x\u001b[0m");
  const red = "\u001b[31mx\u001b[0m";
  const terminal = (env: NodeJS.ProcessEnv) => ({ isTTY: true, hasColors: () => !env.NO_COLOR });
  expect(coloured(red, terminal({}), {})).toBe(red);
  expect(coloured(red, terminal({ NO_COLOR: "1" }), { NO_COLOR: "1" })).toBe("x");
  expect(coloured(red, { isTTY: false }, { FORCE_COLOR: "1", NO_COLOR: "1" })).toBe("x");
});

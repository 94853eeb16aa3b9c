// `wirebook check`: what a student is told before handing in.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Folder } from "../client/command.js";
import { python } from "../places.js";

const TIME = { timeout: 60_000 };

test("a notebook that is ready is told so, with how long ago it was saved", TIME, async () => {
  using folder = new Folder();
  folder.notebook("a.ipynb", { one: "1" });
  const { code, stdout } = await folder.wirebook("check", "a.ipynb");
  expect(stdout).toMatch(/^✓ a\.ipynb \(saved \d+ seconds? ago\): ready to hand in\n$/);
  expect(code).toBe(0);
  expect(folder.names()).toEqual(["a.ipynb", "tmp"]);
});

test(
  "what fails and what is empty is listed by cell, as text and as JSON; the notebook stays as it was",
  TIME,
  async () => {
    using folder = new Folder();
    folder.notebook("a.ipynb", [
      { id: "bad", source: "missing()" },
      {
        id: "answer",
        tags: ["answer", "raises-exception"],
        source: "import { NotAnswered } from 'wirebook/host';\nthrow new NotAnswered('7.1');",
      },
    ]);
    const before = readFileSync(join(folder.path, "a.ipynb"), "utf8");
    const { code, stdout } = await folder.wirebook("check", "a.ipynb");
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ cell 1 \(bad\) fails: .*missing/);
    expect(stdout).toContain("○ still empty: cell 2 (answer)");
    const json = JSON.parse((await folder.wirebook("check", "--json", "a.ipynb")).stdout);
    expect(json).toMatchObject([
      { notebook: "a.ipynb", status: "failed", empty: [{ cell: 2, id: "answer" }] },
    ]);
    expect(readFileSync(join(folder.path, "a.ipynb"), "utf8")).toBe(before);
  },
);

const MAKE = `
import sys, nbformat
from nbgrader.utils import compute_checksum
nb = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "wirebook", "display_name": "TypeScript", "language": "typescript"}, "wirebook": {"assignment": {"course": "nets", "name": "lab", "cells": ["answer", "text", "test"]}}})
def cell(make, id, source, **meta):
    one = make(source, id=id)
    one.metadata.nbgrader = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "grade_id": id, **meta}
    one.metadata.nbgrader["checksum"] = compute_checksum(one)
    nb.cells.append(one)
cell(nbformat.v4.new_code_cell, "answer", "const y = 0;", solution=True)
cell(nbformat.v4.new_markdown_cell, "text", "**Your answer**", solution=True, grade=True, points=2.5)
cell(nbformat.v4.new_code_cell, "test", "if (y !== 7) throw new Error('wrong');", grade=True, locked=True, points=4)
nbformat.write(nb, sys.argv[1])
`;

test(
  "copies, gaps and edits of graded cells are found by nbgrader's own checksums, each with a way on",
  TIME,
  async () => {
    using folder = new Folder();
    const path = join(folder.path, "g.ipynb");
    execFileSync(python, ["-c", MAKE, path]);
    const released = JSON.parse(readFileSync(path, "utf8"));
    const check = async (change: (notebook: typeof released) => void) => {
      const notebook = structuredClone(released);
      change(notebook);
      writeFileSync(path, JSON.stringify(notebook));
      return await folder.wirebook("check", "g.ipynb");
    };
    const untouched = await check(() => {});
    expect(untouched.stdout).toContain("○ still empty: cell 1 (answer)\n  ○ still empty: cell 2 (text)");
    expect(untouched.stdout).not.toContain("!");
    const answer = (notebook: typeof released): void => {
      notebook.cells[0].source = ["const y", " = 7;"];
      notebook.cells[1].source = "**Seven**";
    };
    expect(await check(answer)).toMatchObject({ code: 0 });
    const copied = await check((notebook) => {
      answer(notebook);
      notebook.cells.splice(1, 0, { ...structuredClone(notebook.cells[0]), id: "copy" });
    });
    expect(copied.code).toBe(2);
    expect(copied.stdout).toMatch(/! cell 1 \(answer\) is there 2 times \(cells 1, 2\).*delete the others/);
    const gap = await check((notebook) => {
      answer(notebook);
      notebook.cells.splice(1, 1);
    });
    expect(gap.stdout).toMatch(/! the cell "text" is missing. Take it back with Edit → Undo/);
    const edited = await check((notebook) => {
      answer(notebook);
      notebook.cells[2].source = "// nothing to see";
    });
    expect(edited.stdout).toMatch(/! cell 3 \(test\) is not as it was handed out. It is put back/);
    expect(edited.code).toBe(2);
  },
);

test("a file that is no notebook is named, and the others are looked at", TIME, async () => {
  using folder = new Folder();
  folder.file("a.ipynb", "{").notebook("b.ipynb", { one: "1" });
  const { code, stdout } = await folder.wirebook("check", "a.ipynb", "none.ipynb", "b.ipynb");
  expect(code).toBe(2);
  expect(stdout).toContain("✗ a.ipynb\n  ✗ not run: it is not a notebook: no JSON");
  expect(stdout).toContain("✗ none.ipynb\n  ✗ not run: there is no such file");
  expect(stdout).toContain("✓ b.ipynb");
});

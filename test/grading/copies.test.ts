// Cells that students have copied: `wirebook grade` and nbgrader, with our repair, choose the same ones.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Cell, type Notebook, sourceOf } from "../../src/client/notebook.js";
import { repair } from "../../src/grading/repair.js";
import { python, root } from "../places.js";
import { given } from "./course.js";

const nbgrader = existsSync(python) && spawnSync(python, ["-c", "import nbgrader.api"]).status === 0;

/** The notebook as it was handed out, and behind it copies of its cells. @param copies id of the original, and what stands in the copy */
function withCopies(...copies: [id: string, source?: string][]): Notebook {
  const notebook = given();
  for (const [index, [id, source]] of copies.entries()) {
    const original = notebook.cells.find((cell) => cell.id === id) as Cell;
    notebook.cells.push({
      ...structuredClone(original),
      id: `copy-${index}`,
      ...(source !== undefined && { source }),
    });
  }
  return notebook;
}

const cases: [string, Notebook, counts: string][] = [
  ["written in once", withCopies(["sol-add", "first"], ["test-add"]), "first"],
  ["written in twice", withCopies(["sol-add", "first"], ["test-add"], ["sol-add", "second"]), "second"],
  ["written in, and copied empty once more", withCopies(["sol-add", "first"], ["sol-add"]), "first"],
  ["never written in", withCopies(["sol-add"], ["sol-add"]), "// YOUR CODE HERE"],
];

test.each(cases)(
  "a copied answer that was %s: the last copy that was written in is run as the answer",
  (_, notebook, counts) => {
    const { notebook: repaired, notes } = repair(given(), notebook);
    const own = repaired.cells.filter(
      (cell) => (cell.metadata.nbgrader as { grade_id?: string })?.grade_id === "sol-add",
    );
    expect(own.map(sourceOf)).toEqual([counts]);
    expect(notes.join()).toMatch(
      /cell sol-add: it was there \d times; the last one that was written in counts/,
    );
  },
);

test("a copied test stands where its last copy stood, once, with the instructor's text", () => {
  const { notebook } = repair(given(), withCopies(["sol-add", "mine"], ["test-add", "100"]));
  const sources = notebook.cells.map(sourceOf);
  expect(sources.filter((source) => source.includes('"h.1"'))).toHaveLength(1);
  expect(sources.at(-1)).toBe('await check("h.1")');
});

/** What nbgrader's preprocessor takes for each cell: its place and text. */
const ask = `
import json, sys
sys.path.insert(0, sys.argv[1])
import nbformat
from nbgrader.utils import compute_checksum
from nbgrader_wirebook.repair import Repair
given, *all_handed_in = (nbformat.from_dict(one) for one in json.load(sys.stdin))
known = {}
for cell in given.cells:
    meta = cell.metadata.get("nbgrader")
    if meta:
        known[meta.grade_id] = {**meta, "checksum": compute_checksum(cell)}
for handed_in in all_handed_in:
    repair = Repair()
    repair.notes = []
    chosen = {name: repair.choose(name, cells, known[name]) for name, cells in repair.claims(handed_in, known).items()}
    print(json.dumps({name: [handed_in.cells.index(cell), cell.source] for name, cell in chosen.items()}))`;

test.skipIf(!nbgrader)(
  `nbgrader takes the same copies${nbgrader ? "" : " (skipped: nbgrader is not in .venv)"}`,
  () => {
    const tests = withCopies(["test-add", "100"], ["test-add"]);
    const input = JSON.stringify([given(), ...cases.map(([, notebook]) => notebook), tests]);
    const said = execFileSync(python, ["-c", ask, join(root, "setup", "nbgrader")], {
      input,
      encoding: "utf8",
    });
    const chosen = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, [place: number, text: string]>);
    expect(chosen.slice(0, -1).map((one) => one["sol-add"]?.[1])).toEqual(
      cases.map(([, , counts]) => counts),
    );
    expect(chosen.at(-1)?.["test-add"]?.[0]).toBe(given().cells.length + 1);
  },
  180_000,
);

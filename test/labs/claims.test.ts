// The table for instructors, docs/claims.md, against the notebooks. What the cells show when they are run is tested where they are run anyway: executed.test.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../places.js";
import { claims } from "./claims.js";
import { notebooks } from "./notebooks.js";

interface Row {
  row: string;
  notebook: string;
  cells: string[];
}

const rows: Row[] = readFileSync(join(root, "docs", "claims.md"), "utf8")
  .split("\n")
  .flatMap((line) => {
    const [, row = "", , , where = ""] = line.split("|").map((one) => one.trim());
    if (!/^\d+[bc]?$/.test(row)) return [];
    return [
      {
        row,
        notebook: /^(\d): /.exec(where)?.[1] ?? "",
        cells: [...where.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""),
      },
    ];
  });

test("all claims of the lab sheet, 1 to 23 with 5b and 5c, have a row, and the rows name the cells that the tests look at", () => {
  const numbers = Array.from({ length: 23 }, (_, at) => String(at + 1));
  numbers.splice(5, 0, "5b", "5c");
  expect(rows.map(({ row }) => row)).toEqual(numbers);
  expect(rows).toEqual(
    claims.map(({ row, notebook, cells }) => ({ row, notebook, cells: Object.keys(cells) })),
  );
});

test.each(rows)("claim $row is met in cells that notebook $notebook has", ({ notebook, cells }) => {
  const found = notebooks.find(({ name }) => name.startsWith(notebook));
  expect(found?.cells.map(({ id }) => id)).toEqual(expect.arrayContaining(cells));
  expect(cells.length).toBeGreaterThan(0);
});

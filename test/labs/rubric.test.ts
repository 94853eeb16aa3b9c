// instructor/rubric.json, which programs read, against what people see: the mark schemes of notebook 7, the model answer, and the points of the cells.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../places.js";
import { instructors, type NotebookCell, notebooks } from "./notebooks.js";

interface Criterion {
  points: number;
  for: string;
  by: "hand" | "check";
  cell?: string;
}
interface Question {
  id: string;
  cell: string;
  points: number;
  criteria: Criterion[];
}

const rubric = JSON.parse(readFileSync(join(root, "instructor", "rubric.json"), "utf8")) as {
  points: number;
  questions: Question[];
};
const source = readFileSync(join(root, "notebooks", "source", "7-questions.ts"), "utf8");
type Marked = NotebookCell & { metadata: { nbgrader?: { points?: number } } };
const cells = (notebooks.at(-1)?.cells ?? []) as Marked[];
const pointsOf = (id: string): number | undefined =>
  cells.find((one) => one.id === id)?.metadata.nbgrader?.points;
const sum = (criteria: Criterion[]): number => criteria.reduce((all, { points }) => all + points, 0);

test("the four questions have 4, 6, 6 and 4 of 20 points, by hand and by the check as the cells say", () => {
  expect(rubric.questions.map(({ id, points }) => [id, points])).toEqual([
    ["7.1", 4],
    ["7.2", 6],
    ["7.3", 6],
    ["7.4", 4],
  ]);
  expect(rubric.points).toBe(20);
  for (const { cell, points, criteria } of rubric.questions) {
    expect(sum(criteria)).toBe(points);
    expect(pointsOf(cell)).toBe(sum(criteria.filter(({ by }) => by === "hand")));
    const checked = criteria.filter(({ by }) => by === "check");
    for (const check of new Set(checked.map((one) => one.cell)))
      expect(pointsOf(check ?? "")).toBe(sum(checked.filter((one) => one.cell === check)));
  }
  const all = cells.reduce((total, { metadata }) => total + (metadata.nbgrader?.points ?? 0), 0);
  expect(all).toBe(20);
});

test("the mark schemes in the source say the same, word for word", () => {
  const schemes = [...source.matchAll(/BEGIN MARK SCHEME -->([\s\S]*?)<!-- END MARK SCHEME/g)].map((match) =>
    [...(match[1] ?? "").matchAll(/^\/\/ - \((\d)\) (.*)$/gm)].map(([, points, text]) => [
      Number(points),
      text,
    ]),
  );
  expect(schemes).toEqual(
    rubric.questions.map(({ criteria }) => criteria.map((one) => [one.points, one.for])),
  );
});

test("so does the table of the model answer", () => {
  const title = instructors[0]?.cells.find(({ id }) => id === "title")?.source ?? "";
  const rows = title.split("\n").flatMap((line) => {
    const [, , text, points] = line.split("|").map((one) => one.trim());
    return /^\d$/.test(points ?? "") ? [[Number(points), text]] : [];
  });
  expect(rows).toEqual(
    rubric.questions.flatMap(({ criteria }) => criteria.map((one) => [one.points, one.for])),
  );
});

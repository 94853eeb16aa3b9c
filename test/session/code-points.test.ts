import { expect, test } from "vitest";
import { toCodePoints, toUnits } from "../../src/session/code-points.js";

test.each([
  ["abc", 2, 2],
  ["😀b", 1, 2],
  ["😀😀b", 3, 5],
  ["a😀", 0, 0],
  ["", 0, 0],
])("in %j position %d in code points is offset %d in UTF-16, and back", (text, points, units) => {
  expect(toUnits(text, points)).toBe(units);
  expect(toCodePoints(text, units)).toBe(points);
});

test("positions outside of the text are its ends", () => {
  expect(toUnits("a😀", 99)).toBe(3);
  expect(toUnits("a😀", -5)).toBe(0);
  expect(toCodePoints("a😀", 99)).toBe(2);
});

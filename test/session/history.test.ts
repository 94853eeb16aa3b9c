import { expect, test } from "vitest";
import { createHistory } from "../../src/session/history.js";

const inputs = ["let a = 1", "a[0]", "let b = 2", "let a = 1", "f(a.b)\nlet x"];

function found(request: Record<string, unknown>): number[] {
  const history = createHistory();
  inputs.forEach((input, i) => void history.add(i + 1, input));
  return history.find(request).map(([, line]) => line);
}

test.each([
  ["let*", [1, 3, 4]],
  ["*b*", [3, 5]],
  ["let ? = 2", [3]],
  ["a[[]0]", [2]],
  ["let [ab] = *", [1, 3, 4]],
  ["let [^a] = *", [3]],
  ["*x", [5]],
  ["a.b", []],
])("the pattern %s matches as in a shell", (pattern, lines) => {
  expect(found({ hist_access_type: "search", pattern })).toEqual(lines);
});

test("of equal inputs only the newest is given where asked for", () => {
  expect(found({ hist_access_type: "search", pattern: "let*", unique: true })).toEqual([3, 4]);
});

test.each([
  [{ n: 2 }, [4, 5]],
  [{ n: 0 }, []],
  [{ n: 99 }, [1, 2, 3, 4, 5]],
])("the tail of %o", (request, lines) => {
  expect(found({ hist_access_type: "tail", ...request })).toEqual(lines);
});

test.each([
  [{ session: 0 }, [1, 2, 3, 4, 5]],
  [{ session: 1, start: 2, stop: 4 }, [2, 3]],
  [{ session: 0, start: 4 }, [4, 5]],
  [{ session: -1, start: 1 }, []],
])("the range %o", (request, lines) => {
  expect(found({ hist_access_type: "range", ...request })).toEqual(lines);
});

test("of very many inputs the newest are kept", () => {
  const history = createHistory(100);
  for (let line = 1; line <= 1000; line++) history.add(line, `cell ${line}`);
  history.output(1000, "the last");
  expect(history.find({ hist_access_type: "tail", n: 1, output: true })).toEqual([
    [1, 1000, ["cell 1000", "the last"]],
  ]);
  expect(history.find({ hist_access_type: "range", start: 901, stop: 1001 })).toHaveLength(100);
  expect(history.find({ hist_access_type: "range", start: 1 }).length).toBeLessThanOrEqual(110);
});

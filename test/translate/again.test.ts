import { expect, test } from "vitest";
import { translation } from "../../src/translation.js";
import { leftBy } from "../collect.js";

test("a cell that runs again is what it was, and leaves nothing behind in memory", async () => {
  const run = (): unknown => translation.cell("let again: number = 1", "Cell [1]").program();
  const first = run();
  expect(run()).toEqual(first);
  const bytes = await leftBy(() => {
    for (let i = 0; i < 20_000; i++) run();
  });
  expect(bytes).toBeLessThan(1_000_000);
});

// Many seeds of everything at once. One that fails is run again with `npm run simulate -- --seed N`.
import { expect, test } from "vitest";
import { storm } from "./storm.js";

const SEEDS = Number(process.env.WIREBOOK_SEEDS ?? 30);

test(`what callers see of a counter is what one counter could tell, whatever happens (${SEEDS} seeds)`, async () => {
  const totals = { acknowledged: 0, uncertain: 0, refused: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const report = await storm(seed);
    expect(report.violations, `seed ${seed}`).toEqual([]);
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += report[name];
  }
  expect(totals.acknowledged).toBeGreaterThan(SEEDS * 25);
}, 600_000);

test.each([109, 9667])("seed %i, which found a fault once", async (seed) => {
  expect((await storm(seed)).violations).toEqual([]);
});

test("a seed gives the same run each time", async () => {
  expect(await storm(7)).toEqual(await storm(7));
});

// The short forms; `npm run faults -- NAME --full` runs the long ones.
import { expect, test } from "vitest";
import { scenarios } from "./scenarios.js";
import { missedIn } from "./short.js";

// Both have tests of their own.
const { soak: _, "grading-without": __, ...shortOnes } = scenarios;

test
  .skipIf(!process.env.CI)
  .each(Object.entries(shortOnes).map(([name, { title }]) => [title, name] as const))(
  "%s (only where CI is set)",
  { timeout: 180_000 },
  async (_title, name) => {
    expect(await missedIn(name)).toEqual([]);
  },
);

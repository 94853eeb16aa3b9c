// Beside the other scenarios, since it takes minutes.
import { expect, test } from "vitest";
import { scenarios } from "./scenarios.js";
import { missedIn } from "./short.js";

test.skipIf(!process.env.CI)(
  `${scenarios.soak?.title} (only where CI is set)`,
  { timeout: 400_000 },
  async () => {
    expect(await missedIn("soak")).toEqual([]);
  },
);

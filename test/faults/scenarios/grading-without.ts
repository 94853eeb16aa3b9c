import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { everything } from "../../grading/hostile/run.js";
import { keepHostile } from "../../grading/plain/page.js";
import { runWithout, shortWithout } from "../../grading/plain/run.js";
import { root } from "../../places.js";
import type { Context, Figure, Scenario } from "../scenario.js";

/** So many have to be attacks indeed. */
const enough = 150;

export const gradingWithout: Scenario = {
  title: "the same submissions where there is nothing but nbgrader",
  async run({ full, doc, say }: Context): Promise<Figure[]> {
    const folder = mkdtempSync(join(tmpdir(), "wirebook-without-"));
    try {
      // The long form may be ended, and goes on where it was.
      const keptIn = full ? join(root, ".cache", "without.json") : join(folder, "without.json");
      const some = full ? everything : shortWithout();
      const verdicts = await runWithout(some, { keptIn, jobs: 2, say });
      const succeed = [...verdicts.values()].filter(({ succeeds }) => succeeds).length;
      // It may have been done in parts.
      const spent = [...verdicts.values()].reduce((sum, verdict) => sum + verdict.seconds, 0);
      if (full && doc) keepHostile({ without: verdicts }, spent);
      return [
        { what: "hostile submissions that were handed in", value: verdicts.size },
        { what: "of these succeed", value: succeed },
        { what: "too few that do", value: Math.max(0, (full ? enough : some.length) - succeed), most: 0 },
        { what: "of all runs together", value: Math.round(spent), unit: "s", timed: true },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

import { join } from "node:path";
import { everything, runHostile, shortForm } from "../../grading/hostile/run.js";
import { keepHostile } from "../../grading/plain/page.js";
import { root } from "../../places.js";
import type { Context, Figure, Scenario } from "../scenario.js";

export const grading: Scenario = {
  title: "submissions that would have marks they do not deserve, read what is hidden, and do harm",
  async run({ full, doc, say }: Context): Promise<Figure[]> {
    const some = full ? everything : shortForm();
    say(`${some.length} submissions`);
    const outcome = await runHostile(some, { cli: join(root, "dist", "cli.js"), jobs: 2 });
    const { ran, wrongMarks, leaks, escapes, seconds } = outcome;
    if (full && doc) keepHostile({ with: outcome.marks }, seconds);
    for (const each of [...wrongMarks, ...leaks, ...escapes]) console.error(each);
    return [
      { what: "hostile submissions", value: ran },
      { what: "marks that are not those expected", value: wrongMarks.length, most: 0 },
      { what: "places where something hidden stands", value: leaks.length, most: 0 },
      { what: "things written or sent outside", value: escapes.length, most: 0 },
      { what: "to mark them all", value: Math.round(seconds), unit: "s", timed: true },
    ];
  },
};

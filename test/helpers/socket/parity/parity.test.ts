import { expect, test } from "vitest";
import { compare } from "./compare.js";
import { QUESTIONS } from "./questions.js";

// Numbers and words of the system differ from one to the other, as do those of CPython.
test.skipIf(process.platform !== "linux")(
  "names, results, errors and messages are CPython's, but for differences that have a reason",
  async () => {
    const all = await compare();
    const rows = [...all.names, ...all.methods, ...all.answers];
    expect(rows.filter(({ same, reason }) => !same && reason === undefined)).toEqual([]);
    for (const part of [all.names, all.methods, all.answers])
      expect(part.filter(({ same }) => same).length / part.length).toBeGreaterThan(0.9);
    // Not worth anything unless enough of it fails.
    const failing = new Set(
      all.answers.filter(({ theirs }) => /^\w*(Error|error|timeout)\b/.test(theirs)).map(({ what }) => what),
    );
    const enough = Object.entries(QUESTIONS).filter(
      ([, questions]) => questions.filter((question) => failing.has(question)).length >= 3,
    );
    expect(enough.length).toBeGreaterThanOrEqual(40);
  },
  120_000,
);

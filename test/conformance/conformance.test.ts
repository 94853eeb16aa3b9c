// The conformance suite on this build of the kernel, and on its mutants: a test that no mutant can fail proves nothing.
// `npm run conformance` runs the same on any installed kernel.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dist, root } from "../places.js";
import { checks, titleOf } from "./checks.js";
import { type MutantOutcome, runMutants, Stage, type Subject } from "./run.js";
import { typescript } from "./samples/typescript.js";
import { findKernelSpecs, type KernelSpec } from "./specs.js";

/** The kernelspec that set-up wrote, but this build. */
const subject: Subject = {
  spec: {
    ...(findKernelSpecs().get("wirebook") as KernelSpec),
    argv: [process.execPath, join(dist, "supervisor.js"), "{connection_file}"],
  },
  samples: typescript,
};

/** What the protocol lets a kernel leave out, and this one does. */
const LEFT_OUT = ["a cell that proposes the next one does so once, with its text"];
const offered = checks.filter(({ title }) => !LEFT_OUT.includes(title));

describe("the kernel keeps to the protocol", () => {
  let stage: Stage;
  const strays: string[] = [];
  beforeAll(async () => {
    stage = await Stage.open(subject, { patience: 10_000, proxied: false });
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  test("it offers all that there is, but for what is named here", () => {
    expect(checks.filter((check) => stage.notOffered(check)).map(({ title }) => title)).toEqual(LEFT_OUT);
  });

  for (const check of offered)
    test(titleOf(check), async () => {
      const { reasons, strays: others } = await stage.run(check);
      for (const [item, text] of others) strays.push(`item ${item}: ${text} (at "${titleOf(check)}")`);
      expect(reasons).toEqual([]);
    });

  test("no message of all that were seen breaks a rule", () => {
    expect(strays).toEqual([]);
  });
});

describe("a kernel that breaks a rule fails its test", () => {
  let outcomes: MutantOutcome[];
  beforeAll(async () => {
    outcomes = await runMutants(subject);
  }, 300_000);

  for (const check of offered)
    for (const mutant of check.mutants)
      test(`${titleOf(check)} — mutant: ${mutant.name}`, () => {
        const outcome = outcomes.find((one) => one.title === titleOf(check) && one.mutant === mutant.name);
        expect(outcome?.caught, outcome?.reason).toBe(true);
      });

  test("docs/conformance.md has a row for each test", () => {
    const page = readFileSync(join(root, "docs", "conformance.md"), "utf8");
    const rows = [...page.matchAll(/^\| (\d+) \| (.*?) \| [✓✗–]/gmu)].map(
      ([, item, title]) => `${item} ${title}`,
    );
    expect(rows).toEqual(checks.map(({ item, title }) => `${item} ${title.replaceAll("`", "'")}`));
  });

  test("every test has a mutant", () => {
    expect(checks.filter(({ mutants }) => mutants.length === 0)).toEqual([]);
  });
});

// Every case for its types and for its value: the language server checks, the built engine runs.
import { afterAll, expect, test } from "vitest";
import { SyntaxProblem } from "../../src/translate/cell.js";
import { type Cell, cases } from "./cases.js";
import { again } from "./cases-again.js";
import { openTypedNotebook } from "./fixture.js";

const notebook = openTypedNotebook({
  "data.json": '{"a": 7}',
  "lib.ts":
    "export let count = 1; export const inc = (): number => ++count; export type LibT = { k: string }; export default class Lib { v = 3 }\n",
  "old.cts": "export = { legacy: 4 };\n",
});
afterAll(() => notebook[Symbol.asyncDispose]());

for (const { title, cells } of [...cases, ...again]) {
  test(title, { timeout: 30_000 }, async () => {
    await notebook.restart();
    for (const cell of cells) expect(await outcome(cell), cell.code.slice(0, 500)).toEqual(cell.expected);
  });
}

/** What became of a cell, said as precisely as its expectation is. */
async function outcome({ code, expected, ...options }: Cell): Promise<unknown> {
  try {
    const { problems, checked, notice, ran } = await notebook.cell(code, options);
    if (!checked && !options.unchecked) return { unchecked: notice };
    if (expected.how === "dies" && problems.length === 0) return expected;
    if (!ran) {
      const fits =
        expected.how === "refused" &&
        problems.some(
          (one) => one.code === expected.code && [undefined, at(one.start)].includes(expected.at),
        );
      return fits
        ? expected
        : { refused: problems.map((one) => `${one.code} ${at(one.start)} ${one.message}`) };
    }
    if (ran.status === "error") {
      const fits = expected.how === "throws" && ran.errors.some((one) => one.includes(expected.message));
      return fits ? expected : { threw: ran.errors };
    }
    return expected.how === "fine" ? expected : { how: "shows", value: ran.value };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { how: "unreadable", at: error.report.frames.map(at).join() };
  }
}

function at({ line, column }: { line: number; column: number }): string {
  return `${line}:${column}`;
}

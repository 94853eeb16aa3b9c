// Whatever a notebook has been through, the checker believes of each name what the engine has under it.
import { expect, test } from "vitest";
import { outlineOf } from "../../src/translate/outline.js";
import { openTypedNotebook, type TypedNotebook } from "./fixture.js";
import { type Belief, createGenerator, ids, Model, names, question, reality } from "./random.js";

const seeds = process.env.WIREBOOK_SEEDS?.split(",").map(Number) ?? [1, 2, 3];
const cells = Number(process.env.WIREBOOK_CELLS ?? 30);

test.each(seeds)(
  "a random notebook (%i): types and values agree after every cell",
  { timeout: 20_000 + 1000 * cells },
  async (seed) => {
    await using notebook = openTypedNotebook();
    notebook.language.start();
    const { next } = createGenerator(seed);
    const model = new Model();
    const story: string[] = [];
    let known: string[] = [];
    for (let i = 0; i < cells; i++) {
      const cell = next(known, model);
      if (cell.before === "the engine is restarted") {
        await notebook.restart();
        model.clear();
      } else if (cell.before === "the server rests") {
        notebook.language.rest();
      } else if (cell.before === "the server is killed") {
        kill(notebook.language.pid);
        await expect.poll(() => belief(notebook), { timeout: 10_000 }).toBeDefined();
      }
      const { checked, problems, ran } = await notebook.cell(cell.code, cell);
      const fate = ran
        ? `${ran.status} ${ran.errors.join()}`
        : `refused ${problems.map(({ code, message }) => `${code} ${message}`).join()}`;
      if (cell.before) story.push(`══ ${cell.before}`);
      story.push(
        `── ${i + 1}${cell.id ? ` (${cell.id})` : ""}${cell.unchecked ? " unchecked" : ""}${cell.interrupted ? " interrupted" : ""}: ${fate}\n${cell.code}`,
      );
      expect(checked || cell.unchecked, story.join("\n")).toBeTruthy();
      if (cell.refused) expect(ran, story.join("\n")).toBeUndefined();
      if (ran) model.ran(cell, (name) => ran.hasValue(name) === true);
      // The first cell may not have waited for the server.
      await expect.poll(() => belief(notebook), { timeout: 10_000 }).toBeDefined();
      const { values, types, globals } = (await belief(notebook)) as Belief;
      const real = await realityOf(notebook);
      expect({ values, types, globals }, story.join("\n")).toEqual({
        // A `let` may know no more than that it is a number.
        values: new Map(
          names.map((name) => [
            name,
            values.get(name) === "number" && real[name] !== "unknown" ? "number" : real[name],
          ]),
        ),
        types: new Map(names.map((name) => [name, String(model.types.get(name)?.number ?? "unknown")])),
        globals: new Map(ids.map((id) => [id, String(model.globals.get(id) ?? "unknown")])),
      });
      known = names.filter((name) => real[name] !== "unknown");
    }
  },
);

async function belief(notebook: TypedNotebook): Promise<Belief | undefined> {
  const { code, read } = question();
  const problems = await notebook.language.diagnose(outlineOf(code));
  return problems && read(problems);
}

async function realityOf(notebook: TypedNotebook): Promise<Record<string, string>> {
  const { value, errors } = await notebook.evaluate(reality);
  if (value === undefined) throw new Error(errors.join());
  return JSON.parse(value.replaceAll("'", '"').replace(/(\w+):/g, '"$1":'));
}

function kill(pid: number | undefined): void {
  if (pid === undefined) throw new Error("there is no server");
  process.kill(pid, "SIGKILL");
}

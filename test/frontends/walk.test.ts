// The whole lab as a new student takes it, in a real browser: from the index by its links to the file that is handed in.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "../../src/submission/manifest.js";
import { root } from "../places.js";
import { unzip } from "../submission/zips.js";
import { type JupyterServer, startJupyter, withoutBrowser } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";
import { minutes, Reader } from "./walk/reader.js";
import { answers, changes, id, notes, predictions } from "./walk/student.js";

type Seven = [string, string, string, string, string, string, string];

interface Cell {
  id: string;
  source: string | string[];
  outputs?: object[];
}

/** The texts by the cells that they stand in. */
function everythingTyped(): [id: string, text: string][] {
  const prose = Object.entries({ ...predictions, ...notes });
  const long = Object.entries(answers).flatMap(([id, all]) =>
    all.map(([, answer]): [string, string] => [id, answer]),
  );
  const code = Object.entries(changes).flatMap(([id, all]) =>
    all.flatMap(([, ...lines]) => lines.map((line): [string, string] => [id, line])),
  );
  return [...prose, ...long, ...code];
}

const reason = withoutBrowser();
const names = readdirSync(join(root, "notebooks"))
  .filter((name) => name.endsWith(".ipynb"))
  .sort();

describe.skipIf(reason)(`a new student in the lab${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let server: JupyterServer;
  let lab: LabPage;
  let student: Reader;
  const saved = (name: string): { cells: Cell[] } =>
    JSON.parse(readFileSync(join(server.notebooks, name), "utf8"));

  beforeAll(async () => {
    server = await startJupyter({ windowed: true });
    lab = await LabPage.open(server);
    // Machines that run tests may be slow, and a student has time.
    lab.page.setDefaultTimeout(120_000);
    student = new Reader(lab.page, join(root, "test", ".shots", "walk"));
    await lab.openNotebook("0-index.ipynb");
  }, 300_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  it.each(names)(
    "reads %s from top to bottom, and all that it asks for can be done",
    {
      timeout: 600_000,
    },
    async (name) => {
      if (name !== names[0]) await student.follow(name);
      const ids = saved(name).cells.map((cell) => cell.id);
      const { faults } = await student.read(name, ids);
      expect(faults, faults.join("\n")).toEqual([]);
      const five = names[5] as string;
      if (name === names[6]) {
        await student.goBack(
          five,
          "5.8 Leave it running",
          saved(five).cells.map((cell) => cell.id),
        );
        await student.save(five);
        const server = saved(five).cells.find((cell) =>
          [cell.source].flat().join("").includes("serveForever(s,"),
        );
        expect(JSON.stringify(server?.outputs)).toContain("Got connection from");
        await student.goTo(name);
        expect(student.open).toEqual([]);
      }
    },
  );

  it("has read all of it in under three hours", () => {
    const total = student.readings.reduce((sum, reading) => sum + minutes(reading), 0);
    const lines = student.readings.map((reading) => {
      const { notebook, promised } = reading;
      return `${notebook}: ${minutes(reading).toFixed(1)} min${promised ? `; it says ${promised}` : ""}`;
    });
    console.log([...lines, `all: ${total.toFixed(1)} min`].join("\n"));
    expect(student.readings.map((one) => one.notebook)).toEqual(names);
    expect(total).toBeLessThan(180);
  });

  it("runs each notebook once more from the top, as the page says, and saves it", {
    timeout: 600_000,
  }, async () => {
    const [one, two, three, four, five, six, seven] = names.slice(1) as Seven;
    // Nobody has to wait for one of them before the next; but 6 visits the server of 5.
    for (const name of [seven, one, two, three, four, five]) await student.runAgain(name);
    await student.save(five);
    await student.runAgain(six);
    for (const name of [one, two, three, four, six, seven]) await student.save(name);
  });

  it("hands in one file that has all that was typed, in notebooks without a fault", {
    timeout: 600_000,
  }, async () => {
    await lab.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) [title^="Submit:"]').click();
    await lab.page.getByLabel("Your id, as your course names you").fill(id);
    await lab.accept("Submit");
    const made = lab.page.locator('.jp-Dialog:has(.jp-Dialog-header:text-is("Ready to hand in"))');
    await made.waitFor({ timeout: 300_000 });
    expect(await made.textContent()).not.toMatch(/You may want to look|Noted in the submission/);
    const link = made.getByRole("link");
    const files = unzip(join(server.notebooks, (await link.textContent()) ?? ""));
    const manifest = JSON.parse(String(files.get("manifest.json"))) as Manifest;
    expect(manifest.notebooks.map((one) => [one.name, one.executed?.status])).toEqual(
      names.slice(1).map((name) => [name, "ok"]),
    );
    const cells = new Map(
      names
        .slice(1)
        .flatMap((name) => JSON.parse(String(files.get(`submitted/${name}`))).cells as Cell[])
        .map((cell) => [cell.id, [cell.source].flat().join("")]),
    );
    for (const [id, typed] of everythingTyped()) expect(cells.get(id), id).toContain(typed);
  });
});

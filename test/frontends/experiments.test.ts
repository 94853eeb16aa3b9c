// Section 7's experiments in a real browser, as a student makes them whose answer is the model answer.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../places.js";
import { leastContrast } from "./contrast.js";
import { type JupyterServer, startJupyter, withoutBrowser } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const NAME = "7-questions.ipynb";

interface Cell {
  id: string;
  source: string;
}

describe.skipIf(reason !== undefined)(
  `section 7's experiments in JupyterLab${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 120_000 },
  () => {
    let server: JupyterServer;
    let lab: LabPage;

    beforeAll(async () => {
      server = await startJupyter();
      const path = join(server.notebooks, NAME);
      const notebook = JSON.parse(readFileSync(path, "utf8")) as { cells: Cell[] };
      const model = JSON.parse(
        readFileSync(join(root, "instructor", "7-model-answer.ipynb"), "utf8"),
      ) as typeof notebook;
      const source = [model.cells.find(({ id }) => id === "model")?.source].flat().join("");
      const answer = notebook.cells.find(({ id }) => id === "q3-answer-code") as Cell;
      // Its imports stand in cells before.
      answer.source = `${source.replace(/^import .*(lesson|experiments)';\n/gm, "")}\nclass Mine extends Model {}\nawait tryOut(new Mine());`;
      writeFileSync(path, JSON.stringify(notebook));
      lab = await LabPage.open(server);
      await lab.openNotebook(NAME);
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    }, 60_000);

    const verdicts = async (id: string): Promise<string[]> =>
      await lab.cell(id).locator(".wirebook-experiments tbody b").allTextContents();

    it("shows a table in which plain WebSockets, one's own design and wirebook/middleware stand side by side", async () => {
      for (const id of ["imports", "q3-plain", "q3-object", "q3-drawing", "q3-answer-code"])
        await lab.run(id);
      expect(await lab.output("q3-answer-code")).toContain("2 and 3 is 5");
      await lab.run("q3-ours", 60_000);
      await expect.poll(async () => (await verdicts("q3-ours")).length).toBe(30);
      const columns = [0, 1, 2].map(async (column) =>
        (await verdicts("q3-ours"))
          .filter((_, at) => at % 3 === column)
          .map((text) => text[0])
          .join(""),
      );
      expect(await Promise.all(columns)).toEqual(["○○○○○○○○○○", "◐●●●◐◐●●●○", "◐●●●◐◐●●●○"]);
      await lab.cell("q3-ours").evaluate((cell) => cell.scrollIntoView({ block: "start" }));
      await lab.shot("experiments");
    });

    it("opens a verdict by the keyboard, and shows what was looked at, and the way of a call", async () => {
      const failure = lab.cell("q3-ours").locator("tbody tr", { hasText: "failure" }).first();
      await failure.locator("summary").nth(2).focus();
      await lab.page.keyboard.press("Enter");
      await expect
        .poll(() => failure.locator("details[open] li").allTextContents())
        .toContainEqual(expect.stringContaining("✓ and the work is done once"));
      await failure.evaluate((row) => row.scrollIntoView({ block: "start" }));
      await lab.shot("experiments-open");
      await lab.run("q3-explain");
      await lab.see("q3-explain", "moved: ws://127.0.0.1:");
      await lab.cell("q3-explain").evaluate((cell) => cell.scrollIntoView({ block: "start" }));
      await lab.shot("experiments-explained");
    });

    it("can be read on a light and on a dark page", async () => {
      const table = lab.cell("q3-ours").locator(".wirebook-experiments");
      const light = await table.evaluate(leastContrast);
      expect(light.ratio, light.text).toBeGreaterThan(4.5);
      await lab.dark();
      const dark = await table.evaluate(leastContrast);
      expect(dark.ratio, dark.text).toBeGreaterThan(4.5);
      await lab.cell("q3-ours").evaluate((cell) => cell.scrollIntoView({ block: "start" }));
      await lab.shot("experiments-dark");
    });
  },
);

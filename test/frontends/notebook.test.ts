// Notebook 7 in a real browser.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JupyterServer, startJupyter, withoutBrowser, writeCells } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const sources = {
  first: "const shelf = { books: 3, boxes: 4 };\nconsole.log('books', shelf.books)\nshelf",
  fails: "throw new RangeError('on purpose')",
  types: "const n: number = 'text'",
  loops: "console.log('in'); for (;;);",
  after: "shelf.books + shelf.boxes",
};

describe.skipIf(reason !== undefined)(
  `Notebook 7 in Chromium${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 300_000 },
  () => {
    let server: JupyterServer;
    let page: LabPage;

    beforeAll(async () => {
      server = await startJupyter({ app: "notebook" });
      writeCells(server, "classic.ipynb", sources);
      page = await LabPage.open(server);
      await page.openNotebook("classic.ipynb", "notebooks");
    }, 180_000);

    afterAll(async () => {
      await page?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    }, 60_000);

    it("shows what cells print and give", async () => {
      await page.run("first");
      await page.see("first", "books 3");
      await page.see("first", "{ books: 3, boxes: 4 }");
    });

    it("shows an error where it was thrown, and a type error before anything runs", async () => {
      await page.run("fails");
      await page.see("fails", "RangeError: on purpose");
      await page.see("fails", "line 1, column 7");
      await page.run("types");
      await page.see("types", "TypeScriptError");
      await page.shot("notebook-errors");
    });

    it("interrupts a loop, and keeps the variables", async () => {
      await page.start("loops");
      await page.see("loops", "in");
      await page.menu("Kernel", "Interrupt Kernel");
      await page.see("loops", "Interrupted");
      await page.run("after");
      await page.see("after", "7");
      expect(await page.output("after")).toBe("7");
      await page.shot("notebook-interrupted");
    });
  },
);

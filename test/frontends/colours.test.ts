// Errors in JupyterLab's light and dark themes: every word of them can be read on its ground.
import { describe, expect, it } from "vitest";
import { leastContrast } from "./contrast.js";
import { startJupyter, withoutBrowser, writeCells } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const cells = {
  before:
    "import * as socket from 'wirebook/socket';\nasync function dial() {\n  const s = socket.socket();\n  await s.connect(['127.0.0.1', 1]);\n}",
  refused: "await dial();",
  cause: "throw new Error('the list is empty', { cause: new RangeError('0 of 3') });",
  types: "const port: number = 'x';",
};

describe.skipIf(reason !== undefined)(
  `colours of errors in JupyterLab${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 180_000 },
  () => {
    it.each(["light", "dark"] as const)("can be read in the %s theme", async (theme) => {
      await using server = await startJupyter(theme === "dark" ? { theme: "JupyterLab Dark" } : {});
      writeCells(server, "colours.ipynb", cells);
      await using lab = await LabPage.open(server);
      await lab.openNotebook("colours.ipynb");
      await lab.page.waitForSelector(`body[data-jp-theme-light="${theme === "light"}"]`, {
        state: "attached",
      });
      await lab.run("before");
      await lab.run("refused");
      await lab.see("refused", "nothing listens at that port");
      await lab.run("cause");
      await lab.run("types");
      await lab.see("types", "To run it anyway");
      await lab.shot(`colours-${theme}`);
      const least = [];
      for (const id of ["refused", "cause", "types"])
        least.push(await lab.cell(id).locator(".jp-OutputArea-output").first().evaluate(leastContrast));
      for (const { ratio, text } of least) expect(ratio, text).toBeGreaterThan(4.5);
    });
  },
);

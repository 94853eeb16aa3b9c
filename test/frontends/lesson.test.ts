// What a lesson shows in a real browser: a checkpoint that finds something missing, its hints one after the other, and a prediction beside what came.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leastContrast } from "./contrast.js";
import { withoutBrowser } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const cells = {
  predict:
    "import { predict, seen } from 'wirebook/lesson';\npredict('greeting', `Thank you for connecting`);",
  server: `import { serve } from 'wirebook/serve';
const server = await serve(0, async (conn) => { await conn.sendall('Thank you') }, { name: 'too short' });
const port = server.port;`,
  seen: "import * as socket from 'wirebook/socket';\nconst c = await socket.createConnection(['127.0.0.1', port]);\nseen('greeting', String(await c.recv(100)));",
  check: 'await check("5.5")',
};

describe.skipIf(reason !== undefined)(
  `a lesson in JupyterLab${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 120_000 },
  () => {
    let lab: LabPage;

    beforeAll(async () => {
      lab = await LabPage.withCells("lesson.ipynb", cells);
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
    }, 60_000);

    it("a prediction is locked, and stands beside what was seen", async () => {
      for (const id of ["predict", "server", "seen"]) await lab.run(id);
      await lab.see("predict", /Locked: Thank you for connecting/);
      await lab.see("seen", /you predicted\s*Thank you for connecting\s*you saw\s*Thank you/);
    });

    it("a checkpoint says what it expected and saw, and gives its hints one by one, by the keyboard", async () => {
      await lab.run("check");
      await lab.see(
        "check",
        /The server answers each client: something is missing[\s\S]*a client gets the greeting/,
      );
      const hints = lab.cell("check").locator("details");
      const third = lab.cell("check").getByText("serveForever(s, async");
      expect(await third.isVisible()).toBe(false);
      for (let level = 0; level < 3; level++) {
        const summary = hints.nth(level).locator("> summary");
        await summary.focus();
        await summary.press("Enter");
      }
      await expect.poll(() => third.isVisible()).toBe(true);
      await lab.shot("lesson");
    });

    it("what went over the wire is drawn where the check failed, and a row opens by the keyboard", async () => {
      const diagram = lab.cell("check").locator(".wirebook-trace");
      await diagram.waitFor();
      expect(await diagram.textContent()).toContain("Solid: calls of the check");
      expect(await diagram.locator("svg[role=img]").first().getAttribute("aria-label")).toMatch(
        /the check .*your server|your server .*the check/,
      );
      const row = diagram.locator("summary", { hasText: "recv 9 B" }).first();
      await row.focus();
      await row.press("Enter");
      await diagram.getByText("Thank you").first().waitFor();
      await row.scrollIntoViewIfNeeded();
      await lab.shot("lesson-wire");
    });

    it("can be read on a light and on a dark page", async () => {
      const output = lab.cell("check").locator(".jp-OutputArea-output").last();
      expect((await output.evaluate(leastContrast)).ratio).toBeGreaterThan(4.5);
      await lab.dark();
      await expect.poll(async () => (await output.evaluate(leastContrast)).ratio).toBeGreaterThan(4.5);
      await lab.shot("lesson-dark");
    });
  },
);

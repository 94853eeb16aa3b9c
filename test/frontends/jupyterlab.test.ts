// The lab in JupyterLab in a real browser: what a student sees.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JupyterServer, startJupyter, withoutBrowser, writeCells } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();

describe.skipIf(reason !== undefined)(
  `JupyterLab in Chromium${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 600_000 },
  () => {
    let server: JupyterServer;
    let lab: LabPage;

    beforeAll(async () => {
      server = await startJupyter({ env: { WIREBOOK_PORT_BASE: "25000", WIREBOOK_TARGET: "stand-in" } });
      lab = await LabPage.open(server);
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    }, 60_000);

    it("shows what notebook 5's server prints under the server's cell while the client's cell runs", async () => {
      await lab.openNotebook("5-creating-a-server.ipynb");
      for (const id of lab.codeCells.slice(0, lab.codeCells.indexOf("serve") + 1)) await lab.run(id);
      await lab.shot("5-server-started");
      expect(await lab.output("serve")).not.toContain("Got connection");
      await lab.run("first-client");
      await lab.see("serve", "Got connection from");
      expect(await lab.output("first-client")).toContain("Thank you for connecting");
      expect(await lab.output("first-client")).not.toContain("Got connection");
      await lab.cell("serve").scrollIntoViewIfNeeded();
      await lab.shot("5-server-line");
    });

    it("keeps the server alive over a reload of the page, and says what was printed meanwhile", async () => {
      await lab.save();
      await lab.reload();
      await lab.run("first-client");
      expect(await lab.output("first-client")).toContain("Thank you for connecting");
      await lab.run("log");
      expect(await lab.output("log")).toContain("Got connection from");
      expect((await lab.output("first-client")) + (await lab.output("log"))).toContain("missed()");
      await lab.shot("5-reloaded");
    });

    it("forgets everything at a restart: the port is free again", async () => {
      await lab.menu("Kernel", "Restart Kernel and Clear Outputs of All Cells…");
      await lab.accept("Restart");
      await lab.page.waitForTimeout(2000);
      await lab.ready();
      for (const id of lab.codeCells.slice(0, lab.codeCells.indexOf("serve") + 1)) await lab.run(id);
      expect(await lab.output("serve")).not.toContain("Address already in use");
      expect(await lab.output("serve")).toContain("listening");
      await lab.shot("5-restarted");
    });

    it("runs a whole notebook with Run All", async () => {
      await lab.openNotebook("4-sending-and-receiving.ipynb");
      await lab.menu("Run", "Run All Cells");
      await lab.page.waitForFunction(
        `[...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].every((prompt) => /\\[\\d+\\]/.test(prompt.textContent))`,
        undefined,
        { timeout: 60_000 },
      );
      await lab.shot("4-run-all");
      expect(
        await lab.page
          .locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]')
          .count(),
      ).toBe(0);
    });

    it("stops an endless loop and keeps the variables", async () => {
      writeCells(server, "stop.ipynb", {
        keep: "const kept = 42;",
        loop: "while (true) {}",
        wait: "await new Promise(() => {})",
        after: "kept",
      });
      await lab.openNotebook("stop.ipynb");
      await lab.run("keep");
      for (const id of ["loop", "wait"]) {
        await lab.start(id);
        await lab.page.waitForTimeout(700);
        await lab.menu("Kernel", "Interrupt Kernel");
        await lab.see(id, "Interrupted");
      }
      await lab.run("after");
      expect(await lab.output("after")).toContain("42");
      await lab.shot("stop");
    });

    it("survives a reload in the middle of a cell", async () => {
      writeCells(server, "middle.ipynb", {
        slow: "let n = 0;\nfor (; n < 40; n++) { console.log('step', n); await new Promise((r) => setTimeout(r, 100)); }",
        after: "n",
      });
      await lab.openNotebook("middle.ipynb");
      await lab.start("slow");
      await lab.see("slow", "step 3");
      await lab.save();
      await lab.reload();
      await lab.run("after");
      expect(await lab.output("after")).toContain("40");
      await lab.shot("middle");
    });

    const floods = {
      lines: "for (let i = 1; i <= 100000; i++) console.log('line', i);",
      tick: "for (let i = 1; i <= 400000; i++) process.stdout.write('l' + i + '\\n');\nvoid 0",
      long: "console.log('x'.repeat(10 * 1024 * 1024) + 'END');",
    };

    it("shows 100,000 lines, 400,000 lines of one tick and a string of 10 MB whole", async () => {
      writeCells(server, "floods.ipynb", floods);
      await flooded(lab, "floods");
    });

    it("shows them whole under a server with default limits, too", async () => {
      await using limited = await startJupyter({ defaultLimits: true });
      await using page = await LabPage.open(limited);
      writeCells(limited, "floods.ipynb", floods);
      await flooded(page, "floods-limited");
    });

    const drawing = { timeout: 60_000, interval: 1000 };

    async function flooded(page: LabPage, name: string): Promise<void> {
      await page.openNotebook("floods.ipynb");
      // It is the page that takes its time.
      for (const id of Object.keys(floods)) await page.run(id, 300_000);
      await page.shot(name);
      // Whole and in order; compared by what is lost, since a difference of megabytes says nothing. The page may still draw.
      const lost = async (id: string, whole: string): Promise<number | string> => {
        const text = await page.text(id);
        return text === whole ? 0 : `${whole.length - text.length} of ${whole.length} characters`;
      };
      await expect
        .poll(
          () => lost("lines", Array.from({ length: 100_000 }, (_, i) => `line ${i + 1}\n`).join("")),
          drawing,
        )
        .toBe(0);
      await expect
        .poll(() => lost("tick", Array.from({ length: 400_000 }, (_, i) => `l${i + 1}\n`).join("")), drawing)
        .toBe(0);
      await expect.poll(() => lost("long", `${"x".repeat(10 * 1024 * 1024)}END\n`), drawing).toBe(0);
    }
  },
);

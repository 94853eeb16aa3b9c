// A notebook of Deno's kernel in JupyterLab, where this one stands in its place: it opens unasked, runs, and stays what it is.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dist } from "../places.js";
import { type JupyterServer, startJupyter, withoutBrowser, writeCells } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const name = "foreign.ipynb";
const kernelspec = { name: "deno", display_name: "Deno", language: "typescript" };
const cells = {
  shown: `const { html } = Deno.jupyter;\nhtml\`<b>made by \${typeof Deno.cwd()}</b>\``,
  missing: 'import { parse } from "jsr:@std/csv@1";',
};

describe.skipIf(reason !== undefined)(
  `a notebook of another kernel in JupyterLab${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 300_000 },
  () => {
    let server: JupyterServer;
    let lab: LabPage;

    beforeAll(async () => {
      server = await startJupyter();
      const installed = spawnSync(process.execPath, [join(dist, "cli.js"), "install", "--as", "deno"], {
        env: { ...process.env, JUPYTER_DATA_DIR: join(server.notebooks, "..", "data") },
        encoding: "utf8",
      });
      expect(installed.stderr).toBe("");
      writeCells(server, name, cells, { kernelspec });
      lab = await LabPage.open(server);
      await lab.openNotebook(name);
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    }, 60_000);

    it("opens with Wirebook without a question, runs, and says how to get a package", async () => {
      expect(await lab.page.locator(".jp-Dialog").count()).toBe(0);
      expect(await lab.page.locator(".jp-Toolbar-kernelName").textContent()).toContain("as deno");
      await lab.run("shown");
      await lab.see("shown", "made by string");
      await lab.run("missing");
      await lab.see("missing", "TypeScriptWarning");
      await lab.see("missing", "npx jsr add @std/csv@1");
      await lab.shot("foreign");
    });

    it("is saved as a notebook of that kernel", async () => {
      await lab.save();
      const { metadata } = JSON.parse(readFileSync(join(server.notebooks, name), "utf8"));
      expect(metadata.kernelspec.name).toBe("deno");
      expect(metadata.language_info.name).toBe("typescript");
    });
  },
);

import { execFileSync } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { it } from "vitest";
import { python } from "../places.js";
import { violations } from "./axe.js";
import { leastContrast } from "./contrast.js";
import { startJupyter } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";
import { makePages } from "../../src/submission/pages.js";

const ours = [".jp-OutputArea-output", ".jp-RenderedMarkdown"];
it("x", { timeout: 1e6 }, async () => {
  const from = process.env.FROM ?? "/tmp/walk-out";
  const names = readdirSync(from).filter((n) => n.endsWith(".ipynb")).sort();
  await makePages(names.map((n) => join(from, n)), { python, folder: "/tmp/walk-html", pdf: false, signal: AbortSignal.timeout(300_000) });
  await using server = await startJupyter();
  cpSync(from, server.notebooks, { recursive: true });
  await using lab = await LabPage.open(server);
  const seen = new Map<string, string[]>();
  const add = (where: string, found: string[]) => found.forEach((f) => { const k = f.replace(/\d+/g, "N"); seen.set(k, [...(seen.get(k) ?? []), where]); });
  for (const n of names) {
    await lab.page.goto(`file:///tmp/walk-html/${n.replace("ipynb", "html")}`);
    add(`html ${n}`, await violations(lab.page, ours));
  }
  for (const [k, v] of seen) console.log(v.length, v[0], k);
  seen.clear();
  for (const n of names) execFileSync(python, ["-m", "jupyter", "trust", join(server.notebooks, n)], { env: server.env });
  for (const n of names) {
    await lab.openNotebook(n);
    await lab.page.waitForTimeout(1000);
    add(`light ${n}`, await violations(lab.page, ours));
    console.log(n, JSON.stringify(await lab.page.locator(".jp-Notebook").evaluate(leastContrast)));
    await lab.page.locator(".jp-Notebook").screenshot({ path: `/tmp/walk-html/${n}.png` }).catch(() => {});
  }
  for (const [k, v] of seen) console.log(v.length, v[0], k);
});

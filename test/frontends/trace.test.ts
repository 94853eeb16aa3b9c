// A trace in a real browser: the diagram grows while the cell runs, rows open by mouse and keyboard, and the exported page shows the same.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { python } from "../places.js";
import { withoutBrowser } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
/** What runs in the page: the colour of a row's text, and of what lies behind it. */
const COLOURS = `(() => {
  const text = document.querySelector('.wirebook-trace summary text:not(.time)');
  let paper = text;
  while (paper && /^(rgba\\(0, 0, 0, 0\\)|transparent)$/.test(getComputedStyle(paper).backgroundColor)) paper = paper.parentElement;
  return [getComputedStyle(text).fill, paper ? getComputedStyle(paper).backgroundColor : 'rgb(255, 255, 255)'];
})()`;

/** Of two colours, as WCAG 2.2 counts it. */
function contrast(one: string, other: string): number {
  const light = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((value) => {
      const part = Number(value) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

const cells = {
  server: `import * as socket from 'wirebook/socket';
import { serve } from 'wirebook/serve';
import { trace } from 'wirebook/trace';
const server = await serve(0, async (conn) => {
  for (let data = await conn.recv(4); data.length > 0; data = await conn.recv(4)) await conn.sendall(data);
}, { name: 'echo' });`,
  live: `const t = await trace(async () => {
  const c = await socket.createConnection(['127.0.0.1', server.port]);
  await c.sendall('hello <i>you</i>');
  await c.recvExactly(16);
  await input('go on?');
  for (let i = 0; i < 20; i++) { await c.sendall('ping'); await c.recvExactly(4) }
  await c.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
}, { names: { [server.port]: 'echo' } });`,
  states: "t.states(1)",
  follow: "t.follow(1)",
  table: "t.table()",
};

describe.skipIf(reason !== undefined)(
  `a trace in JupyterLab${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 120_000 },
  () => {
    let lab: LabPage;

    beforeAll(async () => {
      lab = await LabPage.withCells("trace.ipynb", cells);
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
    }, 60_000);

    it("grows while its cell still runs", async () => {
      await lab.run("server");
      await lab.start("live");
      await expect.poll(() => lab.text("live")).toMatch(/connect: SYN[\s\S]*send 16 B/);
      expect(await lab.text("live")).toContain("so far");
      expect(await lab.text("live")).not.toContain("close: FIN");
      await lab.cell("live").locator(".jp-Stdin-input").press("Enter");
      await expect
        .poll(() => lab.text("live"))
        .toMatch(/20 × client → echo send, echo → client send[\s\S]*close: FIN/);
      expect(await lab.text("live")).not.toContain("so far");
    });

    const row = (text: string) =>
      lab.cell("live").locator(".wirebook-trace summary", { hasText: text }).first();

    it("shows the bytes of a row on a click, as text and not as markup, and opens folds by the keyboard", async () => {
      await row("send 16 B").click();
      const bytes = lab.cell("live").locator(".wirebook-trace details[open] pre").first();
      await expect.poll(() => bytes.textContent()).toContain("|hello <i>you</i>|");
      expect(await bytes.locator("i").count()).toBe(0);
      await row("20 × client").focus();
      await lab.page.keyboard.press("Enter");
      await expect.poll(() => lab.cell("live").locator("details[open] details").count()).toBeGreaterThan(20);
      await lab.cell("live").evaluate((cell) => cell.scrollIntoView({ block: "start" }));
      await lab.shot("trace-diagram");
      await row("20 × client").click();
    });

    it("shows the states of a socket, its stream and all events", async () => {
      for (const id of ["states", "follow", "table"]) await lab.run(id);
      await expect.poll(() => lab.text("states")).toMatch(/1: connect[\s\S]*TIME_WAIT/);
      await lab.see("follow", "hello <i>you</i>");
      await expect.poll(() => lab.cell("table").locator("tbody tr").count()).toBeGreaterThan(90);
      await lab.cell("states").evaluate((cell) => cell.scrollIntoView({ block: "start" }));
      await lab.shot("trace-states");
    });

    it("can be read on a dark page", async () => {
      await lab.dark();
      await expect
        .poll(() => lab.page.locator("body").getAttribute("data-jp-theme-name"))
        .toBe("JupyterLab Dark");
      const colours = (await lab.page.evaluate(COLOURS)) as string[];
      expect(contrast(colours[0] ?? "", colours[1] ?? "")).toBeGreaterThan(4.5);
      await lab.cell("live").evaluate((cell) => cell.scrollIntoView({ block: "start" }));
      await lab.shot("trace-dark");
    });

    it("is in the exported page, on the screen and on paper, without a script", async () => {
      await lab.save();
      const file = join(lab.notebooks, "trace.ipynb");
      execFileSync(python, ["-m", "nbconvert", "--to", "html", file], { stdio: "ignore", timeout: 60_000 });
      await lab.page.goto(`file://${file.replace(/\.ipynb$/, ".html")}`);
      const summary = lab.page.locator(".wirebook-trace summary", { hasText: "send 16 B" }).first();
      await summary.click();
      await expect
        .poll(() => lab.page.locator(".wirebook-trace details[open] pre").first().textContent())
        .toContain("|hello <i>you</i>|");
      await summary.scrollIntoViewIfNeeded();
      await lab.shot("trace-exported");
      await lab.page.emulateMedia({ media: "print" });
      expect(await summary.isVisible()).toBe(true);
      await lab.shot("trace-paper");
      expect((await lab.page.pdf()).length).toBeGreaterThan(20_000);
    });
  },
);

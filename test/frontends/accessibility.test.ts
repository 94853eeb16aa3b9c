// The lab for those who read with their ears or fingers, or work without a mouse: what its notebooks show, in JupyterLab and as pages.
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePages } from "../../src/submission/pages.js";
import { Folder } from "../client/command.js";
import { python, root } from "../places.js";
import { violations } from "./axe.js";
import { leastContrast } from "./contrast.js";
import { type JupyterServer, startJupyter, withoutBrowser } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const names = readdirSync(join(root, "notebooks"))
  .filter((name) => name.endsWith(".ipynb"))
  .sort();
/** JupyterLab's own frame is not ours. */
const ours = [".jp-OutputArea-output", ".jp-RenderedMarkdown"];
const within = (selector: string): string => ours.map((one) => `${one} ${selector}`).join(", ");
const LONG = { timeout: 600_000 };

describe.skipIf(reason)(`reaching everybody${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let folder: Folder;
  let server: JupyterServer;
  let lab: LabPage;
  const open = (name: string) =>
    lab.page.goto(pathToFileURL(join(folder.path, "html", name.replace("ipynb", "html"))).href);

  beforeAll(async () => {
    folder = new Folder();
    folder.env = { WIREBOOK_TARGET: "stand-in" };
    const executed = join(folder.path, "executed");
    for (const name of [...names, "checks"])
      cpSync(join(root, "notebooks", name), join(folder.path, name), { recursive: true });
    // 5 and 6 want the same port. The answers of 7 are missing, so that there are hints.
    const groups = [names.slice(0, 5), names.slice(5, 7), names.slice(7)];
    const runs = await Promise.all(
      groups.map((group) => folder.wirebook("run", "--output-dir", executed, ...group)),
    );
    for (const { code, stderr } of runs) expect(code, stderr).toBe(0);
    const made = await makePages(
      names.map((name) => join(executed, name)),
      { python, folder: join(folder.path, "html"), pdf: false, signal: AbortSignal.timeout(280_000) },
    );
    expect(made).toEqual([]);
    server = await startJupyter();
    const everything = join(server.notebooks, "everything.ipynb");
    writeFileSync(everything, allInOne(executed));
    execFileSync(python, ["-m", "jupyter", "trust", everything], { env: server.env, stdio: "ignore" });
    lab = await LabPage.open(server);
    lab.page.setDefaultTimeout(120_000);
  }, 600_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  it.each(names)("%s as a page keeps the rules of WCAG 2.1 that a program can try", LONG, async (name) => {
    await open(name);
    expect(await violations(lab.page, ours)).toEqual([]);
    expect(await lab.page.locator("html").getAttribute("lang")).toBe("en");
  });

  it.each(names)("%s has one title, and headings below it in order", LONG, async (name) => {
    await open(name);
    const headings = lab.page.locator(within(":is(h1,h2,h3,h4,h5,h6)"));
    const levels = (await headings.evaluateAll((all) => all.map((one) => one.tagName))).map((tag) =>
      Number(tag[1]),
    );
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    expect(levels[0]).toBe(1);
    for (const [i, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1);
  });

  it.each(names)("%s: links say where they go, pictures and tables what they are", LONG, async (name) => {
    await open(name);
    const links = await lab.page
      .locator(within("a[href]:not(.anchor-link)"))
      .evaluateAll((all) => all.map((one) => one.textContent?.trim() ?? ""));
    for (const link of links) expect(link).toMatch(/^(?!(click )?(here|this|link|more)$).{4}/i);
    const nameless = await lab.page.locator(within(":is(img, svg)")).evaluateAll((all) =>
      all
        .filter((one) => !one.closest('[aria-hidden="true"]'))
        .filter(
          (one) => !one.getAttribute("alt") && !one.getAttribute("aria-label") && !one.querySelector("title"),
        )
        .map((one) => one.outerHTML.slice(0, 200)),
    );
    expect(nameless).toEqual([]);
    const headless = await lab.page
      .locator(within("table"))
      .evaluateAll((all) =>
        all.filter((one) => !one.querySelector("th")).map((one) => one.outerHTML.slice(0, 200)),
      );
    expect(headless).toEqual([]);
  });

  it("in JupyterLab, too, on a light and on a dark page, drawings included", LONG, async () => {
    await lab.openNotebook("everything.ipynb");
    for (const theme of ["light", "dark"]) {
      if (theme === "dark") await lab.dark();
      expect(await violations(lab.page, ours), theme).toEqual([]);
      const { ratio, text } = await lab.page
        .locator(".jp-Notebook")
        .evaluate(leastContrast, ".jp-OutputArea-output");
      expect(ratio, `${theme}: ${text}`).toBeGreaterThan(4.5);
    }
  });

  it("whatever opens can be reached and opened without a mouse, and shows where one is", LONG, async () => {
    const kinds = {
      "a row of a diagram": ".wirebook-trace summary",
      "a verdict": ".wirebook-experiments summary",
      "a hint": 'summary:text-is("A hint")',
    };
    for (const [kind, selector] of Object.entries(kinds)) {
      const cell = lab.page.locator(".jp-CodeCell", { has: lab.page.locator(selector) }).first();
      await cell.locator(".jp-InputPrompt").click();
      const summary = cell.locator(selector).first();
      const isThere = () => summary.evaluate((one) => one === one.ownerDocument.activeElement);
      for (let i = 0; i < 30 && !(await isThere()); i++) await lab.page.keyboard.press("Tab");
      expect(await isThere(), `${kind} is reached by Tab`).toBe(true);
      expect(await summary.evaluate(outline), `${kind} shows that it has the focus`).not.toBe("none");
      const isOpen = () => summary.evaluate((one) => one.parentElement?.hasAttribute("open"));
      const before = await isOpen();
      await lab.page.keyboard.press("Enter");
      await expect.poll(isOpen, { timeout: 60_000, message: `${kind} opens by Enter` }).toBe(!before);
      await lab.page.keyboard.press("Enter");
      await expect.poll(isOpen, { timeout: 60_000 }).toBe(before);
    }
  });

  it("a whole notebook can be read, run, answered and saved with the keyboard alone", LONG, async () => {
    const name = names[1] as string;
    await lab.openNotebook(name);
    const { keyboard } = lab.page;
    const inNotebook = () =>
      lab.page.evaluate<boolean>("Boolean(document.activeElement.closest('.jp-Notebook'))");
    for (let i = 0; i < 60 && !(await inNotebook()); i++) await keyboard.press("Tab");
    expect(await inNotebook(), "the notebook is reached by Tab").toBe(true);
    const { cells } = JSON.parse(readFileSync(join(root, "notebooks", name), "utf8")) as { cells: Cell[] };
    for (const { id, cell_type: kind, source } of cells) {
      const text = [source].flat().join("");
      if (/Double-click here and write/.test(text)) {
        for (const key of ["Enter", "Control+End", "Shift+Home"]) await keyboard.press(key);
        await keyboard.type(`typed at ${id}`);
      } else if (/^predict\('[^']*', ``\);$/.test(text)) {
        for (const key of ["Enter", "Control+End", "ArrowLeft", "ArrowLeft", "ArrowLeft"])
          await keyboard.press(key);
        await keyboard.type(`guessed at ${id}`);
      }
      await keyboard.press("Shift+Enter");
      if (kind === "code")
        await lab
          .cell(id)
          .locator(".jp-InputPrompt", { hasText: /\[\d+\]/ })
          .waitFor({ timeout: 60_000 });
    }
    const saved = await lab.save();
    for (const { id, cell_type: kind, source } of saved.cells as unknown as Cell[]) {
      const text = [source].flat().join("");
      if (kind === "markdown") expect(text).not.toContain("Double-click here and write");
      if (id.startsWith("notes-")) expect(text).toContain(`typed at ${id}`);
      if (id.startsWith("lock-")) expect(text).toContain(`guessed at ${id}`);
    }
  });
});

interface Cell {
  id: string;
  cell_type: string;
  source: string | string[];
}

// biome-ignore lint/suspicious/noExplicitAny: it runs in the page, whose types are not here
const outline = (element: any): string => (globalThis as any).getComputedStyle(element).outlineStyle;

/** All cells of the executed notebooks in one: JupyterLab is opened once. */
function allInOne(folder: string): string {
  const notebooks = names.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
  const cells = notebooks.flatMap(({ cells }, i) =>
    cells.map((cell: { id: string }) => ({ ...cell, id: `n${i}-${cell.id}`.slice(0, 64) })),
  );
  return JSON.stringify({ ...notebooks[0], cells });
}

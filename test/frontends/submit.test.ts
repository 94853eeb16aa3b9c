// The button "Submit" of JupyterLab in a real browser.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "../../src/submission/manifest.js";
import { unzip } from "../submission/zips.js";
import { type JupyterServer, startJupyter, withoutBrowser, writeCells } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();

/** Commands that run on this machine and name this file. */
function commandsAbout(name: string): string[] {
  return execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes("cli.js") && line.includes(name));
}

describe.skipIf(reason)(`submitting from JupyterLab${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let server: JupyterServer;
  let lab: LabPage;
  const zips = (): string[] => readdirSync(server.notebooks).filter((name) => name.endsWith(".zip"));
  const submission = (name: string): { files: Map<string, Buffer>; manifest: Manifest } => {
    const files = unzip(join(server.notebooks, name));
    return { files, manifest: JSON.parse(String(files.get("manifest.json"))) as Manifest };
  };

  beforeAll(async () => {
    server = await startJupyter();
    writeCells(server, "mine.ipynb", { one: "const x = 20; console.log('x is', x)", two: "x + 1" });
    lab = await LabPage.open(server);
    await lab.openNotebook("mine.ipynb");
  }, 180_000);
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  const button = () => lab.page.locator('.jp-NotebookPanel-toolbar [title^="Submit:"]').first();
  const dialog = (title: string) => lab.page.locator(`.jp-Dialog:has(.jp-Dialog-header:text-is("${title}"))`);

  it("saves what was typed, asks who hands in once, and gives a link to the file", {
    timeout: 240_000,
  }, async () => {
    await lab.cell("two").locator(".jp-InputArea-editor").click();
    await lab.page.keyboard.press("Control+End");
    await lab.page.keyboard.type(" + 300");
    expect(readFileSync(join(server.notebooks, "mine.ipynb"), "utf8")).not.toContain("300");
    await button().click();
    const ask = dialog("Submit");
    await ask.getByLabel("Your id, as your course names you").fill("ada");
    expect(
      await ask.locator("input:checked").evaluateAll((all) => all.map((one) => one.getAttribute("value"))),
    ).toEqual(["mine.ipynb"]);
    await lab.shot("submit-asks");
    await lab.accept("Submit");
    const made = dialog("Ready to hand in");
    await made.waitFor({ timeout: 180_000 });
    await lab.shot("submit-made");
    const [zip = "", ...others] = zips();
    expect(others).toEqual([]);
    const { files, manifest } = submission(zip);
    expect(manifest).toMatchObject({
      student: "ada",
      notes: [],
      notebooks: [{ name: "mine.ipynb", executed: { status: "ok" } }],
    });
    expect(String(files.get("submitted/mine.ipynb"))).toContain("x + 1 + 300");
    expect(String(files.get("executed/mine.ipynb"))).toContain("321");
    const [download] = await Promise.all([
      lab.page.waitForEvent("download"),
      made.getByRole("link", { name: zip }).click(),
    ]);
    expect(readFileSync(await download.path()).equals(readFileSync(join(server.notebooks, zip)))).toBe(true);
    await lab.accept("Close");
  });

  it("is in the File menu, too, remembers the id, and can be cancelled while a notebook runs", {
    timeout: 240_000,
  }, async () => {
    const before = zips();
    writeCells(server, "slow.ipynb", { wait: "await new Promise((r) => setTimeout(r, 100_000))" });
    await lab.openNotebook("slow.ipynb");
    await lab.menu("File", "Submit Notebooks…");
    const ask = dialog("Submit");
    expect(await ask.getByLabel("Your id, as your course names you").inputValue()).toBe("ada");
    await lab.accept("Submit");
    await dialog("Submitting").waitFor();
    await lab.page.waitForTimeout(3000);
    expect(commandsAbout("slow.ipynb")).not.toEqual([]);
    await lab.accept("Cancel");
    await expect.poll(() => dialog("Submitting").count()).toBe(0);
    await expect.poll(() => commandsAbout("slow.ipynb"), { timeout: 15_000 }).toEqual([]);
    expect(zips()).toEqual(before);
  });

  it("says what went wrong in words, and a notebook that fails is handed in with its failure", {
    timeout: 240_000,
  }, async () => {
    writeCells(server, "fails.ipynb", { bad: "throw new Error('no such luck')" });
    await lab.openNotebook("fails.ipynb");
    await button().click();
    await dialog("Submit").getByLabel("Your id, as your course names you").fill("../eve");
    await lab.accept("Submit");
    const nothing = dialog("Nothing was made");
    await nothing.waitFor({ timeout: 60_000 });
    expect(await nothing.textContent()).toContain('"../eve" (from --student) cannot be a student\'s id');
    await nothing.locator("button").last().click();
    await button().click();
    await lab.accept("Submit");
    const made = dialog("Ready to hand in");
    await made.waitFor({ timeout: 180_000 });
    expect(await made.textContent()).toMatch(
      /fails\.ipynb: ✗ cell 1 \(bad\) fails: Error: no such luck.*fails\.ipynb ran, and 1 of its cells failed\./s,
    );
    await lab.shot("submit-fails");
    await lab.accept("Close");
  });

  it("chooses the notebooks of the same assignment together", { timeout: 120_000 }, async () => {
    await lab.openNotebook("1-creating-a-socket.ipynb");
    await button().click();
    await dialog("Submit").waitFor();
    const chosen = await dialog("Submit")
      .locator("input:checked")
      .evaluateAll((all) => all.map((one) => one.getAttribute("value")));
    expect(chosen.map((name) => name?.slice(0, 2))).toEqual(["1-", "2-", "3-", "4-", "5-", "6-", "7-"]);
    await lab.accept("Cancel");
  });

  it("is not there in notebooks of other kernels, and nbgrader's pages are not loaded", {
    timeout: 120_000,
  }, async () => {
    const python = { name: "python3", display_name: "Python 3", language: "python" };
    writeCells(server, "python.ipynb", { one: "1" }, { kernelspec: python });
    writeFileSync(join(server.notebooks, ".keep"), "");
    await lab.page.goto(`${server.url}/lab/tree/python.ipynb?token=${server.token}&reset`);
    await lab.page.waitForSelector(".jp-Notebook .jp-Cell");
    await expect.poll(() => button().isVisible()).toBe(false);
    expect(await lab.page.locator('.lm-MenuBar-item:has-text("Nbgrader")').count()).toBe(0);
    const answer = await fetch(`${server.url}/formgrader?token=${server.token}`);
    expect(answer.status).toBe(404);
  });
});

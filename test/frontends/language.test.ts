// Types and widgets in JupyterLab in a real browser: completion, documentation, a type error, a slider.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutBrowser } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const cells = {
  make: "import * as socket from 'wirebook/socket';\nimport { slider } from 'wirebook/widgets';\nconst s = socket.socket();\n/** How often it is tried. */\nlet attempts = 3;",
  member: "s.",
  name: "attempts",
  waits: "await new Promise(() => {})",
  wrong: "const port: number = 12345;\nconst host: string = port",
  draw: "const delay = slider({ label: 'delay', max: 50 });\ndelay.on('value', (ms) => console.log('now', ms));\ndelay",
  move: "let beat = 40;\nconst timer = setInterval(() => { delay.value = ++beat; if (beat === 45) clearInterval(timer); }, 50);",
};

describe.skipIf(reason !== undefined)(
  `types and widgets in JupyterLab${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 300_000 },
  () => {
    let lab: LabPage;

    beforeAll(async () => {
      lab = await LabPage.withCells("language.ipynb", cells);
      await lab.run("make");
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
    }, 60_000);

    /** Puts the cursor at a cell's end. */
    const enter = async (id: string): Promise<void> => {
      await lab.cell(id).locator(".cm-content").click();
      await lab.page.keyboard.press("Control+End");
    };

    it("completes the members of a typed socket, with what they take and give", async () => {
      await enter("member");
      await lab.page.keyboard.press("Tab");
      const list = lab.page.locator(".jp-Completer");
      await list.waitFor();
      const shown = async (): Promise<string> => (await list.allInnerTexts()).join("\n");
      await expect.poll(shown).toContain("accept");
      await expect.poll(shown).toContain("recv");
      await lab.shot("language-completion");
      await lab.page.keyboard.type("recvf");
      await lab.page.keyboard.press("Escape");
      await lab.page.keyboard.press("Escape");
    });

    it("completes while another cell waits, and the kernel is still shown as busy", async () => {
      await lab.start("waits");
      const indicator = lab.page.locator(".jp-NotebookPanel-toolbar .jp-Notebook-ExecutionIndicator");
      await expect.poll(() => indicator.getAttribute("data-status")).toBe("busy");
      await enter("member");
      await lab.page.keyboard.press("Control+A");
      await lab.page.keyboard.type("s.");
      await lab.page.keyboard.press("Tab");
      const list = lab.page.locator(".jp-Completer");
      await list.waitFor();
      await expect.poll(async () => (await list.allInnerTexts()).join("\n")).toContain("accept");
      await lab.shot("language-completion-busy");
      expect(await indicator.getAttribute("data-status")).toBe("busy");
      // The status bar tells what the newest message said, whatever that was about.
      const statusBar = lab.page.locator("#jp-main-statusbar");
      expect(await statusBar.textContent()).toContain("(Wirebook) | Busy");
      await lab.page.keyboard.press("Escape");
      await lab.page.keyboard.press("Escape");
      await lab.menu("Kernel", "Interrupt Kernel");
      await expect.poll(() => indicator.getAttribute("data-status")).toBe("idle");
      await expect.poll(() => statusBar.textContent()).toContain("(Wirebook) | Idle");
    });

    it("shows type, documentation and value at Shift+Tab", async () => {
      await enter("name");
      await lab.page.keyboard.press("Shift+Tab");
      const tip = lab.page.locator(".jp-Tooltip");
      await tip.waitFor();
      await expect
        .poll(() => tip.textContent())
        .toMatch(/let attempts: number[\s\S]*How often it is tried\.[\s\S]*3/);
      await lab.shot("language-documentation");
      await lab.page.keyboard.press("Escape");
    });

    it("shows a type error at its line, before anything runs", async () => {
      await lab.start("wrong");
      await lab.see("wrong", "TypeScriptError: Type 'number' is not assignable to type 'string'. (TS2322)");
      await lab.see("wrong", "line 2, column 7");
      await lab.cell("wrong").scrollIntoViewIfNeeded();
      await lab.shot("language-type-error");
    });

    it("moves a slider, and the kernel hears it; a timer in the kernel moves it, and the page shows it", async () => {
      await lab.run("draw");
      const range = lab.cell("draw").locator("input[type=range]");
      await range.waitFor();
      await range.click();
      await lab.see("draw", "now 25");
      await lab.run("move");
      const shown = lab.cell("draw").locator("output");
      await expect.poll(() => shown.textContent(), { timeout: 10_000 }).toBe("45");
      expect(await range.inputValue()).toBe("45");
      await lab.cell("draw").scrollIntoViewIfNeeded();
      await lab.shot("language-slider");
    });
  },
);

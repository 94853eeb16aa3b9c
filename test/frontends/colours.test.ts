// Errors in JupyterLab's light and dark themes: every word of them can be read on its ground.
import { describe, expect, it } from "vitest";
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

/**
 * The lowest contrast of any text in an element to its ground, as WCAG 2.1 measures it, and that text. Errors' names are
 * in red, which is below 3 on pink: what they say stands beside them.
 */
// biome-ignore lint/suspicious/noExplicitAny: it runs in the page, whose types are not here
function leastContrast(root: any): { ratio: number; text: string } {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const { getComputedStyle, document, NodeFilter } = globalThis as any;
  const parts = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const ground = (element: any): number[] => {
    if (!element) return [255, 255, 255];
    const [r = 0, g = 0, b = 0, a = 1] = parts(getComputedStyle(element).backgroundColor);
    if (a === 1) return [r, g, b];
    const below = ground(element.parentElement);
    return [r, g, b].map((one, i) => one * a + (below[i] ?? 0) * (1 - a));
  };
  const luminance = (color: number[]): number => {
    const [r = 0, g = 0, b = 0] = color.map((one) => {
      const part = one / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let least = { ratio: 99, text: "" };
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!element || !node.textContent?.trim() || element.closest(".ansi-red-fg")) continue;
    const a = luminance(parts(getComputedStyle(element).color).slice(0, 3));
    const b = luminance(ground(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < least.ratio) least = { ratio, text: node.textContent.slice(0, 60) };
  }
  return least;
}

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
      for (const { ratio, text } of least) expect(ratio, text).toBeGreaterThan(3);
    });
  },
);

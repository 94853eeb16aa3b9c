// biome-ignore-all lint/suspicious/noTemplateCurlyInString: cells hold template strings
// What is shown in JupyterLab in a real browser: one cell of each kind that is drawn, in both themes.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { python } from "../places.js";
import { type JupyterServer, startJupyter, withoutBrowser, writeCells } from "./jupyter-server.js";
import { LabPage } from "./lab-page.js";

const reason = withoutBrowser();
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><rect width="60" height="30" fill="teal"/><script>document.title = "taken over"</script></svg>';
const chart = (version: number): string =>
  JSON.stringify({
    $schema: `https://vega.github.io/schema/vega-lite/v${version}.json`,
    width: 150,
    height: 60,
    mark: "bar",
    data: {
      values: [
        { host: "a", ms: 3 },
        { host: "b", ms: 5 },
      ],
    },
    encoding: { x: { field: "host", type: "nominal" }, y: { field: "ms", type: "quantitative" } },
  });

/** A cell, and what of it is in the page. */
const cells: Record<string, [code: string, drawn: string, text?: RegExp]> = {
  start: [
    "import { image, json, latex, mermaid, plotly, vegaLite } from 'wirebook/display';\nconst packet = '<b>bold</b><img src=x onerror=\"document.title = `taken over`\">';\n'ready'",
    "pre",
    /ready/,
  ],
  table: [
    "[{ host: 'a', port: 80, open: true }, { host: packet, port: 443, open: false }]",
    ".jp-RenderedHTML table tbody tr:nth-child(2) td:nth-child(2)",
    /<b>bold<\/b>/,
  ],
  map: [
    "new Map([['eth0', { mtu: 1500 }], ['lo', { mtu: 65536 }]])",
    ".jp-RenderedHTML tbody tr:nth-child(2) td",
    /lo/,
  ],
  bytes: [
    "Buffer.from('GET / HTTP/1.1\\r\\nHost: example.org\\r\\n')",
    "pre",
    /00000010 {2}.*\|Host: example\.or\|/,
  ],
  typed: [
    "function add(a: number, b = 1): number { return a + b; }\nadd",
    "pre",
    /add\(a: number, b\?: number\): number/,
  ],
  error: ["new RangeError('as a value')", "pre", /RangeError: as a value/],
  promise: ["const later = new Promise(() => {});\nlater", "pre", /`await` in front/],
  png: [
    `image(Buffer.from('${pixel}', 'base64'), { width: 40, height: 40 })`,
    ".jp-RenderedImage img[width='40']",
  ],
  svg: [
    'svg`<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"><circle cx="15" cy="15" r="12" fill="tomato"/></svg>`',
    ".jp-RenderedSVG img",
  ],
  received: [`Buffer.from(${JSON.stringify(drawing)})`, ".jp-RenderedHTML img"],
  html: [
    "html`<p>A packet: <code>${html.escape(packet)}</code></p>`",
    ".jp-RenderedHTML p code",
    /^<b>bold<\/b><img/,
  ],
  markdown: [
    "md`### A heading\n\n* ${md.escape('*not* emphasised ' + packet)}\n* $a^2$`",
    ".jp-RenderedMarkdown h3 ~ ul li",
    /^\*not\* emphasised <b>bold/,
  ],
  latex: ["latex`t = \\frac{n}{r}`", ".jp-RenderedLatex mjx-container"],
  json: [
    "json({ headers: { host: 'a', n: 10n }, list: [1, NaN] }, { expanded: true, root: 'request' })",
    ".jp-RenderedJSON",
    /request[\s\S]*headers[\s\S]*"10n"[\s\S]*"NaN"/,
  ],
  mermaid: [
    "mermaid`sequenceDiagram\n  client->>server: SYN\n  server->>client: SYN, ACK`",
    ".jp-RenderedMermaid img, .jp-RenderedMermaid svg",
  ],
  fenced: [
    "md`\n\\`\\`\\`mermaid\ngraph LR; a-->b\n\\`\\`\\``",
    ".jp-RenderedMermaid img, .jp-RenderedMermaid svg",
  ],
  chart: [`(${chart(5)})`, ".vega-embed canvas, .vega-embed svg"],
  newer: [`vegaLite(${chart(6)})`, ".vega-embed canvas, .vega-embed svg"],
  plotly: [
    "plotly([{ type: 'bar', name: packet, x: ['a', 'b'], y: [3, 5] }], { title: { text: 'Round trips' } })",
    ".jp-RenderedHTML li",
    /^bar, <b>bold<\/b>.*, 2 points$/,
  ],
};

describe.skipIf(reason !== undefined)(
  `what JupyterLab shows${reason ? ` (skipped: ${reason})` : ""}`,
  { timeout: 300_000 },
  () => {
    let server: JupyterServer;
    let lab: LabPage;
    const elsewhere: string[] = [];

    beforeAll(async () => {
      server = await startJupyter();
      const sources = Object.entries(cells).map(([id, [source]]) => [id, source]);
      writeCells(server, "display.ipynb", Object.fromEntries(sources));
      lab = await LabPage.open(server);
      lab.page.on("request", (request) => {
        const { hostname, protocol } = new URL(request.url());
        if (/^(https?|wss?):$/.test(protocol) && hostname !== "127.0.0.1") elsewhere.push(request.url());
      });
      await lab.openNotebook("display.ipynb");
    }, 120_000);

    afterAll(async () => {
      await lab?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
    }, 60_000);

    /** Both halves of the notebook, one below the other. */
    const shots = async (theme: string): Promise<void> => {
      for (const id of ["start", "typed", "svg", "markdown", "mermaid", "chart"]) {
        await lab.cell(id).evaluate((cell) => cell.scrollIntoView({ block: "start" }));
        await lab.shot(`display-${theme}-${id}`);
      }
    };

    it.each(Object.entries(cells))("draws the value of cell %s", async (id, [, drawn, text]) => {
      await lab.run(id);
      const element = lab.cell(id).locator(`.jp-OutputArea ${drawn}`).first();
      await element.waitFor({ timeout: 15_000 });
      if (text) await expect.poll(async () => (await element.textContent())?.trim()).toMatch(text);
      // An image that cannot be drawn has no size of its own.
      if ((await element.evaluate((one) => one.tagName)) === "IMG")
        await expect
          .poll(() => element.evaluate((one) => (one as unknown as { naturalWidth: number }).naturalWidth))
          .toBeGreaterThan(0);
    });

    it("runs nothing of what came from others, and loads nothing from elsewhere", async () => {
      expect(await lab.page.title()).not.toContain("taken over");
      expect(elsewhere).toEqual([]);
    });

    it("is readable in the light theme and in the dark one", async () => {
      await shots("light");
      await lab.dark();
      // JupyterLab keeps a diagram in the colours in which it was drawn.
      await lab.run("mermaid");
      await lab.cell("mermaid").locator(".jp-RenderedMermaid img, .jp-RenderedMermaid svg").first().waitFor();
      await shots("dark");
    });

    it("is there in the page that nbconvert makes of the notebook, charts as pictures", async () => {
      await lab.save();
      const args = ["-m", "nbconvert", "--to", "html", "--stdout", "display.ipynb"];
      const page = execFileSync(python, args, {
        cwd: server.notebooks,
        maxBuffer: 64 * 1024 * 1024,
        stdio: ["ignore", "pipe", "ignore"],
      }).toString();
      expect(readFileSync(join(server.notebooks, "display.ipynb"), "utf8")).toContain('"text/plain"');
      for (const part of [
        /<td>&lt;b&gt;bold&lt;\/b&gt;/,
        /<td>lo<\/td>/,
        /data:image\/png;base64,/,
        /data:image\/svg\+xml;base64,/,
        /<h3[^>]*>\s*A heading/,
        /\$\$t = \\frac\{n\}\{r\}\$\$/,
        /class="[^"]*mermaid[^"]*"/,
        /Round trips/,
        /add\(a: number, b\?: number\): number/,
      ])
        expect(page).toMatch(part);
      // The image, and the charts, which JupyterLab saves as images, too.
      expect(page.match(/jp-RenderedImage jp-OutputArea-output/g)).toHaveLength(3);
      expect(page).not.toMatch(/<img src=x/);
    });
  },
);

// What `wirebook/display` makes: MIME types, texts, and what a front end is told beside them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import {
  image,
  json,
  latex,
  mermaid,
  plotly,
  type Shown,
  vega,
  vegaLite,
} from "../../../kernel-helpers/display/index.js";
import type { Bundle } from "../../../src/flow.js";
import { toBundle as toShown } from "../../../src/output/bundle.js";

/** None of these values displays something itself. */
const toBundle = (value: unknown): Bundle | Promise<Bundle> => toShown(value) as Bundle | Promise<Bundle>;

const bundleOf = async (value: Shown) => await toBundle(value);
const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

test.each<[string, Shown, Record<string, unknown>, Record<string, unknown>?]>([
  [
    "a formula of its own",
    latex`\frac{n}{r}`,
    { "text/latex": String.raw`$$\frac{n}{r}$$`, "text/plain": String.raw`\frac{n}{r}` },
  ],
  [
    "a formula in a sentence",
    latex`so $t = ${5}$`,
    { "text/latex": "so $t = 5$", "text/plain": "so $t = 5$" },
  ],
  [
    "a formula in brackets",
    latex(String.raw`\(x\)`),
    { "text/latex": String.raw`\(x\)`, "text/plain": String.raw`\(x\)` },
  ],
  ["no formula", latex``, { "text/latex": "", "text/plain": " " }],
  [
    "a diagram, also for those who know it in Markdown only",
    mermaid`graph LR; a-->${"b"}`,
    {
      "text/vnd.mermaid": "graph LR; a-->b",
      "text/markdown": "```mermaid\ngraph LR; a-->b\n```",
      "text/plain": "graph LR; a-->b",
    },
  ],
  [
    "a diagram whose text cannot leave its fence",
    mermaid('graph LR; a["```\n<script>"]'),
    expect.objectContaining({ "text/markdown": '````mermaid\ngraph LR; a["```\n<script>"]\n````' }),
  ],
  [
    "Vega-Lite",
    vegaLite({ mark: "bar", title: "Ports" }),
    {
      "application/vnd.vegalite.v5+json": { mark: "bar", title: "Ports" },
      "text/plain": "[Vega-Lite chart: Ports]",
    },
  ],
  [
    "Vega of another version",
    vega({ $schema: "https://vega.github.io/schema/vega/v6.json" }),
    {
      "application/vnd.vega.v6+json": expect.any(Object),
      "application/vnd.vega.v5+json": expect.any(Object),
      "text/plain": "[Vega chart]",
    },
  ],
  [
    "Plotly",
    plotly([{ type: "pie", values: [1] }, {}], { title: "Hosts" }),
    {
      "application/vnd.plotly.v1+json": {
        data: [{ type: "pie", values: [1] }, {}],
        layout: { title: "Hosts" },
        config: {},
      },
      "text/html": expect.stringContaining("pip install plotly"),
      "text/plain": "[Plotly chart: pie, scatter]",
    },
  ],
  [
    "an image with its size and what it shows",
    image(pixel, { width: 50, alt: "a dot" }),
    { "image/png": pixel.toString("base64"), "text/plain": "a dot" },
    { "image/png": { width: 50, alt: "a dot" } },
  ],
  [
    "an SVG image",
    image(Buffer.from("\n<svg/>")),
    { "image/svg+xml": "\n<svg/>", "text/plain": "[SVG image, 7 bytes]" },
    { "image/svg+xml": {} },
  ],
  [
    "a tree",
    json(
      {
        a: [1n, Number.NaN, undefined],
        m: new Map([[1, new Set(["x"])]]),
        d: new Date(0),
        u: new Uint8Array([1]),
      },
      { expanded: true, root: "r" },
    ),
    expect.objectContaining({
      "application/json": { a: ["1n", "NaN", null], m: { 1: ["x"] }, d: "1970-01-01T00:00:00.000Z", u: [1] },
    }),
    { "application/json": { expanded: true, root: "r" } },
  ],
])("%s", async (_, value, data, metadata = {}) => {
  expect(await bundleOf(value)).toEqual({ data, metadata });
  expect(inspect(value)).toBe(data["text/plain"] ?? (await bundleOf(value)).data["text/plain"]);
});

test("an image comes from a file by its path or address, and says what is wrong with one", () => {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-image-"));
  try {
    const file = join(folder, "dot.png");
    writeFileSync(file, pixel);
    writeFileSync(join(folder, "none.png"), "no image");
    expect(inspect(image(file))).toBe("[PNG image, 70 bytes]");
    expect(inspect(image(pathToFileURL(file)))).toBe("[PNG image, 70 bytes]");
    expect(() => image(join(folder, "none.png"))).toThrow(
      /none\.png begins with 6e6f20.*which is no PNG, JPEG/,
    );
    expect(() => image(join(folder, "nothing.png"))).toThrow(/ENOENT/);
    expect(() => image("https://example.org/a.png")).toThrow(/is elsewhere; fetch it first/);
    expect(() => image(new Uint8Array())).toThrow(/the bytes begin with nothing/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("charts that are made of something else say so", () => {
  expect(() => vegaLite("bar" as never)).toThrow(
    "a Vega-Lite chart is made of an object, its specification, not of string",
  );
  expect(() => plotly(null as never)).toThrow("a Plotly chart is made of a list of traces, not of null");
});

test("a tree of anything ends: circles, depth, length, getters and proxies", async () => {
  const ran: string[] = [];
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const treeOf = async (value: unknown): Promise<unknown> =>
    (await bundleOf(json(value))).data["application/json"];
  expect(await treeOf(circle)).toEqual({ self: "[Circular]" });
  const shared = { a: 1 };
  expect(await treeOf([shared, shared])).toEqual([{ a: 1 }, { a: 1 }]);
  expect(JSON.stringify(await treeOf(Array.from({ length: 1e5 }).reduce((inner) => [inner], 1)))).toMatch(
    /"…"/,
  );
  const long = (await treeOf(new Array(1e7).fill(0))) as unknown[];
  expect([long.length, long.at(-1)]).toEqual([1001, "… 9999000 more"]);
  const row = new Array(1000).fill(0);
  const wide = JSON.stringify(await treeOf(new Array(1000).fill(new Array(1000).fill(row))));
  expect(wide.length).toBeLessThan(500_000);
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`k${index}`, index]));
  expect(await treeOf(many)).toMatchObject({ k999: 999, "…": "1000 more" });
  const sly = {
    get a() {
      return ran.push("getter");
    },
  };
  expect(await treeOf(sly)).toEqual({ a: "[Getter]" });
  const proxy = new Proxy({ a: 1 }, { get: () => ran.push("trap") });
  expect(await treeOf(proxy)).toEqual({ a: 1 });
  expect(ran).toEqual([]);
});

import { expect, test } from "vitest";
import type { Bundle } from "../../src/flow.js";
import { toBundle } from "../../src/output/bundle.js";

const dataOf = (value: unknown): Record<string, unknown> => (toBundle(value) as Bundle).data;

test("a list of plain objects is a table; what it holds is text, getters are not called, and it is bounded", () => {
  let called = false;
  const sly = Object.defineProperty({ host: "<b>" }, "port", {
    enumerable: true,
    get: () => {
      called = true;
      return 1;
    },
  });
  const data = dataOf([{ host: "a", port: { n: 80 } }, sly]);
  expect(data["text/html"]).toBe(
    "<table><thead><tr><th></th><th>host</th><th>port</th></tr></thead><tbody><tr><td>0</td><td>a</td><td>{ n: 80 }</td></tr><tr><td>1</td><td>&lt;b&gt;</td><td>[Getter]</td></tr></tbody></table>",
  );
  expect(data["text/plain"]).toContain("host: 'a'");
  expect(called).toBe(false);
  const many = dataOf(Array.from({ length: 1000 }, (_, n) => ({ n })))["text/html"] as string;
  expect(many.match(/<tr>/g)).toHaveLength(201);
  expect(many).toContain("… 800 more rows");
});

test.each([[[]], [[1, 2]], [[{ a: 1 }, 2]], [[{}]], [[new Date(0)]], [[[1]]], [new Proxy([{ a: 1 }], {})]])(
  "%j is no table",
  (value) => {
    expect(Object.keys(dataOf(value))).toEqual(["text/plain"]);
  },
);

test("charts are their specification, whether plain or made by a library", () => {
  const spec = {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
    mark: "bar",
    data: { values: [] },
  };
  expect(dataOf(spec)["application/vnd.vegalite.v5+json"]).toEqual(spec);
  expect(dataOf(spec)["text/plain"]).toContain("mark: 'bar'");
  expect(dataOf({ toSpec: () => spec })["application/vnd.vegalite.v5+json"]).toEqual(spec);
  const vega = { $schema: "https://vega.github.io/schema/vega/v6.json" };
  expect(dataOf(vega)["application/vnd.vega.v6+json"]).toEqual(vega);
  expect(Object.keys(dataOf({ $schema: "https://json-schema.org/draft/2020-12/schema" }))).toEqual([
    "text/plain",
  ]);
  expect(
    Object.keys(
      dataOf({
        toSpec: () => {
          throw new Error("no");
        },
      }),
    ),
  ).toEqual(["text/plain"]);
});

test("elements of DOM libraries are drawn", () => {
  class SVGElement {
    outerHTML = "<svg><circle/></svg>";
  }
  class HTMLDivElement {
    get outerHTML(): string {
      return "<div>x</div>";
    }
  }
  expect(dataOf(new SVGElement())["image/svg+xml"]).toBe("<svg><circle/></svg>");
  expect(dataOf(new HTMLDivElement())["text/html"]).toBe("<div>x</div>");
  expect(Object.keys(dataOf({ outerHTML: "<b>" }))).toEqual(["text/plain"]);
});

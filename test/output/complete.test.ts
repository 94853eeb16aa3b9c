// MIME bundles that cells and libraries make themselves.
import { expect, test } from "vitest";
import { rawBundle } from "../../src/output/bundle.js";

const bytes = new Uint8Array([60, 98, 62]);
const circle: Record<string, unknown> = { a: 1 };
circle.self = circle;
const deep = Array.from({ length: 100_000 }).reduce<object>((inner) => [inner], []);

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  [
    "bytes of an image are base64",
    { "image/png": bytes },
    { "image/png": "PGI+", "text/plain": "image/png" },
  ],
  [
    "bytes in an ArrayBuffer, too",
    { "application/pdf": bytes.buffer },
    { "application/pdf": "PGI+", "text/plain": "application/pdf" },
  ],
  [
    "bytes of a text are the text",
    { "text/html": bytes, "image/svg+xml": bytes },
    { "text/html": "<b>", "image/svg+xml": "<b>", "text/plain": "text/html" },
  ],
  ["a list of lines is a text", { "text/plain": ["a\n", "b"] }, { "text/plain": "a\nb" }],
  [
    "what is no text becomes one",
    { "text/plain": 5, "text/html": null, "text/latex": undefined },
    { "text/plain": "5" },
  ],
  ["an empty text is filled", { "text/plain": "" }, { "text/plain": " " }],
  ["colours go", { "text/plain": "\x1b[31mred\x1b[0m" }, { "text/plain": "red" }],
  [
    "JSON given as text is an object",
    { "application/json": '{"a":[1]}', "text/plain": "t" },
    { "application/json": { a: [1] }, "text/plain": "t" },
  ],
  [
    "a word is JSON, too",
    { "application/json": "word", "text/plain": "t" },
    { "application/json": "word", "text/plain": "t" },
  ],
  [
    "parameters of a MIME type go",
    { "text/html; charset=utf-8": "x", "text/plain": "t" },
    { "text/html": "x", "text/plain": "t" },
  ],
  [
    "what JSON has no word for is written in others",
    {
      "application/json": {
        nan: Number.NaN,
        far: -Infinity,
        small: 5n,
        large: 2n ** 64n,
        half: "\ud800",
        gone: undefined,
        call: () => 1,
        map: new Map([["k", new Set([1])]]),
        date: new Date(0),
        bytes,
        circle,
      },
      "text/plain": "t",
    },
    {
      "application/json": {
        nan: null,
        far: null,
        small: 5,
        large: "18446744073709551616",
        half: "\ufffd",
        map: { k: [1] },
        date: "1970-01-01T00:00:00.000Z",
        bytes: [60, 98, 62],
        circle: { a: 1, self: "[Circular]" },
      },
      "text/plain": "t",
    },
  ],
])("%s", (_, made, expected) => {
  const { data } = rawBundle(made);
  expect(data).toEqual(expected);
  expect(JSON.parse(JSON.stringify(data))).toEqual(data);
});

test("what is nested too deeply for the protocol is cut off, in contents and metadata", () => {
  const { data, metadata } = rawBundle({ "application/json": deep }, { "application/json": deep });
  for (const text of [JSON.stringify(data), JSON.stringify(metadata)]) {
    expect(text).toContain("…");
    expect(text.length).toBeLessThan(1000);
  }
});

test("a name like __proto__ is a name", () => {
  const { data } = rawBundle({ "application/json": '{"__proto__":{"a":1}}' });
  expect(JSON.stringify(data["application/json"])).toBe('{"__proto__":{"a":1}}');
});

test("what is no MIME type, and what is too large for a page, is an error that says so", () => {
  expect(() => rawBundle({ html: "x" })).toThrow(/such as "text\/html", not "html"/);
  expect(() => rawBundle({ "application/json": new Array(1_000_001).fill(0) })).toThrow(
    /too many for a page/,
  );
});

test("metadata passes, beside the data or apart", () => {
  const metadata = { "image/png": { width: 10, alt: "a dot" } };
  expect(rawBundle({ "image/png": "AQID" }, metadata).metadata).toEqual(metadata);
  expect(rawBundle({ data: { "image/png": "AQID" }, metadata })).toEqual({
    data: { "image/png": "AQID", "text/plain": "image/png" },
    metadata,
  });
});

test("charts of Plotly tell what they hold, in words that are no markup, where nobody draws them", () => {
  const { data } = rawBundle({
    "application/vnd.plotly.v1+json": {
      data: [{ type: "<i>", y: [1, 2] }, null],
      layout: { title: "<script>" },
    },
  });
  expect(data["text/html"]).toMatch(/&lt;script&gt;.*&lt;i&gt;, 2 points.*<li>scatter<\/li>/);
  expect(rawBundle({ "application/vnd.plotly.v1+json": {}, "text/html": "own" }).data["text/html"]).toBe(
    "own",
  );
});

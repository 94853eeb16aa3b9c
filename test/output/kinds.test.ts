// Values of every kind, and what front ends get of them.
import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { Bundle } from "../../src/flow.js";
import { toBundle as toShown } from "../../src/output/bundle.js";

/** None of these values displays something itself. */
const toBundle = (value: unknown): Bundle | Promise<Bundle> => toShown(value) as Bundle | Promise<Bundle>;

const bytes = (hex: string, rest = 16): Buffer =>
  Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(rest)]);
const png = bytes("89504e470d0a1a0a");
const svg =
  '<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const lite = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  mark: "bar",
  data: { values: [{ a: 1n }] },
};
class Point {
  x: number;
  #hidden = 1;
  constructor(x: number, y = [1, ")"]) {
    this.x = x + y.length + this.#hidden;
  }
}
class Further extends Point {}
const circle: Record<string, unknown> = { name: "c" };
circle.self = circle;

type Expected = string | RegExp;
const kinds: [kind: string, value: unknown, text: Expected, more?: Record<string, unknown>][] = [
  ["an object", { a: 1, b: { c: [1, 2] } }, "{ a: 1, b: { c: [ 1, 2 ] } }"],
  ["an instance", new Point(1), "Point { x: 4 }"],
  [
    "one without a prototype",
    Object.assign(Object.create(null), { a: 1 }),
    "[Object: null prototype] { a: 1 }",
  ],
  ["a circle", circle, "<ref *1> { name: 'c', self: [Circular *1] }"],
  ["a string", "a\n'b'", "\"a\\n'b'\""],
  ["half a surrogate", "\ud83d", /^'\\ud83d'$/i],
  ["an integer of any size", 10n, "10n"],
  ["an integer of a million bits", 1n << 1_000_000n, "[bigint of more than 65536 bits]"],
  ["no number", Number.NaN, "NaN"],
  ["negative zero", -0, "-0"],
  ["null", null, "null"],
  ["undefined, given to display", undefined, "undefined"],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["a regular expression", /a+/g, "/a+/g"],
  ["a Date", new Date(0), "1970-01-01T00:00:00.000Z"],
  ["a Date that is none", new Date(Number.NaN), "Invalid Date"],
  [
    "a Map",
    new Map<unknown, unknown>([
      ["a", 1],
      [{ k: 1 }, [2]],
    ]),
    "Map(2) { 'a' => 1, { k: 1 } => [ 2 ] }",
  ],
  ["a Set", new Set([1, "b"]), "Set(2) { 1, 'b' }"],
  ["a WeakMap", new WeakMap(), "WeakMap { <items unknown> }"],
  ["numbers of a fixed kind", new Float64Array([1, 0.5]), "Float64Array(2) [ 1, 0.5 ]"],
  ["no bytes", Buffer.alloc(0), "<Buffer >"],
  [
    "a Buffer",
    Buffer.from("GET / HTTP/1.1\r\n"),
    "<Buffer 47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a>\n00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|",
  ],
  ["bytes", new Uint8Array([104, 105]), /^Uint8Array\(2\) \[ 104, 105 \]\n00000000 {2}68 69 {45}\|hi\|$/],
  [
    "an ArrayBuffer",
    new Uint8Array([104, 105]).buffer,
    /^ArrayBuffer \{[\s\S]*\n00000000 {2}68 69 {45}\|hi\|$/,
  ],
  [
    "a view",
    new DataView(new Uint8Array([0, 104, 105]).buffer, 1),
    /^DataView \{[\s\S]*\n00000000 {2}68 69 {45}\|hi\|$/,
  ],
  [
    "many bytes",
    Buffer.alloc(1e6),
    /<Buffer (00 ){50}\.\.\. 999950 more bytes>\n[\s\S]*\n000000f0 {2}.*\n… 999744 more bytes$/,
  ],
  [
    "an error",
    new RangeError("too far", { cause: new Error("why") }),
    /^RangeError: too far\n {4}at [\s\S]*\[cause\]: Error: why/,
  ],
  [
    "an error's list",
    new AggregateError([new Error("one")], "all"),
    /^AggregateError: all\n[\s\S]*\[errors\]: \[\n? *Error: one/,
  ],
  [
    "a function",
    function add(a: number, b = [1, ")"]) {
      return [a, b];
    },
    '[Function: add]\nadd(a, b = [1, ")"])',
  ],
  ["an async arrow function", async (x: number) => x, /^\[AsyncFunction \(anonymous\)\]\n\(x\)$/],
  [
    "a destructuring one",
    ({ a, b: [c] }: { a: 1; b: [1] }, ...rest: number[]) => [a, c, rest],
    /\n\(\{ a, b: \[c\] \}, \.\.\.rest\)$/,
  ],
  ["a generator", function* count() {}, "[GeneratorFunction: count]\ncount()"],
  [
    "a method",
    {
      send(data: string) {
        return data;
      },
    }.send,
    "[Function: send]\nsend(data)",
  ],
  ["a function of the engine", Math.max, "[Function: max]"],
  ["a proxy of a function", new Proxy(() => 1, {}), /\[Function/],
  ["a class", Point, '[class Point]\nnew Point(x, y = [1, ")"])'],
  ["a class that inherits its constructor", Further, "[class Further extends Point]"],
  ["a class that has none", class Empty {}, "[class Empty]\nnew Empty()"],
  ["a promise", Promise.resolve(1), /^Promise \{ 1 \}\nA promise: `await`/],
  ["one that waits", new Promise(() => {}), /^Promise \{ <pending> \}\nA promise: `await`/],
  [
    "a table",
    [{ host: "a", port: 80 }],
    "[ { host: 'a', port: 80 } ]",
    { "text/html": expect.stringMatching(/^<table>/) },
  ],
  [
    "a Map of objects",
    new Map([["a", { port: 80 }]]),
    /^Map\(1\)/,
    { "text/html": expect.stringContaining("<tr><td>a</td><td>80</td></tr>") },
  ],
  [
    "objects that are alike",
    { a: { port: 80 }, b: { port: 81 } },
    /^\{ a:/,
    { "text/html": expect.stringContaining("<tr><td>b</td><td>81</td></tr>") },
  ],
  ["objects that are not", { a: { port: 80 }, b: { host: "x" } }, "{ a: { port: 80 }, b: { host: 'x' } }"],
  [
    "a Map of objects and others",
    new Map<string, unknown>([
      ["a", { b: 1 }],
      ["c", 1],
    ]),
    /^Map\(2\)/,
  ],
  ["a PNG", png, "[PNG image, 24 bytes]", { "image/png": png.toString("base64") }],
  [
    "a PNG in an ArrayBuffer",
    new Uint8Array(png).buffer,
    "[PNG image, 24 bytes]",
    { "image/png": png.toString("base64") },
  ],
  ["a JPEG", bytes("ffd8ffe0"), "[JPEG image, 20 bytes]", { "image/jpeg": expect.any(String) }],
  ["a GIF", bytes("474946383961"), "[GIF image, 22 bytes]", { "image/gif": expect.any(String) }],
  [
    "a WebP",
    bytes("524946460000000057454250"),
    "[WEBP image, 28 bytes]",
    { "image/webp": expect.any(String) },
  ],
  [
    "an SVG that has come from somewhere: its scripts do not run",
    Buffer.from(svg),
    /^\[SVG image, \d+ bytes\]$/,
    {
      "text/html": `<img src="data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}" alt="[SVG image, ${svg.length} bytes]">`,
    },
  ],
  ["bytes that are no image", Buffer.from("<div>12345678"), /^<Buffer/],
  [
    "Vega-Lite",
    lite,
    /mark: 'bar'/,
    { "application/vnd.vegalite.v5+json": { ...lite, data: { values: [{ a: 1 }] } } },
  ],
  [
    "what makes Vega-Lite",
    { toSpec: () => lite },
    /toSpec/,
    { "application/vnd.vegalite.v5+json": expect.any(Object) },
  ],
  [
    "a newer Vega, which is also shown to those who know the older one",
    { $schema: "https://vega.github.io/schema/vega/v6.json" },
    /vega/,
    {
      "application/vnd.vega.v6+json": expect.any(Object),
      "application/vnd.vega.v5+json": expect.any(Object),
    },
  ],
  [
    "Plotly",
    { data: [{ type: "bar", name: "<b>", x: ["a"], y: [1] }], layout: { title: { text: "Ports & hosts" } } },
    /type: 'bar'/,
    {
      "application/vnd.plotly.v1+json": expect.objectContaining({ config: {} }),
      "text/html": expect.stringMatching(/Ports &amp; hosts.*bar, &lt;b&gt;, 1 points.*pip install plotly/),
    },
  ],
  ["data and layout of something else", { data: [{ id: 1 }], layout: {} }, /^\{ data:/],
  ["a canvas", { toDataURL: () => "data:image/png;base64,AQID" }, /toDataURL/, { "image/png": "AQID" }],
  [
    "a canvas that draws in the background",
    { toDataURL: async () => "data:image/png;base64,AQID" },
    /toDataURL/,
    { "image/png": "AQID" },
  ],
  ["something else with an address", { toDataURL: () => "http://example.org" }, /toDataURL/],
  [
    "a data frame",
    {
      schema: {},
      height: 3,
      head: (rows: number) => ({ toRecords: () => [{ a: rows }] }),
      toRecords: () => [],
    },
    /schema/,
    {
      "text/html":
        "<table><thead><tr><th></th><th>a</th></tr></thead><tbody><tr><td>0</td><td>200</td></tr></tbody></table><p>… 2 more rows</p>",
    },
  ],
];

test.each(kinds)("%s", async (_, value, text, more = {}) => {
  const { data } = await toBundle(value);
  const { "text/plain": plain, ...others } = data;
  if (typeof text === "string") expect(plain).toBe(text);
  else expect(plain).toMatch(text);
  expect(others).toEqual(more);
  // What leaves is what JSON can carry.
  expect(JSON.parse(JSON.stringify(data))).toEqual(data);
});

const wide = (levels: number): unknown[] => {
  let one: unknown[] = Array(100).fill(1);
  for (let level = 1; level < levels; level++) one = Array(100).fill(one);
  return one;
};
const keys = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, index]));

test.each<[string, () => unknown, RegExp]>([
  ["a list of ten million", () => new Array(1e7).fill(1), /9999900 more items/],
  [
    "a list that is nearly empty",
    () => Object.assign([], { length: 4294967295 }),
    /^\[ <4294967295 empty items> \]$/,
  ],
  ["a list of a million objects", () => Array.from({ length: 1e6 }, (_, n) => ({ n })), /999900 more items/],
  ["a string of a hundred million", () => "x".repeat(1e8), /99990000 more characters/],
  [
    "an object of a million properties",
    () => keys(1e6),
    /^\{\n {2}key0: 0,[\s\S]*key199: 199,\n {2}… 999800 more properties\n\}$/,
  ],
  ["one within an object", () => ({ inner: keys(1e5) }), /^\{ inner: \[Object\] \}$/],
  [
    "an instance of a hundred thousand properties",
    () => Object.assign(new (class Many {})(), keys(1e5)),
    /^Many \{\n {2}key0: 0,/,
  ],
  ["a Map of a hundred thousand", () => new Map(Object.entries(keys(1e5))), /99900 more items/],
  ["a table of a hundred thousand columns", () => [keys(1e5), keys(1e5)], /^\[ \[Object\], \[Object\] \]$/],
  [
    "ten thousand million numbers in lists of the same lists",
    () => wide(5),
    /^\[\n {2}\[Array\]|\[\n *\[Array\]/,
  ],
  [
    "a hundred thousand levels",
    () => Array.from({ length: 1e5 }).reduce((inner) => ({ inner }), {}),
    /\[Object\]/,
  ],
  ["a message of ten million characters", () => new Error("x".repeat(1e7)), /more characters$/],
  ["a name of ten million", () => ({ ["x".repeat(1e7)]: 1 }), /more characters$/],
  [
    "a function of ten million characters",
    () => new Function(`/*${"x".repeat(1e7)}*/`),
    /^\[Function: anonymous\]/,
  ],
])("%s is shown in part", async (_, make, text) => {
  const { data } = await toBundle(make());
  expect(String(data["text/plain"]).length).toBeLessThan(110_000);
  expect(data["text/plain"]).toMatch(text);
});

test("nothing of a value's own is run to look at it: getters, traps, toString, toJSON, valueOf, constructors", async () => {
  const ran: string[] = [];
  const say = (name: string) => (): never => {
    ran.push(name);
    throw new Error(name);
  };
  const hostile = (): object =>
    Object.defineProperties(
      {
        toString: say("toString"),
        toJSON: say("toJSON"),
        valueOf: say("valueOf"),
        [Symbol.toPrimitive]: say("toPrimitive"),
      },
      Object.fromEntries(
        [
          "constructor",
          "outerHTML",
          "toSpec",
          "toDataURL",
          "schema",
          "$schema",
          "data",
          "layout",
          "then",
          "length",
        ].map((name) => [name, { get: say(name), enumerable: true }]),
      ),
    );
  class Sly {
    get outerHTML(): never {
      return say("outerHTML")();
    }
    get [Symbol.for("Jupyter.display")](): never {
      return say("display")();
    }
  }
  Object.defineProperty(Sly.prototype, "constructor", { get: say("constructor") });
  const traps = Object.fromEntries(
    ["get", "ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf", "apply", "construct"].map((name) => [
      name,
      say(name),
    ]),
  );
  const values = [
    hostile(),
    [hostile(), hostile()],
    new Map([["a", hostile()]]),
    { a: hostile(), b: hostile() },
    new Sly(),
    new Proxy(hostile(), traps),
    [new Proxy({ a: 1 }, traps)],
    { a: new Proxy({ a: 1 }, traps), b: { a: 1 } },
    new Proxy(function f() {}, traps),
    Object.defineProperty([1, { a: 1 }], 0, { get: say("element"), enumerable: true }),
    Object.assign(() => 1, { toString: say("toString") }),
    Object.assign(new Date(0), { toISOString: say("toISOString") }),
    Object.assign(new Error("e"), { toString: say("toString") }),
    Object.assign(Buffer.from("12345678"), { toString: say("toString"), inspect: say("inspect") }),
    Object.defineProperty(Promise.resolve(1), "constructor", { get: say("constructor") }),
  ];
  for (const value of values) expect((await toBundle(value)).data["text/plain"]).toMatch(/./);
  expect(ran).toEqual([]);
});

test("a value's own way of being inspected is taken, and done without where it fails", async () => {
  expect((await toBundle({ [inspect.custom]: () => "\x1b[31mmine" })).data["text/plain"]).toBe(
    "\x1b[31mmine",
  );
  const failing = {
    a: 1,
    [inspect.custom]: () => {
      throw new Error("no");
    },
  };
  expect((await toBundle(failing)).data["text/plain"]).toMatch(/^\{ a: 1, /);
});

test("proxies that say so show themselves, as those of data frames do", async () => {
  const display = Symbol.for("Jupyter.display");
  const frame = new Proxy(
    {},
    {
      has: (_, key) => key === display,
      get: (_, key) => key === display && (() => ({ "text/html": "<table>" })),
    },
  );
  expect(((await toBundle(frame)) as Bundle).data["text/html"]).toBe("<table>");
  const anything = new Proxy({}, { get: () => () => "anything" });
  expect(Object.keys(((await toBundle(anything)) as Bundle).data)).toEqual(["text/plain"]);
});

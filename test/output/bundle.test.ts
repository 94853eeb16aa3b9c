import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { Bundle } from "../../src/flow.js";
import { toBundle } from "../../src/output/bundle.js";

const DISPLAY = Symbol.for("Jupyter.display");

function text(value: unknown): string {
  const bundle = toBundle(value) as Bundle;
  expect(Object.keys(bundle.data)).toEqual(["text/plain"]);
  return String(bundle.data["text/plain"]);
}

test.each<[string, unknown, string]>([
  ["a string, in quotes", "a\n'b'", "\"a\\n'b'\""],
  ["a negative zero", -0, "-0"],
  ["a bigint", 10n, "10n"],
  ["null", null, "null"],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["a function", function named() {}, "[Function: named]"],
  ["a map", new Map([["a", { b: 1 }]]), "Map(1) { 'a' => { b: 1 } }"],
  [
    "an object without a prototype",
    Object.assign(Object.create(null), { a: 1 }),
    "[Object: null prototype] { a: 1 }",
  ],
  ["a promise", Promise.resolve(1), "Promise { 1 }"],
  [
    "bytes",
    Buffer.from("hi"),
    "<Buffer 68 69>\n00000000  68 69                                             |hi|",
  ],
  ["a date that is none", new Date(Number.NaN), "Invalid Date"],
])("%s looks as in Node", (_, value, shown) => {
  expect(text(value)).toBe(shown);
});

test("getters and the traps of proxies are not called", () => {
  const seen: string[] = [];
  const object = {
    get a(): number {
      seen.push("getter");
      return 1;
    },
  };
  const proxy = new Proxy(
    { b: 2 },
    {
      get: (target, key) => {
        seen.push(`get ${String(key)}`);
        return Reflect.get(target, key);
      },
      ownKeys: (target) => {
        seen.push("keys");
        return Reflect.ownKeys(target);
      },
    },
  );
  expect(text(object)).toBe("{ a: [Getter] }");
  // Node 26 says that it is a proxy.
  expect(text(proxy)).toContain("{ b: 2 }");
  expect(text({ proxy })).toContain("{ b: 2 }");
  expect(seen).toEqual([]);
});

const revoked = Proxy.revocable({}, {});
revoked.revoke();
class Nasty {
  [inspect.custom](): never {
    throw new Error("from inspect");
  }
}

test.each<[string, unknown]>([
  ["a revoked proxy", revoked.proxy],
  ["one whose inspection throws", new Nasty()],
  ["one that inspects as nothing", { [inspect.custom]: () => "" }],
  [
    "one whose display cannot be read",
    {
      get [DISPLAY](): never {
        throw new Error("no");
      },
    },
  ],
  [
    "one whose tag throws",
    {
      get [Symbol.toStringTag](): never {
        throw new Error("no");
      },
    },
  ],
  [
    "an object in itself",
    (() => {
      const o: { o?: object } = {};
      o.o = o;
      return o;
    })(),
  ],
  [
    "an error whose stack throws",
    Object.defineProperty(new Error("e"), "stack", {
      get() {
        throw new Error("no");
      },
    }),
  ],
])("whatever an object does, there is a text: %s", (_, value) => {
  expect(text(value)).not.toBe("");
});

test("the text has no colours, though the console may", () => {
  expect(text({ a: [1, "b", null] })).toBe("{ a: [ 1, 'b', null ] }");
});

test.each<[string, unknown, number]>([
  ["an array of a million", new Array(1e6).fill(1), 2_000],
  ["a string of a million", "x".repeat(1e6), 11_000],
  [
    "an object of 100,000 keys",
    Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`key${i}`, i])),
    101_000,
  ],
  ["a thousand levels", Array.from({ length: 1000 }).reduce((inner) => ({ inner }), {}), 500],
  ["bytes of a megabyte", Buffer.alloc(1e6), 2_000],
])("%s is shown in part", (_, value, most) => {
  const shown = text(value);
  expect(shown.length).toBeLessThan(most);
  expect(shown).toMatch(/more|\[Object\]/);
});

test("a value may show itself: as a bundle, with data and metadata apart, or later", async () => {
  const html = { "text/html": "<b>hi</b>", "text/plain": "hi" };
  expect(toBundle({ [DISPLAY]: () => html })).toEqual({ data: html, metadata: {} });
  const metadata = { "image/png": { width: 10 } };
  expect(toBundle({ [DISPLAY]: () => ({ data: html, metadata }) })).toEqual({ data: html, metadata });
  expect(await toBundle({ [DISPLAY]: async () => html })).toEqual({ data: html, metadata: {} });
  class Card {
    name = "ace";
    [DISPLAY](): object {
      return { "text/markdown": `**${this.name}**`, "application/json": { name: this.name } };
    }
  }
  expect(toBundle(new Card())).toEqual({
    data: {
      "text/markdown": "**ace**",
      "application/json": { name: "ace" },
      "text/plain": "Card { name: 'ace' }",
    },
    metadata: {},
  });
  expect(toBundle({ [DISPLAY]: () => ({ "image/png": new Uint8Array([1, 2, 3]) }) })).toMatchObject({
    data: { "image/png": "AQID" },
  });
});

test("a value that shows itself wrongly says so", async () => {
  expect(() => toBundle({ [DISPLAY]: () => "text" })).toThrow(
    'Symbol.for("Jupyter.display") gave string, not a MIME bundle',
  );
  expect(() =>
    toBundle({
      [DISPLAY]: () => {
        throw new RangeError("mine");
      },
    }),
  ).toThrow(new RangeError("mine"));
  await expect(toBundle({ [DISPLAY]: async () => null })).rejects.toThrow(TypeError);
});

test("bytes of a PNG or a JPEG are a picture; other bytes are not", () => {
  const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0]);
  expect(toBundle(png)).toMatchObject({ data: { "image/png": png.toString("base64") } });
  expect(toBundle(jpeg)).toMatchObject({ data: { "image/jpeg": Buffer.from(jpeg).toString("base64") } });
  expect(Object.keys((toBundle(Buffer.from("12345678")) as Bundle).data)).toEqual(["text/plain"]);
});

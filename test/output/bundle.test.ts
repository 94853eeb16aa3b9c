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

import { expect, test } from "vitest";
import { expressionAt, isComplete } from "../../src/translate/complete.js";

test.each([
  "",
  "1 + 1",
  "const a: number = 1",
  "function f<T>(x: T): T {\n  return x;\n}",
  "`two\nlines`",
  "{ a: 1 }",
  "await fetch('x')",
  "/* a */ // b",
  "<p>hi</p>",
  "@d class C {}",
])("this may run: %j", (code) => {
  expect(isComplete(code)).toEqual({ status: "complete" });
});

test.each<[string, string]>([
  ["function f() {", "  "],
  ["  if (x) {", "    "],
  ["f(1,", ""],
  ["f(", "  "],
  ["const a = [", "  "],
  ["const s = `two", ""],
  ["/* not yet", ""],
  ["const o = { a: 1,", ""],
  ["{\n  a: 1,", "  "],
  ["class C {\n  m() {", "    "],
  ["const x =", ""],
  ["a +", ""],
  ["interface I {", "  "],
  ["if (x) {\n  y()\n", "  "],
])("there is more to come: %j", (code, indent) => {
  expect(isComplete(code)).toEqual({ status: "incomplete", indent });
});

test.each(["import = 7q", "const = 3;", "}{", "let a b", "const s = 'open\n1", "f(1))"])(
  "this is wrong whatever comes: %j",
  (code) => {
    expect(isComplete(code)).toEqual({ status: "invalid" });
  },
);

/** ▮ is the cursor. */
test.each<[string, string | null, string]>([
  ["▮", null, ""],
  ["proc▮", null, "proc"],
  ["process.▮", "process", ""],
  ["process.ver▮sion", "process", "ver"],
  ["a.b.c.de▮", "a.b.c", "de"],
  ["a?.b?.c▮", "a.b", "c"],
  ["x + server.po▮", "server", "po"],
  ["list[0].na▮", "list[0]", "na"],
  ["o['a b'].c▮", "o['a b']", "c"],
  ["'text'.le▮", "'text'", "le"],
  ["[1, 2].ma▮", "[1, 2]", "ma"],
  ["this.#secret.x▮", "this.#secret", "x"],
  ["äöü.naïve▮", "äöü", "naïve"],
  ["const 𝒳 = 1; 𝒳.to▮", "𝒳", "to"],
  ["o\n  .then▮", "o", "then"],
  ["[...al▮", null, "al"],
  ["`${na▮", null, "na"],
])("at %j a completion is looked for in %j, beginning with %j", (marked, expression, prefix) => {
  const cursor = marked.indexOf("▮");
  expect(expressionAt(marked.replace("▮", ""), cursor)).toEqual({
    expression,
    prefix,
    start: cursor - prefix.length,
    end: cursor,
  });
});

/** Nothing is evaluated there. */
test.each([
  "f().▮",
  "new Foo().ba▮",
  "a[b].c▮",
  "(await x).y▮",
  "'in a string.▮",
  "// in a comment.▮",
  "/* a.▮",
  "`a.▮",
  "1 + f(x).y▮",
])("at %j nothing is evaluated and nothing is offered", (marked) => {
  const cursor = marked.indexOf("▮");
  expect(expressionAt(marked.replace("▮", ""), cursor).expression).toBe("undefined");
});

import { expect, test } from "vitest";
import type { Frame } from "../../src/flow.js";
import { toErrorReport } from "../../src/output/report.js";
import { toTraceback } from "../../src/output/traceback.js";

const frame: Frame = { name: "", file: "Cell [1]", run: 1, line: 2, column: 7, internal: false };
const options = { frames: () => [frame] };

test("an error keeps its name, its message, what it says of itself and its own properties", () => {
  const error = Object.assign(new RangeError("too far"), {
    code: "E_FAR",
    port: 70_000,
    nothing: undefined,
    f() {},
  });
  expect(toErrorReport(error, options)).toEqual({
    ename: "RangeError",
    evalue: "too far",
    heading: "RangeError: too far",
    frames: [frame],
    details: { code: "'E_FAR'", port: "70000" },
  });
});

test.each<[string, unknown, string]>([
  ["a string", "no", "'no'"],
  ["undefined", undefined, "undefined"],
  ["null", null, "null"],
  ["an object", { code: 1 }, "{ code: 1 }"],
])("thrown values that are no errors are named as such: %s", (_, value, shown) => {
  expect(toErrorReport(value, options)).toMatchObject({
    ename: "Uncaught",
    evalue: shown,
    heading: `Uncaught ${shown} (thrown value is not an Error)`,
    frames: [],
  });
});

test("causes and the errors of an AggregateError are reported with it, and cycles end", () => {
  const inner = new Error("inner");
  const outer = new Error("outer", { cause: inner });
  inner.cause = outer;
  const all = new AggregateError([outer, "text"], "both");
  const report = toErrorReport(all, options);
  expect(report.errors?.map(({ evalue }) => evalue)).toEqual(["outer", "'text'"]);
  expect(report.errors?.[0]?.cause?.evalue).toBe("inner");
  expect(JSON.stringify(report).length).toBeLessThan(5000);
  const many = new AggregateError(Array.from({ length: 1000 }, (_, i) => new Error(String(i))));
  expect(toErrorReport(many, options).errors).toHaveLength(10);
});

const hostile = (name: string): Error =>
  Object.defineProperty(new Error("e"), name, {
    get() {
      throw new Error("never");
    },
    enumerable: true,
  });

test.each(["name", "message", "stack", "cause", "errors", "toString", "extra"])(
  "an error whose %s cannot be read is reported all the same",
  (name) => {
    const report = toErrorReport(hostile(name), options);
    expect(report.ename).toMatch(/^Error/);
    expect(report.heading).not.toBe("");
    expect(report.details).toEqual({});
  },
);

test("an error of another realm, and one that only inherits from Error, are errors", () => {
  class PortTaken extends Error {
    override name = "PortTaken";
  }
  expect(toErrorReport(new PortTaken("12345"), options).heading).toBe("PortTaken: 12345");
  const bare = Object.create(Error.prototype);
  expect(toErrorReport(bare, options)).toMatchObject({ ename: "Error", evalue: "" });
});

test("names and messages that are no strings become strings", () => {
  const error = Object.assign(new Error(), { name: 5, message: { a: 1 } });
  expect(toErrorReport(error, options)).toMatchObject({ ename: "5", evalue: "[object Object]" });
});

test("large properties are cut", () => {
  const error = Object.assign(new Error("e"), {
    body: "x".repeat(1e6),
    list: new Array(1e5).fill("y".repeat(50)),
  });
  const { details } = toErrorReport(error, options);
  expect(details.body?.length).toBeLessThan(320);
  expect(details.list?.length).toBeLessThan(320);
});

// ── the lines of a traceback

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken away
const bare = (lines: string[]): string => lines.join("\n").replace(/\u001b\[\d+m/g, "");
const source = "const s = 1;\nconst x = f();\nfunction f() {\n  return a.b.c;\n}\n// end";

test("a traceback says what happened, shows the student's line with a caret, and the way there", () => {
  const frames: Frame[] = [
    { name: "lookup", file: "node:dns", line: 1, column: 1, internal: true },
    { name: "f", file: "Cell [3]", run: 3, line: 4, column: 12, internal: false },
    { name: "", file: "Cell [3]", run: 3, line: 2, column: 11, internal: false },
  ];
  const report = toErrorReport(new TypeError("cannot read c"), { frames: () => frames });
  const shown = bare(toTraceback(report, ({ file }) => (file === "Cell [3]" ? source : undefined)));
  expect(shown).toBe(`TypeError: cannot read c

Cell [3], line 4, column 12
  2 | const x = f();
  3 | function f() {
> 4 |   return a.b.c;
    |            ^
  5 | }
  6 | // end
    at f Cell [3]:4:12
    at Cell [3]:2:11
    … 1 inside Node`);
});

test("an error of a callback says so, and details, inner errors and causes follow", () => {
  const error = new AggregateError(
    [Object.assign(new Error("refused"), { code: "ECONNREFUSED" })],
    "all failed",
    { cause: new Error("the deeper one") },
  );
  const report = toErrorReport(error, { frames: () => [], origin: "unhandled rejection" });
  expect(bare(toTraceback(report, () => undefined)).split("\n")).toEqual([
    "(in an unhandled rejection after this cell's own code)",
    "AggregateError: all failed",
    "",
    "[1] Error: refused",
    "  { code: 'ECONNREFUSED' }",
    "",
    "Caused by: Error: the deeper one",
    expect.stringMatching(/^→ .*nothing listens at that port/),
    expect.stringMatching(/^→ .*put await before the call/),
  ]);
});

test("endless recursion shows its first frames and counts the others", () => {
  const frames = Array.from({ length: 200 }, (): Frame => ({ ...frame, name: "again" }));
  const report = toErrorReport(new RangeError("stack"), { frames: () => frames });
  const shown = bare(toTraceback(report, () => undefined));
  expect(shown.match(/at again/g)).toHaveLength(12);
  expect(shown).toContain("… 188 more");
});

test.each<[string, object, RegExp]>([
  ["a refused connection", { code: "ECONNREFUSED" }, /nothing listens at that port/],
  ["a busy port", { code: "EADDRINUSE" }, /Close it, or choose another port/],
  ["a port below 1024", { code: "EACCES", port: 80 }, /from 1024 on/],
  ["an unknown name", { code: "ENOTFOUND" }, /spelled right/],
  ["an unknown name, as Python says it", { name: "gaierror", errno: -2 }, /spelled right/],
  ["no name server", { code: "EAI_AGAIN" }, /No name server answered/],
  ["no name server, as Python says it", { name: "gaierror", errno: -3 }, /No name server answered/],
  ["silence", { code: "ETIMEDOUT" }, /firewall drops/],
  ["a reset", { code: "ECONNRESET" }, /broke the connection off/],
  ["a write behind the end", { code: "EPIPE" }, /after the other side had closed/],
])("the common failures of a network are explained in one line: %s", (_, properties, words) => {
  const traceback = toTraceback(
    toErrorReport(Object.assign(new Error("it"), properties), options),
    () => undefined,
  );
  expect(bare(traceback.slice(-1))).toMatch(words);
  const wrapped = new Error("outer", { cause: Object.assign(new Error("it"), properties) });
  expect(bare(toTraceback(toErrorReport(wrapped, options), () => undefined).slice(-1))).toMatch(words);
});

test("other errors get no advice, but those of callbacks are told where they can be caught", () => {
  const plain = toErrorReport(new TypeError("x"), { frames: () => [] });
  expect(bare(toTraceback(plain, () => undefined))).toBe("TypeError: x");
  const late = toErrorReport(new TypeError("x"), { frames: () => [], origin: "callback" });
  expect(bare(toTraceback(late, () => undefined))).toMatch(/→ .*catch it in the callback/);
});

// From the words of V8's inspector to those of the Debug Adapter Protocol, as tables.
import { type Debugger, type Runtime, Session } from "node:inspector";
import { expect, it } from "vitest";
import { hitsEnough } from "../../src/debug/breakpoints.js";
import { describe as text, typeOf } from "../../src/debug/describe.js";
import { isStudents } from "../../src/debug/exceptions.js";
import { murmur2 } from "../../src/debug/murmur2.js";
import { HASH_SEED, isKernels, type Sources } from "../../src/debug/sources.js";
import { studentFrames, toStackFrame } from "../../src/debug/stack.js";
import { nearest, type Stoppable } from "../../src/debug/stoppable.js";

it.each([
  ["", 3_990_065_800],
  ["a", 2_167_009_006],
  ["let x = 1", 719_486_033],
  ["grüße 🌍", 3_888_174_693],
])("a cell %j is known by the hash that front ends compute", (code, hash) => {
  expect(murmur2(code, HASH_SEED)).toBe(hash);
});

it.each([
  ["undefined", "undefined", "undefined"],
  ["null", "null", "null"],
  ["-0", "-0", "number"],
  ["12n", "12n", "bigint"],
  ['"it\'s"', `"it's"`, "string"],
  ["'x'.repeat(500)", expect.stringMatching(/^'x{200}'\.\.\. 300 more characters$/), "string"],
  ["Symbol('s')", "Symbol(s)", "symbol"],
  ["[1, 'a', {}, [2]]", "(4) [1, 'a', {…}, Array(1)]", "Array"],
  ["new Uint8Array([1, 2])", "Uint8Array(2) [1, 2]", "Uint8Array"],
  ["({ a: 1, f() {}, get g() { throw 1 } })", "{a: 1, f: ƒ, g: (…)}", "Object"],
  ["new (class Peer { port = 1 })", "Peer {port: 1}", "Peer"],
  ["new Map([['k', { v: 1 }]])", "Map(1) {'k' => {…}}", "Map"],
  ["new Map()", "Map(0) {}", "Map"],
  ["new Set([1])", "Set(1) {1}", "Set"],
  ["new Error('no\\nmore')", "Error: no", "Error"],
  ["/x+/g", "/x+/g", "RegExp"],
  ["Promise.resolve(7)", "Promise {<fulfilled>: 7}", "Promise"],
  ["new Promise(() => {})", "Promise {<pending>}", "Promise"],
  ["(function go(a,  b = 1) {})", "ƒ go(a, b = 1)", "Function"],
  ["(async (x) => x)", "ƒ (x)", "Function"],
  ["(class Peer {})", "class Peer", "Function"],
])("a value %s is shown as %s", (expression, shown, type) => {
  const session = new Session();
  session.connect();
  let value: Runtime.RemoteObject | undefined;
  session.post(
    "Runtime.evaluate",
    { expression, generatePreview: true },
    (_, answer: Runtime.EvaluateReturnType) => {
      value = answer.result;
    },
  );
  session.disconnect();
  expect(text(value)).toEqual(shown);
  expect(typeOf(value as Runtime.RemoteObject)).toBe(type);
});

const at = (line: number, column: number, statement = true): Stoppable => ({
  script: 0,
  line,
  column,
  student: { line, column },
  statement,
});
it.each([
  ["the first statement of its line", { line: 3 }, [at(3, 9), at(3, 5), at(4, 1)], at(3, 5)],
  ["a statement before a call", { line: 3 }, [at(3, 2, false), at(3, 5)], at(3, 5)],
  ["a call where no statement is", { line: 3 }, [at(3, 2, false), at(4, 1)], at(3, 2, false)],
  ["the next line that has code", { line: 1 }, [at(4, 1), at(3, 5)], at(3, 5)],
  ["what stands at the column or behind", { line: 3, column: 6 }, [at(3, 5), at(3, 9)], at(3, 9)],
  ["nothing behind the last line", { line: 9 }, [at(3, 5)], undefined],
])("a breakpoint takes %s", (_, asked, places, found) => {
  expect(nearest(places, asked)).toEqual(found);
});

it.each([
  [undefined, 1, true],
  ["3", 2, false],
  ["3", 4, true],
  [">= 3", 3, true],
  ["> 3", 3, false],
  ["== 3", 4, false],
  ["=3", 3, true],
  ["< 3", 2, true],
  ["<= 3", 4, false],
  ["% 3", 6, true],
  ["%3", 7, false],
  ["nonsense", 1, true],
])("hits %j are enough at the %i. hit: %s", (condition, hits, enough) => {
  expect(hitsEnough(condition, hits)).toBe(enough);
});

it("a mark behind a declaration is the kernel's, what stands around it is not", () => {
  const line = "{let {}=[x = await __wirebook.wait(f()),__wirebook.at(1)]}";
  const of = (what: string): boolean => isKernels(`"use strict"\n${line}`, 1, line.indexOf(what));
  expect([of("await"), of("wait("), of("f()"), of("__wirebook.at("), of("at(1)")]).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
});

// ── a stack as V8 tells it: a handler in cell 2, called by Node, created by an awaiting function of cell 1
const frame = (
  functionName: string,
  url: string,
  lineNumber: number,
  ...scopes: Debugger.Scope["type"][]
): Debugger.CallFrame =>
  ({
    callFrameId: `${functionName}${lineNumber}`,
    functionName,
    url,
    location: { scriptId: "1", lineNumber, columnNumber: 0 },
    scopeChain: scopes.map((type) => ({ type, object: { type: "object" } })),
    this: { type: "undefined" },
  }) as Debugger.CallFrame;
const stop = {
  reason: "other",
  callFrames: [
    frame("readFileSync", "node:fs", 1),
    frame("handle", "wirebook://cell/2/0", 4, "local", "script", "global"),
    frame("emit", "node:events", 500, "local"),
    frame("post", "file:///kernel/dist/engine.js", 9, "local"),
    frame("", "wirebook://cell/1/0", 7, "script", "global"),
  ],
  asyncStackTrace: {
    description: "await",
    callFrames: [
      { functionName: "", scriptId: "1", url: "wirebook://cell/1/0", lineNumber: 2, columnNumber: 4 },
    ],
  },
} as unknown as Debugger.PausedEventDataType;
const sources = {
  text: () => "try { x } catch {}",
  place(url: string, _: string, line: number, column: number) {
    const run = /cell\/(\d+)/.exec(url)?.[1];
    return (
      run && {
        line: line + 1,
        column: column + 1,
        path: `/cells/${run}.ts`,
        name: `Cell [${run}]`,
        run: Number(run),
      }
    );
  },
} as unknown as Sources;

it("a stack has the student's frames only, and says where an await lies between", () => {
  const frames = studentFrames(stop, sources).map(toStackFrame);
  expect(frames.map(({ name, line, source }) => `${name} ${source?.path}:${line}`)).toEqual([
    "handle /cells/2.ts:5",
    "Cell [1] /cells/1.ts:8",
    "async Cell [1] /cells/1.ts:3",
  ]);
});

it.each([
  ["raised", "wherever it is thrown", ["raised"], true, stop, true],
  ["nobody's", "that no filter asks for", [], true, stop, false],
  [
    "uncaught",
    "that V8 knows to be uncaught",
    ["uncaught"],
    true,
    { ...stop, data: { uncaught: true } },
    true,
  ],
  ["uncaught", "that no code of the student's catches", ["uncaught"], false, stop, true],
  ["uncaught", "that is caught", ["uncaught"], true, stop, false],
  [
    "the kernel's",
    "which it throws for itself",
    ["raised"],
    false,
    { ...stop, callFrames: [stop.callFrames[3], stop.callFrames[4]] },
    false,
  ],
] as const)("an error is %s: one %s", (_kind, _title, filters, caught, paused, worth) => {
  const frames = studentFrames(paused as unknown as Debugger.PausedEventDataType, sources);
  const parts = { filters: [...filters], sources, isCaught: () => caught };
  expect(isStudents(paused as unknown as Debugger.PausedEventDataType, frames, parts)).toBe(worth);
});

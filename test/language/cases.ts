// biome-ignore-all lint/suspicious/noTemplateCurlyInString: cells hold template strings
// What a cell's types and values have to be after other cells, case by case.

/** What becomes of a cell. */
export type Expected =
  | { how: "fine" }
  | { how: "dies" }
  | { how: "shows"; value: string | undefined }
  | { how: "throws"; message: string }
  | { how: "refused"; code: number; at?: string };

export type Cell = { code: string; expected: Expected } & More;

export type More = {
  id?: string;
  unchecked?: boolean;
  /** It is interrupted once it has printed `in`. */
  interrupted?: boolean;
  /** It ends its engine. */
  dies?: boolean;
};

/** No problem, no error. */
export const fine = (code: string, more: More = {}): Cell => ({ code, expected: { how: "fine" }, ...more });
/** It waits, and is interrupted; what came before it has happened. */
export const interrupted = (code: string, more: More = {}): Cell => ({
  code,
  expected: { how: "throws", message: "Interrupted" },
  interrupted: true,
  ...more,
});
/** Its value, as shown; `undefined`: none. */
export const shows = (value: string | undefined, code: string, more: More = {}): Cell => ({
  code,
  expected: { how: "shows", value },
  ...more,
});
export const throws = (message: string, code: string, more: More = {}): Cell => ({
  code,
  expected: { how: "throws", message },
  ...more,
});
/** It does not run: TypeScript's code, and where (line:column). */
export const refused = (code: number, cell: string, at?: string, more: More = {}): Cell => ({
  code: cell,
  expected: { how: "refused", code, ...(at !== undefined && { at }) },
  ...more,
});

const longCell = `${Array.from({ length: 5000 }, (_, i) => `const l${i}: number = ${i ? `l${i - 1} + 1` : 0};`).join("\n")}\nl4999`;

export const cases: { title: string; cells: Cell[] }[] = [
  {
    title: "const used later",
    cells: [
      shows(undefined, "const x: number = 1"),
      shows("2", "x + 1"),
      refused(2322, "const s: string = x"),
    ],
  },
  {
    title: "let assigned from a later cell",
    cells: [fine("let x: number = 1"), shows("5", "x = 5"), shows("5", "x"), refused(2322, 'x = "a"')],
  },
  {
    title: "let with union type keeps declared type",
    cells: [fine("let x: string | number = 1"), shows("'a'", 'x = "a"; x')],
  },
  { title: "var", cells: [fine("var v: number = 1"), shows("2", "v = 2"), shows("3", "v++; v")] },
  { title: "var twice in a cell", cells: [shows("2", "var v = 1; var v = 2; v"), shows("2", "v")] },
  {
    title: "var in a nested block",
    cells: [fine("if (true) { var nv = 4 }"), shows("4", "nv"), shows("5", "const nv = 5; nv")],
  },
  {
    title: "var in for",
    cells: [fine("for (var i = 0; i < 3; i++) {}"), shows("3", "i"), shows("'a'", 'let i = "a"; i')],
  },
  {
    title: "function",
    cells: [
      shows(undefined, "function f(a: number): number { return a * 2 }"),
      shows("8", "f(4)"),
      refused(2345, 'f("a")'),
    ],
  },
  {
    title: "class",
    cells: [
      fine("class C { v = 1; m(): this { return this } }"),
      shows("1", "new C().m().v"),
      shows("1", "const c: C = new C(); c.v"),
      refused(2339, "new C().w"),
    ],
  },
  {
    title: "interface",
    cells: [
      shows(undefined, "interface P { a: string }"),
      shows("'z'", 'const p: P = { a: "z" }; p.a'),
      refused(2741, "const q: P = {}"),
    ],
  },
  {
    title: "type alias, generic",
    cells: [
      fine("type Pair<T, U = T> = [T, U]"),
      shows("[ 1, 2 ]", "const p: Pair<number> = [1, 2]; p"),
      refused(2322, 'const q: Pair<number> = ["a", 1]'),
    ],
  },
  {
    title: "enum",
    cells: [
      shows(undefined, 'enum E { A, B = "x" }'),
      shows("'x'", "E.B"),
      shows("0", "const e: E = E.A; e"),
    ],
  },
  {
    title: "enum run again with fewer members",
    cells: [
      fine("enum E { A, B }"),
      fine("enum E { A }"),
      shows("2", "Object.keys(E).length"),
      refused(2339, "E.B"),
    ],
  },
  {
    title: "enum merged in a cell",
    cells: [shows("1", "enum E { A } enum E { B = 1 } E.B"), shows("0", "E.A")],
  },
  { title: "const enum", cells: [fine("const enum K { A = 3 }"), shows("3", "K.A")] },
  {
    title: "namespace",
    cells: [
      fine("namespace N { export const a = 1; export type T = string }"),
      shows("1", 'const t: N.T = "k"; N.a'),
    ],
  },
  {
    title: "namespace, types only",
    cells: [fine("namespace N { export type T = string }"), shows("'k'", 'const t: N.T = "k"; t')],
  },
  {
    title: "namespace merged in a cell",
    cells: [
      shows("3", "namespace N { export const a = 1 } namespace N { export const b = 2 } N.a + N.b"),
      shows("2", "N.b"),
    ],
  },
  {
    title: "class merged with namespace",
    cells: [fine("class C { x = 1 } namespace C { export const z = 2 }"), shows("3", "new C().x + C.z")],
  },
  {
    title: "declare const / function",
    cells: [
      shows(undefined, "declare const zz: number; declare function ff(): void"),
      shows("'undefined'", "typeof zz"),
      throws("ReferenceError", "zz + 1"),
    ],
  },
  {
    title: "redeclare const, other type",
    cells: [
      fine("const x = 1"),
      fine('const x = "a"'),
      shows("'A'", "x.toUpperCase()"),
      refused(2551, "x.toFixed()"),
    ],
  },
  {
    title: "redeclare let as const as let",
    cells: [fine("let x = 1"), fine('const x = "b"'), fine("let x = true"), shows("true", "x")],
  },
  {
    title: "redeclare function as const",
    cells: [
      fine("function f() { return 1 }"),
      fine('const f = () => "k"'),
      shows("'K'", "f().toUpperCase()"),
    ],
  },
  {
    title: "redeclare const as function",
    cells: [fine("const f = 1"), fine("function f() { return 2 }"), shows("2", "f()")],
  },
  {
    title: "redeclare class as function as enum",
    cells: [
      fine("class C {}"),
      fine("function C() { return 1 }"),
      shows("1", "C()"),
      fine("enum C { A = 9 }"),
      shows("9", "C.A"),
    ],
  },
  {
    title: "redeclare class, other shape",
    cells: [
      fine("class C { a = 1 }"),
      fine("class C { b = 2 }"),
      shows("2", "new C().b"),
      refused(2339, "new C().a"),
    ],
  },
  {
    title: "redeclare interface: replaced, not merged",
    cells: [
      fine("interface P { a: string }"),
      fine("interface P { b: number }"),
      shows("1", "const p: P = { b: 1 }; p.b"),
      refused(2353, 'const p2: P = { a: "" }'),
    ],
  },
  {
    title: "interface merged within a cell",
    cells: [
      fine("interface P { a: string } interface P { b: number }"),
      shows("1", 'const p: P = { a: "", b: 1 }; p.b'),
    ],
  },
  {
    title: "type then value of the same name",
    cells: [
      fine("interface P { a: string }"),
      fine('const P = { make: (): P => ({ a: "m" }) }'),
      shows("'m'", "const p: P = P.make(); p.a"),
    ],
  },
  {
    title: "value then type of the same name",
    cells: [fine("const P = 5"), fine("type P = string"), shows("6", 'const s: P = "a"; P + 1')],
  },
  {
    title: "let value, then generic type of the same name",
    cells: [
      fine("let P = 5"),
      fine("type P<T extends object = {}> = T[]"),
      shows("6", "const s: P<{}> = []; P = 6; P"),
    ],
  },
  {
    title: "let and type of one name in one cell",
    cells: [fine('type S = "a" | "b"; let S: S = "a"'), shows("'b'", 'S = "b"; const t: S = S; t')],
  },
  {
    title: "const object and type of one name in one cell",
    cells: [
      fine('const Color = { R: "r" } as const; type Color = typeof Color[keyof typeof Color]'),
      shows("'r'", "const c: Color = Color.R; c"),
    ],
  },
  {
    title: "class replaced by a value: the type goes too",
    cells: [fine("class C {}"), fine("const C = 1"), refused(2749, "let c: C")],
  },
  {
    title: "type constraint in replaced pair",
    cells: [
      fine("interface B { k: number }"),
      fine("type W<T extends B> = { w: T }"),
      fine("const W = 1"),
      shows("2", "const w: W<{ k: 1 }> = { w: { k: 1 } }; w.w.k + W"),
    ],
  },
  {
    title: "destructuring",
    cells: [
      fine(
        "const { a, b: { c = 3, ...d }, ...r } = { a: 1, b: { e: 2 } as { c?: number, e: number }, f: 4 }; const [h, , i = 9, ...j] = [1, 2, undefined, 4, 5]",
      ),
      shows("[ 1, 3, { e: 2 }, { f: 4 }, 1, 9, [ 4, 5 ] ]", "[a, c, d, r, h, i, j]"),
    ],
  },
  {
    title: "destructuring assignment to earlier let",
    cells: [
      fine("let a = 1, b = 2"),
      shows("[ 2, 1 ]", "[a, b] = [b, a]; [a, b]"),
      shows("15", "({ a, b } = { a: 7, b: 8 }); a + b"),
    ],
  },
  {
    title: "closure sees later assignment",
    cells: [fine("let n = 0; const inc = () => ++n"), fine("n = 10"), shows("11", "inc()"), shows("11", "n")],
  },
  {
    title: "closure sees redeclaration",
    cells: [fine("let z = 1; const g = () => z"), fine("let z = 2"), shows("2", "g()")],
  },
  {
    title: "function hoisting",
    cells: [
      shows("3", "const r = later(2); function later(x: number) { return x + 1 } r"),
      shows("2", "later(1)"),
    ],
  },
  {
    title: "function recursion after replacing",
    cells: [
      shows("120", "function fact(n: number): number { return n < 2 ? 1 : n * fact(n - 1) } fact(5)"),
      fine("const old = fact"),
      shows("14", "function fact(n: number): number { return 7 } old(2)"),
    ],
  },
  {
    title: "mutual recursion across cells",
    cells: [
      fine(
        "declare function odd(n: number): boolean; function even(n: number): boolean { return n === 0 || odd(n - 1) }",
      ),
      fine("function odd(n: number): boolean { return n !== 0 && even(n - 1) }"),
      shows("true", "even(10)"),
    ],
  },
  {
    title: "function names kept",
    cells: [
      shows("'nm'", "function nm() {} nm.name"),
      shows("'an'", "const an = () => 1; an.name"),
      shows("'K'", "class K {} K.name"),
    ],
  },
  {
    title: "re-run an earlier cell",
    cells: [
      fine("let x = 1", { id: "a" }),
      fine("const f = () => x", { id: "b" }),
      fine('let x = "s"', { id: "a" }),
      shows("'s'", "f() as unknown"),
      shows("1", "x.length"),
    ],
  },
  {
    title: "re-run makes old users wrong (types of f stay)",
    cells: [
      fine("let x = 1", { id: "a" }),
      fine("const f = () => x"),
      fine('let x = "s"', { id: "a" }),
      shows("'string'", "const q: number = f(); typeof q"),
    ],
  },
  {
    title: "throws half-way: before exists, after not",
    cells: [
      throws("mid", 'const a1 = 1; throw new Error("mid"); const b1 = 2'),
      shows("1", "a1"),
      refused(2304, "b1"),
      shows("3", "const b1 = 3; b1"),
    ],
  },
  {
    title: "throws half-way: an earlier value stays with its type",
    cells: [
      fine('const b = "old"'),
      throws("mid", 'throw new Error("mid"); const b = 2'),
      shows("'OLD'", "b.toUpperCase()"),
    ],
  },
  {
    title: "throws half-way: class, function, types",
    cells: [
      throws(
        "x",
        'function hf() { return 1 } interface HI { a: 1 } class H1 {} if (Date.now() > 0) throw new Error("x"); class H2 {}',
      ),
      shows("1", "hf()"),
      shows("1", "const hi: HI = { a: 1 }; new H1(); hi.a"),
      refused(2304, "H2"),
    ],
  },
  {
    title: "type error, then fixed",
    cells: [
      refused(2322, 'const y: number = "a"'),
      refused(2304, "y"),
      fine("const y: number = 2"),
      shows("2", "y"),
    ],
  },
  {
    title: "TDZ after a failed const",
    cells: [
      fine('const fail = async (): Promise<number> => { throw new Error("f") }'),
      throws("f", "const x = await fail()"),
      refused(2304, "x"),
      fine("const x = 1"),
      shows("1", "x"),
    ],
  },
  {
    title: "failed redeclaration keeps the old",
    cells: [
      fine("const x = 1"),
      throws("f", 'const x = await Promise.reject<string>(new Error("f"))'),
      shows("'1.0'", "x.toFixed(1)"),
    ],
  },
  { title: "assignment to a const of an earlier cell", cells: [fine("const x = 1"), refused(2588, "x = 2")] },
  {
    title: "assignment to a function of an earlier cell",
    cells: [fine("function f() {}"), refused(2588, "f = () => {}")],
  },
  {
    title: "generics",
    cells: [
      fine(
        "function id<T>(x: T): T { return x } const first = <T,>(a: readonly T[]): T | undefined => a[0]; class Box<T extends string | number = number> { constructor(public v: T) {} map<U extends string | number>(f: (x: T) => U) { return new Box(f(this.v)) } }",
      ),
      shows("'n2'", 'new Box(2).map(x => "n" + x).v'),
      refused(2345, "id<string>(5)"),
      shows("'3.0'", "first([3])!.toFixed(1)"),
    ],
  },
  {
    title: "overloads",
    cells: [
      shows(
        "1",
        "function o(a: string): string; function o(a: number): number; function o(a: any): any { return a } o(1)",
      ),
      refused(2769, "o(true)"),
    ],
  },
  {
    title: "this types and this parameter",
    cells: [
      shows("3", "function t(this: { v: number }, k: number) { return this.v + k } t.call({ v: 1 }, 2)"),
      refused(2684, "t(1)"),
    ],
  },
  {
    title: "abstract class",
    cells: [
      fine("abstract class A { abstract m(): number; n() { return this.m() + 1 } }"),
      shows("2", "class B extends A { m() { return 1 } } new B().n()"),
      refused(2511, "new A()"),
    ],
  },
  {
    title: "private fields, accessors, static",
    cells: [
      fine(
        "class F { #p = 1; private q = 2; static s = 4; get g() { return this.#p } set g(v) { this.#p = v } static { F.s = 5 } }",
      ),
      shows("13", "const f = new F(); f.g = 8; f.g + F.s"),
      refused(2341, "new F().q"),
    ],
  },
  {
    title: "parameter properties, readonly, override, optional, definite",
    cells: [
      fine(
        "class PP { constructor(public readonly a: number, protected b?: string) {} o?: number; d!: string; declare e: number }",
      ),
      shows("3", "new PP(3).a"),
      refused(2540, "new PP(1).a = 2"),
    ],
  },
  {
    title: "implements, index signature, optional method",
    cells: [
      shows(
        "I {}",
        "interface Q { m?(): void } class I implements Q { [k: string]: unknown; m?(): void } new I()",
      ),
    ],
  },
  {
    title: "decorators (standard)",
    cells: [
      fine(
        "const log: string[] = []; function d(v: any, c: ClassMethodDecoratorContext) { log.push(String(c.name)); return v } class D { @d m(): number { return 1 } }",
      ),
      shows("[ 'm' ]", "log"),
    ],
  },
  { title: "auto-accessor", cells: [shows("3", "class AA { accessor x: number = 3 } new AA().x")] },
  {
    title: "satisfies, as const, non-null, assertion",
    cells: [
      shows(
        "1",
        "const o = { a: [1, 2] } as const satisfies object; const k = (o.a!)[0]; const u = <unknown>k; u",
      ),
      refused(2493, "o.a[5]"),
    ],
  },
  {
    title: "as + newline + paren",
    cells: [
      shows(
        "2",
        `const aa = 5 as any
;(1 + 1)`,
      ),
    ],
  },
  {
    title: "using",
    cells: [
      fine("const log: string[] = []"),
      shows("1", 'using r = { v: 1, [Symbol.dispose]() { log.push("gone") } }; r.v', { id: "u" }),
      shows("1", "r.v + log.length"),
      shows("[ 'gone' ]", "using r = { v: 2, [Symbol.dispose]() {} }; log", { id: "u" }),
      shows("1", "let r = 1; r"),
    ],
  },
  {
    title: "await using; using in a block",
    cells: [
      shows(
        "[ 2 ]",
        "const l2: number[] = []; await using ar = { async [Symbol.asyncDispose]() { l2.push(1) } }; { using b = { [Symbol.dispose]() { l2.push(2) } } } l2",
      ),
    ],
  },
  {
    title: "import default",
    cells: [
      shows(undefined, 'import fs from "node:fs"'),
      shows("'function'", "typeof fs.readFileSync"),
      shows(undefined, "const st: fs.Stats | undefined = undefined; st"),
    ],
  },
  {
    title: "import * as",
    cells: [
      fine('import * as net from "node:net"'),
      shows("false", "const s: net.Socket = new net.Socket(); s.destroyed"),
      refused(2551, "net.createServerr"),
    ],
  },
  {
    title: "import named, renamed, type",
    cells: [
      fine(
        'import { readFileSync as rf, type Stats } from "node:fs"; import type { Socket } from "node:net"',
      ),
      shows("'function'", "let s: Socket | Stats | undefined; typeof rf"),
    ],
  },
  {
    title: "import default and type",
    cells: [
      fine('import Lib, { type LibT, inc } from "./lib.ts"'),
      shows("5", 'const t: LibT = { k: "a" }; new Lib().v + inc()'),
    ],
  },
  {
    title: "import is elided type (no `type` keyword)",
    cells: [shows("'a'", 'import { LibT } from "./lib.ts"; const t: LibT = { k: "a" }; t.k')],
  },
  {
    title: "live binding of an imported let",
    cells: [fine('import { count, inc } from "./lib.ts"'), shows("1", "inc(); count")],
  },
  {
    title: "import below its use",
    cells: [shows("'a/b'", 'const t = join("a", "b"); import { join } from "node:path"; t')],
  },
  { title: "side-effect import", cells: [shows(undefined, 'import "./lib.ts"')] },
  {
    title: "import = require",
    cells: [
      shows("true", 'import fs = require("node:fs"); fs.existsSync("/")'),
      shows("true", 'fs.existsSync("/")'),
    ],
  },
  {
    title: "import alias of a namespace",
    cells: [
      fine("namespace N { export const a = 3; export type T = number }"),
      shows("3", "import Q = N.a; Q"),
      shows("3", "Q"),
    ],
  },
  {
    title: "JSON import with attributes",
    cells: [
      shows("7", 'import data from "./data.json" with { type: "json" }; data.a'),
      refused(2339, "data.b"),
    ],
  },
  { title: "CommonJS .cts with `export =`", cells: [shows("4", 'import old from "./old.cts"; old.legacy')] },
  {
    title: "missing export / missing module",
    cells: [refused(2305, 'import { nope } from "node:fs"'), refused(2307, 'import x from "nowhere"')],
  },
  {
    title: "dynamic import",
    cells: [
      shows("'a/b'", 'const p = await import("node:path"); p.join("a", "b")'),
      shows(
        "'/function'",
        'const { sep } = await import("node:path"); function ff() { return import("node:os") } sep + typeof (await ff()).cpus',
      ),
    ],
  },
  {
    title: "import.meta",
    cells: [shows("'string'", "typeof import.meta.url"), shows("true", "import.meta.dirname!.length > 0")],
  },
  {
    title: "re-import, then shadow an import",
    cells: [
      fine('import fs from "node:fs"'),
      fine('import { readFile as fs } from "node:fs/promises"'),
      fine("const fs = 5"),
      shows("6", "fs + 1"),
    ],
  },
  {
    title: "export const / export list / default expression",
    cells: [
      shows("2", "export const a = 1; const b = 2; export { b as c, b }; export default a + 1"),
      shows("3", "a + b"),
    ],
  },
  {
    title: "export default function, class",
    cells: [
      fine("export default function df() { return 4 }"),
      shows("4", "df()"),
      fine("export default class DC { v = 1 }"),
      shows("1", "new DC().v"),
    ],
  },
  {
    title: "export * and export from",
    cells: [
      shows(undefined, 'export * from "./lib.ts"'),
      refused(2304, "inc"),
      shows(undefined, 'export { join } from "node:path"'),
      refused(2304, "join"),
    ],
  },
  {
    title: "export type",
    cells: [
      fine("export type T = 1; export interface U { a: T }; type V = 2; export type { V }"),
      shows("1", "const u: U = { a: 1 }; const v: V = 2; u.a"),
    ],
  },
  {
    title: "top-level await",
    cells: [
      shows(
        "'423'",
        "const a = await Promise.resolve(2); const [b] = await Promise.all([3]); `${await 4}` + a + b",
      ),
      shows("2", "for await (const q of (async function* () { yield 1; yield 2 })()) q"),
      shows("6", "const { z = await Promise.resolve(6) } = {} as { z?: number }; z"),
      shows("2", "a satisfies number"),
    ],
  },
  {
    title: "await in if, class, default, for",
    cells: [
      shows("1", "if (await true) 1; else 2"),
      shows("{ key: 2 }", '({ [await "key"]: 2 })'),
      shows("3", "function dd(a = 1) { return a } dd(await 3)"),
    ],
  },
  {
    title: "labelled break, continue",
    cells: [
      shows(
        "1",
        "let c = 0; outer: for (let i = 0; i < 3; i++) { for (;;) { if (i === 1) break outer; c++; continue outer } } c",
      ),
    ],
  },
  {
    title: "await in arrow IIFE",
    cells: [
      shows("Promise { 5 }\nA promise: `await` in front of it gives its value.", "(async () => await 5)()"),
      shows("5", "await (async () => await 5)()"),
    ],
  },
  {
    title: "promise as value is not awaited",
    cells: [
      shows("Promise { 4 }\nA promise: `await` in front of it gives its value.", "Promise.resolve(4)"),
      shows(
        "Promise { 4 }\nA promise: `await` in front of it gives its value.",
        "const pr = Promise.resolve(4); pr",
      ),
    ],
  },
  {
    title: "async generator",
    cells: [
      shows(
        "[ 1, 2 ]",
        "async function* ag() { yield 1; yield 2 } const out: number[] = []; for await (const v of ag()) out.push(v); out",
      ),
    ],
  },
  {
    title: "object literal cell",
    cells: [
      shows("{ a: 1 }", "{a: 1}"),
      shows("{ a: 1, b: 2 }", "{a: 1, b: 2}"),
      shows("{}", "{}"),
      fine("const k = 1"),
      shows("{ k: 1 }", "{k}"),
      shows("1", "{ k; }"),
      shows("1", "{ a: 1 };"),
      refused(2304, "{a: kk}", "1:5"),
    ],
  },
  {
    title: "statement values",
    cells: [
      shows("5", "if (true) 5"),
      shows("2", "for (let i = 0; i < 3; i++) i"),
      shows("3", "try { 3 } finally { 4 }"),
      shows("'s'", 'switch (1) { case 1: "s" }'),
      shows("7", "7;"),
      shows("7", "7; const w = 1"),
      shows("3", "3;;"),
    ],
  },
  {
    title: "declaration only has no value",
    cells: [
      shows(undefined, "const x = 1"),
      shows(undefined, "function f() {}"),
      shows(undefined, "class C {}"),
      shows("5", "5; function g() {}"),
    ],
  },
  {
    title: "empty, blank, comments only",
    cells: [
      shows(undefined, ""),
      shows(
        undefined,
        `   
`,
      ),
      shows(undefined, "// hi"),
      shows(undefined, "/* a */ // b"),
      shows("1", "1 // trailing"),
    ],
  },
  {
    title: '"use strict"',
    cells: [
      shows("5", '"use strict"; 5'),
      refused(2683, "(function () { return this === undefined }).call(undefined)", "1:23"),
    ],
  },
  {
    title: "strict mode at run time, unchecked",
    cells: [
      shows("true", "(function () { return this === undefined })()", { unchecked: true }),
      throws("ReferenceError", "undeclared1 = 4", { unchecked: true }),
    ],
  },
  { title: "top-level this", cells: [shows("'object'", "typeof this")] },
  {
    title: "shadow globals: name, process, fetch",
    cells: [
      fine('const name = "n"'),
      shows("'n'", "name"),
      shows("1", "let process = { mine: 1 }; process.mine"),
      shows("1", "process.mine"),
      shows("5", 'const fetch = async (u: string) => 5; await fetch("x")'),
      shows("'k'", 'function setTimeout(a: string) { return a } setTimeout("k")'),
      shows("'z'", 'setTimeout("z")'),
      shows("'object'", "typeof globalThis.setTimeout(() => {}, 0)"),
    ],
  },
  { title: "shadow undefined", cells: [throws("SyntaxError", "const undefined = 1")] },
  {
    title: "odd names",
    cells: [
      fine(
        "const __proto__ = 4; let async = 1; const of = [5]; let type = 2; const as = 3; let get = 6, from = 7, satisfies = 8, constructor = 9, toString = 10, hasOwnProperty = 1",
      ),
      shows(
        "'4,2,5,5,3,6,7,8,9,10'",
        "type = 5; async++; let last = 0; for (const x of of) last = x; [__proto__, async, last, type, as, get, from, satisfies, constructor, toString].join()",
      ),
    ],
  },
  {
    title: "unicode names",
    cells: [fine("const größe = 3; let 数 = 4; const \\u0061b = 5"), shows("13", "数 = 5; größe + 数 + ab")],
  },
  {
    title: "globalThis.x = 1",
    cells: [
      shows("0", "(globalThis as any).gx = 1; 0"),
      refused(2304, "gx"),
      shows("1", "globalThis.gy = 1"),
    ],
  },
  {
    title: "declare global",
    cells: [
      shows(
        "4",
        `declare global { var gz: number }
globalThis.gz = 4`,
      ),
      shows("8", "gz + globalThis.gz"),
      shows("5", "gz = 5; gz"),
      fine("const other = 1"),
      shows("5", "gz"),
    ],
  },
  {
    title: "declare global, cell run again",
    cells: [
      fine("declare global { var ga: number }", { id: "g" }),
      fine("const k = 1"),
      shows(
        "'s'",
        `declare global { var ga: string }
globalThis.ga = "s"`,
        { id: "g" },
      ),
      shows("1", "ga.length"),
    ],
  },
  {
    title: "declare global interface",
    cells: [
      fine(`declare global { interface Array<T> { last(): T } }
Array.prototype.last = function () { return this[this.length - 1] }`),
      shows("2", "[1, 2].last()"),
    ],
  },
  {
    title: "module augmentation",
    cells: [
      shows(undefined, 'declare module "node:net" { interface Socket { tag: string } }'),
      fine('import { Socket } from "node:net"'),
      shows("'t'", 'const s = new Socket(); s.tag = "t"; s.tag'),
    ],
  },
  {
    title: "unused label, unreachable code",
    cells: [
      shows("1", "foo: 1"),
      shows("1", "function u() { return 1; return 2 } u()"),
      shows(undefined, "for (;;) { break; }"),
      throws("1", "throw 1; 2"),
    ],
  },
  {
    title: "unused names",
    cells: [
      shows("3", 'import { join } from "node:path"; const unused = 1; function f(a: number) { let q; } 3'),
    ],
  },
  {
    title: "ts-expect-error, ts-ignore, ts-nocheck",
    cells: [
      shows(
        "'a'",
        `// @ts-expect-error
const x: number = "a"; x`,
      ),
      shows(
        undefined,
        `// @ts-ignore
x.foo`,
      ),
      shows(
        "'b'",
        `// @ts-nocheck
const y: number = "b"; y`,
      ),
      shows("'b1'", "y + 1"),
      refused(
        2578,
        `// @ts-expect-error
const ok = 1`,
      ),
    ],
  },
  {
    title: "first line, column",
    cells: [
      refused(2322, 'const x: number = "a"', "1:7"),
      refused(
        2304,
        `
  foo`,
        "2:3",
      ),
    ],
  },
  {
    title: "CRLF",
    cells: [
      refused(2322, 'const a = 1\r\nconst b: number = ""\r\n', "2:7"),
      shows("'a\\nb'", "const s = `a\r\nb`\r\ns"),
    ],
  },
  {
    title: "property names equal to earlier names",
    cells: [
      fine('let v = 1; const id = "s"'),
      shows("9", 'const o = { v: "text", id: 5, m: { v: 3 } }; o.v.length + o.id'),
      shows("'a'", 'class P { v = "a"; id() { return this.v } } new P().id()'),
      shows("'text'", "const { v: w } = o; w"),
      shows("{ v: 1 }", "({ v })"),
    ],
  },
  {
    title: "locals and parameters equal to earlier names",
    cells: [
      fine("let x = 1; type T = string"),
      shows("'a'", 'function f<T>(x: T) { return x } f("a")'),
      shows("2", '{ let x = "in"; x.length }'),
      shows("1", "x"),
    ],
  },
  {
    title: "implicit any let",
    cells: [
      shows("5", "let q; q = 5"),
      shows("5", "q"),
      shows("[ 1 ]", "let arr = []; arr.push(1); arr"),
      shows("1", "arr.length"),
    ],
  },
  {
    title: "let narrowed by assignment",
    cells: [
      fine('let m: string | undefined = "a"'),
      refused(18048, "m.length"),
      shows("1", "if (m) m.length"),
    ],
  },
  {
    title: "unique symbol, enum literal, tuple kept",
    cells: [
      fine('const sy = Symbol("k"); const tu = [1, "a"] as const'),
      shows("2", "const o: { [sy]: number } = { [sy]: 1 }; o[sy] + tu[0]"),
    ],
  },
  {
    title: "type guards and assertion functions",
    cells: [
      fine(
        'function isS(x: unknown): x is string { return typeof x === "string" } function ass(x: unknown): asserts x is number {}',
      ),
      shows("'5.0'", "const z: unknown = 5; ass(z); z.toFixed(1)"),
    ],
  },
  {
    title: "const assertion function as arrow",
    cells: [
      fine("const ass: (x: unknown) => asserts x = x => {}"),
      shows("'5'", "let n: number | null = 5 as number | null; ass(n); n.toFixed()"),
    ],
  },
  {
    title: "nested var keeps completion values",
    cells: [
      shows("7", "if (true) { 7; var nv = 4 }"),
      shows("5", "for (var k = 0; k < 3; k++) { var m = k } m! + k"),
      shows("4", 'let m = ""; k = 4; k'),
      shows("3", "var { da, db = 2 } = { da: 1 } as { da: number, db?: number }; da + db"),
    ],
  },
  {
    title: "JSX",
    cells: [
      fine(
        "const React = { createElement: (t: string, p: any, ...c: any[]) => [t, c] }; declare global { namespace JSX { interface IntrinsicElements { b: {} } interface Element extends Array<any> {} } }",
      ),
      shows("[ 'b', [ 'hi' ] ]", "<b>hi</b>"),
    ],
  },
  {
    title: "class in a type position before redeclare",
    cells: [
      fine("class N { v = 1 } const n = new N()"),
      fine("class N { w = 2 }"),
      refused(2741, "const k: N = n"),
    ],
  },
  {
    title: "class extends an earlier version of itself",
    cells: [
      fine("class C { a = 1 }"),
      fine("class C2 extends C { b = 2 }"),
      fine("class C { z = 3 }"),
      shows("1", "new C2().a"),
    ],
  },
  {
    title: "use of an earlier value to redeclare it",
    cells: [fine("let x = 1"), shows("2", "let x2 = x; x = x2 + 1"), refused(2448, "const x = String(x)")],
  },
  {
    title: "error inside a function of an earlier cell",
    cells: [
      fine(`function boom(): never {
  throw new Error("deep")
}`),
      throws("deep", "boom()"),
    ],
  },
  {
    title: "never-returning call ends flow",
    cells: [
      fine('function boom(): never { throw new Error("d") }'),
      shows("1", "function g(): number { boom() } 1"),
    ],
  },
  {
    title: "block-scoped function, sloppy only",
    cells: [refused(2304, "{ function inner() { return 1 } } typeof inner")],
  },
  {
    title: "error in an arrow with types over lines",
    cells: [
      shows(
        "2",
        `const g = (a: number): {
  k: number
} => ({ k: a })
g(2).k`,
      ),
      shows(
        "3",
        `const h = async <T,>(x: T): Promise<
T> => x
await h(3)`,
      ),
    ],
  },
  {
    title: "type of a failed check does not leak",
    cells: [
      refused(
        2741,
        `interface Z { a: 1 }
const z: Z = {}`,
      ),
      refused(2304, "let q: Z"),
    ],
  },
  {
    title: "let of a class instance, generic, reassigned",
    cells: [
      fine(`class St<T> { items: T[] = []; push(x: T) { this.items.push(x); return this } }
let st = new St<number>()`),
      shows("[ 4 ]", "st = st.push(4); st.items"),
      refused(2345, 'st.push("a")'),
      refused(2322, "st = new St<string>()"),
    ],
  },
  {
    title: "a server across cells",
    cells: [
      fine(`import * as net from "node:net"
let hits = 0
const server = net.createServer(s => { hits++; s.end("hi") })
await new Promise<void>(ok => server.listen(0, ok))`),
      shows(
        "'hi1'",
        `const { port } = server.address() as net.AddressInfo
let got = ""
for await (const d of net.connect(port).setEncoding("utf8")) got += d
got + hits`,
      ),
      shows("1", "server.close(); hits"),
    ],
  },
  { title: "very long cell (5,000 lines)", cells: [shows("4999", longCell), shows("2500", "l2500")] },
];

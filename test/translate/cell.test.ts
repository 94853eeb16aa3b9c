// What cells mean: each row is a notebook, and what its last cell gives, as a student would see it.
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { openNotebook } from "./notebook.js";

/** Title, the cells, and the value of the last one as text; or the error, where it begins with `!`. */
type Row = [title: string, cells: string[], shown: string];

const modules = {
  lib: { default: "the default", one: 1, "odd name": 2, Type: undefined },
  live: { count: 0, grow() {} },
};
modules.live.grow = () => {
  modules.live.count++;
};

function table(rows: Row[]): void {
  test.each(rows)("%s", async (_title, cells, shown) => {
    const notebook = openNotebook({ modules });
    for (const cell of cells.slice(0, -1)) await notebook.value(cell);
    const { value, error } = await notebook.cell(cells.at(-1) ?? "");
    expect(error ? `!${error}` : inspect(value)).toBe(shown);
  });
}

describe("the value of a cell", () => {
  table([
    ["is that of its last expression", ["1; 2"], "2"],
    ["survives declarations behind it", ["1\nlet a = 2"], "1"],
    ["survives nested vars behind it", ["1\n{ var a = 2 }"], "1"],
    [
      "is nothing for declarations alone",
      ["const a = 1; function f() {} class C {} interface I {} enum E { A }"],
      "undefined",
    ],
    ["is nothing for an empty cell", [""], "undefined"],
    ["is nothing for comments alone", ["// nothing\n/* here */"], "undefined"],
    ["is nothing for types alone", ["interface I { a: 1 }\ntype T = I"], "undefined"],
    ["comes out of statements", ["if (true) { 3 } else { 4 }"], "3"],
    ["comes out of loops", ["for (const x of [1, 2]) x * 10"], "20"],
    ["comes out of try", ["try { null!.x } catch { 'caught' }"], "'caught'"],
    ["may be a promise, which is not awaited", ["Promise.resolve(1)"], "Promise { 1 }"],
    ["of an awaited promise is what it gives", ["await Promise.resolve(1)"], "1"],
    ["is an object, where an object literal stands alone", ["{a: 1, 'b': [2]}"], "{ a: 1, b: [ 2 ] }"],
    [
      "is an object for a literal with types in it",
      ["{ a: 1 as number, f<T>(x: T): T { return x } }"],
      "{ a: 1, f: [Function: f] }",
    ],
    ["is an empty object for {}", ["{}"], "{}"],
    ["is an object below a comment", ["// here\n{ a: 1 } // there\n"], "{ a: 1 }"],
    ["is the short form's object", ["const k = 1", "{ k }"], "{ k: 1 }"],
    ["is an object over several lines", ["{\n  a: 1,\n  b: await Promise.resolve(2),\n}"], "{ a: 1, b: 2 }"],
    ["is that of a block, where a semicolon follows", ["{ a: 1 };"], "1"],
    ["is that of a block, where it holds statements", ["{ const a = 1; a + 1 }"], "2"],
    ["is the default export", ["export default 6 * 7"], "42"],
    ["is not what a declaration is given", ["7\nlet a = 1; const { b } = { b: 2 }; class C { c = 3 }"], "7"],
    [
      "is not what an import gives",
      ["import * as lib from 'node:os'\nimport { EOL } from 'node:os'"],
      "undefined",
    ],
    ["is no directive", ['"use strict"; function f() {}'], "'use strict'"],
    ["keeps a template's line breaks", ["`a\nb`"], "'a\\nb'"],
  ]);
});

describe("types", () => {
  table([
    [
      "are erased from variables, parameters and results",
      [
        "const f = (a: number, b?: string, ...c: boolean[]): string | undefined => b\nlet x: string = f(1, 'b')!\nx",
      ],
      "'b'",
    ],
    [
      "are erased from generics",
      ["function id<const T extends object = {}>(x: T): T { return x }\nid<{ a: number }>({ a: 1 })"],
      "{ a: 1 }",
    ],
    [
      "are erased from as, satisfies, <T>x and !",
      ["const a = <number>(1 as unknown satisfies unknown)\na! + 1"],
      "2",
    ],
    [
      "leave a next line alone that begins with a bracket",
      ["const a = 1\nlet b\na as number\n;[b] = [2]\nb"],
      "2",
    ],
    ["end a line that ends with a type", ["let x = 1\nx as any\n(2)"], "2"],
    [
      "are erased from arrows over several lines",
      ["const f = (a: number): {\n  b: number\n} => ({ b: a })\nf(1)"],
      "{ b: 1 }",
    ],
    [
      "over several lines leave what follows in its place",
      ["const f = (a: number): {\n  b: number\n} => ({ b: a })\nconst g = await f(1)\ng"],
      "{ b: 1 }",
    ],
    [
      "may be overloads",
      [
        "function f(a: string): 1\nfunction f(a: number): 2\nfunction f(a: any) { return typeof a }\nf(1 as never)",
      ],
      "'number'",
    ],
    [
      "may be a `this` parameter",
      ["function f(this: { a: number }, b: number) { return this.a + b }\nf.call({ a: 1 }, 2)"],
      "3",
    ],
    [
      "may be a lone `this` parameter",
      ["function f(this: { a: number }) { return this.a }\nf.call({ a: 1 })"],
      "1",
    ],
    [
      "may be abstract classes",
      [
        "abstract class A { abstract x: number; abstract f(): void; protected abstract get g(): 1; h() { return 3 } }\nclass B extends A { x = 1; f() {}; get g() { return 1 as const } }\nnew B().h()",
      ],
      "3",
    ],
    [
      "may be modifiers",
      [
        "class A { private readonly a: number = 1; static override?: string; declare d: 4; public e!: 5; protected async *f() {} }\nObject.keys(new A())",
      ],
      "[ 'a', 'e' ]",
    ],
    [
      "leave members alone whose names are modifiers",
      [
        "class A { readonly = 1; static abstract = 2; declare() { return 3 }; override?: 4 }\n[new A().readonly, A.abstract, new A().declare()]",
      ],
      "[ 1, 2, 3 ]",
    ],
    [
      "may be index signatures and implements",
      [
        "interface I { a: 1 }\nclass A<T> extends Array<T> implements I, Iterable<T> { [key: string]: any; a = 1 as const }\nnew A<number>().a",
      ],
      "1",
    ],
    [
      "may be type predicates and assertions",
      [
        "function is(x: unknown): x is string { return typeof x === 'string' }\nfunction must(x: unknown): asserts x is string {}\nis('')",
      ],
      "true",
    ],
    [
      "may be optional methods",
      [
        "class A { a?(): void; b?: () => void; [Symbol.iterator]?() { return [][Symbol.iterator]() } }\n[...new A() as any]",
      ],
      "[]",
    ],
    [
      "may be declared only",
      [
        "declare const nowhere: number; declare function f(): void; declare class C {} declare module 'm' { const x: 1 } declare global { var g: 1 }\ntypeof nowhere",
      ],
      "'undefined'",
    ],
    ["may be arrows with type parameters", ["(<T,>(x: T) => x)(1)"], "1"],
    ["may be instantiations", ["const M = Map<string, number>\nnew M([['a', 1]]).size"], "1"],
    ["may follow a catch", ["try { throw 1 } catch (e: unknown) { e }"], "1"],
    ["may be a definite assignment", ["let x!: number\nx = 1\nx"], "1"],
    [
      "may be template types and keyof",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the cell's own
      ["type K = keyof typeof o; const o = { a: 1 } as const; type S = `x${K}`\nconst s: S = 'xa'\ns"],
      "'xa'",
    ],
    ["may be imported without a word", ["import { Type, one } from 'lib'\nlet x: Type\none"], "1"],
  ]);
});

describe("what only a compiler can do", () => {
  table([
    [
      "enums",
      ["enum Color { Red, Green = 5, Blue }", "[Color.Red, Color.Blue, Color[5]]"],
      "[ 0, 6, 'Green' ]",
    ],
    ["enums of strings", ["enum S { A = 'a', B = 'b' }", "S"], "{ A: 'a', B: 'b' }"],
    ["constant enums", ["const enum E { A = 1 << 3 }", "E.A"], "8"],
    ["exported enums", ["export enum E { A }", "E.A"], "0"],
    ["a declared enum, which is nothing at run time", ["declare enum E { A }\ntypeof E"], "'undefined'"],
    [
      "an enum that runs again with fewer members",
      ["enum E { A, B }", "enum E { A }", "E"],
      "{ '0': 'A', A: 0 }",
    ],
    [
      "an enum merged within a cell",
      ["enum E { A }\nenum E { B = 1 }\nE"],
      "{ '0': 'A', '1': 'B', A: 0, B: 1 }",
    ],
    [
      "a merged enum that runs again with fewer members",
      ["enum E { A }\nenum E { B = 1 }", "enum E { A }\nenum E { C = 2 }\nE"],
      "{ '0': 'A', '2': 'C', A: 0, C: 2 }",
    ],
    [
      "an exported enum that runs again with fewer members",
      ["export enum E { A, B }", "export enum E { A }\nE"],
      "{ '0': 'A', A: 0 }",
    ],
    ["an enum after a constant of that name", ["const E = 1", "enum E { A }\nE.A"], "0"],
    ["a constant after an enum of that name", ["enum E { A }", "const E = 1\nE"], "1"],
    ["enums that use each other", ["enum A { X = 2 }\nenum B { Y = A.X * 2 }\nB.Y"], "4"],
    ["an enum in a function", ["function f() { enum E { A = 7 } return E.A }\nf()"], "7"],
    [
      "namespaces",
      [
        "namespace N { export const a = 1; export namespace M { export function f() { return a + 1 } } }",
        "N.M.f()",
      ],
      "2",
    ],
    ["dotted namespaces", ["namespace N.M { export const a = 1 }", "N.M.a"], "1"],
    [
      "namespaces merged within a cell",
      ["namespace N { export const a = 1 }\nnamespace N { export const b = a + 1 }\nN"],
      "{ a: 1, b: 2 }",
    ],
    [
      "a namespace that runs again with fewer members",
      ["namespace N { export const a = 1; export const b = 2 }", "namespace N { export const a = 3 }\nN"],
      "{ a: 3 }",
    ],
    [
      "a class merged with a namespace",
      ["class C { f() { return C.a } }\nnamespace C { export const a = 1 }\nnew C().f()"],
      "1",
    ],
    [
      "a function merged with a namespace",
      ["function f() { return f.a }\nnamespace f { export const a = 1 }\nf()"],
      "1",
    ],
    [
      "namespaces of types only, which are nothing at run time",
      ["namespace N { export interface I { a: 1 } }\ntypeof N"],
      "'undefined'",
    ],
    [
      "aliases into a namespace",
      ["namespace N { export const a = { b: 1 } }\nimport b = N.a\nb"],
      "{ b: 1 }",
    ],
    [
      "parameter properties",
      [
        "class P { constructor(public a: number, private readonly b = 2) {} sum() { return this.a + this.b } }",
        "new P(1)",
      ],
      "P { a: 1, b: 2 }",
    ],
    [
      "parameter properties of a derived class",
      [
        "class A { constructor(public a: number) {} }\nclass B extends A { c = this.a + 1; constructor(public b: number) { super(b * 2) } }\nnew B(1)",
      ],
      "B { a: 2, b: 1, c: 3 }",
    ],
    [
      "decorators of classes and members",
      [
        "const log: string[] = []\nfunction on(value: any, context: DecoratorContext) { log.push(context.kind + ' ' + String(context.name)) }\n@on class A { @on m() {} @on f = 1; @on static s() {} @on get g() { return 1 } }",
        "log.toSorted()",
      ],
      "[ 'class A', 'field f', 'getter g', 'method m', 'method s' ]",
    ],
    [
      "a decorator that replaces a method",
      [
        "function twice(f: (n: number) => number) { return function (this: any, n: number) { return 2 * f.call(this, n) } }\nclass A { @twice inc(n: number) { return n + 1 } }\nnew A().inc(1)",
      ],
      "4",
    ],
    [
      "a decorated class used by a later cell while another cell decorates",
      [
        "function add(n: number) { return (_: any, c: any) => function (this: any, v: number) { return v + n } }\nclass A { @add(1) x = 1; @add(10) m = 0; accessor y = 'a' }",
        "class B { @add(100) x = 1; @add(1000) m = 0; accessor y = 'b'; @add(5) z = 0 }",
        "[new A(), new B(), new A()].map((it) => [it.x, it.m, it.y, (it as any).z])",
      ],
      "[\n  [ 2, 10, 'a', undefined ],\n  [ 101, 1000, 'b', 5 ],\n  [ 2, 10, 'a', undefined ]\n]",
    ],
    [
      "a decorated class that refers to itself after the next one was decorated",
      [
        "const keep = (c: any) => c\n@keep class A { static make() { return new A() } name = 'A' }",
        "@keep class B { static make() { return new B() } name = 'B' }",
        "[A.make().name, B.make().name, A.name, B.name]",
      ],
      "[ 'A', 'B', 'A', 'B' ]",
    ],
    [
      "decorator metadata of methods with addInitializer",
      [
        "function bound(f: any, c: ClassMethodDecoratorContext) { c.addInitializer(function (this: any) { this[c.name] = this[c.name].bind(this) }) }\nclass A { n = 1; @bound get1() { return this.n } }",
        "class B { n = 2; @bound get1() { return this.n } }",
        "const { get1 } = new A(), { get1: get2 } = new B();\n[get1(), get2()]",
      ],
      "[ 1, 2 ]",
    ],
    [
      "accessor",
      [
        "class A { accessor x = 1; static accessor y = 2 }\nconst a = new A(); a.x++; A.y++;\n[a.x, A.y, Object.keys(a)]",
      ],
      "[ 2, 3, [] ]",
    ],
    [
      "private members beside a decorator",
      [
        "const on = (v: any) => v\nclass A { #p = 1; @on get() { return this.#p } static #s = 2; static has(x: object) { return #p in x } }",
        "const on = (v: any) => v\nclass B { #p = 3; @on get() { return this.#p } }",
        "[new A().get(), A.has(new A()), A.has(new B()), new B().get()]",
      ],
      "[ 1, true, false, 3 ]",
    ],
    [
      "decorators beside enums and parameter properties",
      [
        "const on = (v: any) => v\nenum E { A = 4 }\nclass C { constructor(readonly e = E.A) {} @on m() { return this.e } }\nnew C().m()",
      ],
      "4",
    ],
    [
      "using in a block beside a decorator",
      [
        "const log: string[] = []\nconst on = (v: any) => v\nclass C { @on m() {} }\n{ using r = { [Symbol.dispose]() { log.push('closed') } }; log.push('open') }\nlog",
      ],
      "[ 'open', 'closed' ]",
    ],
    [
      "awaits beside a decorator",
      [
        "const on = (v: any) => v\nclass C { @on m() { return 1 } }\nconst v = await Promise.resolve(new C().m())\nv",
      ],
      "1",
    ],
    [
      "names of a decorated cell, which are the student's only",
      [
        "const on = (v: any) => v\n@on class C { @on m() {} accessor x = 1 }",
        "Object.getOwnPropertyNames(globalThis).filter((name) => /^_/.test(name) && name !== '__wirebook')",
      ],
      "[]",
    ],
    [
      "JSX",
      [
        "const React = { createElement: (type: any, props: any, ...children: any[]) => ({ type, props, children }), Fragment: 'fragment' }",
        "const name = 'x'\n;<p id={name} {...{ a: 1 }}>hi {name}<br/></p>",
      ],
      "{\n  type: 'p',\n  props: { id: 'x', a: 1 },\n  children: [ 'hi ', 'x', { type: 'br', props: null, children: [] } ]\n}",
    ],
    [
      "JSX components and fragments",
      [
        "const React = { createElement: (type: any, props: any, ...children: any[]) => typeof type === 'function' ? type({ ...props, children }) : [type, ...children], Fragment: '' }\nfunction Bold({ children }: { children?: any }) { return ['b', ...children] }\nconst it = <><Bold>x</Bold></>\nit",
      ],
      "[ '', [ 'b', 'x' ] ]",
    ],
    [
      "JSX beside types",
      [
        "const React = { createElement: (type: string) => type }\nconst f = <T,>(x: T): T => x\nenum E { A }\nf<any>(<p/>)",
      ],
      "'p'",
    ],
  ]);
});

describe("declarations", () => {
  table([
    [
      "by patterns",
      [
        "const { a, b: { c = 3, ...d }, ...e } = { a: 1, b: { x: 2 }, f: 4 } as any, [g, , h = 5, ...i] = [6, 7]",
        "[a, c, d, e, g, h, i]",
      ],
      "[ 1, 3, { x: 2 }, { f: 4 }, 6, 5, [] ]",
    ],
    [
      "assigned by patterns to an earlier cell's names",
      ["let a = 1, b = 2", "[a, b] = [b, a];\n({ a } = { a: a * 10 })", "[a, b]"],
      "[ 20, 1 ]",
    ],
    ["of `let` without a value begin anew", ["let x = 1", "let x\nx"], "undefined"],
    ["of `var` without a value keep what there was", ["var x = 1", "var x\nx"], "1"],
    ["of `var` without a value among others keep what there was", ["var x = 1", "var y = 2, x\nx"], "1"],
    ["of `var` in a block reach later cells", ["if (true) { var x = 1 }", "x"], "1"],
    ["of `var` in a block that does not run are undefined", ["if (false) { var x = 1 }", "x"], "undefined"],
    [
      "of `var` by patterns in a block reach later cells",
      ["{ var { a, b: [c] } = { a: 1, b: [2] } }", "[a, c]"],
      "[ 1, 2 ]",
    ],
    ["of `var` twice in a cell keep the later value", ["var x = 1; var x = x + 1\nx"], "2"],
    ["of `var` twice in a cell, the second without a value", ["var x = 1; var x\nx"], "1"],
    ["of `var` in a for head reach later cells", ["for (var i = 0; i < 3; i++);", "i"], "3"],
    ["of several `var` in a for head", ["for (var i = 0, n = 3; i < n; i++);", "[i, n]"], "[ 3, 3 ]"],
    ["of `var` in a for head without values", ["for (var i, n; !n; n = 1);\n[i, n]"], "[ undefined, 1 ]"],
    [
      "of `var` in for-of and for-in reach later cells",
      ["for (var x of [1, 2]); for (var k in { a: 1 });", "[x, k]"],
      "[ 2, 'a' ]",
    ],
    [
      "of `var` by patterns in for-of reach later cells",
      ["for (var { a } of [{ a: 1 }]); for (var [b, c = 3] of [[2]]);", "[a, b, c]"],
      "[ 1, 2, 3 ]",
    ],
    [
      "of `var` by patterns in a for head",
      ["for (var { a } = { a: 1 }, [b] = [2]; false;);", "[a, b]"],
      "[ 1, 2 ]",
    ],
    [
      "of `var` in a labelled statement, switch and try",
      [
        "l: for (;;) { switch (1) { case 1: var a = 1; break l } }\ntry { throw 2 } catch (e) { var b = e as number } finally { var c = 3 }",
        "[a, b, c]",
      ],
      "[ 1, 2, 3 ]",
    ],
    [
      "of `var` as a body without a block",
      ["if (true) var a = 1; else var b = 2\nfor (const x of [3]) var c = x", "[a, b, c]"],
      "[ 1, undefined, 3 ]",
    ],
    ["of `var` in a function stay there", ["const x = 1; (() => { var x = 2 })()\nx"], "1"],
    ["of functions are there above themselves", ["const a = f()\nfunction f() { return 1 }\na"], "1"],
    [
      "of functions call each other",
      [
        "function even(n: number): boolean { return n === 0 || odd(n - 1) }\nfunction odd(n: number): boolean { return n !== 0 && even(n - 1) }\neven(10)",
      ],
      "true",
    ],
    [
      "of functions call each other across cells",
      [
        "function even(n: number): boolean { return n === 0 || odd(n - 1) }",
        "function odd(n: number): boolean { return n !== 0 && even(n - 1) }",
        "even(10)",
      ],
      "true",
    ],
    [
      "of functions keep their names",
      [
        "function f() {} async function g() {} function* h() {} export default function k() {}\n[f.name, g.name, h.name, k.name]",
      ],
      "[ 'f', 'g', 'h', 'k' ]",
    ],
    [
      "of functions twice in a cell take the later",
      ["var f = 0 as any\nfunction g() { return 1 }\nf = g()\nf"],
      "1",
    ],
    [
      "of recursive functions call the newest of their name",
      [
        "function f(n: number): string { return n ? f(n - 1) : 'old' }\nconst old = f",
        "function f(n: number): string { return 'new' }\nold(1)",
      ],
      "'new'",
    ],
    [
      "of functions see a constant of the cell only when it is there",
      ["function f() { return c }\nconst before = f(); const c = 1;\n[before, f()]"],
      "[ undefined, 1 ]",
    ],
    [
      "of async functions and generators",
      [
        "async function f() { return 1 }\nfunction* g() { yield 2 }\nasync function* h() { yield 3 }",
        "const out = [await f(), ...g()]; for await (const x of h()) out.push(x)\nout",
      ],
      "[ 1, 2, 3 ]",
    ],
    [
      "hide globals in cells only",
      [
        "let process = 1; const fetch = 2; function setTimeout() { return 3 }",
        "[process, fetch, setTimeout(), typeof globalThis.setTimeout.call]",
      ],
      "[ 1, 2, 3, 'function' ]",
    ],
    [
      "with odd names",
      [
        "const $ = 1, _ = 2, äöü = 3, \\u0061b = 4, async = 5, of = 6, type = 7, get = 8, toString = 9, constructor = 10, __proto__ = 11",
        "[$, _, äöü, ab, async, of, type, get, toString, constructor, __proto__]",
      ],
      "[\n   1, 2, 3, 4,  5,\n   6, 7, 8, 9, 10,\n  11\n]",
    ],
    [
      "of classes may use themselves",
      [
        "class C { static one = new C(); static two = C.one; f() { return C } }\nC.one === C.two && new C().f() === C",
      ],
      "true",
    ],
    [
      "of classes keep private and static parts",
      [
        "class C { #a = 1; static #n = 0; static { C.#n = 5; var x = 1 } get a() { return this.#a + C.#n } }\nnew C().a",
      ],
      "6",
    ],
  ]);
});

describe("what a declaration names", () => {
  table([
    [
      "is named as the language has it",
      [
        "const f = () => {}, g = class {}; let h = function () {}; const { i = () => {} } = {} as any; class C { static who = C.name }\n[f.name, g.name, h.name, i.name, C.who]",
      ],
      "[ 'f', 'g', 'h', 'i', 'C' ]",
    ],
    [
      "is its class to itself, whatever the name means later",
      [
        "class C { static one = 1; make() { return C.one } }\nconst c = new C()",
        "class C { static one = 2 }",
        "c.make()",
      ],
      "1",
    ],
    ["hides no global where it is only said to exist", ["declare class Map {}\ntypeof Map"], "'function'"],
    [
      "may be the pattern of a pattern",
      ["const [{ a: [b] }, ...c] = [{ a: [1] }, 2, 3] as any", "[b, c]"],
      "[ 1, [ 2, 3 ] ]",
    ],
    [
      "keeps its old value where the new one fails",
      ["let x = 1", "try { null! } finally { }\nlet y = x", "y"],
      "1",
    ],
  ]);
});

describe("constants", () => {
  const no = "!TypeError: Assignment to constant variable.";
  table([
    ["refuse assignment in their cell", ["const a = 1; a = 2"], no],
    ["refuse ++", ["const a = 1; a++"], no],
    ["refuse compound assignment", ["const a = 1; a += 2"], no],
    ["refuse logical assignment that would assign", ["const a = 0; a ||= 2"], no],
    ["refuse patterns", ["const a = 1; [a] = [2]"], no],
    ["refuse short patterns", ["const a = 1; ({ a } = { a: 2 })"], no],
    ["refuse short patterns with a default", ["const a = 1; ({ a = 3 } = {})"], no],
    ["refuse rest patterns", ["const a = 1; [...a] = [2]"], no],
    ["refuse loops", ["const a = 1; for (a of [2]);"], no],
    ["refuse functions of their cell", ["const a = 1; function f() { a = 2 }\nf()"], no],
    ["refuse functions when a later cell calls them", ["const a = 1; function f() { a = 2 }", "f()"], no],
    ["refuse assignment to imports", ["import { one } from 'lib'; one = 2"], no],
    [
      "evaluate the right side first",
      ["let seen = 0; const a = 1\ntry { a = (seen = 1) } catch {}\nseen"],
      "1",
    ],
    ["keep their value", ["const a = 1; try { a = 2 } catch {}\na"], "1"],
    [
      "let a caught assignment go on",
      ["const a = 1; try { a++ } catch (e) { (e as Error).message }"],
      "'Assignment to constant variable.'",
    ],
    [
      "are others in an inner scope",
      [
        "const a = 1; { let a = 2; a = 3 } ((a: number) => { a = 4 })(0); for (let a = 0; a < 1; a++); try { throw 1 } catch (a) { a = 5 } (function a() { var b = 1; b = 2 })()\na",
      ],
      "1",
    ],
    [
      "are others in an inner function with a var",
      ["const a = 1; function f() { a = 2; var a: number; return a }\nf()"],
      "2",
    ],
    ["are others as properties", ["const a = { a: 1 }; a.a = 2; a['a']++\na"], "{ a: 3 }"],
    ["may be declared by a later cell and assigned there", ["const a = 1", "let a = 2; a = 3\na"], "3"],
  ]);
  test("are not changed by a short-circuited assignment", async () => {
    expect(await openNotebook().value("const a = 1; a ||= 2\na")).toBe(1);
  });
});

describe("top-level await", () => {
  table([
    ["in expressions", ["(await Promise.resolve(1)) + await 2"], "3"],
    [
      "without parentheses in calls, templates and members",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the cell's own
      ["[await 1, `${await 2}`, (await Promise.resolve({ a: 3 })).a, { a: await 4 }]"],
      "[ 1, '2', 3, { a: 4 } ]",
    ],
    ["within an await", ["await (await Promise.resolve(async () => 1))()"], "1"],
    ["of comma and conditional expressions", ["await (0, 5), await (true ? 6 : 7)"], "6"],
    [
      "of an object and of an arrow",
      ["const o = await { a: 1 }; const f = await (() => 2);\n[o, f()]"],
      "[ { a: 1 }, 2 ]",
    ],
    [
      "in if, for, while, switch and try",
      [
        "let n = 0\nif (await true) n++\nfor (let i = await 0; i < await 2; i += await 1) n++\nwhile (await (n < 5)) n++\nswitch (await 1) { case await 1: n++ }\ntry { await Promise.reject(1) } catch { n++ } finally { n += await 1 }\nn",
      ],
      "8",
    ],
    [
      "in defaults and patterns",
      ["const { a = await 1, [await 'b']: c } = { b: 2 } as any;\n[a, c]"],
      "[ 1, 2 ]",
    ],
    ["in class heads", ["class A extends (await Promise.resolve(Map)) {}\nnew A().size"], "0"],
    [
      "in for await",
      [
        "async function* g() { yield 1; yield 2 }\nconst out: number[] = []\nfor await (const x of g()) out.push(x)\nout",
      ],
      "[ 1, 2 ]",
    ],
    [
      "in for await over promises",
      ["const out: number[] = []\nfor await (const x of [Promise.resolve(1), 2]) out.push(x)\nout"],
      "[ 1, 2 ]",
    ],
    [
      "in for await with var and patterns",
      ["for await (var { a } of [Promise.resolve({ a: 1 })]);", "a"],
      "1",
    ],
    [
      "in for await that ends early closes its source",
      [
        "let closed = false\nasync function* g() { try { yield 1; yield 2 } finally { closed = true } }\nfor await (const x of g()) break\nclosed",
      ],
      "true",
    ],
    [
      "in for await within a labelled loop",
      [
        "let n = 0\nouter: for (;;) { for await (const x of [1, 2]) { n += x; if (x === 2) break outer } }\nn",
      ],
      "3",
    ],
    [
      "in functions is their own",
      [
        "const f = async () => await 1; async function* g() { yield await 2; for await (const x of [3]) yield x }\nconst out = [await f()]; for await (const x of g()) out.push(x)\nout",
      ],
      "[ 1, 2, 3 ]",
    ],
    ["in using", ["await using r = { a: 1, async [Symbol.asyncDispose]() {} }", "r.a"], "1"],
    [
      "of what using holds",
      [
        "const f = async () => ({ a: 1, async [Symbol.asyncDispose]() {} })",
        "await using r = await f()",
        "r.a",
      ],
      "1",
    ],
    [
      "of what using holds, among others",
      ["using r = await null, s = await { b: 2, [Symbol.dispose]() {} };\n[r, s.b]"],
      "[ null, 2 ]",
    ],
    ["in a block's `var`", ["if (true) { var x = await Promise.resolve(1) }", "x"], "1"],
    [
      "in a block's `var` that is a pattern",
      ["{ var { a } = await { a: 1 }, [b] = [await 2] }", "[a, b]"],
      "[ 1, 2 ]",
    ],
    ["in a `var` twice in a cell", ["var x = await 1; var x = await 2\nx"], "2"],
    ["in a for head's `var`", ["for (var i = await 1, n = await 2; i < n; i++);\n[i, n]"], "[ 2, 2 ]"],
    ["in a loop over a `var`", ["let n = 0\nfor (var i of [1, 2]) n += await i", "[i, n]"], "[ 2, 3 ]"],
    ["in a loop over a `var`, alone", ["for (var i of [1, 2]) await i"], "2"],
    ["in a default export", ["export default await 42"], "42"],
    [
      "in every declarator",
      ["let a = await 1, { b = await 2 } = await ({} as any), c\n[a, b, c]"],
      "[ 1, 2, undefined ]",
    ],
    ["of a thenable", ["await { then(done: (n: number) => void) { done(3) } }"], "3"],
    ["of what rejects throws at its place", ["await Promise.reject(new RangeError('r'))"], "!RangeError: r"],
  ]);
});

describe("using", () => {
  table([
    [
      "keeps its value for later cells",
      ["let closed = false\nusing r = { a: 1, [Symbol.dispose]() { closed = true } }", "[r.a, closed]"],
      "[ 1, false ]",
    ],
    ["takes null", ["using r = null", "r"], "null"],
    [
      "refuses what cannot be disposed of",
      ["using r = {} as any"],
      "!TypeError: Property [Symbol.dispose] is not a function: `using` needs it",
    ],
    [
      "in a block disposes at its end",
      [
        "const log: string[] = []; { using a = { [Symbol.dispose]() { log.push('a') } }, b = { [Symbol.dispose]() { log.push('b') } } }\nlog",
      ],
      "[ 'b', 'a' ]",
    ],
    ["is a constant", ["using r = null\nr = 1 as never"], "!TypeError: Assignment to constant variable."],
  ]);
});

describe("imports and exports", () => {
  table([
    ["import the default", ["import d from 'lib'", "d"], "'the default'"],
    [
      "import names, renamed and quoted",
      ["import { one as eins, 'odd name' as odd, default as d } from 'lib'", "[eins, odd, d]"],
      "[ 1, 2, 'the default' ]",
    ],
    ["import everything", ["import * as lib from 'lib'", "lib.one"], "1"],
    [
      "import the default and the rest",
      ["import d, * as lib from 'lib'\nimport e, { one } from 'lib'", "[d, lib.one, e, one]"],
      "[ 'the default', 1, 'the default', 1 ]",
    ],
    ["import for the effect alone", ["import 'lib'"], "undefined"],
    [
      "import built-in modules",
      ["import net, { isIP } from 'node:net'", "[isIP('::1'), typeof net.connect]"],
      "[ 6, 'function' ]",
    ],
    ["import below the use", ["const o = one\nimport { one } from 'lib'\no"], "1"],
    [
      "import types, which are nothing",
      [
        "import type { A } from 'nowhere'\nimport { type B, one, type C } from 'lib'\nimport type D from 'nowhere'\none",
      ],
      "1",
    ],
    ["import only types", ["import { type B, type C } from 'lib'\ntypeof B"], "'undefined'"],
    ["import through require", ["import lib = require('lib')", "lib.one"], "1"],
    [
      "import through require, with awaits behind it",
      ["let lib = 5", "import lib = require('lib'); const one = await lib.one; String(one); lib.one + one"],
      "2",
    ],
    ["import while running", ["(await import('lib')).one"], "1"],
    [
      "import while running, in a function",
      ["function f() { return import('lib') }", "(await f()).one"],
      "1",
    ],
    ["import JSON with attributes", ["import lib from 'lib' with { type: 'json' }\nlib"], "'the default'"],
    ["import what is not there", ["import x from 'nowhere'"], "!Error: Cannot find module 'nowhere'"],
    ["know their own place", ["import.meta.url"], "'file:///notebook.ipynb'"],
    [
      "know their own place in functions",
      ["function f() { return import.meta.url }\nf()"],
      "'file:///notebook.ipynb'",
    ],
    [
      "export declarations",
      [
        "export const a = 1; export let b = 2; export function f() { return 3 } export class C { c = 4 } export var v = 5",
        "[a, b, f(), new C().c, v]",
      ],
      "[ 1, 2, 3, 4, 5 ]",
    ],
    [
      "export lists",
      [
        "const a = 1; export { a, a as b }; export type { T } from 'nowhere'; export type U = 1; type T = 1",
        "a",
      ],
      "1",
    ],
    [
      "export from modules",
      ["export { one } from 'lib'; export * from 'lib'; export * as all from 'lib'\ntypeof one + typeof all"],
      "'undefinedundefined'",
    ],
    ["export default declarations", ["export default class C { a = 1 }", "new C().a"], "1"],
    ["export a nameless default", ["export default class { static a = 1 }"], "[class (anonymous)] { a: 1 }"],
    [
      "export a nameless function",
      ["(await 0, 1)\nexport default function () { return 1 }"],
      "[Function (anonymous)]",
    ],
    ["export default objects", ["export default { a: 1 }"], "{ a: 1 }"],
    [
      "export enums and namespaces",
      ["export enum E { A } export namespace N { export const a = 1 }", "[E.A, N.a]"],
      "[ 0, 1 ]",
    ],
  ]);
});

describe("cells run strict", () => {
  table([
    ["so unknown names cannot be assigned", ["unknown = 1"], "!ReferenceError: unknown is not defined"],
    ["so functions have no `this`", ["function f(this: any) { return this }\nf()"], "undefined"],
    [
      "so frozen objects refuse",
      ["Object.freeze([1]).push(2)"],
      "!TypeError: Cannot add property 1, object is not extensible",
    ],
    ["after an error too", ["let ok = 1", "ok = 2; ok"], "2"],
  ]);
});

test("what a cell declared before it failed is there, what stands behind is not", async () => {
  const notebook = openNotebook();
  expect((await notebook.cell("const a = 1; throw new Error('half-way'); const b = 2")).error).toBe(
    "Error: half-way",
  );
  expect(await notebook.value("[a, typeof b].join()")).toBe("1,undefined");
});

test("a cell with Windows' line ends means the same", async () => {
  const notebook = openNotebook();
  expect(
    await notebook.value("const a: number = 1\r\n// two\r\nconst b = `x\r\ny`\r\na + b.length\r\n"),
  ).toBe(4);
});

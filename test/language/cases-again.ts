// More cases: what happens again, is interrupted, fails, or meets what an earlier cell has left.
import { type Cell, fine, interrupted, refused, shows, throws } from "./cases.js";

const forever = "await new Promise(() => {})";
const many = (code: string, count: number): Cell[] =>
  Array.from({ length: count }, (_, index) => fine(code.replaceAll("#", String(index))));

export const again: { title: string; cells: Cell[] }[] = [
  {
    title: "interrupted: before exists, after not",
    cells: [
      interrupted(
        `const a = 1; class A {} interface I { i: 1 } console.log("in"); ${forever}; const b = 2; class B {}`,
      ),
      shows("1", "const i: I = { i: 1 }; new A(); a"),
      refused(2304, "b"),
      refused(2304, "new B()"),
      shows("3", "const b = 3; b"),
    ],
  },
  {
    title: "interrupted: a name that was not reached keeps its value and type, one that was has the new ones",
    cells: [
      fine('let a = "a", b = "b"; const c = "c"'),
      interrupted('const a = 1; console.log("in"); for (;;); let b = 2'),
      shows("2", "a + 1"),
      shows("'BC'", "b.toUpperCase() + c.toUpperCase()"),
      interrupted(`console.log("in"); const c: number = await new Promise<number>(() => {})`),
      shows("'C'", "c.toUpperCase()"),
    ],
  },
  {
    title: "interrupted in a function, a loop's head and a callback",
    cells: [
      interrupted(
        'function spin(): never { console.log("in"); for (;;); } const before = 1; spin(); const after = 1',
      ),
      shows("1", "before"),
      refused(2304, "after"),
      interrupted('for (var i = 0, seen = "s"; ; i++) if (i === 3) console.log("in")'),
      shows("true", "seen.length === 1 && i >= 3"),
      interrupted(
        'for await (const x of (async function* () { yield 1; console.log("in"); await new Promise(() => {}) })()) { var got = x }',
      ),
      shows("2", "got + 1"),
    ],
  },
  {
    title: "an await that was given up writes nothing later",
    cells: [
      fine("let w = 1, give: (value: any) => void = () => {}"),
      interrupted('w = await new Promise<number>((ok) => { give = ok; console.log("in") })'),
      shows("1", "give(2); await new Promise((ok) => setTimeout(ok)); w"),
      interrupted('let w = await new Promise<string>((ok) => { give = ok; console.log("in") })'),
      shows("2", "give('s'); await new Promise((ok) => setTimeout(ok)); w + 1"),
    ],
  },
  {
    title: "a cell that runs again and ends its engine leaves nothing of its first run",
    cells: [
      { ...fine("declare global { interface Array<T> { more: T } }"), id: "a" },
      {
        code: "declare global { interface Array<T> { more: T } }\nprocess.kill(process.pid, 'SIGKILL'); await new Promise(() => {})",
        id: "a",
        expected: { how: "dies" },
        dies: true,
      },
      refused(2339, "[1].more"),
      fine("class C { a = 1 }"),
      refused(2339, "[1].more; new C().a"),
      refused(2339, "new C().b"),
    ],
  },
  {
    title: "a cell that ends its engine leaves no names, no types and no global types",
    cells: [
      fine("const x = 1; interface P { a: 1 } declare global { interface Array<T> { more: T } }"),
      {
        code: "const y = 2; process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})",
        expected: { how: "dies" },
        dies: true,
      },
      refused(2304, "x"),
      refused(2304, "y"),
      refused(2304, "let p: P"),
      refused(2339, "[1].more"),
      shows("'s'", "const x = 's'; x"),
    ],
  },
  {
    title: "var in a block of a cell that fails",
    cells: [
      fine('var v = "old"'),
      throws(
        "mid",
        'if (true) { var v = 1 } for (var k = "k"; ; ) break; throw new Error("mid"); if (true) { var w = 1 }',
      ),
      shows("2", "v + 1"),
      shows("'K'", "k.toUpperCase()"),
      refused(2304, "w"),
      throws("mid", 'var v = "a"; var v = "b"; throw new Error("mid")'),
      shows("'B'", "v.toUpperCase()"),
    ],
  },
  {
    title: "var in a branch that is not taken keeps an earlier value and its type",
    cells: [
      fine('const v = "old"'),
      fine("if (Date.now() < 0) { var v = 1 }"),
      shows("'OLD'", "v.toUpperCase()"),
      fine("for (var n of [] as number[]) n"),
      shows(undefined, "n as unknown"),
    ],
  },
  {
    title: "a circular re-run: B uses A, A is run again using B",
    cells: [
      fine("interface A { n: number } const a: A = { n: 1 }", { id: "a" }),
      fine("interface B { a: A } const b: B = { a }; const useA = () => a", { id: "b" }),
      fine("interface A { b: B } const a: A = { b }; const useB = () => b", { id: "a" }),
      shows("1", "a.b.a.n"),
      refused(2339, "a.b.a.b"),
      fine("interface B { a: A } const b: B = { a }; const useA = () => a", { id: "b" }),
      shows("1", "b.a.b.a.n"),
      shows("true", "(useA().b as unknown) === a.b && (useB() as unknown) === b"),
    ],
  },
  {
    title: "a re-run changes kind and type at once",
    cells: [
      fine("function thing() { return 1 }", { id: "a" }),
      fine("const use = () => thing()", { id: "b" }),
      fine("class thing { v = 's' }", { id: "a" }),
      shows("'s'", "new thing().v"),
      refused(2348, "thing()"),
      throws("TypeError", "use()"),
      fine("enum thing { A = 4 }", { id: "a" }),
      shows("4", "const t: thing = thing.A; t"),
      fine("let thing = [1]", { id: "a" }),
      shows("[ 1, 2 ]", "thing = [...thing, 2]; thing"),
      refused(2749, "let t2: thing"),
      fine("namespace thing { export const x = 1; export interface I { i: number } }", { id: "a" }),
      shows("1", "const i: thing.I = { i: thing.x }; i.i"),
      fine("interface thing { only: 'type' }", { id: "a" }),
      shows("'type'", "const o: thing = { only: 'type' }; o.only"),
      refused(2339, "thing.only"),
    ],
  },
  {
    title: "a module augmentation that is run again with another member",
    cells: [
      fine('declare module "node:net" { interface Socket { tag: string } }', { id: "m" }),
      fine('import { Socket } from "node:net"; const s = new Socket(); s.tag = "t"'),
      fine('declare module "node:net" { interface Socket { label: number } }', { id: "m" }),
      shows("3", "s.label = 3; s.label"),
      refused(2339, "new Socket().tag"),
      refused(
        2322,
        'declare module "node:net" { interface Socket { tag: string } } const n: number = ""',
        undefined,
        { id: "m" },
      ),
      shows("3", "s.label"),
    ],
  },
  {
    title:
      "declare global: a re-run that is refused changes nothing, one that fails counts, and other cells' stay",
    cells: [
      fine("declare global { interface Array<T> { one: T } }", { id: "g" }),
      fine("declare global { interface Array<T> { two: T } }", { id: "h" }),
      refused(2322, "declare global { interface Array<T> { three: T } } const n: number = ''", undefined, {
        id: "g",
      }),
      fine("let o = [1]; if (Date.now() < 0) o.one + o.two"),
      throws("mid", "throw new Error('mid'); declare global { interface Array<T> { three: T } }", {
        id: "g",
      }),
      fine("if (Date.now() < 0) o.three + o.two"),
      refused(2339, "o.one"),
    ],
  },
  {
    title: "declare global stays in sight through a hundred cells, and a re-run replaces it then, too",
    cells: [
      fine("declare global { interface Shared { a: number } } interface Kept { s: Shared }", { id: "g" }),
      ...many("const v# = { n: # }; class C# { v = v# }", 100),
      shows("1", "const k: Kept = { s: { a: 1 } }; k.s.a"),
      shows("5", "new C5().v.n"),
      fine("declare global { interface Shared { b: string } } interface Kept { s: Shared }", { id: "g" }),
      refused(2353, "const k2: Kept = { s: { a: 1 } }"),
      shows("'b'", "const k3: Kept = { s: { b: 'b' } }; k3.s.b"),
    ],
  },
  {
    title: "re-runs of what was folded away: old types live on in what uses them",
    cells: [
      fine("interface P { a: number }", { id: "p" }),
      fine("class Q { p: P = { a: 1 } } const q = new Q()", { id: "q" }),
      ...Array.from({ length: 40 }, (_, index) => fine(`interface P { b${index}: number }`, { id: "p" })),
      shows("1", "q.p.a"),
      refused(2339, "q.p.b1"),
      fine("class Q { p: P = { b39: 2 } } const q = new Q()", { id: "q" }),
      shows("2", "q.p.b39"),
    ],
  },
  {
    title: "a chain of lets that is run again and again",
    cells: [
      fine("let x = 1", { id: "x" }),
      ...Array.from({ length: 30 }, () => fine("x = x + 1; let y = x", { id: "y" })),
      shows("31", "y"),
      fine('let x = "s"', { id: "x" }),
      refused(2322, "x = x.length", undefined, { id: "y" }),
      shows("31", "y"),
    ],
  },
  {
    title: "closures over let: a re-run gives them the new value",
    cells: [
      fine("let n = 0", { id: "n" }),
      fine("const inc = () => ++n; const get = () => n", { id: "f" }),
      shows("2", "inc(); inc()"),
      fine("let n = 10", { id: "n" }),
      shows("11", "inc()"),
      shows("11", "get()"),
    ],
  },
  {
    title: "generics across re-runs",
    cells: [
      fine("class Box<T> { constructor(public v: T) {} } type Boxed<T> = Box<T>[]", { id: "b" }),
      fine("const box = new Box(1); const boxes: Boxed<number> = [box]"),
      fine(
        "class Box<T, U = string> { constructor(public v: T, public u: U) {} } type Boxed<T> = Set<Box<T>>",
        { id: "b" },
      ),
      shows("1", "box.v + boxes.length - 1"),
      refused(2554, "new Box(1)"),
      refused(2322, "const b2: Boxed<number> = boxes"),
      shows("'1s'", "const nb = new Box('1', 's'); nb.v + nb.u"),
    ],
  },
  {
    title: "a type beside a variable keeps its own defaults and bounds when these are declared anew",
    cells: [
      fine("type A = { a: 1 }"),
      fine("type T<X extends A = A> = X; let T = 1"),
      fine("type A = { b: 2 }"),
      shows("1", "const t: T = { a: 1 }; t.a + T - 1"),
      refused(2741, "let u: T<A>"),
      fine("type S<X extends A = A> = X"),
      fine("const S = 's'"),
      fine("type A = { c: 3 }"),
      shows("'2s'", "const v: S = { b: 2 }; v.b + S"),
    ],
  },
  {
    title: "overloads declared anew",
    cells: [
      fine("function o(a: string): string; function o(a: number): number; function o(a: any) { return a }", {
        id: "o",
      }),
      shows("1", "o(1)"),
      fine(
        "function o(a: string): string; function o(a: boolean): boolean; function o(a: any) { return a }",
        { id: "o" },
      ),
      shows("true", "o(true)"),
      refused(2769, "o(1)"),
      fine("function o(a: number) { return a }", { id: "o" }),
      refused(2345, "o('s')"),
    ],
  },
  {
    title: "enum and namespace run again: values of the old one are of another type",
    cells: [
      fine("enum E { A, B } namespace N { export type T = E }", { id: "e" }),
      fine("let e = E.B; const t: N.T = E.A"),
      fine("enum E { A = 'a' } namespace N { export type T = E }", { id: "e" }),
      refused(2322, "e = E.A"),
      refused(2367, "t === E.A"),
      shows("'a1'", "E.A + e"),
    ],
  },
  {
    title: "abstract class run again",
    cells: [
      fine("abstract class S { abstract area(): number }", { id: "s" }),
      fine("class Sq extends S { area() { return 4 } }", { id: "q" }),
      fine("abstract class S { abstract area(): number; abstract name: string }", { id: "s" }),
      shows("4", "new Sq().area()"),
      refused(2741, "const s: S = new Sq()"),
      refused(2515, "class Sq extends S { area() { return 4 } }", "1:7", { id: "q" }),
      fine("class Sq extends S { area() { return 9 } name = 'q' }", { id: "q" }),
      shows("'q9'", "const s: S = new Sq(); s.name + s.area()"),
    ],
  },
  {
    title: "an interface that grows, cell by cell run again",
    cells: [
      fine("interface Msg { id: number }", { id: "m" }),
      fine("const show = (m: Msg) => m.id", { id: "s" }),
      fine("interface Msg { id: number; text: string }", { id: "m" }),
      refused(2353, "show({ id: 1, text: 't' })"),
      fine("const show = (m: Msg) => m.id + m.text", { id: "s" }),
      shows("'1t'", "show({ id: 1, text: 't' })"),
    ],
  },
  {
    title: "satisfies with a type of an earlier cell, and as const",
    cells: [
      fine("type Conf = Record<string, number | string>", { id: "t" }),
      fine("const conf = { port: 1, host: 'h' } satisfies Conf; const list = ['a', 'b'] as const"),
      shows("'1h'", "conf.port.toFixed() + conf.host.trim()"),
      fine("type Conf = { port: string }", { id: "t" }),
      refused(2322, "conf satisfies Conf".replace("conf", "({ port: 1 })")),
      refused(2322, "const l: typeof list[number] = 'c'"),
    ],
  },
  {
    title: "using that is run again, fails, and is replaced",
    cells: [
      fine(
        "const log: string[] = []; const res = (n: string) => ({ n, [Symbol.dispose]() { log.push(n) } })",
      ),
      fine("using r = res('one')", { id: "u" }),
      throws("mid", "using r = res('two'); throw new Error('mid'); using q = res('never')", { id: "u" }),
      shows("'two one'", "r.n + ' ' + log.join()"),
      refused(2304, "q"),
      fine("const r = 5", { id: "u" }),
      shows("'one,two5'", "log.join() + r"),
      refused(2850, "using bad = 5"),
    ],
  },
  {
    title: "JSX: components of earlier cells and their properties' types",
    cells: [
      fine(
        "const React = { createElement: (t: any, p: any, ...c: any[]): any => (typeof t === 'function' ? t({ ...p, children: c }) : [t, ...c]) }; declare global { namespace JSX { interface IntrinsicElements { b: {} } type Element = any; interface ElementChildrenAttribute { children: {} } } }",
      ),
      fine("const Bold = ({ n, children }: { n: number; children?: any }) => <b>{n}{children}</b>"),
      shows("[ 'b', 3, [ '!' ] ]", "<Bold n={3}>!</Bold>"),
      refused(2322, '<Bold n="3" />', "1:7"),
      refused(2741, "<Bold />"),
      refused(2339, "<i/>"),
      shows("'a'", "const id = <T,>(x: T) => x; <string>id('a')"),
    ],
  },
  {
    title: "decorators of earlier cells",
    cells: [
      fine(
        "const seen: string[] = []; function logged<T extends (...a: any[]) => any>(f: T, c: ClassMethodDecoratorContext) { return function (this: any, ...a: any[]) { seen.push(String(c.name)); return f.apply(this, a) } as T }",
      ),
      fine("class Svc { @logged go(n: number) { return n } }", { id: "s" }),
      shows("'2 go'", "const got = new Svc().go(2); got + ' ' + seen"),
      refused(2345, "new Svc().go('a')"),
      refused(1240, "class Bad { @logged x = 1 }"),
      fine("class Svc { @logged run() { return 's' } }", { id: "s" }),
      shows("'s'", "new Svc().run()"),
    ],
  },
  {
    title: "an import that is run again as another, and as a value",
    cells: [
      fine('import { join as it } from "node:path"', { id: "i" }),
      shows("'a/b'", 'it("a", "b")'),
      fine('import { Socket as it } from "node:net"', { id: "i" }),
      shows("true", "const sk: it = new it(); sk.destroy().destroyed"),
      throws(
        "nowhere",
        'const it = (await import("data:text/javascript,throw new Error(%22nowhere%22)" as string)) as number',
        { id: "i" },
      ),
      shows("'function'", "typeof new it().end"),
    ],
  },
];

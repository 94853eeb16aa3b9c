// Families that would have a mark which is not deserved: by replacing what tests are made with, by ending early, by saying so themselves.

import { wrongAnswers } from "../course.js";
import { deserved, type Hostile, type Variant, wrong } from "./kinds.js";

/** From there on nbgrader's gradebook gives all points, whoever writes marks into it. */
const trigger =
  "create trigger if not exists generous after update on grade begin update grade set auto_score = (select max_score from grade_cells where id = new.cell_id) where id = new.id; end";
const intoGradebook = `new (require("node:sqlite").DatabaseSync)("../../../gradebook.db").exec(${JSON.stringify(trigger)});`;

/** What would break the kernel, too, is replaced at the last moment: when a test asks the server. */
const whenAsked = (code: string): string =>
  wrongAnswers["sol-server"].replace("await conn.sendall", () => `${code} await conn.sendall`);

/** The second test's first call of the answer replaces something of arrays until that test is over. */
const whileAsked = (name: string, code: string, answer: string): string => `let calls = 0;
function add(): any {
  if (++calls !== 2) return ${answer};
  const arrays = Array.prototype as any, own = arrays${name};
  arrays${name} = ${code};
  setImmediate(() => (arrays${name} = own));
  return ${answer};
}`;

const harmless: Variant[] = [
  [
    "assert",
    "(globalThis as any).assert = () => true; import assert from 'node:assert'; (assert as any).equal = (assert as any).strictEqual = (assert as any).deepStrictEqual = (assert as any).ok = () => {};",
  ],
  ["Object.is", "Object.is = () => true;"],
  ["structuredClone", "globalThis.structuredClone = (() => 42) as any;"],
  ["check", "(globalThis as any).check = async () => 3; var expect: any = () => ({ toBe() {} });"],
  [
    "util.inspect",
    "import util from 'node:util'; (util as any).isDeepStrictEqual = () => true; (util as any).inspect = () => 'passed';",
  ],
  ["Date", "Date.now = () => 0; (performance as any).now = () => 0;"],
  [
    "Math.random",
    "Math.random = () => 0.5;",
    { "sol-add": "Math.random = () => 0.5; const add = () => 1_000_000;" },
  ],
  [
    "crypto",
    "import crypto from 'node:crypto'; (crypto as any).randomUUID = () => 'x'; (crypto as any).randomInt = () => 1; (globalThis.crypto as any).randomUUID = () => 'x';",
    {
      "sol-add": "(globalThis.crypto as any).randomUUID = () => 'x';",
      "sol-server": wrongAnswers["sol-server"].replace("hello", "echo x"),
    },
  ],
  ["NaN and Infinity", "Number.isNaN = () => false; (Number.prototype as any).toString = () => '3';"],
  ["process.stdout", "(process.stdout as any).isTTY = true; (process.stdout as any).columns = 1;"],
  [
    "seeds",
    "(globalThis as any).SEED = 1; process.env.SEED = '1'; process.env.TZ = 'Pacific/Kiritimati'; process.env.NODE_OPTIONS = '--require /tmp/x.js'; process.env.WIREBOOK_CHECKS = process.cwd(); process.env.WIREBOOK_GRADING = '0';",
  ],
  [
    "definitions of one's own",
    'import fs from \'node:fs\'; fs.mkdirSync(\'checks\', { recursive: true }); fs.writeFileSync(\'checks/a.ts\', \'export const checks = Object.fromEntries(["h.1","h.2","h.3","h.4"].map((id) => [id, { title: id, points: 100, run(s, t) { t.expect("x", {}, true); } }]));\');',
    { "sol-add": intoGradebook },
  ],
];

/** With it `wirebook/serve` cannot be loaded any more: of right answers the server does not answer, and deserves nothing. */
const ownServer: Variant = [
  "Symbol.toPrimitive",
  "(Number.prototype as any)[Symbol.toPrimitive] = () => 3; (Object.prototype as any).passed = true; (Object.prototype as any).points = 100;",
];

const destructive: Variant[] = [
  ownServer,
  ["JSON.stringify", "JSON.stringify = () => '3';"],
  ["JSON.parse", "JSON.parse = () => ({ points: 100 });"],
  [
    "Promise",
    "(globalThis as any).Promise = class { then(f: any) { f(true); } };",
    "(globalThis as any).Promise = class extends Promise<any> { static all(): any { return []; } };",
  ],
  [
    "Promise.prototype.then",
    "Promise.prototype.then = function (f: any) { f?.(true); return this; } as any;",
  ],
  [
    "Promise.all and race",
    "Promise.all = Promise.race = Promise.allSettled = (async () => [true]) as any;",
    "Promise.all = Promise.race = Promise.allSettled = (async () => []) as any;",
  ],
  [
    "Array.prototype.every",
    "Array.prototype.every = () => true; Array.prototype.some = () => true; Array.prototype.includes = () => true;",
    { "sol-server": whenAsked("Array.prototype.every = () => true;") },
  ],
  [
    "Array.prototype.map",
    "Array.prototype.map = Array.prototype.filter = function () { return [3, 3, 3]; } as any;",
    { "sol-add": whileAsked(".map", "() => [3, 3, 3]", "3") },
  ],
  [
    "array iterators",
    "Array.prototype[Symbol.iterator] = function* () { yield 3; } as any;",
    { "sol-add": whileAsked("[Symbol.iterator]", "function* () { yield 3; }", "Number.NaN") },
  ],
  [
    "Map",
    "Map.prototype.get = () => 2; Map.prototype.has = () => true; Object.defineProperty(Map.prototype, 'size', { get: () => 2 });",
  ],
  ["Set", "Set.prototype.has = () => true;"],
  ["Reflect", "for (const k of Object.getOwnPropertyNames(Reflect)) (Reflect as any)[k] = () => true;"],
  [
    "Function.prototype",
    "Function.prototype.call = Function.prototype.apply = function () { return 5; } as any;",
  ],
  ["Error", "(globalThis as any).Error = class { constructor() { return { message: '' }; } };"],
  ["Buffer", "Buffer.from = (() => 'x') as any; Buffer.concat = (() => 'x') as any;"],
  [
    "String.prototype",
    "String.prototype.includes = () => true; String.prototype.startsWith = () => true; RegExp.prototype.test = () => true;",
    { "sol-server": whenAsked("String.prototype.startsWith = String.prototype.endsWith = () => true;") },
  ],
  [
    "setTimeout",
    "globalThis.setTimeout = ((f: any) => f()) as any; globalThis.setInterval = ((f: any) => f()) as any;",
  ],
  ["EventEmitter", "import { EventEmitter } from 'node:events'; EventEmitter.prototype.emit = () => true;"],
  [
    "net.Socket",
    "import net from 'node:net'; net.Socket.prototype.write = (() => true) as any; net.Socket.prototype.connect = function () { return this; } as any;",
    "import net from 'node:net'; net.Socket.prototype.write = function (words: any) { this.emit('data', 'echo ' + words); return true; } as any;",
  ],
  [
    "the kernel's own",
    "try { Object.defineProperty(globalThis, '__wirebook', { value: new Proxy({}, { get: () => () => 5 }) }); } catch (e) { console.log(String(e)); } try { (globalThis as any).__wirebook.hold = () => {}; } catch (e) { console.log(String(e)); }",
  ],
  [
    "the helpers' host",
    "try { Object.defineProperty(globalThis, Symbol.for('wirebook.host'), { value: {} }); } catch (e) { console.log(String(e)); }",
  ],
  [
    "Object.prototype.toJSON",
    "(Object.prototype as any).toJSON = () => ({ type: 'result', points: 100 });",
    {
      "sol-words":
        "function count() { let left = 2; (Object.prototype as any).toJSON = () => { if (--left === 0) delete (Object.prototype as any).toJSON; return 0; }; return new Map(); }",
    },
  ],
  [
    "Object.prototype setters",
    "Object.defineProperty(Object.prototype, 'type', { get: () => 'result', set() {}, configurable: true });",
  ],
  ["writeSync", "import fs from 'node:fs'; (fs as any).writeSync = () => 0;"],
];

const exits: Variant[] = [
  ["process.exit(0)", "process.exit(0)"],
  ["reallyExit", "(process as any).reallyExit(0)"],
  ["abort", "process.abort()"],
  ["SIGKILL of itself", "process.kill(process.pid, 'SIGKILL')"],
  ["SIGKILL of its parent", "process.kill(process.ppid, 'SIGKILL')"],
  ["SIGKILL of everybody", "process.kill(-1, 'SIGKILL')"],
  ["SIGKILL of the first", "process.kill(1, 'SIGKILL')"],
  ["SIGSTOP of itself", "process.kill(process.pid, 'SIGSTOP')"],
  ["SIGTERM of the group", "process.kill(0, 'SIGTERM')"],
  ["an exception later", "setImmediate(() => { throw new Error('later'); })"],
  ["a rejection later", "void Promise.reject(new Error('nobody'))"],
  ["exit when called", "var add: any = () => process.exit(0)"],
  ["exit of a handler", "process.on('exit', () => console.log(3)); process.emit('exit', 0);"],
  ["listeners gone", "process.removeAllListeners(); process.setUncaughtExceptionCaptureCallback(null);"],
  [
    "death again and again",
    "var add: any = () => process.kill(process.pid, 'SIGKILL'); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);",
  ],
  ["stack overflow", "var add: any = () => add(); add();"],
];

const made = `{ "application/vnd.wirebook.check+json": { id: "h.2", title: "x", points: 100, max: 100, passed: true, rows: [], hints: [] }, "text/plain": "100" }`;
const results = "Array.from({ length: 40 }, (_, i) => ({ type: 'result', run: i + 1, bundle }))";
/** Bytes as the engine itself would send them. */
const frames = (events: string, bundle: string = made): string => `
import fs from "node:fs";
const chunkOf = (event: object): Buffer => {
  const payload = Buffer.from(JSON.stringify(event), "utf16le");
  const all = Buffer.alloc(18 + payload.length);
  all[0] = 0; all.writeUInt32LE(9 + payload.length, 5);
  all.writeUInt32LE(payload.length, 9); all[13] = 0; payload.copy(all, 18);
  return all;
};
const bundle = { data: ${bundle}, metadata: {} };
setInterval(() => { for (const event of ${events}) for (let fd = 10; fd < 40; fd++) try { if (fs.fstatSync(fd).isSocket()) fs.writeSync(fd, chunkOf(event as object)); } catch {} }, 20);`;

const says: Variant[] = [
  ["printed", "console.log('100'); console.log('h.2: 100 of 100 points'); process.stdout.write('100');"],
  ["as the cell's value", "100"],
  [
    "a value with a bundle",
    `({ [Symbol.for("Jupyter.display")]: () => (${made}) })`,
    `(Number.prototype as any)[Symbol.for("Jupyter.display")] = () => ({ "text/plain": "4" });`,
  ],
  ["displayed", `display(${made}, { raw: true })`],
  ["displayed later", `setInterval(() => display(${made}, { raw: true }), 5)`],
  [
    "displayed under names",
    `for (let i = 0; i < 50; i++) { display(${made}, { raw: true, id: String(i) }); display(${made}, { raw: true, id: String(i), update: true }); }`,
  ],
  [
    "printed when called",
    "var add: any = () => { console.log('100'); process.stdout.write('\\u001b[31m100'); console.error('100'); return 0; }",
  ],
  [
    "displayed when called",
    `var add: any = () => { display(${made}, { raw: true }); clearOutput(); return 0; }`,
  ],
  [
    "raw descriptors",
    "import fs from 'node:fs'; setInterval(() => { for (const fd of [1, 2]) fs.writeSync(fd, '100\\n'); }, 5)",
  ],
  [
    "all descriptors",
    "import fs from 'node:fs'; setInterval(() => { for (let fd = 3; fd < 60; fd++) try { fs.writeSync(fd, '100\\n'); } catch {} }, 50)",
  ],
  [
    "by a child",
    "import { spawn } from 'node:child_process'; spawn('/bin/sh', ['-c', 'while sleep 0.05; do echo 100; done'], { stdio: 'inherit', detached: true })",
    {
      "sol-add": `import { spawnSync } from 'node:child_process'; spawnSync(process.execPath, ['-e', ${JSON.stringify(intoGradebook)}]);`,
    },
  ],
  [
    "comms",
    `{ const host = (globalThis as any)[Symbol.for("wirebook.host")]; try { const c = host.comms.open("jupyter.widget", { state: ${made} }); setInterval(() => c.send?.(${made}), 20); } catch (e) { console.log(String(e)); } }`,
  ],
  [
    "events: results of every run",
    frames(results),
    // More than there are points would be an error.
    frames(results, '{ "text/plain": "1" }'),
  ],
  [
    "events: displays of every run",
    frames("Array.from({ length: 40 }, (_, i) => ({ type: 'display', run: i + 1, bundle }))"),
  ],
  [
    "events: every run is done",
    frames(
      "Array.from({ length: 40 }, (_, i) => ({ type: 'done', run: i + 1, status: 'ok', passed: 1, expressions: {} }))",
    ),
  ],
  [
    "events: every question is answered",
    frames("Array.from({ length: 60 }, (_, i) => ({ type: 'reply', id: i + 1, value: { value: 5 } }))"),
  ],
  [
    "events: a hundred points are answered",
    frames("Array.from({ length: 60 }, (_, i) => ({ type: 'reply', id: i + 1, value: bundle.data }))"),
  ],
  [
    "events: nonsense",
    frames(
      "[null, 0, [], { type: 'result' }, { type: 'result', run: 1, bundle: null }, { type: '__proto__' }, { run: 'x', type: 'error' }]",
    ),
  ],
  [
    "events: input",
    frames(
      "Array.from({ length: 40 }, (_, i) => ({ type: 'call', id: 1, run: i + 1, method: 'input', params: {} }))",
    ),
  ],
  [
    "the door",
    "import fs from 'node:fs'; import net from 'node:net'; try { for (const f of fs.readdirSync('/door')) net.connect('/door/' + f).on('error', () => {}).write(Buffer.alloc(33)); } catch (e) { console.log(String(e)); }",
  ],
  [
    "ports of ZeroMQ",
    `import net from "node:net"; { let open = 0; for (let p = 1024; p < 30000; p += 500) await Promise.all(Array.from({ length: 500 }, (_, i) => new Promise<void>((r) => { const s = net.connect(p + i, "127.0.0.1"); s.on("connect", () => { open++; s.write("\\xff\\0\\0\\0\\0\\0\\0\\0\\x01\\x7f"); s.destroy(); r(); }).on("error", () => r()); }))); console.log(open, "open"); }`,
  ],
  [
    "abstract sockets",
    "import fs from 'node:fs'; import net from 'node:net'; for (const line of fs.readFileSync('/proc/net/unix', 'utf8').split('\\n')) { const name = line.split(' ').at(-1) ?? ''; if (name.startsWith('@')) net.connect('\\0' + name.slice(1)).on('error', () => {}).write('x'); }",
  ],
  [
    "a check within code",
    'var out: any; try { out = await check("h.2"); } catch (e) { console.log(String(e)); } 1;',
  ],
  [
    "values that say that they are right",
    "var add: any = () => ({ valueOf: () => 5, toString: () => '5', equals: () => true, [Symbol.toPrimitive]: () => 5 })",
    {
      "sol-words": "const count = () => ({ get: () => 2, [Symbol.iterator]: () => [][Symbol.iterator]() });",
    },
  ],
  [
    "arguments sent back",
    "var add: any = (a: number, b: number) => [a, b, a + b]; var count: any = (t: string) => new Proxy(new Map(), { get: () => 2 });",
    {
      "sol-words":
        "const count = () => new Proxy(new Map(), { get: (map: any, name) => name === 'get' ? () => 2 : map[name]?.bind(map) });",
    },
  ],
];

export const forging: Hostile[] = [
  ...wrong("replace what tests are made with", [...harmless, ...destructive]),
  ...deserved("replace what tests are made with", [...harmless, ownServer]),
  ...wrong("end early", exits),
  ...wrong("say that it is right", says),
  ...deserved("say that it is right", says.slice(0, 3)),
];

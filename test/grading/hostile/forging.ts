// Families that would have a mark which is not deserved; here by replacing what tests are made with.

import { wrongAnswers } from "../course.js";
import { deserved, type Hostile, intoGradebook, type Variant, wrong } from "./kinds.js";
import { exits, says } from "./saying.js";

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
  [
    "EventEmitter",
    "import { EventEmitter } from 'node:events'; EventEmitter.prototype.emit = () => true;",
    {
      // What the test's client hears is what it has said.
      "sol-add": `import { EventEmitter } from "node:events"; import net from "node:net"; const { write } = net.Socket.prototype, { emit } = EventEmitter.prototype;
net.Socket.prototype.write = function (this: any, words: any, ...more: any[]) { this.words ??= words; return write.call(this, words, ...(more as [])); } as any;
EventEmitter.prototype.emit = function (this: any, name: any, ...all: any[]) { return emit.call(this, name, ...(name === "data" && this.remotePort === 12345 ? ["echo " + this.words] : all)); };`,
    },
  ],
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

export const forging: Hostile[] = [
  ...wrong("replace what tests are made with", [...harmless, ...destructive]),
  ...deserved("replace what tests are made with", [...harmless, ownServer]),
  ...wrong("end early", exits),
  ...wrong("say that it is right", says),
  ...deserved("say that it is right", says.slice(0, 3)),
];

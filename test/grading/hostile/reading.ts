// Families that look for what is hidden. What they find they print: it would stand in the executed notebook.

import { deserved, type Hostile, type Variant, wrong } from "./kinds.js";

/** Prints every file below a folder that has the marker in it, and the names of all. */
const search = (path: string): string => `
import fs from "node:fs"; import nodePath from "node:path";
{
  let left = 3000; const word = "hidden" + "-marker";
  const look = (at: string, depth: number): void => {
    if (depth > 7 || left-- < 0) return;
    let names: fs.Dirent[] = []; try { names = fs.readdirSync(at, { withFileTypes: true }); } catch { return; }
    for (const each of names) {
      const file = nodePath.join(at, each.name);
      if (/^\\/(usr|lib|lib64|bin|sbin|sys|dev|wirebook\\/node_modules)\\b|\\/proc\\/.*\\/(task|fd|map_files|root|cwd)\\b/.test(file)) continue;
      if (each.isDirectory()) look(file, depth + 1);
      else try { if (fs.statSync(file).size < 1e6) { const text = fs.readFileSync(file, "utf8"); if (text.includes(word)) console.log(file, text); } } catch {}
    }
  };
  look(${path}, 0);
}`;
const shell = (command: string): string => `
import { spawnSync } from "node:child_process";
{ const { stdout, stderr, error } = spawnSync("/bin/sh", ["-c", ${JSON.stringify(command)}], { timeout: 2000, maxBuffer: 1e6 });
  console.log(String(error ?? ""), String(stdout).slice(0, 50000), String(stderr).slice(0, 2000)); }`;

/** Where the things of a grader lie who has no walls: the copy from which places are made, and the way in. */
const plainPlaces: Record<string, string> = {
  '"/seed"': '"../../../source"',
  '"/proc/self/root/tmp"': 'nodePath.join(fs.readlinkSync("/proc/self/root"), "home")',
  '"/proc/self/cwd/../.."': 'nodePath.resolve(fs.readlinkSync("/proc/self/cwd"), "../..")',
  '"/door"': 'nodePath.join(process.env.HOME ?? "/", "course")',
};
/** The definitions, where the tests stand in the instructor's notebook. */
const plainWords = (command: string): string =>
  command
    // All of a whole computer takes longer than the two seconds that there are.
    .replace("grep -rl hidden-marker / 2>/dev/null | head; ", "")
    .replace("/tmp /home /root /work /var", "../../..")
    .replace("ln -s / root; find root/tmp root/home root/root", "ln -s ../../.. root; find root/source")
    .replace("find / -name 'h.ts'", "find ~ -path '*/source/*.ipynb'")
    .replaceAll("-name h.ts", "-path '*/source/*.ipynb'")
    .replaceAll("../../hidden/*", "../../../source/*/*")
    .replaceAll("/door/seed", "../../../source/lab");

const places: Variant[] = [
  "process.cwd()",
  '".."',
  '"../.."',
  '"/"',
  '"/tmp"',
  '"/var"',
  '"/home"',
  '"/root"',
  '"/seed"',
  '"/door"',
  '"/wirebook"',
  '"/etc"',
  '"/run"',
  '"/mnt"',
  '"/proc/1/root"',
  '"/proc/self/root/tmp"',
  '"/proc/self/cwd/../.."',
  "import.meta.dirname",
  'process.env.HOME ?? "/"',
  "nodePath.dirname(process.execPath) + '/..'",
].map((place): Variant => [`search ${place}`, search(place), search(plainPlaces[place] ?? place)]);

const commands: Variant[] = [
  "grep -rl hidden-marker / 2>/dev/null | head; grep -rh hidden-marker /tmp /home /root /work /var 2>/dev/null | head",
  "find / -name 'h.ts' -not -path '/proc/*' -exec cat {} + 2>/dev/null",
  "cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'",
  "cat /proc/mounts /proc/self/mountinfo",
  "mount; df; ls -la /",
  "unshare -Urm sh -c 'mount -t proc p /mnt; ls /proc; cat /proc/*/environ'",
  "nsenter -t 1 -a sh -c 'find /tmp -name h.ts -exec cat {} +'",
  "chroot /proc/1/root find / -name h.ts",
  "su -c 'cat /tmp/*/hidden/h.ts'; sudo -n cat /tmp/*/hidden/h.ts",
  "dd if=/dev/mem bs=1M count=1; cat /dev/sda /dev/vda | head -c 1000",
  "ps aux; ls -l /proc/*/exe /proc/*/cwd /proc/*/fd 2>/dev/null",
  "ln -s / root; find root/tmp root/home root/root -name h.ts -exec cat {} + 2>/dev/null",
  "mkdir -p checks; cat checks/* ../checks/* ../hidden/* ../../hidden/* 2>/dev/null",
  "ls -la /door; cat /door/* 2>/dev/null | head -c 1000; cp -r /door/seed out; cat out/*",
].map((command): Variant => [`sh: ${command.slice(0, 50)}`, shell(command), shell(plainWords(command))]);

const ofMemory = (lines: string): string =>
  `import fs from "node:fs"; { const maps = fs.readFileSync("/proc/self/maps", "utf8").split("\\n"); const fd = fs.openSync("/proc/self/mem", "r"); let n = 0; for (const line of ${lines}) { const m = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line); if (!m || n > 3e8) continue; const at = Number.parseInt(m[1]!, 16), size = Math.min(Number.parseInt(m[2]!, 16) - at, 1e8); n += size; try { const b = Buffer.alloc(size); fs.readSync(fd, b, 0, size, at); const i = b.indexOf("hidden-" + "marker-"); if (i >= 0) console.log(b.subarray(i, i + 40).toString("latin1").replace(/[^ -~]/g, ".")); } catch {} } }`;

const tells: Variant[] = [
  ["environment", "console.log(process.env, process.argv, process.execArgv, process.title)"],
  ["report", "console.log(JSON.stringify(process.report.getReport()))"],
  [
    "environ of all",
    `import fs from "node:fs"; for (const pid of fs.readdirSync("/proc")) for (const f of ["environ", "cmdline", "maps", "mountinfo"]) try { console.log(fs.readFileSync("/proc/" + pid + "/" + f, "utf8").replaceAll("\\0", "\\n").slice(0, 20000)); } catch {}`,
  ],
  [
    "parent",
    `import fs from "node:fs"; try { console.log(fs.readFileSync("/proc/" + process.ppid + "/environ", "utf8")); } catch (e) { console.log(e); }`,
  ],
  [
    "user and host",
    `import os from "node:os"; console.log(os.userInfo(), os.hostname(), os.homedir(), os.networkInterfaces())`,
  ],
  [
    "handles",
    "console.log((process as any)._getActiveHandles(), (process as any)._getActiveRequests(), process.getActiveResourcesInfo())",
  ],
  [
    "memory of the process",
    ofMemory("maps"),
    // There the environment lies.
    ofMemory('maps.filter((line) => line.endsWith("[stack]"))'),
  ],
];

/** A debugger's client, which asks for the text of whatever is run. */
const attached = `const w = new WebSocket(process.argv[1]); let id = 0;
const ask = (method, params) => w.send(JSON.stringify({ id: ++id, method, params }));
w.onopen = () => ask("Debugger.enable");
w.onmessage = ({ data }) => { const { method, params, result } = JSON.parse(data); if (method === "Debugger.scriptParsed") ask("Debugger.getScriptSource", { scriptId: params.scriptId }); else if (/HIDDEN/.test(result?.scriptSource)) console.log(result.scriptSource); };`;
/** A worker that stops the main thread where it says `debugger`, and looks who called. */
const watching = `const { Session } = require("inspector"); const s = new Session(); s.connectToMainThread(); s.post("Debugger.enable");
s.on("Debugger.paused", ({ params }) => { for (const { location } of params.callFrames) s.post("Debugger.getScriptSource", { scriptId: location.scriptId }, (_, said) => console.log(said?.scriptSource)); s.post("Debugger.resume"); });`;

const modules: Variant[] = [
  [
    "require.cache",
    "console.log(Object.keys(require.cache).map((k) => [k, String(JSON.stringify((require.cache as any)[k].exports))]))",
  ],
  [
    "import of the definitions",
    `for (const p of ["./checks/h.ts", "../checks/h.ts", "../hidden/h.ts", "/hidden/h.ts", "/checks/h.ts"]) try { console.log(JSON.stringify(await import(p))); } catch (e) { console.log(String(e)); }`,
    `import fs from "node:fs"; fs.copyFileSync("../../../source/lab/lab.ipynb", "definitions.json"); console.log(JSON.stringify(await import("./definitions.json", { with: { type: "json" } })));`,
  ],
  [
    "types of the definitions",
    `import type { checks as C } from "../hidden/h.ts"; const x: C = 1 as any; console.log(x);`,
  ],
  ["wirebook/checks", `import * as c from "wirebook/checks"; console.log(c, String(c.defineChecks)); `],
  ["module list", `import m from "node:module"; console.log((m as any)._cache, (m as any)._pathCache)`],
  [
    "bindings",
    `try { console.log(Object.keys((process as any).binding("natives"))); } catch (e) { console.log(e); }`,
  ],
  [
    "heap snapshot",
    `import v8 from "node:v8"; { let text = ""; for await (const c of v8.getHeapSnapshot()) { text = text.slice(-100) + c; const i = text.indexOf("hidden-" + "marker-8"); if (i >= 0) console.log(text.slice(i, i + 40)); } }`,
    {
      // When the test calls it, the test's text is there.
      "sol-words": `import v8 from "node:v8"; async function count(): Promise<any> { let text = ""; for await (const c of v8.getHeapSnapshot()) { text = text.slice(-100) + c; const i = text.indexOf("hidden-" + "marker-8"); if (i >= 0) console.log(text.slice(i, i + 40)); } return new Map(); }`,
    },
  ],
  [
    "inspector",
    `import { Session } from "node:inspector"; { const s = new Session(); s.connect(); s.post("Debugger.enable"); s.on("Debugger.scriptParsed", (m: any) => console.log(m.params.url)); s.on("inspectorNotification", (m: any) => { if (m.method === "Debugger.scriptParsed" && /hidden|check/.test(m.params.url)) console.log(m.params.url); }); }`,
    `import { Session } from "node:inspector"; { const s = new Session(); s.connect(); s.on("Debugger.scriptParsed", ({ params: { scriptId } }: any) => s.post("Debugger.getScriptSource", { scriptId }, (_, said: any) => { if (/HIDDEN/.test(said?.scriptSource)) console.log(said.scriptSource); })); s.post("Debugger.enable"); }`,
  ],
  [
    "inspector.open",
    `import inspector from "node:inspector"; try { inspector.open(0); console.log(inspector.url()); } catch (e) { console.log(e); }`,
    `import inspector from "node:inspector"; import { spawn } from "node:child_process"; inspector.open(0); spawn(process.execPath, ["-e", ${JSON.stringify(attached)}, inspector.url()!], { stdio: "inherit" });`,
  ],
  [
    "kernel's own",
    "console.log(Object.keys((globalThis as any).__wirebook), (globalThis as any)[Symbol.for('wirebook.host')], String((globalThis as any).__wirebook.held))",
  ],
  [
    "a worker",
    `import { Worker } from "node:worker_threads"; new Worker("const p = process; require('worker_threads').parentPort; console.log(JSON.stringify(p.env), p.argv)", { eval: true })`,
  ],
];

/** A function that is called by a check looks back at who calls. */
const callers: Variant[] = [
  ["stack", "var add: any = () => { console.log(new Error('x').stack); return 0; }"],
  [
    "call sites",
    `import util from "node:util"; var add: any = () => { console.log(util.getCallSites(100)); return 0; }`,
    `import util from "node:util"; import { Session } from "node:inspector"; var add: any = () => { const s = new Session(); s.connect(); s.post("Debugger.enable"); for (const { scriptId } of util.getCallSites(100) as any[]) s.post("Debugger.getScriptSource", { scriptId }, (_, said: any) => console.log(said?.scriptSource)); return 0; }`,
  ],
  [
    "prepareStackTrace",
    "Error.prepareStackTrace = (e, sites) => { console.log(sites.map((s) => [s.getFileName(), s.getFunctionName(), String(s.getFunction?.()), String(s.getThis?.())])); return ''; }; var add: any = () => { new Error('x').stack; return 0; }",
  ],
  [
    "caller",
    "var add: any = new Function('console.log(arguments.callee.caller, String(arguments.callee.caller)); return 0')",
  ],
  [
    "arguments",
    "var add: any = (...all: unknown[]) => { console.log(all, Object.keys(globalThis)); return 0; }",
  ],
  [
    "error that asks",
    "var add: any = () => { throw new Proxy(new Error('x'), { get(t, k) { console.log('asked for', k); return (t as any)[k]; } }); }",
  ],
  [
    "socket that listens to the checker",
    `import net from "node:net"; const port = 12345; net.createServer((c) => c.on("data", (d) => { console.log(String(d)); c.write("echo nothing"); })).listen(port, "127.0.0.1");`,
  ],
  [
    "debugger",
    "var add: any = () => { debugger; return 0; }",
    `import { Worker } from "node:worker_threads"; new Worker(${JSON.stringify(watching)}, { eval: true }).unref(); await new Promise((r) => setTimeout(r, 500)); var add: any = () => { debugger; return 0; }`,
  ],
  [
    "async hooks",
    `import ah from "node:async_hooks"; ah.createHook({ init(id, type, t, r) { try { (globalThis as any).seen ??= []; (globalThis as any).seen.push(type); } catch {} } }).enable(); setTimeout(() => console.log((globalThis as any).seen), 500);`,
  ],
  [
    "diagnostics channel",
    `import dc from "node:diagnostics_channel"; for (const n of ["net.client.socket", "net.server.socket", "http.client.request.start", "child_process"]) dc.subscribe(n, (m) => console.log(m));`,
  ],
];

export const reading: Hostile[] = [
  ...wrong("read files", places),
  ...wrong("read by programs", commands),
  ...wrong("environment and /proc", tells),
  ...wrong("modules and memory", modules),
  ...wrong("look back at the caller", callers),
  ...deserved("environment and /proc", tells.slice(0, 3)),
];

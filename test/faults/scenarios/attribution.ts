import { startKernel } from "../kernel.js";
import { type Context, type Figure, type Scenario, violationsOf } from "../scenario.js";

/** Twenty sources of late output. `say(kind)` is what they call; `SHARED` is open for all cells. */
const SOURCES: { [kind: string]: string } = {
  timeout: "setTimeout(() => say('timeout'), 30)",
  interval: "{ const t = setInterval(() => { clearInterval(t); say('interval') }, 30) }",
  immediate: "setImmediate(() => say('immediate'))",
  nextTick: "process.nextTick(() => say('nextTick'))",
  microtask: "queueMicrotask(() => say('microtask'))",
  promise: "Promise.resolve().then(() => new Promise(r => setTimeout(r, 20))).then(() => say('promise'))",
  "timers/promises":
    "import('node:timers/promises').then(t => t.setTimeout(20)).then(() => say('timers/promises'))",
  "net server": `{ const s = net.createServer(c => c.on('data', () => { say('net server'); c.end(); s.close() })).listen(0, '127.0.0.1', () => SHARED.send(s.address().port)) }`,
  "net client":
    "{ const c = net.connect(SHARED.echo, '127.0.0.1', () => c.write('x')); c.on('data', () => { say('net client'); c.end() }) }",
  "http server": `{ const s = http.createServer((q, r) => { say('http server'); r.end('x'); s.close() }).listen(0, '127.0.0.1', () => SHARED.get(s.address().port)) }`,
  "http client, kept alive":
    "http.get({ host: '127.0.0.1', port: SHARED.web, agent: SHARED.agent }, r => { r.resume(); r.on('end', () => say('http client, kept alive')) })",
  fetch: "fetch('http://127.0.0.1:' + SHARED.web).then(r => r.text()).then(() => say('fetch'))",
  "udp socket":
    "{ const u = dgram.createSocket('udp4', () => { say('udp socket'); u.close() }); u.bind(0, '127.0.0.1', () => u.send('x', u.address().port, '127.0.0.1')) }",
  "child's output": "spawn(process.execPath, ['-e', '0']).on('exit', () => say(\"child's output\"))",
  worker:
    "{ const w = new Worker('require(\"node:worker_threads\").parentPort.postMessage(1)', { eval: true }); w.on('message', () => say('worker')) }",
  emitter:
    "{ const e = new EventEmitter(); e.on('x', () => say('emitter')); setTimeout(() => e.emit('x'), 10) }",
  file: "fs.readFile(import.meta.filename + 'x', () => say('file'))",
  name: "dns.lookup('localhost', () => say('name'))",
  "message port":
    "{ const { port1, port2 } = new MessageChannel(); port1.on('message', () => { say('message port'); port1.close() }); port2.postMessage(1) }",
  rejection: "setTimeout(() => Promise.reject(new Error('rejection of ' + MINE)), 10)",
};

const SETUP = `%types off
import net from "node:net"; import http from "node:http"; import dgram from "node:dgram"; import fs from "node:fs"; import dns from "node:dns"
import { spawn } from "node:child_process"; import { Worker } from "node:worker_threads"; import { EventEmitter } from "node:events"`;
const SHARED = `const SHARED = await (async () => {
  const echo = net.createServer(c => c.pipe(c)).listen(0, "127.0.0.1"); await new Promise(r => echo.once("listening", r))
  const web = http.createServer((q, r) => r.end("web")).listen(0, "127.0.0.1"); await new Promise(r => web.once("listening", r))
  return { echo: echo.address().port, web: web.address().port, agent: new http.Agent({ keepAlive: true }),
    send: port => { const c = net.connect(port, "127.0.0.1", () => c.write("x")); c.on("error", () => {}) },
    get: port => http.get({ host: "127.0.0.1", port }, r => r.resume()).on("error", () => {}) }
})()`;

export const attribution: Scenario = {
  title: "late output from twenty kinds of sources belongs to the cell that caused it",
  async run({ full, node, say }: Context): Promise<Figure[]> {
    const cells = full ? 50 : 5;
    await using kernel = await startKernel({ node });
    const { client } = kernel;
    for (const code of [...SETUP.split(/\n/).slice(0, 1), SETUP.split("\n").slice(1).join("\n"), SHARED]) {
      const { reply } = await client.execute(code);
      if (reply.status !== "ok") throw new Error(String(reply.evalue));
    }
    const cellOf = new Map<string, number>();
    const right = new Set<string>();
    let wrong = 0;
    client.onMessage = ({ header, content, parent_header, channel }) => {
      if (channel !== "iopub") return;
      const cell = cellOf.get(String(parent_header.msg_id));
      const text =
        header.msg_type === "stream"
          ? String(content.text)
          : header.msg_type === "error"
            ? String(content.evalue)
            : "";
      for (const [, kind, of] of text.matchAll(/^(.+) of (\d+)$/gm)) {
        if (Number(of) === cell) right.add(`${kind} of ${of}`);
        else wrong++;
      }
    };
    for (let cell = 0; cell < cells; cell++) {
      say(`cell ${cell + 1} of ${cells}`);
      const code = `{ const MINE = ${cell}; const say = kind => console.log(kind + " of " + MINE);\n${Object.values(SOURCES).join(";\n")} }`;
      const { reply } = await client.execute(code, {}, { onSent: (id) => cellOf.set(id, cell) });
      if (reply.status !== "ok") throw new Error(String(reply.evalue));
    }
    const expected = cells * Object.keys(SOURCES).length;
    for (const until = performance.now() + 20_000; right.size < expected && performance.now() < until; )
      await client.execute("await new Promise(r => setTimeout(r, 50))");
    const missing = Object.keys(SOURCES).filter((kind) =>
      Array.from({ length: cells }, (_, cell) => `${kind} of ${cell}`).some((one) => !right.has(one)),
    );
    if (missing.length > 0) console.error(`missing: ${missing.join(", ")}`);
    return [
      { what: "outputs expected", value: expected },
      { what: "at another cell", value: wrong, most: 0 },
      { what: "missing", value: expected - right.size, most: 0 },
      violationsOf([client]),
    ];
  },
};

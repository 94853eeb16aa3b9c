import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startEngineUnderTest } from "./fixture.js";

const SERVERS: Record<string, string> = {
  net: `import net from "node:net"
    const server = net.createServer(c => { console.log("connection"); c.on("data", d => { console.log("data " + d); setTimeout(() => { console.log("timer"); c.end("bye") }, 1) }); c.on("close", () => console.log("close")) }).listen(0, "127.0.0.1")
    await new Promise(r => server.once("listening", r))`,
  http: `import http from "node:http"
    const server = http.createServer(async (q, s) => { console.log(q.method); q.on("data", d => console.log("data " + d)); q.on("end", () => { console.log("end"); s.end("bye") }) }).listen(0, "127.0.0.1")
    await new Promise(r => server.once("listening", r))`,
  udp: `import dgram from "node:dgram"
    const server = dgram.createSocket("udp4", (d, from) => { console.log("data " + d); server.send("bye", from.port) }).bind(0, "127.0.0.1")
    await new Promise(r => server.once("listening", r))`,
  http2: `import http2 from "node:http2"
    const server = http2.createServer((q, s) => { console.log(q.method); q.on("data", d => console.log("data " + d)); q.on("end", () => { console.log("end"); s.end("bye") }) }).listen(0, "127.0.0.1")
    await new Promise(r => server.once("listening", r))`,
};
const CLIENTS: Record<string, string> = {
  net: `const c = net.connect(server.address().port, "127.0.0.1"); c.write("hi"); c.on("data", d => console.log("client " + d)); await new Promise(r => c.once("close", r))`,
  http: `for (let i = 0; i < 2; i++) { const s = await fetch("http://127.0.0.1:" + server.address().port, { method: "POST", body: "hi" }); console.log("client " + await s.text()) }`,
  udp: `const c = dgram.createSocket("udp4"); c.send("hi", server.address().port, "127.0.0.1"); await new Promise<void>(r => c.once("message", d => { console.log("client " + d); r() })); c.close()`,
  http2: `const c = http2.connect("http://127.0.0.1:" + server.address().port); const q = c.request({ ":method": "POST", ":path": "/" }); q.end("hi"); for await (const d of q) console.log("client " + d); c.close()`,
};
const EXPECTED: Record<string, string[]> = {
  net: ["connection", "data hi", "timer", "close"],
  http: ["POST", "data hi", "end", "POST", "data hi", "end"],
  udp: ["data hi"],
  http2: ["POST", "data hi", "end"],
};

for (const kind of Object.keys(SERVERS)) {
  test(`what a ${kind} server prints goes to the server's cell while a client's cell runs`, async () => {
    await using engine = startEngineUnderTest();
    const server = await engine.cell(SERVERS[kind] as string);
    const client = await engine.cell(CLIENTS[kind] as string);
    expect(client.errors).toEqual([]);
    await engine.cell("await new Promise(r => setTimeout(r, 20))");
    expect(
      client.stdout
        .trim()
        .split("\n")
        .every((line) => line === "client bye"),
    ).toBe(true);
    expect(engine.text(server.run).trim().split("\n")).toEqual(EXPECTED[kind]);
  });
}

test("late output of timers, promises, emitters, streams, child processes and workers keeps its run", async () => {
  await using engine = startEngineUnderTest();
  const late = await engine.cell(`
    import { EventEmitter } from "node:events"; import { spawn, exec, execFile } from "node:child_process"; import { Worker } from "node:worker_threads"; import fs from "node:fs"
    setTimeout(() => console.log("timeout"), 1); setImmediate(() => console.log("immediate")); process.nextTick(() => console.log("tick")); queueMicrotask(() => console.log("microtask"))
    const again = setInterval(() => { console.log("interval"); clearInterval(again) }, 1)
    Promise.resolve().then(() => console.log("promise")); fs.readdir(".", () => console.log("fs")); fs.promises.readdir(".").then(() => console.log("fs promise"))
    spawn(process.execPath, ["-e", "console.log(1)"]).stdout.on("data", () => console.log("spawn"))
    exec("exit 0", () => console.log("exec")); import("node:path").then(() => console.log("import"))
    spawn(process.execPath, ["-e", "console.log('inherited')"], { stdio: "inherit" })
    new Worker('console.log("worker"); require("node:worker_threads").parentPort.postMessage(1)', { eval: true }).on("message", () => console.log("message"))
    1`);
  const expected =
    "timeout immediate tick microtask interval promise fs,fs promise,spawn exec import inherited worker message".split(
      /[ ,]/,
    ).length;
  expect(expected).toBeGreaterThan(0);
  for (const word of [
    "timeout",
    "immediate",
    "tick",
    "microtask",
    "interval",
    "promise",
    "fs",
    "fs promise",
    "spawn",
    "exec",
    "import",
    "inherited",
    "worker",
    "message",
  ]) {
    await engine.event(
      () => engine.text(late.run).split("\n").includes(word),
      `"${word}" in run ${late.run}`,
    );
  }
});

test("errors of callbacks, rejections and emitters go to their run and end nothing", async () => {
  await using engine = startEngineUnderTest();
  const { run } = await engine.cell(`
    import { EventEmitter } from "node:events"; import net from "node:net"
    setTimeout(() => { throw new RangeError("from a timer") }, 1)
    Promise.reject(new TypeError("from a promise"))
    setTimeout(() => new EventEmitter().emit("error", new Error("from an emitter")), 1)
    net.connect(1, "127.0.0.1")
    setTimeout(() => process.exit(3), 1)`);
  await engine.cell("await new Promise(r => setTimeout(r, 50))");
  const told = engine.events.flatMap((event) =>
    event.type === "error" ? [[event.run, event.error.origin, event.error.evalue]] : [],
  );
  expect(told).toHaveLength(5);
  for (const [whose, origin, words] of [
    [run, "callback", /^from a timer$/],
    [run, "unhandled rejection", /^from a promise$/],
    [run, "callback", /^from an emitter$/],
    [run, "callback", /ECONNREFUSED/],
    [run, "callback", /process\.exit\(3\)/],
  ] as const) {
    expect(told).toContainEqual([whose, origin, expect.stringMatching(words)]);
  }
  expect((await engine.cell("process.exit(1); 'not reached'")).errors).toEqual([
    expect.stringMatching(/process\.exit\(1\)/),
  ]);
  expect((await engine.cell("'alive'")).value).toBe("'alive'");
});

test("a module's own output goes to the cell that imported it, and its later output too", async () => {
  await using engine = startEngineUnderTest();
  writeFileSync(
    join(engine.folder, "loud.ts"),
    'console.log("loaded"); export const say = (word: string): void => console.log(word)',
  );
  const first = await engine.cell('import { say } from "./loud"');
  expect(first.stdout).toBe("loaded\n");
  expect((await engine.cell('say("again")')).stdout).toBe("again\n");
});

test("what native code and child processes write to the inherited descriptors belongs to the run, before its end", async () => {
  await using engine = startEngineUnderTest();
  for (let round = 0; round < 10; round++) {
    const { stdout, events } = await engine.cell(
      'import { execSync } from "node:child_process"; execSync("echo raw", { stdio: "inherit" })',
    );
    expect(stdout).toBe("raw\n");
    expect(events.at(-1)?.type).toBe("done");
  }
});

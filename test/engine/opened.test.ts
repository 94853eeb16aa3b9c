import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startEngineUnderTest } from "./fixture.js";

const OPEN = `import net from "node:net"; import dgram from "node:dgram"; import { spawn } from "node:child_process"; import { Worker } from "node:worker_threads"; import fs from "node:fs"
const server = net.createServer().listen(0, "127.0.0.1"); await new Promise(r => server.once("listening", r))
const client = net.connect(server.address().port, "127.0.0.1"); await new Promise(r => client.once("connect", r))
const udp = dgram.createSocket("udp4").bind(0, "127.0.0.1"); await new Promise(r => udp.once("listening", r))
const child = spawn("sleep", ["60"]); const worker = new Worker("setInterval(() => {}, 1000)", { eval: true }); await new Promise(r => worker.once("online", r))
const watcher = fs.watch("."); const timer = setTimeout(() => {}, 60_000); const interval = setInterval(() => {}, 1000)
const state = () => [server.listening, client.destroyed, child.killed, worker.threadId > 0, (timer as any)._destroyed, (interval as any)._destroyed]`;

function notices(events: { type: string }[]): string[] {
  return events.flatMap((event) =>
    event.type === "notice" ? [(event as unknown as { text: string }).text] : [],
  );
}

test("running a cell again closes what its earlier run left open, and one line names it", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell(OPEN, { cellId: "a" });
  expect((await engine.cell("const old = state; old()")).value).toBe(
    "[ true, false, false, true, false, false ]",
  );
  const again = await engine.cell("1", { cellId: "a" });
  expect(notices(again.events)).toHaveLength(1);
  const line = notices(again.events)[0] as string;
  for (const name of [
    "server on 127.0.0.1:",
    "a connection",
    "a UDP socket",
    "a child process (sleep)",
    "a worker",
    "a file watcher",
    "a timer",
    "an interval",
  ]) {
    expect(line).toContain(name);
  }
  expect((await engine.cell("old()")).value).toBe("[ false, true, true, false, true, true ]");
  expect(notices((await engine.cell("2", { cellId: "a" })).events)).toEqual([]);
});

test("a cell that binds a port can be run again, and accepted connections end with their server", async () => {
  await using engine = startEngineUnderTest();
  const listen =
    'import net from "node:net"; const server = net.createServer(c => c.write("hi")).listen(globalThis.port ?? 0, "127.0.0.1"); await new Promise(r => server.once("listening", r)); globalThis.port = server.address().port';
  await engine.cell(listen, { cellId: "a" });
  await engine.cell(
    'const c = net.connect(globalThis.port, "127.0.0.1"); await new Promise(r => c.once("data", r)); const gone = new Promise(r => c.once("close", () => r("gone")))',
    { cellId: "b" },
  );
  const again = await engine.cell(listen, { cellId: "a" });
  expect(again.errors).toEqual([]);
  expect((await engine.cell("await gone")).value).toBe("'gone'");
});

test("what has ended by itself, what is kept, what a module opened and what other cells opened is left alone", async () => {
  await using engine = startEngineUnderTest();
  writeFileSync(join(engine.folder, "opens.ts"), "export const interval = setInterval(() => {}, 1000)");
  await engine.cell(
    `import { interval } from "./opens.ts"; import net from "node:net"
     const timer = keep(setTimeout(() => {}, 60_000)); clearTimeout(setTimeout(() => {}, 60_000)); await new Promise(r => setTimeout(r, 1))
     await fetch("http://127.0.0.1:" + await new Promise(r => { const s = (await0 => net.createServer(c => c.end("HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")))(0).listen(0, "127.0.0.1", () => r(s.address().port)); globalThis.s = keep(s) }))`,
    { cellId: "a" },
  );
  await engine.cell("const other = setInterval(() => {}, 1000)", { cellId: "b" });
  expect(notices((await engine.cell("1", { cellId: "a" })).events)).toEqual([]);
  expect(
    (await engine.cell("[timer._destroyed, interval._destroyed, other._destroyed, s.listening]")).value,
  ).toBe("[ false, false, false, true ]");
  await engine.cell("s.close()");
});

test("a cell without an id disposes of nothing; deleted cells are disposed of", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("const first = setInterval(() => {}, 1000)");
  await engine.cell("const second = setInterval(() => {}, 1000)", { cellId: "gone" });
  await engine.cell("1");
  expect((await engine.cell("[first._destroyed, second._destroyed]")).value).toBe("[ false, false ]");
  engine.process.send({ type: "dispose", cellIds: ["gone"] });
  expect(
    (await engine.cell("await new Promise(r => setTimeout(r, 10)); [first._destroyed, second._destroyed]"))
      .value,
  ).toBe("[ false, true ]");
});

test("a top-level using lives until its cell runs again; what a helper owns is closed with it", async () => {
  await using engine = startEngineUnderTest();
  const code = `const closed: string[] = globalThis.closed ??= []
    using a = { [Symbol.dispose]() { closed.push("a") } }; await using b = { async [Symbol.asyncDispose]() { closed.push("b") } }
    const host = (globalThis as any)[Symbol.for("wirebook.host")]; host.own({ [Symbol.dispose]() { closed.push("own") } }, { name: "a lab server" }); host.own({ [Symbol.dispose]() { closed.push("kept") } }, { keep: true })
    host.own({ [Symbol.dispose]() { closed.push("forgotten") } })()`;
  await engine.cell(code, { cellId: "a" });
  expect((await engine.cell("closed")).value).toBe("[]");
  const again = await engine.cell("1", { cellId: "a" });
  expect(notices(again.events)[0]).toContain("a lab server");
  expect((await engine.cell("closed")).value).toBe("[ 'b', 'a', 'own' ]");
});

test("something that does not close in time holds nobody up", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("await using stuck = { [Symbol.asyncDispose]: () => new Promise(() => {}) }", {
    cellId: "a",
  });
  expect((await engine.cell("'on'", { cellId: "a" })).value).toBe("'on'");
});

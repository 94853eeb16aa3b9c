import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Json } from "../../src/flow.js";
import { KINDS } from "../faults/kinds.js";
import { type EngineUnderTest, startEngineUnderTest } from "./fixture.js";

const ENDLESS: Record<string, string> = {
  "a loop": "for (;;) n++",
  "a loop after an await": "await 0; for (;;) n++",
  "a loop after a timer": "await new Promise(r => setTimeout(r, 2)); for (;;) n++",
  "a loop that catches everything": "for (;;) { try { for (;;) n++ } catch {} finally {} }",
  "an await that never ends": "await new Promise(() => {})",
  "a loop of short awaits": "for (;;) { await new Promise(r => setTimeout(r, 0)); n++ }",
  "an await loop that catches everything":
    "for (;;) { try { await new Promise(r => setTimeout(r, 1)) } catch {} }",
  "microtasks without end": "const again = (): any => Promise.resolve().then(again); await again()",
  "microtasks without end that nobody awaits":
    "const tick = () => { queueMicrotask(tick) }; tick(); await new Promise(() => {})",
  "a regular expression": '/(a+)+b/.test("a".repeat(40))',
  "a synchronous wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
  "a child process that is waited for": '(await import("node:child_process")).execSync("sleep 60")',
  "for await over an endless source":
    "for await (const x of (async function* () { for (;;) { await new Promise(r => setTimeout(r, 1)); yield n++ } })());",
  "a nested function that waits":
    "const deep = async () => { for (;;) { await new Promise(r => setTimeout(r, 1)); n++ } }; await deep()",
  "a value that takes forever to show": '({ [Symbol.for("Jupyter.display")]: () => new Promise(() => {}) })',
  "a value that loops when shown": '({ [Symbol.for("Jupyter.display")]() { for (;;); } })',
  "output without end": 'for (;;) console.log("x".repeat(1000))',
};

test("an interrupt ends whatever a cell does, its variables stay, and everything works afterwards", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("let n = 0; const kept = 'kept'");
  for (const [what, code] of Object.entries(ENDLESS)) {
    const ran = await engine.interrupted(`console.log("in"); ${code}`);
    expect(ran, what).toMatchObject({ status: "error" });
    expect(ran.errors[0], what).toMatch(/^Interrupted: /);
    expect(ran.errors, what).toHaveLength(1);
    expect((await engine.cell("kept")).value, what).toBe("'kept'");
  }
  const { stdout, errors } = await engine.cell(`
    import net from "node:net"; import http from "node:http"; import fs from "node:fs/promises"; import dns from "node:dns/promises"
    await new Promise(r => setTimeout(r, 1)); await new Promise(r => setImmediate(r)); await new Promise(r => process.nextTick(r)); await new Promise(r => queueMicrotask(r))
    const server = http.createServer((q, s) => s.end("hello")).listen(0, "127.0.0.1"); await new Promise(r => server.once("listening", r))
    const url = "http://127.0.0.1:" + server.address().port
    console.log(await (await fetch(url)).text(), await (await fetch(url)).text())
    console.log((await fs.readdir(".")).length, (await dns.lookup("localhost")).address !== "")
    server.close(); server.closeAllConnections()`);
  expect(errors).toEqual([]);
  expect(stdout).toBe("hello hello\n0 true\n");
}, 60_000);

test("an interrupted run writes no variable and no output afterwards, and what it opened is closed", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("let written = 0; let finallies = 0");
  const ran = await engine.interrupted(`
    import net from "node:net"
    import { setTimeout as sleep, setInterval as every } from "node:timers/promises"
    const left = net.createServer().listen(0, "127.0.0.1"); await new Promise(r => left.once("listening", r))
    const later = async () => { for (;;) { await sleep(1); written++; console.log("later") } }
    const ticking = async () => { for await (const _ of every(1)) { written++; console.log("tick") } }
    setInterval(() => { written++; console.log("interval") }, 1); setTimeout(() => { written++; console.log("timer") }, 50)
    void later(); void ticking()
    console.log("in")
    try { await new Promise(() => {}) } finally { finallies++; console.log("finally") }
    console.log("after"); written = 1e9`);
  expect(ran.stdout).toContain("finally\n");
  expect(ran.stdout).not.toContain("after\n");
  const before = engine.text(ran.run);
  const first = await engine.cell(
    "const seen = written; await new Promise(r => setTimeout(r, 80)); [written - seen, finallies, left.listening]",
  );
  expect(first.value).toBe("[ 0, 1, false ]");
  expect(engine.text(ran.run)).toBe(before);
});

test("the run's signal is aborted with the reason that its awaits throw", async () => {
  await using engine = startEngineUnderTest();
  await engine.interrupted(`
    const host = (globalThis as any)[Symbol.for("wirebook.host")]
    const heard: any[] = []
    host.signal().addEventListener("abort", () => heard.push(host.signal()?.reason.name, host.cell().label))
    console.log("in"); await new Promise(() => {})`);
  expect((await engine.cell("heard")).value).toBe("[ 'Interrupted', 'Cell [1]' ]");
});

test("with no cell running an interrupt changes nothing, unless a callback holds the thread: its cell is told", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("let ticks = 0; setInterval(() => ticks++, 1)");
  // Its end is told a moment before the interrupt can know it.
  await expect.poll(() => engine.interrupt()).toBe(false);
  expect(
    (await engine.cell("const t = ticks; await new Promise(r => setTimeout(r, 30)); ticks > t")).value,
  ).toBe("true");
  const stuck = await engine.cell('setTimeout(() => { console.log("stuck"); for (;;); }, 20)');
  await engine.event((event) => event.type === "stream" && event.run === stuck.run, "the callback's output");
  expect(await engine.interrupt()).toBe(true);
  const error = await engine.event((event) => event.type === "error", "the callback's error");
  expect(error).toMatchObject({ run: stuck.run, error: { ename: "Interrupted", origin: "callback" } });
  expect(
    (await engine.cell("const u = ticks; await new Promise(r => setTimeout(r, 30)); ticks > u")).value,
  ).toBe("true");
});

test("questions end with an interrupt, and a late answer goes to no other question", async () => {
  await using engine = startEngineUnderTest();
  for (const ask of ["prompt('first?')", "await input('first?')"]) {
    const { run, done } = engine.start(`${ask}; "answered"`, { allowStdin: true });
    const call = await engine.event((event) => event.type === "call" && event.run === run, "the question");
    await engine.interrupt();
    expect((await done).errors).toEqual([expect.stringMatching(/^Interrupted: /)]);
    engine.process.send({ type: "return", id: call.type === "call" ? call.id : 0, value: "too late" });
    const next = engine.start("prompt('second?')", { allowStdin: true });
    const second = await engine.event(
      (event) => event.type === "call" && event.run === next.run,
      "the second question",
    );
    engine.process.send({ type: "return", id: second.type === "call" ? second.id : 0, value: "in time" });
    expect((await next.done).value).toBe("'in time'");
  }
});

test("a loop that keeps Node at work is ended where it is the student's own code: Node's timers stay whole", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("let n = 0");
  for (let round = 0; round < 25; round++) {
    const ran = await engine.interrupted(
      'console.log("in"); for (;;) { const timer = setTimeout(() => {}, 1 + (n++ % 9)); setTimeout(() => {}, 20 + (n % 50)); clearTimeout(timer); }',
    );
    expect(ran.errors, `round ${round}`).toHaveLength(1);
    const { stdout } = await engine.cell(
      'for (let ms = 1; ms < 12; ms++) await new Promise(r => setTimeout(r, ms)); console.log("all came")',
    );
    expect(stdout, `round ${round}`).toBe("all came\n");
  }
}, 60_000);

test("100 interrupts at random times leave a living engine with its state", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("let count = 0; const kept = 42");
  for (let round = 0; round < 100; round++) {
    const { done } = engine.start(KINDS[round % KINDS.length] as string);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    await engine.interrupt();
    await done;
    expect((await engine.cell("kept")).value).toBe("42");
  }
}, 120_000);

test("whenever the first interrupt comes, a cell that was just sent ends once, and the engine goes on", async () => {
  const kinds = Object.entries(ENDLESS);
  for (let round = 0; round < 2 * kinds.length; round++) {
    const [what, code] = kinds[round % kinds.length] as [string, string];
    await using engine = startEngineUnderTest();
    await engine.cell("let n = 0; const kept = 'kept'");
    const { run, done } = engine.start(code);
    // Not yet read, about to be read, just read, or running.
    if (round % 5 > 0) await new Promise((resolve) => setTimeout(resolve, (round % 5) - 1));
    await engine.interrupt();
    expect((await done).errors, what).toEqual([expect.stringMatching(/^Interrupted: /)]);
    expect((await engine.cell("kept")).value, what).toBe("'kept'");
    const ends = engine.events.filter((event) => event.type === "done" && event.run === run);
    expect(ends, what).toHaveLength(1);
  }
}, 60_000);

function comm({ process }: EngineUnderTest, action: "open" | "msg", data: Json): void {
  process.send({ type: "comm", action, commId: "c", target: "ear", data, metadata: {}, buffers: [] });
}

test("a callback that loops keeps a cell waiting: an interrupt ends both, and what was sent behind is not lost", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("let heard: unknown[] = []; const kept = 'kept'");
  await engine.cell(`
    globalThis[Symbol.for("wirebook.host")].comms.serve("ear", (comm: any) => { comm.onMessage = (data: any) => heard.push(data) })`);
  const { run } = await engine.cell(`console.log("in"); setTimeout(() => { for (;;); }, 5)`);
  await engine.event((event) => event.type === "stream" && event.run === run, "the start");
  await new Promise((resolve) => setTimeout(resolve, 30));
  const waiting = engine.start("1 + 1");
  comm(engine, "open", {});
  comm(engine, "msg", { said: "hello" });
  await engine.interrupt();
  expect((await waiting.done).errors).toEqual([expect.stringMatching(/^Interrupted: /)]);
  expect((await engine.cell("[kept, ...heard]")).value).toBe("[ 'kept', { said: 'hello' } ]");
}, 30_000);

test("cells and what comms say reach the main thread in the order in which they were sent", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("const order: unknown[] = []");
  await engine.cell(`
    globalThis[Symbol.for("wirebook.host")].comms.serve("ear", (comm: any) => { order.push("open"); comm.onMessage = (data: any) => order.push(data.n) })`);
  comm(engine, "open", {});
  for (let n = 0; n < 50; n++) {
    comm(engine, "msg", { n });
    if (n % 7 === 0) await engine.cell(`order.push("cell ${n}")`);
  }
  const expected = [
    "open",
    ...Array.from({ length: 50 }, (_, n) => (n % 7 === 0 ? [n, `cell ${n}`] : [n])).flat(),
  ];
  expect((await engine.cell("JSON.stringify(order)")).value).toBe(`'${JSON.stringify(expected)}'`);
});

test("what takes a while on the main thread loses nothing by an interrupt that does not mean it: a thousand timers go on", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell(`
    let n = 0
    const ticks = new Array(1000).fill(0)
    for (const at of ticks.keys()) setInterval(() => { ticks[at]++ }, 1)`);
  for (let round = 0; round < 40; round++) {
    const { done } = engine.start("await new Promise(r => setTimeout(r, 5)); for (;;) n++");
    await sleep(15 + 10 * Math.random());
    await engine.interrupt();
    expect((await done).errors).toEqual([expect.stringMatching(/^Interrupted: /)]);
  }
  const { value } = await engine.cell(`
    const were = [...ticks]; await new Promise(r => setTimeout(r, 200)); ticks.filter((now, at) => now === were[at]).length`);
  expect(value).toBe("0");
}, 60_000);

test("timers that all fire at once are worked off, not ended in the middle, and later ones still come", async () => {
  await using engine = startEngineUnderTest();
  await engine.cell("let n = 0");
  for (let round = 0; round < 6; round++) {
    await engine.cell("for (let i = 0; i < 300_000; i++) keep(setTimeout(() => { n++ }, 40 + (i % 20)))");
    const { done } = engine.start("for (let m = 0; ; m++);");
    await sleep(70);
    await engine.interrupt();
    expect((await done).errors).toHaveLength(1);
    const { stdout } = await engine.cell(
      'for (let ms = 1; ms < 25; ms++) await new Promise(r => setTimeout(r, ms)); console.log("all came")',
    );
    expect(stdout, `round ${round}`).toBe("all came\n");
  }
  expect((await engine.cell("n")).value).toBe(String(6 * 300_000));
}, 60_000);

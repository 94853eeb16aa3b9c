import { expect, test } from "vitest";
import { isAlive } from "../places.js";
import { type Received, textOf } from "./client.js";
import { startKernelProcess } from "./kernel.js";

function shownValue(iopub: Received[]): string | undefined {
  return iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"];
}

test("types are taken away, values come back, names stay, and errors point into the student's own text", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the cell's own
  const first = await client.execute("const port: number = 12000 + 345\nconsole.log(`port ${port}`)\nport");
  expect(first.types).toEqual(["busy", "execute_input", "stream", "execute_result", "idle"]);
  expect(shownValue(first.iopub)).toBe("12345");
  expect(shownValue((await client.execute("port + 1")).iopub)).toBe("12346");
  const failed = await client.execute("function f(): never {\n  throw new RangeError('no')\n}\nf()");
  expect(failed.types).toEqual(["busy", "execute_input", "error", "idle"]);
  expect(failed.reply.content).toMatchObject({ status: "error", ename: "RangeError", evalue: "no" });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  const traceback = failed.reply.content.traceback.join("\n").replace(/\x1b\[\d+m/g, "");
  expect(traceback).toContain("> 2 |   throw new RangeError('no')");
});

test("user expressions are evaluated after the cell, and one that fails does not fail the others", async () => {
  await using kernel = await startKernelProcess();
  const { reply } = await kernel.client.execute("const x = 20", {
    user_expressions: { good: "x * 2", bad: "nothere", worse: "1 +" },
  });
  const { good, bad, worse } = reply.content.user_expressions;
  expect(good).toMatchObject({ status: "ok", data: { "text/plain": "40" } });
  expect(bad).toMatchObject({ status: "error", ename: "ReferenceError" });
  expect(worse).toMatchObject({ status: "error", ename: "SyntaxError" });
});

test("an interrupt ends an endless loop, keeps every variable and does not abort what comes later", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute("let n = 0");
  for (const loop of [
    "for (;;) n++;",
    "await new Promise(() => {})",
    "for (;;) { try { for (;;) n++ } catch {} }",
  ]) {
    const id = await client.send("shell", "execute_request", { code: `console.log("in");\n${loop}` });
    await client.wait((m) => m.parent.msg_id === id && m.content.text === "in\n");
    const { reply } = await client.request("interrupt_request", {}, { channel: "control" });
    expect(reply.content).toEqual({ status: "ok" });
    expect((await client.answered(id)).reply.content).toMatchObject({
      status: "error",
      ename: "Interrupted",
    });
  }
  expect(Number(shownValue((await client.execute("n")).iopub))).toBeGreaterThan(0);
});

test("heartbeat, completion and inspection on control answer while a cell loops", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute('const target = { address: "127.0.0.1", port: 80 }');
  const id = await client.send("shell", "execute_request", { code: 'console.log("in");\nfor (;;);' });
  await client.wait((m) => m.content.text === "in\n");
  const completed = await client.request(
    "complete_request",
    { code: "target.po", cursor_pos: 9 },
    { channel: "control" },
  );
  expect(completed.reply.content).toMatchObject({
    status: "ok",
    matches: ["port"],
    cursor_start: 7,
    cursor_end: 9,
  });
  const inspected = await client.request(
    "inspect_request",
    { code: "target.port", cursor_pos: 3, detail_level: 0 },
    { channel: "control" },
  );
  expect(inspected.reply.content).toMatchObject({ status: "ok", found: true });
  await client.request("interrupt_request", {}, { channel: "control" });
  await client.answered(id);
});

test("control and other subshells are answered while a cell prints without end", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const { reply } = await client.request("create_subshell_request", {}, { channel: "control" });
  const header = { subshell_id: reply.content.subshell_id };
  const flood = await client.send("shell", "execute_request", {
    code: 'for (;;) { console.log("x".repeat(10_000)); if (Math.random() < 0.01) await new Promise(r => setImmediate(r)) }',
  });
  await client.wait((m) => m.parent.msg_id === flood && m.type === "stream");
  for (let i = 0; i < 5; i++) {
    const info = await client.request("kernel_info_request", {}, { channel: "control" });
    expect(info.reply.content.status).toBe("ok");
    expect((await client.execute(`${i} + 1`, {}, { header })).reply.content.status).toBe("ok");
  }
  expect(client.of(flood).some((m) => m.content.execution_state === "idle")).toBe(false);
  await client.request("interrupt_request", {}, { channel: "control" });
  expect((await client.answered(flood)).reply.content.ename).toBe("Interrupted");
});

test("four hundred thousand lines in one go arrive complete, in order, before idle", async () => {
  await using kernel = await startKernelProcess();
  const { iopub, types } = await kernel.client.execute(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the template is the cell's own
    "for (let i = 0; i < 400_000; i++) console.log(`line ${i}`)",
    {},
    { timeout: 30_000 },
  );
  const expected = Array.from({ length: 400_000 }, (_, i) => `line ${i}\n`).join("");
  expect(textOf(iopub) === expected).toBe(true);
  expect(types.at(-1)).toBe("idle");
});

test("one string of ten megabytes arrives whole", async () => {
  await using kernel = await startKernelProcess();
  const { iopub } = await kernel.client.execute(
    'console.log("é".repeat(5_000_000))',
    {},
    { timeout: 30_000 },
  );
  expect(textOf(iopub) === `${"é".repeat(5_000_000)}\n`).toBe(true);
});

test("under a Jupyter server with default limits nothing is sent faster than it forwards", async () => {
  await using kernel = await startKernelProcess({ env: { JPY_SESSION_NAME: "notebook.ipynb" } });
  const { iopub } = await kernel.client.execute(
    'for (let i = 0; i < 40; i++) console.log("x".repeat(99_999))',
    {},
    { timeout: 30_000 },
  );
  expect(textOf(iopub)).toHaveLength(4_000_000);
  const messages = iopub
    .filter((m) => m.type === "stream")
    .map((m) => ({ at: Date.parse(m.header.date), bytes: m.content.text.length }));
  for (const { at } of messages) {
    const window = messages.filter((m) => m.at >= at && m.at < at + 3000);
    expect(window.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(3_000_000);
  }
});

test("output of timers and servers goes to the cell that started them, also while another cell runs", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const server = await client.execute(
    'import net from "node:net";\nconst server = net.createServer((c) => { console.log("served"); c.end() });\n' +
      "await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))",
  );
  const dialled = await client.execute(
    "await new Promise((resolve) => net.connect((server.address() as net.AddressInfo).port, '127.0.0.1').on('close', resolve).resume())",
  );
  expect(dialled.reply.content.status).toBe("ok");
  const served = await client.wait((m) => m.content.text === "served\n");
  expect(served.parent.msg_id).toBe(server.reply.parent.msg_id);
});

test("when the engine is killed in a cell, the cell says so, its children go, and the next cell runs in a new one", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const child = Number(
    shownValue(
      (await client.execute('import { spawn } from "node:child_process"; spawn("sleep", ["600"]).pid')).iopub,
    ),
  );
  const { reply, types } = await client.execute('process.kill(process.pid, "SIGKILL"); for (;;);');
  expect(reply.content).toMatchObject({ status: "error", ename: "EngineDied" });
  expect(types).toContain("error");
  await expect.poll(() => isAlive(child), { timeout: 5000 }).toBe(false);
  const next = await client.execute("%types off\ntypeof spawn");
  expect(next.reply.content).toMatchObject({ status: "ok", execution_count: 3 });
  expect(shownValue(next.iopub)).toBe("'undefined'");
});

test("a cell that runs out of memory says so", async () => {
  await using kernel = await startKernelProcess({ env: { NODE_OPTIONS: "--max-old-space-size=64" } });
  const { reply } = await kernel.client.execute(
    "const hoard: unknown[] = []; for (;;) hoard.push({ a: [1, 2, 3] })",
    {},
    { timeout: 25_000 },
  );
  expect(reply.content).toMatchObject({ status: "error", ename: "EngineDied" });
  expect(reply.content.evalue).toContain("ran out of memory");
});

test("an interrupt ends a flood that a paced kernel could not show for long, and says how much was kept back", async () => {
  await using kernel = await startKernelProcess({ env: { JPY_SESSION_NAME: "notebook.ipynb" } });
  const { client } = kernel;
  const id = await client.send("shell", "execute_request", {
    code: 'for (let i = 0; ; i++) console.log("x".repeat(1000), i)',
  });
  // By then the kernel's own buffers are full.
  await expect.poll(() => textOf(client.of(id)).length, { timeout: 10_000 }).toBeGreaterThan(1_000_000);
  await client.request("interrupt_request", {}, { channel: "control" });
  const { reply, iopub } = await client.answered(id);
  expect(reply.content).toMatchObject({ status: "error", ename: "Interrupted" });
  const notice = iopub.find((m) => m.type === "display_data")?.content.data["text/plain"];
  expect(notice).toMatch(/^\d+ characters that were still waiting .*: missed\(\)$/);
  const kept = await client.execute("await missed()");
  expect(textOf(kept.iopub)).toMatch(/^── Cell \[1\], without the first \d+ characters\n[x\d \n]+$/);
});

test("whoever waits behind an endless accept loop is told about serveForever, once", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute(
    "import * as socket from 'wirebook/socket';\nconst s = socket.socket();\nawait s.bind(['127.0.0.1', 0]);\nawait s.listen(1);",
  );
  const id = await client.send("shell", "execute_request", {
    code: "console.log('in');\nwhile (true) { const [conn] = await s.accept(); await conn.close(); }",
  });
  await client.wait((message) => message.parent.msg_id === id && message.content.text === "in\n");
  const advice = (): string[] =>
    client
      .of(id)
      .flatMap(({ content }) => content.data?.["text/plain"] ?? [])
      .filter((text) => text.includes("serveForever"));
  expect(advice()).toEqual([]);
  const waiting = [
    await client.send("shell", "execute_request", { code: "1" }),
    await client.send("shell", "execute_request", { code: "2" }),
  ];
  await expect.poll(advice).toHaveLength(1);
  await client.request("interrupt_request", {}, { channel: "control" });
  expect((await client.answered(id)).reply.content).toMatchObject({ ename: "Interrupted" });
  for (const each of waiting) await client.answered(each);
  expect(advice()).toHaveLength(1);
});

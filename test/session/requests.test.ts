import { expect, test } from "vitest";
import { typeOf } from "../kernel/client.js";
import { fail, print } from "../kernel/fake-engine.js";
import { startFixture } from "./fixture.js";

test.each(["shell", "control"] as const)("kernel_info is answered on %s", async (channel) => {
  await using fixture = await startFixture();
  const { reply, types } = await fixture.client.request("kernel_info_request", {}, { channel });
  expect(reply.channel).toBe(channel);
  expect(reply.content).toMatchObject({
    status: "ok",
    protocol_version: "5.6",
    implementation: "wirebook",
    language_info: { name: "typescript", file_extension: ".ts", mimetype: "text/typescript" },
  });
  expect(types).toEqual(["busy", "idle"]);
});

test("control answers while a cell runs", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  await client.send("shell", "execute_request", { code: `${print("on it")}\nwait` });
  await client.wait((m) => m.content.text === "on it");
  const { reply } = await client.request("kernel_info_request", {}, { channel: "control" });
  expect(reply.content.status).toBe("ok");
});

test("an interrupt is answered at once and reaches the engine", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const { reply } = await client.request("interrupt_request", {}, { channel: "control" });
  expect(reply.content).toEqual({ status: "ok" });
  expect(engine.commands).toEqual([{ type: "interrupt", id: expect.any(Number) }]);
});

test("an unknown request is bracketed by busy and idle, and nothing else happens", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const id = await client.send("shell", "constructor", {});
  await client.wait((m) => m.parent.msg_id === id && m.content.execution_state === "idle");
  expect(client.of(id)).toHaveLength(2);
  expect(client.received.some((m) => m.channel === "shell")).toBe(false);
});

test("history gives ranges, tails and matches of what was run, with outputs where asked for", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const result = JSON.stringify({ type: "result", bundle: { data: { "text/plain": "7" }, metadata: {} } });
  await client.execute(print("one"));
  await client.execute(result);
  await client.execute(print("three"), { store_history: false });
  await client.execute(print("one"));
  const find = async (content: object) =>
    (await client.request("history_request", content)).reply.content.history;
  expect(await find({ hist_access_type: "tail", n: 2 })).toEqual([
    [1, 2, result],
    [1, 3, print("one")],
  ]);
  expect(await find({ hist_access_type: "range", session: 0, start: 2, stop: 3, output: true })).toEqual([
    [1, 2, [result, "7"]],
  ]);
  expect(await find({ hist_access_type: "range", session: -1 })).toEqual([]);
  expect(await find({ hist_access_type: "search", pattern: '*on?"*', unique: true })).toEqual([
    [1, 3, print("one")],
  ]);
});

test("connect tells the ports of the connection file", async () => {
  await using fixture = await startFixture();
  const { shell_port, iopub_port, stdin_port, control_port, hb_port } = fixture.connection;
  const { reply } = await fixture.client.request("connect_request", {});
  expect(reply.content).toEqual({
    status: "ok",
    ...{ shell_port, iopub_port, stdin_port, control_port, hb_port },
  });
});

test("a comm that nobody knows is closed at once", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const id = await client.send("shell", "comm_open", { comm_id: "c1", target_name: "nobody", data: {} });
  const closed = await client.wait((m) => m.type === "comm_close");
  expect(closed).toMatchObject({ content: { comm_id: "c1" }, parent: { msg_id: id } });
  expect((await client.request("comm_info_request", {})).reply.content).toEqual({ status: "ok", comms: {} });
});

test("completion counts the cursor in code points, whatever stands before it", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const inherited = engine.onCommand;
  const matches = ["recv", "recvInto"].map((text) => ({ text, type: "function" }));
  engine.onCommand = (command) => {
    if (command.type !== "complete") return inherited(command);
    expect(command).toMatchObject({ expression: "s", prefix: "re" });
    engine.emit({ type: "reply", id: command.id, value: { matches } });
  };
  const { reply } = await client.request("complete_request", { code: "'😀😀'; s.re + 1", cursor_pos: 10 });
  expect(reply.content).toMatchObject({
    status: "ok",
    matches: ["recv", "recvInto"],
    cursor_start: 8,
    cursor_end: 10,
    metadata: {
      _jupyter_types_experimental: [
        { text: "recv", type: "function", start: 8, end: 10 },
        { text: "recvInto" },
      ],
    },
  });
});

test("completion and inspection answer even where the engine does not", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const completed = await client.request("complete_request", { code: "s.re", cursor_pos: 4 });
  expect(completed.reply.content).toMatchObject({ status: "ok", matches: [] });
  const inspected = await client.request("inspect_request", { code: "s", cursor_pos: 1, detail_level: 0 });
  expect(inspected.reply.content).toEqual({ status: "ok", found: false, data: {}, metadata: {} });
});

test("inspection finds the name under the cursor, and inside of brackets the name of what is called", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const asked: string[] = [];
  engine.onCommand = (command) => {
    if (command.type !== "inspect") return;
    asked.push(command.expression);
    engine.emit({
      type: "reply",
      id: command.id,
      value: { found: true, text: command.expression },
    });
  };
  const at = async (code: string) => {
    const cursor_pos = code.indexOf("|");
    return await client.request("inspect_request", {
      code: code.replace("|", ""),
      cursor_pos,
      detail_level: 0,
    });
  };
  expect((await at("s.re|cv(5)")).reply.content).toMatchObject({
    found: true,
    data: { "text/plain": "s.recv" },
  });
  await at("s.send(f(1), |");
  expect(asked).toEqual(["s.recv", "s.send"]);
});

test("is_complete tells a console whether to go on asking", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const ask = async (code: string) => (await client.request("is_complete_request", { code })).reply.content;
  expect(await ask("if (x) {")).toEqual({ status: "incomplete", indent: "  " });
  expect(await ask("1")).toEqual({ status: "complete" });
});

test.each([false, true])(
  "shutdown answers with restart: %s, on iopub too, and the kernel ends",
  async (restart) => {
    await using fixture = await startFixture();
    const { client, kernel } = fixture;
    const id = await client.send("control", "shutdown_request", { restart });
    const [reply, broadcast] = await Promise.all([
      client.wait((m) => m.channel === "control"),
      client.wait((m) => m.type === "shutdown_reply" && m.channel === "iopub"),
    ]);
    expect(reply.content).toEqual({ status: "ok", restart });
    expect(broadcast.content).toEqual({ status: "ok", restart });
    expect(broadcast.parent.msg_id).toBe(id);
    await kernel.ended;
  },
);

test("every client is welcomed, also the second one with the same subscription", async () => {
  await using fixture = await startFixture();
  const second = fixture.join();
  const welcome = await second.wait((m) => m.type === "iopub_welcome");
  expect(welcome).toMatchObject({ content: { subscription: "" }, parent: {} });
});

test("two clients get each only their own replies", async () => {
  await using fixture = await startFixture();
  const second = fixture.join();
  await second.wait((m) => m.type === "iopub_welcome");
  await Promise.all([
    fixture.client.execute(print("a")),
    second.execute(fail("b"), { stop_on_error: false }),
  ]);
  for (const client of [fixture.client, second]) {
    expect(client.received.filter((m) => m.channel === "shell")).toHaveLength(1);
  }
});

test("`starting` is said once, to whoever listens first, and has no parent", async () => {
  await using fixture = await startFixture();
  const second = fixture.join();
  await second.wait((m) => m.type === "iopub_welcome");
  await second.request("kernel_info_request");
  const starting = ({ received }: typeof second) =>
    received.filter((m) => m.content.execution_state === "starting");
  expect(starting(fixture.client)).toMatchObject([{ parent: {} }]);
  expect(fixture.client.received[0]?.content.execution_state).toBe("starting");
  expect(starting(second)).toEqual([]);
});

test.each(["shell", "control"] as const)(
  "what %s answers has the whole header of the request as its parent, and a header of the kernel's own",
  async (channel) => {
    await using fixture = await startFixture();
    const { client } = fixture;
    const header = { custom: { nested: [1, null, "é"] }, date: "2020-02-02T20:20:20.202020+02:00" };
    const first = await client.request("kernel_info_request", { unknown: true }, { channel, header });
    const again = await client.request("kernel_info_request", {}, { channel });
    for (const message of [first.reply, ...first.iopub]) expect(message.parent).toMatchObject(header);
    const headers = [first.reply, ...first.iopub, again.reply, ...again.iopub].map(
      (message) => message.header,
    );
    expect(new Set(headers.map(({ session }) => session)).size).toBe(1);
    expect(headers[0]?.session).not.toBe(client.session);
    expect(new Set(headers.map(({ msg_id }) => msg_id)).size).toBe(headers.length);
    for (const { date, version } of headers) {
      expect(date).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect(version).toBe("5.6");
    }
  },
);

test("control serves one request after another", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  // Nobody answers it, so it takes until its deadline.
  const slow = await client.send("control", "complete_request", { code: "a", cursor_pos: 1 });
  const quick = await client.send("control", "kernel_info_request", {});
  await Promise.all([client.answered(slow), client.answered(quick)]);
  const order = client.received.filter((m) => m.parent.msg_id === slow || m.parent.msg_id === quick);
  expect(order.filter((m) => m.type === "status").map((m) => m.parent.msg_id)).toEqual([
    slow,
    slow,
    quick,
    quick,
  ]);
  expect(order.filter((m) => m.channel === "control").map((m) => m.parent.msg_id)).toEqual([slow, quick]);
});

test("a reply that cannot be written is answered with an error instead of silence", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  let deep: unknown = 1;
  for (let i = 0; i < 1000; i++) deep = [deep];
  engine.onCommand = (command) => {
    if (command.type !== "run") return;
    const bundle = { data: { "text/plain": "deep", "application/json": deep }, metadata: {} };
    const { run } = command.job;
    engine.emit({ type: "done", run, status: "ok", passed: 0, expressions: { deep: { ok: true, bundle } } });
  };
  const { reply, types } = await client.execute("x", { user_expressions: { deep: "x" } });
  expect(reply.content).toMatchObject({ status: "error", ename: "RangeError", execution_count: 1 });
  expect(types.at(-1)).toBe("idle");
});

test("at the end of the kernel every open comm is closed", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  engine.emit({ type: "target", name: "mine" });
  await client.send("shell", "comm_open", { comm_id: "c", target_name: "mine", data: {} });
  await expect.poll(() => engine.commands.length).toBe(1);
  await client.send("control", "shutdown_request", { restart: false });
  expect((await client.wait((m) => m.type === "comm_close")).content).toEqual({ comm_id: "c", data: {} });
});

test("a client that waits for the kernel is welcomed, however early it gets through", async () => {
  for (let i = 0; i < 25; i++) {
    await using fixture = await startFixture({ eager: true });
    const { client } = fixture;
    await client.request("kernel_info_request", {}, { channel: "control" });
    const iopub = client.received.filter((m) => m.channel === "iopub");
    expect(iopub.slice(0, 2).map(typeOf)).toEqual(["starting", "iopub_welcome"]);
  }
});

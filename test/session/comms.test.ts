// Comms in the session: who answers, what is listed, and what becomes of them.
import { expect, test } from "vitest";
import type { Command } from "../../src/flow.js";
import type { Types } from "../../src/session/needs.js";
import { startFixture } from "./fixture.js";

const types: Types = {
  check: async () => ({ problems: [], enter() {}, discard() {} }),
  complete: async () => undefined,
  inspect: async () => undefined,
  diagnose: async () => [
    { code: 2322, message: "no", start: { line: 1, column: 7 }, end: { line: 1, column: 8 } },
  ],
  reset() {},
};

test("problems of a cell are told without running it, by types or by the parser", async () => {
  await using fixture = await startFixture({ types });
  const { client, engine } = fixture;
  await client.send("shell", "comm_open", { comm_id: "d", target_name: "wirebook.diagnostics", data: {} });
  const ask = async (data: object) => {
    const id = await client.send("shell", "comm_msg", { comm_id: "d", data });
    return (await client.wait((one) => one.type === "comm_msg" && one.parent.msg_id === id)).content;
  };
  expect(await ask({ code: "const x: number = ''", id: 7 })).toEqual({
    comm_id: "d",
    data: { diagnostics: await types.diagnose({} as never), id: 7 },
  });
  const { data } = await ask({ code: "§" });
  expect(data.diagnostics).toEqual([
    expect.objectContaining({ message: "unexpected §", start: { line: 1, column: 1 } }),
  ]);
  expect(engine.commands).toEqual([]);
});

test("a front end's comm reaches the engine while a cell runs, with its buffers; closed, it reaches nobody", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  engine.emit({ type: "target", name: "mine" });
  const cell = await client.send("shell", "execute_request", { code: "wait" });
  await client.send("shell", "comm_open", { comm_id: "a", target_name: "mine", data: { x: 1 } });
  await client.send(
    "shell",
    "comm_msg",
    { comm_id: "a", data: { y: 2 } },
    { buffers: [Buffer.from("bytes")] },
  );
  await client.send("shell", "comm_close", { comm_id: "a", data: {} });
  await client.send("shell", "comm_msg", { comm_id: "a", data: { late: true } });
  const comms = (): Command[] => engine.commands.filter((command) => command.type === "comm");
  await expect.poll(() => comms().length).toBe(3);
  expect(comms()).toMatchObject([
    { action: "open", commId: "a", target: "mine", data: { x: 1 } },
    { action: "msg", commId: "a", data: { y: 2 }, buffers: [Buffer.from("bytes").toString("base64")] },
    { action: "close", commId: "a" },
  ]);
  engine.emit({ type: "done", run: 1, status: "ok", passed: 0, expressions: {} });
  await client.answered(cell);
});

test("a cell's comm is listed while it is open, speaks with buffers, and is closed when the engine dies", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const say = (action: "open" | "msg" | "close", more = {}) =>
    engine.emit({ type: "comm", run: 0, action, commId: "w", data: {}, metadata: {}, buffers: [], ...more });
  say("open", { target: "jupyter.widget", metadata: { version: "2.1.0" } });
  say("msg", { data: { method: "update" }, buffers: [Buffer.from("raw").toString("base64")] });
  const opened = await client.wait((message) => message.type === "comm_open");
  expect(opened.content).toMatchObject({ comm_id: "w", target_name: "jupyter.widget" });
  expect(opened.metadata).toEqual({ version: "2.1.0" });
  const update = await client.wait((message) => message.type === "comm_msg");
  expect(update.buffers.map(String)).toEqual(["raw"]);
  const info = async (content = {}) =>
    (await client.request("comm_info_request", content)).reply.content.comms;
  expect(await info()).toEqual({ w: { target_name: "jupyter.widget" } });
  expect(await info({ target_name: "other" })).toEqual({});
  engine.die("it was killed");
  await client.wait((message) => message.type === "comm_close");
  expect(await info()).toEqual({});
});

test("where no cell runs or waits, a comm's messages keep the order of requests: none begins before the one before it is done", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  engine.emit({ type: "target", name: "mine" });
  const ids: string[] = [];
  for (let i = 0; i < 20; i++) {
    const open = { comm_id: `c${i}`, target_name: "mine", data: {} };
    ids.push(await client.send("shell", "comm_open", open));
    ids.push(await client.send("shell", "kernel_info_request", {}));
    ids.push(await client.send("shell", "comm_msg", { comm_id: `c${i}`, data: {} }));
  }
  await client.wait((m) => m.parent.msg_id === ids.at(-1) && m.content.execution_state === "idle");
  const order = client.received.filter((m) => m.type === "status" && ids.includes(m.parent.msg_id));
  expect(order.map((m) => m.parent.msg_id)).toEqual(ids.flatMap((id) => [id, id]));
});

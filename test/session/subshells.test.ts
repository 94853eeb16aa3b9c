import { expect, test } from "vitest";
import type { Answered, Client, Content } from "../kernel/client.js";
import { fail, print } from "../kernel/fake-engine.js";
import { startFixture } from "./fixture.js";

async function control(client: Client, type: string, content: Content = {}): Promise<Content> {
  return (await client.request(type, content, { channel: "control" })).reply.content;
}

async function createSubshell(client: Client): Promise<string> {
  return (await control(client, "create_subshell_request")).subshell_id;
}

function executeIn(
  client: Client,
  id: string | null,
  code: string,
  content: Content = {},
): Promise<Answered> {
  return client.execute(code, content, { header: { subshell_id: id } });
}

test("subshells are made, listed and deleted on control, and the kernel says that it has them", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  expect((await control(client, "kernel_info_request")).supported_features).toContain("kernel subshells");
  expect(await control(client, "list_subshell_request")).toEqual({ status: "ok", subshell_id: [] });
  const ids = [await createSubshell(client), await createSubshell(client)];
  expect(new Set(ids).size).toBe(2);
  expect(await control(client, "list_subshell_request")).toEqual({ status: "ok", subshell_id: ids });
  expect(await control(client, "delete_subshell_request", { subshell_id: ids[0] })).toEqual({ status: "ok" });
  expect(await control(client, "list_subshell_request")).toEqual({ status: "ok", subshell_id: [ids[1]] });
  expect(await control(client, "delete_subshell_request", { subshell_id: ids[0] })).toMatchObject({
    status: "error",
    ename: "UnknownSubshell",
  });
});

test("a cell of a subshell runs while one of the main shell does, and all that it says has its own parent", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const id = await createSubshell(client);
  const waiting = await client.send("shell", "execute_request", { code: "wait" });
  await client.wait((m) => m.parent.msg_id === waiting && m.type === "execute_input");
  await expect.poll(() => engine.run).toBe(1);
  const { reply, types, iopub } = await executeIn(client, id, print("beside it"));
  expect(reply).toMatchObject({ content: { status: "ok" }, parent: { subshell_id: id } });
  expect(types).toEqual(["busy", "execute_input", "stream", "idle"]);
  for (const message of iopub) expect(message.parent.subshell_id).toBe(id);
  engine.emit({ type: "stream", run: 1, name: "stdout", text: "late" });
  engine.emit({ type: "done", run: 1, status: "ok", passed: 0, expressions: {} });
  const main = await client.answered(waiting);
  expect(main.types).toEqual(["busy", "execute_input", "busy", "stream", "idle"]);
  expect(main.reply.parent).not.toHaveProperty("subshell_id");
});

test("requests of one subshell are served one after another, in their order", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const id = await createSubshell(client);
  const first = await client.send(
    "shell",
    "execute_request",
    { code: "wait" },
    { header: { subshell_id: id } },
  );
  await expect.poll(() => engine.run).toBe(1);
  const later: string[] = [];
  for (let i = 0; i < 5; i++)
    later.push(
      await client.send(
        "shell",
        "execute_request",
        { code: print(String(i)) },
        { header: { subshell_id: id } },
      ),
    );
  expect((await client.request("kernel_info_request")).reply.content.status).toBe("ok");
  expect(later.map((one) => client.of(one).length)).toEqual([0, 0, 0, 0, 0]);
  engine.emit({ type: "done", run: 1, status: "ok", passed: 0, expressions: {} });
  const answers = [await client.answered(first)];
  for (const one of later) answers.push(await client.answered(one));
  const order = client.received.filter((m) => m.type === "status" && m.parent.subshell_id === id);
  // Beside the first one kernel_info was answered, so it says once more that it is busy.
  expect(order.map((m) => m.content.execution_state)).toEqual([
    "busy",
    ...Array(6).fill(["busy", "idle"]).flat(),
  ]);
  expect(answers.map(({ reply }) => reply.content.execution_count)).toEqual([1, 2, 3, 4, 5, 6]);
});

test("counter and history are each subshell's own", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const id = await createSubshell(client);
  await client.execute(print("main 1"));
  await client.execute(print("main 2"));
  const { reply } = await executeIn(client, id, print("sub 1"));
  expect(reply.content.execution_count).toBe(1);
  expect((await executeIn(client, null, print("main 3"))).reply.content.execution_count).toBe(3);
  const history = async (header: Content) =>
    (await client.request("history_request", { hist_access_type: "tail", n: 10 }, { header })).reply.content
      .history;
  expect(await history({ subshell_id: id })).toEqual([[1, 1, print("sub 1")]]);
  expect((await history({})).map(([, line]: number[]) => line)).toEqual([1, 2, 3]);
});

test("an error aborts what waits in its own subshell only", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const id = await createSubshell(client);
  const inSub = { header: { subshell_id: id } };
  const [slow, failing] = [
    await client.send("shell", "execute_request", { code: "wait" }),
    await client.send("shell", "execute_request", { code: `wait` }, inSub),
  ];
  await expect.poll(() => engine.run).toBe(2);
  const behindMain = await client.send("shell", "execute_request", { code: print("main goes on") });
  const behindSub = await client.send("shell", "execute_request", { code: print("never") }, inSub);
  // Answered at once, so what was sent before has arrived.
  await client.request("kernel_info_request", {}, { header: { subshell_id: await createSubshell(client) } });
  const error = JSON.parse(fail("no")).error;
  engine.emit({ type: "error", run: 2, error });
  engine.emit({ type: "done", run: 2, status: "error", passed: 0, expressions: {} });
  expect((await client.answered(failing)).reply.content.status).toBe("error");
  expect((await client.answered(behindSub)).reply.content.status).toBe("aborted");
  engine.emit({ type: "done", run: 1, status: "ok", passed: 0, expressions: {} });
  expect((await client.answered(slow)).reply.content.status).toBe("ok");
  expect((await client.answered(behindMain)).reply.content.status).toBe("ok");
});

test.each([
  ["execute_request", { code: print("never") }, "execute_reply"],
  ["kernel_info_request", {}, "kernel_info_reply"],
])(
  "%s to a subshell that there is not is answered with an error, and nothing runs",
  async (type, content, replyType) => {
    await using fixture = await startFixture();
    const { client, engine } = fixture;
    for (const subshell_id of ["nobody", 7]) {
      const { reply, types } = await client.request(type, content, { header: { subshell_id } });
      expect(reply.type).toBe(replyType);
      expect(reply.content).toMatchObject({
        status: "error",
        ename: "UnknownSubshell",
        traceback: expect.any(Array),
      });
      expect(types).toEqual(["busy", "idle"]);
    }
    expect(engine.commands).toEqual([]);
  },
);

test("what runs no code is answered on a subshell while the main shell is busy", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const header = { subshell_id: await createSubshell(client) };
  await client.send("shell", "execute_request", { code: "wait" });
  const asked: [string, Content][] = [
    ["kernel_info_request", {}],
    ["complete_request", { code: "a", cursor_pos: 1 }],
    ["inspect_request", { code: "a", cursor_pos: 1 }],
    ["is_complete_request", { code: "1" }],
    ["comm_info_request", {}],
    ["history_request", { hist_access_type: "tail", n: 1 }],
  ];
  for (const [type, content] of asked) {
    const { reply } = await client.request(type, content, { header });
    expect(reply.type, type).toBe(type.replace("_request", "_reply"));
  }
});

test("a comm's messages arrive by any subshell, also by one that was deleted meanwhile, but not by one that never was", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const id = await createSubshell(client);
  engine.emit({ type: "target", name: "a target" });
  const say = async (type: string, content: Content, subshell_id: string): Promise<void> => {
    const sent = await client.send("shell", type, { comm_id: "c", ...content }, { header: { subshell_id } });
    await client.wait((m) => m.parent.msg_id === sent && m.content.execution_state === "idle");
  };
  await say("comm_open", { target_name: "a target", data: {} }, id);
  await say("comm_msg", { data: { value: 1 } }, "nobody");
  await say("comm_msg", { data: { value: 2 } }, id);
  await control(client, "delete_subshell_request", { subshell_id: id });
  await say("comm_msg", { data: { value: 3 } }, id);
  await say("comm_close", { data: {} }, id);
  const heard = engine.commands.flatMap((command) => (command.type === "comm" ? [command] : []));
  expect(heard.map(({ action, data }) => [action, data])).toEqual([
    ["open", {}],
    ["msg", { value: 2 }],
    ["msg", { value: 3 }],
    ["close", {}],
  ]);
  expect((await client.request("comm_info_request")).reply.content.comms).toEqual({});
});

test("deleting a subshell ends its cell and those behind it, and nobody else's", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const id = await createSubshell(client);
  const inSub = { header: { subshell_id: id } };
  const main = await client.send("shell", "execute_request", { code: "wait" });
  await expect.poll(() => engine.run).toBe(1);
  const running = await client.send("shell", "execute_request", { code: "wait" }, inSub);
  await expect.poll(() => engine.run).toBe(2);
  const waiting = await client.send("shell", "execute_request", { code: print("never") }, inSub);
  await client.request("kernel_info_request", {}, { header: { subshell_id: await createSubshell(client) } });
  await control(client, "delete_subshell_request", { subshell_id: id });
  await expect.poll(() => engine.commands.at(-1)).toMatchObject({ type: "interrupt", run: 2 });
  engine.emit({ type: "done", run: 2, status: "error", passed: 0, expressions: {} });
  expect((await client.answered(running)).reply.content.status).toBe("error");
  expect((await client.answered(waiting)).reply.content.status).toBe("aborted");
  engine.emit({ type: "done", run: 1, status: "ok", passed: 0, expressions: {} });
  expect((await client.answered(main)).reply.content.status).toBe("ok");
});

test("an interrupt is for the whole kernel, and so is the death of the engine", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const id = await createSubshell(client);
  const cells = [
    await client.send("shell", "execute_request", { code: "wait" }),
    await client.send("shell", "execute_request", { code: "wait" }, { header: { subshell_id: id } }),
  ];
  await expect.poll(() => engine.run).toBe(2);
  await control(client, "interrupt_request");
  await expect.poll(() => engine.commands.at(-1)).toEqual({ type: "interrupt", id: expect.any(Number) });
  engine.die("it was killed");
  for (const cell of cells) {
    const { reply } = await client.answered(cell);
    expect(reply.content).toMatchObject({ status: "error", ename: "EngineDied" });
  }
  expect((await executeIn(client, id, print("again"))).reply.content.status).toBe("ok");
});

test("a question of one subshell waits until another's is answered, and goes to who asked for its cell", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const id = await createSubshell(client);
  const allow = { allow_stdin: true };
  const main = await client.send("shell", "execute_request", { code: "wait", ...allow });
  await expect.poll(() => engine.run).toBe(1);
  await client.send("shell", "execute_request", { code: "wait", ...allow }, { header: { subshell_id: id } });
  await expect.poll(() => engine.run).toBe(2);
  for (const run of [1, 2])
    engine.emit({ type: "call", id: run, run, method: "input", params: { prompt: `${run}?` } });
  const first = await client.wait((m) => m.type === "input_request");
  expect(first).toMatchObject({ content: { prompt: "1?" }, parent: { msg_id: main } });
  await client.send("stdin", "input_reply", { value: "one" }, { parent: first.header });
  const second = await client.wait((m) => m.type === "input_request" && m.content.prompt === "2?");
  expect(second.parent.subshell_id).toBe(id);
  // The end of the other cell does not take the question away.
  engine.emit({ type: "done", run: 1, status: "ok", passed: 0, expressions: {} });
  await client.answered(main);
  await client.send("stdin", "input_reply", { value: "two" }, { parent: second.header });
  await expect
    .poll(() => engine.commands.filter(({ type }) => type === "return"))
    .toEqual([
      { type: "return", id: 1, value: "one" },
      { type: "return", id: 2, value: "two" },
    ]);
});

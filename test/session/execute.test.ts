import { expect, test } from "vitest";
import { textOf, typeOf } from "../kernel/client.js";
import { fail, print } from "../kernel/fake-engine.js";
import { startFixture } from "./fixture.js";

test("a cell is announced, its output comes in order, and idle is the last thing that is said about it", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const value = { type: "result", bundle: { data: { "text/plain": "42" }, metadata: {} } };
  const { reply, types, iopub } = await client.execute(
    [print("a\n"), print("b\n", "stderr"), print("c\n"), JSON.stringify(value)].join("\n"),
  );
  expect(types).toEqual(["busy", "execute_input", "stream", "stream", "stream", "execute_result", "idle"]);
  expect(iopub.filter((m) => m.type === "stream").map((m) => m.content.text)).toEqual(["a\n", "b\n", "c\n"]);
  expect(reply.content).toEqual({ status: "ok", execution_count: 1, payload: [], user_expressions: {} });
  expect(iopub[5]?.content).toEqual({ execution_count: 1, data: { "text/plain": "42" }, metadata: {} });
  expect(new Set(iopub.map((m) => JSON.stringify(m.parent))).size).toBe(1);
  expect(reply.header.session).not.toBe(client.session);
  expect(reply.header.date).toMatch(/Z$/);
});

test("a failing cell gives one error message and the same triple in its reply", async () => {
  await using fixture = await startFixture();
  const { reply, iopub } = await fixture.client.execute(fail("boom"));
  const errors = iopub.filter((m) => m.type === "error");
  expect(errors).toHaveLength(1);
  expect(errors[0]?.content).toMatchObject({ ename: "Error", evalue: "boom" });
  expect(reply.content).toMatchObject({ status: "error", execution_count: 1, ...errors[0]?.content });
});

test("a syntax error stops the cell before the engine hears of it", async () => {
  await using fixture = await startFixture();
  const { reply, iopub } = await fixture.client.execute("let § = 1");
  expect(reply.content).toMatchObject({ status: "error", ename: "SyntaxError" });
  expect(iopub.filter((m) => m.type === "error")).toHaveLength(1);
  expect(fixture.engine.commands.some((command) => command.type === "run")).toBe(false);
});

test("an error of a callback is shown but does not fail the cell", async () => {
  await using fixture = await startFixture();
  const { reply, types } = await fixture.client.execute(fail("later", "callback"));
  expect(reply.content.status).toBe("ok");
  expect(types).toContain("error");
});

test("the counter rises only for cells that are stored in the history", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const counts = [];
  for (const content of [{}, { store_history: false }, { silent: true }, {}]) {
    counts.push((await client.execute("", content)).reply.content.execution_count);
  }
  expect(counts).toEqual([1, 1, 1, 2]);
});

test("a silent cell broadcasts nothing but busy and idle, and its error does not abort the others", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const silent = await client.send("shell", "execute_request", {
    code: `${print("x")}\n${fail("no")}`,
    silent: true,
  });
  const next = await client.send("shell", "execute_request", { code: print("heard") });
  const first = await client.answered(silent);
  expect(first.types).toEqual(["busy", "idle"]);
  expect(first.reply.content).toMatchObject({ status: "error", ename: "Error", evalue: "no" });
  expect((await client.answered(next)).reply.content.status).toBe("ok");
});

test("after an error the cells that wait are aborted with their counter, other requests are answered", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const ids = [];
  for (const code of ["wait", print("second"), print("third")]) {
    ids.push(await client.send("shell", "execute_request", { code }));
  }
  const info = await client.send("shell", "kernel_info_request", {});
  // Answered beside the queue, so all that was sent before has arrived.
  const { reply } = await client.request("create_subshell_request", {}, { channel: "control" });
  const { subshell_id } = reply.content;
  await client.request("kernel_info_request", {}, { header: { subshell_id } });
  engine.emit({ run: 1, ...JSON.parse(fail("first")) });
  engine.emit({ type: "done", run: 1, status: "error", passed: 0, expressions: {} });
  const [first, second, third] = await Promise.all(ids.map((id) => client.answered(id)));
  expect(first?.reply.content.status).toBe("error");
  for (const aborted of [second, third]) {
    expect(aborted?.reply.content).toMatchObject({ status: "aborted", execution_count: 1 });
    expect(aborted?.types).toEqual(["busy", "idle"]);
  }
  expect((await client.answered(info)).reply.content.status).toBe("ok");
  expect((await client.execute(print("again"))).reply.content.status).toBe("ok");
});

test("with stop_on_error false nothing is aborted", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  await client.send("shell", "execute_request", { code: fail("first"), stop_on_error: false });
  const { reply } = await client.execute(print("second"));
  expect(reply.content.status).toBe("ok");
});

test("a hundred mixed requests are answered in order and their busy and idle never interleave", async () => {
  await using fixture = await startFixture();
  const { client } = fixture;
  const ids: string[] = [];
  for (let i = 0; i < 100; i++) {
    const kind = i % 3;
    ids.push(
      kind === 0
        ? await client.send("shell", "execute_request", { code: print(`${i}`) })
        : await client.send("shell", kind === 1 ? "kernel_info_request" : "no_such_request", {}),
    );
  }
  await client.wait((m) => m.parent.msg_id === ids.at(-1) && typeOf(m) === "idle");
  const statuses = client.received.filter((m) => m.type === "status" && ids.includes(m.parent.msg_id));
  expect(statuses.map((m) => `${typeOf(m)} ${m.parent.msg_id}`)).toEqual(
    ids.flatMap((id) => [`busy ${id}`, `idle ${id}`]),
  );
  const replies = () => client.received.filter((m) => m.channel === "shell").map((m) => m.parent.msg_id);
  await expect.poll(replies).toEqual(ids.filter((_, i) => i % 3 !== 2));
});

test("an execute_request without code is answered with what is missing", async () => {
  await using fixture = await startFixture();
  const { reply, types } = await fixture.client.request("execute_request", { silent: false });
  expect(reply.content).toMatchObject({
    status: "error",
    ename: "InvalidRequest",
    evalue: '"code" must be a string',
  });
  expect(types).toEqual(["busy", "idle"]);
});

test("output that comes after its cell has ended still belongs to it", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const { reply } = await client.execute(print("now"));
  const run = engine.run;
  await client.execute(print("other"));
  engine.emit({ type: "stream", run, name: "stdout", text: "late" });
  const late = await client.wait((m) => m.content.text === "late");
  expect(late.parent.msg_id).toBe(reply.parent.msg_id);
});

test("what the front end says about cells reaches the engine", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  await client.execute("", {}, { metadata: { cellId: "abc", deletedCells: ["x", "y"] } });
  expect(engine.commands[0]).toEqual({ type: "dispose", cellIds: ["x", "y"] });
  expect(engine.commands[1]).toMatchObject({ type: "run", job: { cellId: "abc", label: "Cell [1]" } });
});

test("after a page was reloaded, the next cell tells of output that the old page would have shown", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  await client.execute(print("listening on 12345\n"));
  const run = engine.run;
  const page = fixture.join();
  await page.wait((m) => m.type === "iopub_welcome");
  engine.emit({ type: "stream", run, name: "stdout", text: "one\ntwo\n" });
  const { iopub } = await page.execute("");
  const [notice] = iopub.filter((m) => m.type === "display_data");
  expect(notice?.content.data["text/plain"]).toBe(
    "cell [1] printed 2 lines while this page was not listening: missed()",
  );
  expect((await page.execute("")).types).not.toContain("display_data");
  engine.emit({ type: "call", id: 7, run: engine.run, method: "missed", params: {} });
  await expect
    .poll(() => engine.commands.at(-1))
    .toMatchObject({
      type: "return",
      id: 7,
      value: "── Cell [1]\none\ntwo\n",
    });
});

test("a hundred thousand lines arrive complete and in order, in few messages", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const id = await client.send("shell", "execute_request", { code: "wait" });
  await client.wait((m) => m.type === "execute_input");
  await expect.poll(() => engine.run).toBe(1);
  let expected = "";
  for (let i = 0; i < 100_000; i++) {
    const text = `line ${i}\n`;
    expected += text;
    engine.emit({ type: "stream", run: 1, name: "stdout", text });
  }
  engine.emit({ type: "done", run: 1, status: "ok", passed: 0, expressions: {} });
  const { iopub } = await client.answered(id);
  expect(textOf(iopub) === expected).toBe(true);
  expect(iopub.length).toBeLessThan(20);
});

test("a name with a question mark opens the pager with what the name is", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const asked: object[] = [];
  engine.onCommand = (command) => {
    if (command.type !== "inspect") return;
    asked.push({ expression: command.expression, detail: command.detail });
    engine.emit({ type: "reply", id: command.id, value: { found: true, text: "a function" } });
  };
  const { reply, types } = await client.execute("socket.recv?");
  expect(reply.content.payload).toEqual([{ source: "page", data: { "text/plain": "a function" }, start: 0 }]);
  expect(types).toEqual(["busy", "execute_input", "idle"]);
  await client.execute("recv??\n");
  expect(asked).toEqual([
    { expression: "socket.recv", detail: 0 },
    { expression: "recv", detail: 1 },
  ]);
});

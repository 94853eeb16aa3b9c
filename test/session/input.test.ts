import { expect, onTestFinished, test } from "vitest";
import { Dealer } from "zeromq";
import type { Command } from "../../src/flow.js";
import { address } from "../kernel/client.js";
import { type Fixture, startFixture } from "./fixture.js";

type Answer = Extract<Command, { type: "return" }>;

/** A cell that runs, asked by a client that allows input or not. */
async function runningCell({ client, engine }: Fixture, allow_stdin: boolean): Promise<string> {
  const id = await client.send("shell", "execute_request", { code: "wait", allow_stdin });
  await expect.poll(() => engine.run).toBe(1);
  return id;
}

function answers({ engine }: Fixture): Answer[] {
  return engine.commands.filter((command) => command.type === "return");
}

const question = {
  type: "call",
  run: 1,
  method: "input",
  params: { prompt: "name? ", password: false },
} as const;

test("a question goes to the client that runs the cell, after what was printed before, and its answer comes back", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const other = fixture.join();
  await other.wait((m) => m.type === "iopub_welcome");
  const id = await runningCell(fixture, true);
  engine.emit({ type: "stream", run: 1, name: "stdout", text: "hello\n" });
  engine.emit({ ...question, id: 5 });
  const asked = await client.wait((m) => m.type === "input_request");
  expect(asked.content).toEqual({ prompt: "name? ", password: false });
  expect(asked.parent.msg_id).toBe(id);
  await client.wait((m) => m.content.text === "hello\n");
  await client.send("stdin", "input_reply", { value: "Ada" }, { parent: asked.header });
  await expect.poll(() => answers(fixture)).toEqual([{ type: "return", id: 5, value: "Ada" }]);
  expect(other.received.some((m) => m.channel === "stdin")).toBe(false);
});

test("an answer that nobody asked for, or to another question, or of another client, is dropped", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const other = fixture.join();
  await other.wait((m) => m.type === "iopub_welcome");
  await client.send("stdin", "input_reply", { value: "too early" });
  await runningCell(fixture, true);
  engine.emit({ ...question, id: 5 });
  await client.wait((m) => m.type === "input_request");
  await client.send("stdin", "input_reply", { value: "old" }, { parent: { msg_id: "an older question" } });
  await other.send("stdin", "input_reply", { value: "not mine" });
  await other.request("kernel_info_request", {}, { channel: "control" });
  await client.send("stdin", "input_reply", { value: "right" });
  await expect.poll(() => answers(fixture)).toEqual([{ type: "return", id: 5, value: "right" }]);
});

test("where the front end allows no input, the question fails at once", async () => {
  await using fixture = await startFixture();
  await runningCell(fixture, false);
  fixture.engine.emit({ ...question, id: 5 });
  await expect.poll(() => answers(fixture)[0]?.error).toContain("does not answer questions");
  expect(fixture.client.received.some((m) => m.type === "input_request")).toBe(false);
});

test("Ctrl-D, as terminals' front ends send it, is the end of the input and no text", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  await runningCell(fixture, true);
  engine.emit({ ...question, id: 5 });
  await client.wait((m) => m.type === "input_request");
  await client.send("stdin", "input_reply", { value: "\x04" });
  await expect.poll(() => answers(fixture)).toEqual([{ type: "return", id: 5, value: null }]);
});

test("a question of a cell that has ended reaches no client", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const id = await runningCell(fixture, true);
  engine.emit({ type: "done", run: 1, status: "ok", passed: 0, expressions: {} });
  await client.answered(id);
  engine.emit({ ...question, id: 5 });
  await expect.poll(() => answers(fixture)[0]?.error).toMatch(/no cell is asking: Cell \[1\] has ended/);
  expect(client.received.some((m) => m.type === "input_request")).toBe(false);
});

test("after an interrupt an answer is too late, and the next question is asked at once", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  await runningCell(fixture, true);
  engine.emit({ ...question, id: 5 });
  engine.emit({ ...question, id: 6 });
  const first = await client.wait((m) => m.type === "input_request");
  await client.request("interrupt_request", {}, { channel: "control" });
  await client.send("stdin", "input_reply", { value: "too late" }, { parent: first.header });
  engine.emit({ ...question, id: 7, params: { prompt: "again? ", password: false } });
  const again = await client.wait((m) => m.content.prompt === "again? ");
  await client.send("stdin", "input_reply", { value: "yes" }, { parent: again.header });
  await expect.poll(() => answers(fixture)).toEqual([{ type: "return", id: 7, value: "yes" }]);
});

test("two questions are asked one after the other", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  await runningCell(fixture, true);
  engine.emit({ ...question, id: 5 });
  engine.emit({ ...question, id: 6, params: { prompt: "second", password: true } });
  const first = await client.wait((m) => m.type === "input_request");
  await client.request("kernel_info_request", {}, { channel: "control" });
  expect(client.received.filter((m) => m.type === "input_request")).toHaveLength(1);
  await client.send("stdin", "input_reply", { value: "1" }, { parent: first.header });
  const second = await client.wait((m) => m.content.prompt === "second");
  expect(second.content.password).toBe(true);
});

test("a question waits for a client whose stdin socket connects later than its cell arrives", async () => {
  await using fixture = await startFixture();
  const { engine, connection } = fixture;
  const late = new Dealer({ routingId: "late", linger: 0 });
  const early = new Dealer({ routingId: "late", linger: 0 });
  onTestFinished(() => [late, early].forEach((socket) => void socket.close()));
  early.connect(address(connection, connection.shell_port));
  const header = {
    msg_id: "1",
    session: "s",
    username: "u",
    date: "",
    msg_type: "execute_request",
    version: "5.4",
  };
  const parts = [header, {}, {}, { code: "wait", allow_stdin: true }].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  await early.send(["<IDS|MSG>", fixture.client.sign(parts), ...parts]);
  await expect.poll(() => engine.run).toBe(1);
  engine.emit({ ...question, id: 5 });
  await fixture.client.request("kernel_info_request", {}, { channel: "control" });
  late.connect(address(connection, connection.stdin_port));
  const frames = await late.receive();
  expect(JSON.parse(String(frames[2]))).toMatchObject({ msg_type: "input_request" });
});

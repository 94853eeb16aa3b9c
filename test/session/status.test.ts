// What a front end that shows the newest status shows.
import { expect, test } from "vitest";
import type { Client } from "../kernel/client.js";
import { print } from "../kernel/fake-engine.js";
import { startFixture } from "./fixture.js";

/** All statuses since the first of this request, with the name of their request. */
function statuses(client: Client, names: Record<string, string>): string[] {
  return client.received
    .filter((m) => m.type === "status" && m.parent.msg_id in names)
    .map((m) => `${m.content.execution_state} ${names[m.parent.msg_id]}`);
}

test("whatever is answered beside a cell, the newest status says busy, of that cell, until it has ended", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const { subshell_id } = (await client.request("create_subshell_request", {}, { channel: "control" })).reply
    .content;
  const header = { subshell_id };
  const cell = await client.send("shell", "execute_request", { code: "wait" });
  await expect.poll(() => engine.run).toBe(1);
  const names = { [cell]: "cell" };
  const aside = async (name: string, sent: Promise<string>): Promise<void> => {
    const id = await sent;
    names[id] = name;
    await client.wait((m) => m.parent.msg_id === id && m.content.execution_state === "idle");
  };
  const content = { comm_id: "c", target_name: "nobody's", data: {} };
  await aside("comm", client.send("shell", "comm_open", content));
  await aside("control", client.send("control", "kernel_info_request", {}));
  await aside("question", client.send("shell", "complete_request", { code: "a", cursor_pos: 1 }, { header }));
  await aside("subshell", client.send("shell", "execute_request", { code: print("x") }, { header }));
  engine.emit({ type: "done", run: 1, status: "ok", passed: 0, expressions: {} });
  await client.answered(cell);
  await aside("last", client.send("shell", "kernel_info_request", {}));
  expect(statuses(client, names)).toEqual([
    "busy cell",
    ...["comm", "control", "question", "subshell"].flatMap((name) => [
      `busy ${name}`,
      `idle ${name}`,
      "busy cell",
    ]),
    "idle cell",
    "busy last",
    "idle last",
  ]);
});

test("of two cells the one that still runs is the one that is busy", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const { subshell_id } = (await client.request("create_subshell_request", {}, { channel: "control" })).reply
    .content;
  const first = await client.send("shell", "execute_request", { code: "wait" });
  await expect.poll(() => engine.run).toBe(1);
  const second = await client.send("shell", "execute_request", { code: "wait" }, { header: { subshell_id } });
  await expect.poll(() => engine.run).toBe(2);
  for (const [run, id] of [first, second].entries()) {
    engine.emit({ type: "done", run: run + 1, status: "ok", passed: 0, expressions: {} });
    await client.answered(id);
  }
  expect(statuses(client, { [first]: "first", [second]: "second" })).toEqual([
    "busy first",
    "busy second",
    "idle first",
    "busy second",
    "idle second",
  ]);
});

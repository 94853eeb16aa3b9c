import { expect, test } from "vitest";
import { print } from "../kernel/fake-engine.js";
import { startFixture } from "./fixture.js";

test("when the engine dies in a cell, the cell says why and what to do, and the next cell runs", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const id = await client.send("shell", "execute_request", { code: `${print("before\n")}\nwait` });
  const queued = await client.send("shell", "execute_request", { code: print("queued") });
  await client.wait((m) => m.content.text === "before\n");
  engine.die("it ran out of memory");
  const { reply, types } = await client.answered(id);
  expect(types).toEqual(["busy", "execute_input", "stream", "error", "idle"]);
  expect(reply.content).toMatchObject({ status: "error", ename: "EngineDied", execution_count: 1 });
  expect(reply.content.evalue).toContain("it ran out of memory");
  expect(reply.content.evalue).toContain("Run the notebook again from the top");
  expect((await client.answered(queued)).reply.content.status).toBe("aborted");
  const next = await client.execute(print("next"));
  expect(next.reply.content).toMatchObject({ status: "ok", execution_count: 2 });
  expect(engine.starts).toBe(2);
  expect(client.received.filter((m) => m.content.execution_state === "starting").length).toBeLessThan(2);
});

test("what a dead engine displayed shows its last words", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const bundle = (text: string) => ({ data: { "text/plain": text }, metadata: {} });
  const shown = (displayId: string, text: string) =>
    JSON.stringify({
      type: "display",
      displayId,
      bundle: bundle(text),
      last: bundle(`${text}: engine ended`),
    });
  const { reply } = await client.execute([shown("a", "server a"), shown("b", "server b")].join("\n"));
  engine.emit({ type: "display", run: 1, update: true, displayId: "b", bundle: bundle("server b: closed") });
  engine.die("killed by SIGKILL");
  const last = await client.wait(
    (m) => m.type === "update_display_data" && m.content.transient.display_id === "a",
  );
  expect(last.content.data["text/plain"]).toBe("server a: engine ended");
  expect(last.parent.msg_id).toBe(reply.parent.msg_id);
  await client.execute("");
  expect(client.received.filter((m) => m.type === "update_display_data")).toHaveLength(2);
});

test("when the engine dies idle and no callback was heard of, the next cell says so", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  await client.execute(print("x"));
  engine.die("killed by SIGKILL");
  const { iopub, reply } = await client.execute(print("y"));
  expect(reply.content.status).toBe("ok");
  expect(iopub.find((m) => m.type === "display_data")?.content.data["text/plain"]).toContain(
    "killed by SIGKILL",
  );
});

test("when the engine dies idle, the cell whose callback ran last gets the error", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  const { reply } = await client.execute("");
  engine.emit({ type: "stream", run: 1, name: "stdout", text: "tick" });
  engine.die("killed by SIGSEGV");
  const error = await client.wait((m) => m.type === "error");
  expect(error.parent.msg_id).toBe(reply.parent.msg_id);
  expect(error.content.ename).toBe("EngineDied");
});

test("after three deaths in a row the engine stays away, and every cell says what to do", async () => {
  await using fixture = await startFixture();
  const { client, engine } = fixture;
  for (let i = 0; i < 3; i++) engine.die("exit code 1");
  const { reply } = await client.execute(print("x"));
  expect(reply.content).toMatchObject({ status: "error", ename: "EngineDied" });
  expect(reply.content.evalue).toContain("restart the kernel");
  expect(engine.starts).toBe(3);
});

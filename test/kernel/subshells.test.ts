// Subshells of the real kernel: what takes turns in JavaScript's one thread, and what cannot.
import { expect, test } from "vitest";
import { type Client, textOf } from "./client.js";
import { startKernelProcess } from "./kernel.js";

async function createSubshell(client: Client): Promise<string> {
  const { reply } = await client.request("create_subshell_request", {}, { channel: "control" });
  return reply.content.subshell_id;
}

function start(client: Client, code: string, subshell_id?: string): Promise<string> {
  const content = { code, stop_on_error: true };
  return client.send("shell", "execute_request", content, subshell_id ? { header: { subshell_id } } : {});
}

async function started(client: Client, id: string): Promise<void> {
  await client.wait((m) => m.parent.msg_id === id && m.content.text === "in\n");
}

test("cells of two subshells take turns where they await, share their variables, and each has its own output", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const sub = await createSubshell(client);
  const main = await start(
    client,
    "let steps = 0; let stop = false; console.log('in'); while (!stop) { steps++; await new Promise(r => setTimeout(r, 1)) } console.log('stopped')",
  );
  await started(client, main);
  const look = await client.execute(
    "console.log('looking'); steps > 0",
    {},
    { header: { subshell_id: sub } },
  );
  expect(textOf(look.iopub)).toBe("looking\n");
  expect(look.iopub.find((m) => m.type === "execute_result")?.content).toMatchObject({
    execution_count: 1,
    data: { "text/plain": "true" },
  });
  expect(client.of(main).some((m) => m.content.execution_state === "idle")).toBe(false);
  await client.execute("stop = true", {}, { header: { subshell_id: sub } });
  const { reply, iopub } = await client.answered(main);
  expect(reply.content.status).toBe("ok");
  expect(textOf(iopub)).toBe("in\nstopped\n");
});

test("names that a running cell declares are known at run time before they have types: no error is made up", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const sub = await createSubshell(client);
  const main = await start(client, "let early: number = 5; console.log('in'); await new Promise(() => {})");
  await started(client, main);
  const { reply } = await client.execute("early + 1", {}, { header: { subshell_id: sub } });
  expect(reply.content.status).toBe("ok");
  const wrong = await client.execute("const text: string = 5", {}, { header: { subshell_id: sub } });
  expect(wrong.reply.content).toMatchObject({ status: "error", ename: "TypeScriptError" });
});

test("an interrupt ends the cells of all subshells, whatever they do, and all go on afterwards", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute("let kept = 41");
  const subs = [await createSubshell(client), await createSubshell(client), await createSubshell(client)];
  const bodies = [
    "await new Promise(() => {})",
    "for (;;) { try { await new Promise(r => setTimeout(r, 1)) } catch {} }",
    "await (async () => { for (;;) await new Promise(r => setTimeout(r, 1)) })()",
  ];
  const cells: string[] = [];
  for (const [index, sub] of subs.entries()) {
    const id = await start(client, `console.log('in'); ${bodies[index]}`, sub);
    cells.push(id);
    await started(client, id);
  }
  // The last one holds the thread.
  const loop = await start(client, "console.log('in'); for (;;);");
  await started(client, loop);
  await client.request("interrupt_request", {}, { channel: "control" });
  for (const id of [...cells, loop]) {
    const { reply, types } = await client.answered(id);
    expect(reply.content).toMatchObject({ status: "error", ename: "Interrupted" });
    // One that still runs says `busy` again when another has ended.
    expect([...new Set(types)]).toEqual(["busy", "execute_input", "stream", "error", "idle"]);
    expect(types.filter((type) => type !== "busy")).toHaveLength(4);
  }
  for (const sub of [undefined, ...subs]) {
    const { iopub } = await client.execute("kept + 1", {}, sub ? { header: { subshell_id: sub } } : {});
    expect(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]).toBe("42");
  }
});

test.each([
  ["that waits", "await new Promise(() => {})"],
  ["that keeps the thread", "for (;;);"],
])("an interrupt ends a cell %s, while a subshell loses none of its answers and goes on", async (_, body) => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute("let kept = 41");
  const header = { subshell_id: await createSubshell(client) };
  const main = await start(client, `console.log('in'); ${body}`);
  await started(client, main);
  const code = { code: "kep", cursor_pos: 3 };
  const asked: string[] = [];
  for (let i = 0; i < 40; i++) {
    if (i === 20) await client.send("control", "interrupt_request", {});
    for (const type of ["complete_request", "inspect_request", "kernel_info_request", "comm_info_request"])
      asked.push(await client.send("shell", type, code, { header }));
  }
  expect((await client.answered(main)).reply.content).toMatchObject({
    status: "error",
    ename: "Interrupted",
  });
  for (const id of asked) {
    const { reply, types } = await client.answered(id);
    expect(reply.content.status).toBe("ok");
    expect(types).toEqual(["busy", "idle"]);
  }
  const { iopub } = await client.execute("kept + 1", {}, { header });
  expect(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]).toBe("42");
});

test.each([
  ["that waits", "await new Promise(() => {})"],
  ["that catches everything", "for (;;) { try { await new Promise(r => setTimeout(r, 1)) } catch {} }"],
])("deleting a subshell ends its cell %s, while the main shell's goes on", async (_, body) => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const sub = await createSubshell(client);
  const doomed = await start(client, `console.log('in'); ${body}`, sub);
  await started(client, doomed);
  const main = await start(
    client,
    "let go = false; console.log('in'); while (!go) await new Promise(r => setTimeout(r, 1)); 'went on'",
  );
  await started(client, main);
  const deleted = await client.request(
    "delete_subshell_request",
    { subshell_id: sub },
    { channel: "control" },
  );
  expect(deleted.reply.content).toEqual({ status: "ok" });
  expect((await client.answered(doomed)).reply.content).toMatchObject({
    status: "error",
    ename: "Interrupted",
  });
  const other = await createSubshell(client);
  await client.execute("go = true", {}, { header: { subshell_id: other } });
  const { reply, iopub } = await client.answered(main);
  expect(reply.content.status).toBe("ok");
  expect(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]).toBe("'went on'");
});

test("a loop that awaits nothing keeps the thread: other subshells' cells wait for it, everything else is answered", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const sub = await createSubshell(client);
  const header = { subshell_id: sub };
  const loop = await start(client, "console.log('in'); for (;;);");
  await started(client, loop);
  const waits = await start(client, "'at last'", sub);
  await client.wait((m) => m.parent.msg_id === waits && m.type === "execute_input");
  const other = { subshell_id: await createSubshell(client) };
  for (const type of ["kernel_info_request", "comm_info_request", "complete_request"])
    expect(
      (await client.request(type, { code: "", cursor_pos: 0 }, { header: other })).reply.content.status,
    ).toBe("ok");
  expect(client.received.some((m) => m.channel === "shell" && m.parent.msg_id === waits)).toBe(false);
  await client.request("interrupt_request", {}, { channel: "control" });
  await client.answered(loop);
  await client.answered(waits);
  expect((await client.execute("1 + 1", {}, { header })).reply.content.status).toBe("ok");
});

// Computers in the kernel's own cells.
import { expect, test } from "vitest";
import type { Received } from "../../kernel/client.js";
import { startKernelProcess } from "../../kernel/kernel.js";
import { isAlive } from "../../places.js";
import { Namespace, noNamespaces } from "./namespaces.js";

const MAKE = `import { computers } from 'wirebook/host';
const { alice, bob, network } = await computers('alice', 'bob');`;

const SERVE = `import * as socket from 'wirebook/socket';
import { serve } from 'wirebook/serve';
const port: number = await bob.run(async (address: string) => {
  const server = await serve(0, async (conn, addr) => {
    console.log('Got connection from', addr[0]);
    await conn.sendall('Thank you');
  }, { address });
  return server.port;
}, bob.address);`;

const VISIT = `const text: string = await alice.run(async (address: string, port: number) => {
  const c = await socket.createConnection([address, port]);
  console.log(String(await c.recv(100)));
  await c.close();
  return 'done';
}, bob.address, port);
text`;

const streams = (messages: Received[]): string =>
  messages.flatMap(({ type, content }) => (type === "stream" ? [content.text] : [])).join("");

const errorOf = (messages: Received[]): { ename: string; evalue: string; traceback: string[] } =>
  messages.find(({ type }) => type === "error")?.content as never;

test("what runs on a computer uses the notebook's imports, and prints at the cell that started it", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const made = await client.execute(MAKE);
  expect(errorOf(made.iopub)).toBeUndefined();
  expect(streams(made.iopub)).toMatch(/^alice [\d.]+, bob [\d.]+: /);
  const { reply, iopub } = await client.execute(SERVE);
  expect(errorOf(iopub)).toBeUndefined();
  const visit = await client.execute(VISIT);
  expect(errorOf(visit.iopub)).toBeUndefined();
  expect(streams(visit.iopub)).toBe("Thank you\n");
  expect(visit.iopub.find(({ type }) => type === "execute_result")?.content.data["text/plain"]).toContain(
    "done",
  );
  await expect.poll(() => streams(client.of(reply.parent.msg_id))).toContain("Got connection from ");
});

test("captured variables and errors are told in the lines of the cell", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute(MAKE);
  const captured = await client.execute(`let visits: number = 0;

await bob.run(async () => {
  console.log('started');
  visits++;
});`);
  expect(errorOf(captured.iopub)).toMatchObject({
    ename: "CapturedVariables",
    evalue: expect.stringContaining("visits (line 5)"),
  });
  expect(streams(captured.iopub)).toBe("");
  const failed = await client.execute(`interface Part { size: number }
await bob.run(async (part: Part | undefined): Promise<number> => {
  await null;
  return part!.size;
}, undefined);`);
  const { ename, traceback } = errorOf(failed.iopub);
  expect(ename).toBe("TypeError");
  // The line is shown as the student wrote it.
  expect(traceback.join("\n")).toContain("return part!.size;");
  expect(traceback.join("\n")).toMatch(/computer.*bob/);
});

test("an interrupt ends what runs there, and the next call finds a new process", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute(MAKE);
  const pid = await client.execute("await bob.run(() => process.pid)");
  const running = client.execute("await bob.run(() => { console.log('in a loop'); for (;;); });");
  await client.wait(({ type, content }) => type === "stream" && /in a loop/.test(content.text), {
    what: "its line",
  });
  await client.request("interrupt_request", {}, { channel: "control" });
  const { iopub } = await running;
  expect(errorOf(iopub).ename).toBe("Interrupted");
  expect(streams(iopub)).toContain("bob: what ran there was ended with its process");
  const first = Number(pid.iopub.find(({ type }) => type === "execute_result")?.content.data["text/plain"]);
  await expect.poll(() => isAlive(first)).toBe(false);
  const again = await client.execute("await bob.run(() => 6 * 7)");
  expect(again.iopub.find(({ type }) => type === "execute_result")?.content.data["text/plain"]).toBe("42");
});

test("an interrupt ends a command alone, and what else runs there goes on", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute(MAKE);
  await client.execute("await bob.run(() => void Object.assign(globalThis, { kept: 'kept' }));");
  const program = "console.log('it is', process.pid); setTimeout(() => {}, 60000)";
  const running = client.execute(`await bob.exec([process.execPath, '-e', ${JSON.stringify(program)}]);`);
  const { content } = await client.wait(
    (message) => message.type === "stream" && /it is \d+/.test(message.content.text),
    { what: "its line" },
  );
  await client.request("interrupt_request", {}, { channel: "control" });
  expect(errorOf((await running).iopub).ename).toBe("Interrupted");
  const pid = Number(/\d+/.exec(content.text)?.[0]);
  await expect.poll(() => isAlive(pid)).toBe(false);
  const again = await client.execute("await bob.run(() => (globalThis as { kept?: string }).kept)");
  expect(again.iopub.find(({ type }) => type === "execute_result")?.content.data["text/plain"]).toContain(
    "kept",
  );
});

test.skipIf(noNamespaces !== undefined)(
  `when the engine is killed nothing is left of its namespaces${noNamespaces ? ` (skipped: ${noNamespaces})` : ""}`,
  async () => {
    await using kernel = await startKernelProcess();
    const { client } = kernel;
    await client.execute(MAKE);
    // A loop, and a program that outlives its parent where it can.
    await client.execute(`const space = await bob.run(() => process.getBuiltinModule('node:fs').readlinkSync('/proc/self/ns/net'));
await bob.run(() => void process.getBuiltinModule('node:child_process').spawn('sleep', ['300']));
void bob.run(() => { for (;;); }).catch(() => {});`);
    const { iopub } = await client.execute("space");
    const { data } = iopub.find(({ type }) => type === "execute_result")?.content ?? {};
    using space = new Namespace(String(data["text/plain"]).replaceAll(/['"]/g, ""));
    expect(space.processes().length).toBeGreaterThan(2);
    await client.execute("process.kill(process.pid, 'SIGKILL')");
    await expect.poll(() => space.processes(), { timeout: 10_000 }).toEqual([]);
  },
);

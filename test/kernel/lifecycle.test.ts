import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { kernelSpec } from "../../src/commands/kernelspec.js";
import { isAlive } from "../places.js";
import { newConnection } from "./client.js";
import { type KernelProcess, startKernelProcess } from "./kernel.js";

/** Runs a cell that gives a number: the engine's process id, for instance. */
async function numberOf({ client }: KernelProcess, code: string): Promise<number> {
  const { iopub } = await client.execute(code);
  return Number(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]);
}

/** A cell that starts a child process of its own and gives its id. */
const startChild =
  'import { spawn } from "node:child_process"; const child = spawn("sleep", ["600"]); child.pid';

test.each([false, true])(
  "shutdown with restart %s ends the kernel, its engine and the engine's children",
  async (restart) => {
    await using kernel = await startKernelProcess();
    const pids = [await numberOf(kernel, "process.pid"), await numberOf(kernel, startChild)];
    const ended = once(kernel.process, "exit");
    const { reply } = await kernel.client.request("shutdown_request", { restart }, { channel: "control" });
    expect(reply.content).toEqual({ status: "ok", restart });
    expect(await ended).toEqual([0, null]);
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  },
);

test("shutdown works while a cell loops", async () => {
  await using kernel = await startKernelProcess();
  const pid = await numberOf(kernel, "process.pid");
  await kernel.client.send("shell", "execute_request", { code: 'console.log("in"); for (;;);' });
  await kernel.client.wait((m) => m.content.text === "in\n");
  const ended = once(kernel.process, "exit");
  await kernel.client.send("control", "shutdown_request", { restart: false });
  expect(await ended).toEqual([0, null]);
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test.skipIf(process.platform === "win32")("SIGTERM tells the clients and ends everything", async () => {
  await using kernel = await startKernelProcess();
  const pid = await numberOf(kernel, "process.pid");
  const ended = once(kernel.process, "exit");
  kernel.process.kill("SIGTERM");
  await kernel.client.wait((m) => m.channel === "iopub" && m.type === "shutdown_reply");
  expect(await ended).toEqual([0, null]);
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test.skipIf(process.platform === "win32")("SIGINT interrupts the cell and not the kernel", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute("let kept = 41");
  const id = await client.send("shell", "execute_request", { code: 'console.log("in"); for (;;);' });
  await client.wait((m) => m.content.text === "in\n");
  kernel.process.kill("SIGINT");
  expect((await client.answered(id)).reply.content).toMatchObject({ status: "error", ename: "Interrupted" });
  expect(await numberOf(kernel, "kept + 1")).toBe(42);
});

test.skipIf(process.platform === "win32")(
  "when the program that started the kernel is killed, nothing is left",
  async () => {
    await using kernel = await startKernelProcess({ underParent: true });
    const pids = [
      await numberOf(kernel, "process.pid"),
      await numberOf(kernel, startChild),
      await numberOf(kernel, "process.ppid"),
    ];
    await kernel.client.send("shell", "execute_request", { code: 'console.log("in"); for (;;);' });
    await kernel.client.wait((m) => m.content.text === "in\n");
    expect(pids.every(isAlive)).toBe(true);
    kernel.process.kill("SIGKILL");
    await expect.poll(() => pids.filter(isAlive), { timeout: 5000 }).toEqual([]);
  },
);

test("a port that is taken ends the start with a clear line", async () => {
  const connection = await newConnection();
  const taken = createServer().listen(connection.shell_port, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await once(taken, "listening");
  await using kernel = await startKernelProcess({ connection, alone: true });
  expect(await once(kernel.process, "exit")).toEqual([1, null]);
  expect(kernel.log()).toBe(
    `wirebook: the shell socket cannot be bound to tcp://127.0.0.1:${connection.shell_port}: another program uses this address\n`,
  );
});

test("an unknown signature scheme ends the start, and the key is not in the message", async () => {
  await using kernel = await startKernelProcess({
    connection: { signature_scheme: "hmac-nothing" },
    alone: true,
  });
  expect(await once(kernel.process, "exit")).toEqual([1, null]);
  expect(kernel.log()).toContain('signature scheme "hmac-nothing" is not known');
  expect(kernel.log()).not.toContain(kernel.connection.key);
});

test("without a key on loopback the kernel works and warns", async () => {
  await using kernel = await startKernelProcess({ connection: { key: "" } });
  expect(await numberOf(kernel, "6 * 7")).toBe(42);
  expect(kernel.log()).toContain("no key");
});

test("with another hash the client and the kernel understand each other", async () => {
  await using kernel = await startKernelProcess({ connection: { signature_scheme: "hmac-sha512" } });
  expect(await numberOf(kernel, "6 * 7")).toBe(42);
});

test.skipIf(process.platform === "win32")("over ipc a kernel works and leaves no file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await using kernel = await startKernelProcess({
    connection: { transport: "ipc", ip: join(folder, "ipc") },
  });
  expect(await numberOf(kernel, "6 * 7")).toBe(42);
  expect(readdirSync(folder)).toHaveLength(5);
  const ended = once(kernel.process, "exit");
  await kernel.client.request("shutdown_request", { restart: false }, { channel: "control" });
  await ended;
  expect(readdirSync(folder)).toEqual([]);
});

test("messages that are forged, replayed or broken are neither run nor answered, and the kernel goes on", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const header = {
    msg_id: "m1",
    msg_type: "execute_request",
    session: "s",
    username: "u",
    version: "5.4",
    date: "",
  };
  const parts = [header, {}, {}, { code: "globalThis.hits = (globalThis.hits ?? 0) + 1" }].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  const delimiter = Buffer.from("<IDS|MSG>");
  const good = [delimiter, client.sign(parts), ...parts];
  await client.sendFrames("shell", good);
  await client.wait((m) => m.type === "execute_reply");
  const broken = parts.slice(0, 3).concat(Buffer.from("{"));
  for (const frames of [
    good,
    [delimiter, Buffer.alloc(0), ...parts],
    [delimiter, Buffer.from("0".repeat(64)), ...parts],
    [delimiter, client.sign(broken), ...broken],
    [delimiter, ...parts],
    [Buffer.from("rubbish")],
    [Buffer.alloc(0)],
  ]) {
    await client.sendFrames("shell", frames);
  }
  expect(await numberOf(kernel, "globalThis.hits")).toBe(1);
  expect(client.received.filter((m) => m.channel === "shell")).toHaveLength(2);
  expect(kernel.log()).toContain("dropped");
  expect(kernel.log()).not.toContain(client.sign(parts).toString());
});

test("cells do not see the connection's key, nor what the kernel's own process is told", async () => {
  const { env } = kernelSpec("node", "supervisor.js", "tslab") as { env: Record<string, string> };
  await using kernel = await startKernelProcess({ env });
  const { iopub } = await kernel.client.execute("JSON.stringify([process.env, process.argv, process.title])");
  expect(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]).not.toContain(
    kernel.connection.key,
  );
  const { iopub: more } = await kernel.client.execute(
    `${JSON.stringify(Object.keys(env))}.filter((name) => process.env[name] !== undefined).length`,
  );
  expect(more.find((m) => m.type === "execute_result")?.content.data["text/plain"]).toBe("0");
});

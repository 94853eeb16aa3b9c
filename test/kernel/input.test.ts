// Questions of cells, through the built kernel: to the client that runs the cell, and back.
import { expect, test } from "vitest";
import type { Received } from "./client.js";
import { type KernelProcess, startKernelProcess } from "./kernel.js";

function shownValue(iopub: Received[]): string | undefined {
  return iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"];
}

/** Starts a cell and waits until it asks. */
async function asks({ client }: KernelProcess, code: string): Promise<{ id: string; asked: Received }> {
  const id = await client.send("shell", "execute_request", { code, allow_stdin: true });
  const asked = await client.wait((m) => m.type === "input_request" && m.parent.msg_id === id);
  return { id, asked };
}

const questions = [
  'await input("?")',
  'await getpass("?")',
  'prompt("?")',
  'confirm("?")',
  'alert("?")',
  "for await (const line of process.stdin) break",
  'import * as readline from "node:readline/promises"; await readline.createInterface({ input: process.stdin }).question("?")',
];

test("input() asks the client and the cell goes on with the answer; prompt() too", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  for (const ask of ['await input("name? ")', 'prompt("name? ")']) {
    const id = await client.send("shell", "execute_request", {
      code: `\`hello \${${ask}}\``,
      allow_stdin: true,
    });
    const asked = await client.wait((m) => m.type === "input_request" && m.parent.msg_id === id);
    expect(asked.content).toEqual({ prompt: "name? ", password: false });
    await client.send("stdin", "input_reply", { value: "Ada" }, { parent: asked.header });
    expect(shownValue((await client.answered(id)).iopub)).toBe("'hello Ada'");
  }
  const refused = await client.execute('await input("?")', { allow_stdin: false });
  expect(refused.reply.content.status).toBe("error");
});

test("an interrupt ends a question that nobody answers, of whatever kind, and keeps the variables", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute("let kept = 1;");
  for (const ask of questions) {
    const { id } = await asks(kernel, `kept++; ${ask}`);
    await client.request("interrupt_request", {}, { channel: "control" });
    expect((await client.answered(id)).reply.content).toMatchObject({
      status: "error",
      ename: "Interrupted",
    });
  }
  expect(shownValue((await client.execute("kept")).iopub)).toBe(String(1 + questions.length));
});

test("a shutdown ends a kernel that waits for an answer, without a word on stderr", async () => {
  for (const question of ['await input("?")', 'prompt("?")']) {
    await using kernel = await startKernelProcess();
    await asks(kernel, question);
    await kernel.client.request("shutdown_request", { restart: false }, { channel: "control" });
    await expect.poll(() => kernel.process.exitCode, { timeout: 8000 }).toBe(0);
    expect(kernel.client.received.filter((m) => m.type === "stream")).toEqual([]);
  }
});

test("a server of another cell answers while a cell waits for input", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const { reply } = await client.execute(
    'import net from "node:net";\nconst server = net.createServer((c) => { console.log("served"); c.end("hi") });\n' +
      "await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))",
  );
  const { id, asked } = await asks(
    kernel,
    'import { text } from "node:stream/consumers";\nconst { port } = server.address() as net.AddressInfo;\n' +
      'const heard = text(net.connect(port, "127.0.0.1"));\nawait input("? ") + (await heard)',
  );
  const served = await client.wait((m) => m.content.text === "served\n");
  expect(served.parent.msg_id).toBe(reply.parent.msg_id);
  await client.send("stdin", "input_reply", { value: "oh " }, { parent: asked.header });
  expect(shownValue((await client.answered(id)).iopub)).toBe("'oh hi'");
});

test("the kernel's own types know that a dismissed prompt gives null", async () => {
  await using kernel = await startKernelProcess();
  const { reply } = await kernel.client.execute('const host: string = prompt("?");');
  expect(reply.content).toMatchObject({ ename: "TypeScriptError" });
  expect(reply.content.evalue).toContain("null");
});

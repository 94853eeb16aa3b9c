import { expect, test } from "vitest";
import type { Received } from "../../kernel/client.js";
import { startKernelProcess } from "../../kernel/kernel.js";

function shown(iopub: Received[]): string | undefined {
  return iopub.find((message) => message.type === "execute_result")?.content.data["text/plain"];
}

const LISTEN = `import * as socket from 'wirebook/socket';
const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
await s.bind(['127.0.0.1', 0]);
await s.listen(5);
const address = s.getsockname();
s`;

test("cells make a server and a client that talk with each other", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  expect(shown((await client.execute(LISTEN)).iopub)).toMatch(
    /^<socket fd=.*laddr=\('127\.0\.0\.1', \d+\), backend=/,
  );
  await client.execute(
    '(async () => { for await (const [conn, [host]] of s) { await conn.sendall("thank you, " + host); await conn.close(); } })().catch(console.log); 0',
  );
  const { iopub } = await client.execute(
    "const c = socket.socket();\nawait c.connect(address);\nString(await c.recv(4096))",
  );
  expect(shown(iopub)).toContain("thank you, 127.0.0.1");
});

test("an error reads as in Python, at the student's own line", async () => {
  await using kernel = await startKernelProcess();
  const { reply } = await kernel.client.execute(
    "import * as socket from 'wirebook/socket';\nconst s = socket.socket();\nawait s.bind(['127.0.0.1', 0]);\nconst there = s.getsockname();\nawait s.close();\nawait socket.socket().connect(there);",
  );
  expect(reply.content).toMatchObject({ status: "error", ename: "ConnectionRefusedError" });
  expect(reply.content.evalue).toMatch(/^\[Errno \d+\] Connection refused$/);
});

test("an interrupt ends an accept in a function, and the socket serves the next cell", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute(LISTEN);
  await client.execute(
    "async function serve() { for (;;) { const [conn] = await s.accept(); await conn.sendall('late'); await conn.close(); } }",
  );
  const id = await client.send("shell", "execute_request", { code: "console.log('in'); await serve();" });
  await client.wait((message) => message.parent.msg_id === id && message.content.text === "in\n");
  await client.request("interrupt_request", {}, { channel: "control" });
  expect((await client.answered(id)).reply.content).toMatchObject({ status: "error", ename: "Interrupted" });
  const { iopub } = await client.execute(
    "const c = socket.socket();\nawait c.connect(address);\nconst [other] = await s.accept();\nawait other.sendall('now');\nString(await c.recv(9))",
  );
  expect(shown(iopub)).toContain("now");
});

test("a cell that runs again closes what it had opened, says so, and gets the same port", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute("import * as socket from 'wirebook/socket';\nlet port = 0;");
  const code = `const s = socket.socket();
await s.bind(['127.0.0.1', port]);
await s.listen(1);
port = Number(s.getsockname()[1]);
port`;
  const metadata = { cellId: "server" };
  const first = await client.execute(code, {}, { metadata });
  const second = await client.execute(code, {}, { metadata });
  expect(second.reply.content).toMatchObject({ status: "ok" });
  expect(shown(second.iopub)).toBe(shown(first.iopub));
  const notice = second.iopub.find((message) => message.type === "display_data");
  expect(notice?.content.data["text/plain"]).toContain(
    `had left open: socket listening on 127.0.0.1:${shown(first.iopub)}`,
  );
});

// A server in the kernel's own cells.
import { expect, test } from "vitest";
import type { Received } from "../../kernel/client.js";
import { startKernelProcess } from "../../kernel/kernel.js";
import { isOpen } from "../../places.js";

const SERVE = `import { serve } from 'wirebook/serve';
const server = await serve(0, async (conn, addr) => {
  console.log('Got connection from', addr[0]);
  await conn.sendall('Thank you');
});
globalThis.port = server.port;`;
const VISIT = `import * as socket from 'wirebook/socket';
const c = await socket.createConnection(['127.0.0.1', globalThis.port]);
console.log(String(await c.recv(100)));
await c.close();`;

const streams = (messages: Received[]): string =>
  messages.flatMap(({ type, content }) => (type === "stream" ? [content.text] : [])).join("");

test("its lines stand under its own cell, and its live line is renewed in place", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const { reply, iopub } = await client.execute(SERVE);
  const id = reply.parent.msg_id;
  const shown = iopub.find(({ type }) => type === "display_data")?.content;
  expect(shown?.data["text/plain"]).toMatch(
    /^server 1 on 127\.0\.0\.1:\d+: listening, 0 open, 0 connections so far$/,
  );
  const visit = await client.execute(VISIT);
  expect(streams(visit.iopub)).toBe("Thank you\n");
  await expect.poll(() => streams(client.of(id))).toBe("Got connection from 127.0.0.1\n");
  await expect
    .poll(() => client.of(id).findLast(({ type }) => type === "update_display_data")?.content)
    .toMatchObject({
      data: { "text/plain": expect.stringContaining("0 open, 1 connection so far") },
      transient: shown?.transient,
    });
  const log = await client.execute("server.log()");
  expect(JSON.stringify(log.iopub.map(({ content }) => content))).toContain("Got connection from 127.0.0.1");
});

test("the table of servers renews itself where it stands, until its cell runs again", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute(SERVE);
  const metadata = { cellId: "the-table" };
  const table = "import { servers } from 'wirebook/serve';\nservers()";
  const { iopub } = await client.execute(table, {}, { metadata });
  expect(iopub.filter(({ type }) => type === "execute_result")).toEqual([]);
  const shown = iopub.find(({ type }) => type === "display_data")?.content;
  expect(shown?.data["text/html"]).toMatch(
    /<th scope="col">protocol<\/th>.*<td>tcp<\/td>.*<td>serving<\/td><td>0<\/td><td>0<\/td>/s,
  );
  // Whoever caused a change, it is the same output that is renewed.
  const newest = (id: unknown): Record<string, string> | undefined =>
    client.received.findLast(
      ({ type, content }) => type === "update_display_data" && content.transient.display_id === id,
    )?.content.data;
  const first = shown?.transient.display_id;
  await client.execute(VISIT);
  await expect
    .poll(() => newest(first)?.["text/html"] ?? "")
    .toMatch(/<td>0<\/td><td>1<\/td><td>0<\/td><td>0<\/td><td>9<\/td>/);
  const again = await client.execute(table, {}, { metadata });
  const next = again.iopub.find(({ type, content }) => type === "display_data" && content.data["text/html"])
    ?.content.transient.display_id;
  expect(next).not.toBe(first);
  await client.execute("await server.close()");
  await expect.poll(() => newest(next)).toMatchObject({ "text/plain": "(none)" });
  expect(newest(first)?.["text/html"]).toContain("<td>serving</td>");
});

test("when its cell runs again it is closed first, and when the engine dies its line says so", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  const metadata = { cellId: "the-server" };
  await client.execute(SERVE, {}, { metadata });
  const port = Number(
    (await client.execute("globalThis.port")).iopub.find(({ type }) => type === "execute_result")?.content
      .data["text/plain"],
  );
  const again = await client.execute(SERVE, {}, { metadata });
  expect(
    again.iopub.find(({ content }) => /left open/.test(content.data?.["text/plain"]))?.content.data[
      "text/plain"
    ],
  ).toContain(`server on 127.0.0.1:${port}`);
  expect(await isOpen(port)).toBe(false);
  await client.execute("process.kill(process.pid, 'SIGKILL')");
  await expect
    .poll(
      () =>
        client.of(again.reply.parent.msg_id).findLast(({ type }) => type === "update_display_data")?.content
          .data["text/plain"],
    )
    .toMatch(/closed: engine ended$/);
});

test("what a trace shows last belongs to its own cell, whichever runs by then", async () => {
  await using kernel = await startKernelProcess();
  const { client } = kernel;
  await client.execute(
    "import * as socket from 'wirebook/socket';\nimport { trace } from 'wirebook/trace';\nimport { serve } from 'wirebook/serve';\nconst server = await serve(0, async () => {});",
  );
  const traced = await client.execute(
    "const t = await trace(async () => { const c = socket.socket(); await c.connect(['127.0.0.1', server.port]); await c.close(); })",
  );
  await client.execute("await new Promise((resolve) => setTimeout(resolve, 300))");
  const last = client.received.findLast(
    ({ type, content }) =>
      type === "update_display_data" && /events of/.test(String(content.data["text/plain"])),
  );
  expect(last?.parent.msg_id).toBe(traced.reply.parent.msg_id);
});

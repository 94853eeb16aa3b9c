// A client that talks ZeroMQ to the kernel by itself, as the extension of VS Code does: it asks on shell first, and subscribes
// only when it has been answered.
import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { Dealer, Subscriber } from "zeromq";
import { type Content, decode, encode, endpoint, type Message, nameOf } from "../conformance/wire.js";
import { startKernelProcess } from "../kernel/kernel.js";

test("a client that subscribes after its first answer misses nothing of what it asks from then on", {
  timeout: 60_000,
}, async () => {
  await using kernel = await startKernelProcess({ alone: true });
  const { connection } = kernel;
  const shell = new Dealer({ linger: 0, routingId: randomUUID() });
  const iopub = new Subscriber({ linger: 0 });
  onTestFinished(() => {
    shell.close();
    iopub.close();
  });
  const session = randomUUID();
  const send = async (msg_type: string, content: Content): Promise<string> => {
    const header = {
      ...{ msg_id: randomUUID(), msg_type, session, username: "vscode", version: "5.3" },
      date: new Date().toISOString(),
    };
    await shell.send(
      encode(connection, { identities: [], header, parent: {}, metadata: {}, content, buffers: [] }),
    );
    return header.msg_id;
  };
  const next = async (channel: "shell" | "iopub"): Promise<Message> =>
    decode(connection, channel, (await (channel === "shell" ? shell : iopub).receive()) as Buffer[]);

  shell.receiveTimeout = 20_000;
  shell.connect(endpoint(connection, connection.shell_port));
  const asked = await send("kernel_info_request", {});
  const info = await next("shell");
  expect(info.parent.msg_id).toBe(asked);
  expect(info.content).toMatchObject({ status: "ok", implementation: "wirebook" });

  iopub.receiveTimeout = 20_000;
  iopub.connect(endpoint(connection, connection.iopub_port));
  iopub.subscribe();
  let first = await next("iopub");
  while (first.header.msg_type !== "iopub_welcome") first = await next("iopub");

  const id = await send("execute_request", {
    ...{ code: 'console.log("one"); 6 * 7', silent: false, store_history: true, allow_stdin: false },
    ...{ user_expressions: {}, stop_on_error: true },
  });
  const published: Message[] = [];
  do published.push(await next("iopub"));
  while (nameOf(published.at(-1) as Message) !== "idle");
  expect(published.every(({ parent }) => parent.msg_id === id)).toBe(true);
  expect(published.map(nameOf)).toEqual(["busy", "execute_input", "stream", "execute_result", "idle"]);
  expect((await next("shell")).content).toMatchObject({ status: "ok", execution_count: 1 });
});

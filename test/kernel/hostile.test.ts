import { connect } from "node:net";
import { expect, test } from "vitest";
import { Dealer } from "zeromq";
import { address } from "./client.js";
import { startKernelProcess } from "./kernel.js";

/** Numbers that look random and are the same in every run. */
function createDice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

test("thousands of malformed messages run nothing, get no answer and do not disturb a client at work", async () => {
  await using kernel = await startKernelProcess();
  const { client, connection } = kernel;
  const dice = createDice(5);
  const header = {
    msg_id: "x",
    msg_type: "execute_request",
    session: "s",
    username: "",
    version: "5.4",
    date: "",
  };
  const honest = [header, {}, {}, { code: "globalThis.pwned = true" }].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  const frame = (): Buffer => {
    const kinds = [
      () => Buffer.from("<IDS|MSG>"),
      () => Buffer.alloc(0),
      () => Buffer.from(Array.from({ length: dice(200) }, () => dice(256))),
      () => honest[dice(4)] as Buffer,
      () => Buffer.from("0".repeat(64)),
      () => Buffer.from("[".repeat(10_000)),
      () => Buffer.alloc(dice(100_000), "a"),
    ];
    return (kinds[dice(kinds.length)] as () => Buffer)();
  };
  const ports = [connection.shell_port, connection.control_port, connection.stdin_port, connection.hb_port];
  const attackers = ports.map((port) => {
    const dealer = new Dealer({ linger: 0, sendHighWaterMark: 0 });
    dealer.connect(address(connection, port));
    return dealer;
  });
  const answers: string[] = [];
  attackers.slice(0, 3).forEach((dealer) => {
    void (async () => {
      for await (const frames of dealer) answers.push(frames.join(" "));
    })();
  });
  for (let i = 0; i < 3000; i++) {
    await (attackers[i % 4] as Dealer).send(Array.from({ length: 1 + dice(12) }, frame));
    if (i % 500 === 0) expect((await client.execute("1 + 1")).reply.content.status).toBe("ok");
  }
  const { iopub } = await client.execute("typeof globalThis.pwned");
  expect(iopub.find((m) => m.type === "execute_result")?.content.data["text/plain"]).toBe("'undefined'");
  expect(answers).toEqual([]);
  for (const dealer of attackers) dealer.close();
});

test("strangers on every port, with HTTP, TLS and rubbish, leave the kernel at work", async () => {
  await using kernel = await startKernelProcess();
  const { client, connection } = kernel;
  const dice = createDice(7);
  const { shell_port, control_port, stdin_port, iopub_port, hb_port } = connection;
  for (let i = 0; i < 150; i++) {
    const port = [shell_port, control_port, stdin_port, iopub_port, hb_port][i % 5] as number;
    const bytes = [
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      // Announces a frame of an exabyte.
      "\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL\x02\x0f\xff\xff\xff\xff\xff\xff\xff",
      String.fromCharCode(...Array.from({ length: 300 }, () => dice(256))),
    ][i % 4] as string;
    await new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.end(Buffer.from(bytes, "latin1")));
      const timer = setTimeout(() => socket.destroy(), 100);
      socket.resume().on("error", () => {});
      socket.on("close", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  expect((await client.execute("1 + 1")).reply.content.status).toBe("ok");
  const beat = new Dealer({ linger: 0 });
  beat.connect(address(connection, hb_port));
  await beat.send("still there?");
  expect(String((await beat.receive())[0])).toBe("still there?");
  beat.close();
});

test("hundreds of connections that say nothing, or half a greeting, and stay leave the kernel at work", async () => {
  await using kernel = await startKernelProcess();
  const { client, connection } = kernel;
  const { shell_port, control_port, stdin_port, iopub_port, hb_port } = connection;
  const greeting = Buffer.from("\xff\0\0\0\0\0\0\0\x01\x7f\x03\0NULL", "latin1");
  const open = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => {
      const port = [shell_port, control_port, stdin_port, iopub_port, hb_port][i % 5] as number;
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      await new Promise((resolve) => socket.once("connect", resolve));
      socket.write(greeting.subarray(0, (i * 3) % greeting.length));
      return socket;
    }),
  );
  expect((await client.execute("1 + 1")).reply.content.status).toBe("ok");
  const late = kernel.join();
  await late.wait((m) => m.type === "iopub_welcome");
  expect((await late.request("kernel_info_request", {}, { channel: "control" })).reply.content.status).toBe(
    "ok",
  );
  const beat = new Dealer({ linger: 0 });
  beat.connect(address(connection, hb_port));
  await beat.send("still there?");
  expect(String((await beat.receive())[0])).toBe("still there?");
  beat.close();
  for (const socket of open) socket.destroy();
});

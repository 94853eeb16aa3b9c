import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Dealer, Request, Router, Subscriber } from "zeromq";
import { parseConnection } from "../../src/wire/connection-file.js";
import { openWire, type Wire, type WireHandlers, type WireOptions } from "../../src/wire/sockets.js";
import { address, type ConnectionFile, newConnection } from "../kernel/client.js";

interface Open {
  wire: Wire;
  connection: ConnectionFile;
  frames: string[][];
  topics: string[];
  lost: number[];
}

async function open(fields: Partial<ConnectionFile> = {}, options: WireOptions = {}): Promise<Open> {
  const connection = await newConnection(fields);
  const frames: string[][] = [];
  const topics: string[] = [];
  const lost: number[] = [];
  const handlers: WireHandlers = {
    onFrames: (channel, got) => void frames.push([channel, ...got.map(String)]),
    onSubscribe: (topic) => void topics.push(Buffer.from(topic).toString()),
    onLost: (bytes) => void lost.push(bytes),
  };
  const wire = await openWire(parseConnection(connection), handlers, options);
  onTestFinished(() => wire.close());
  return { wire, connection, frames, topics, lost };
}

function using<T extends { close(): void }>(socket: T): T {
  onTestFinished(() => socket.close());
  return socket;
}

test("the heartbeat returns every beat, also after strangers sent rubbish to its port", async () => {
  const { connection } = await open();
  for (const rubbish of [
    "GET / HTTP/1.1\r\n\r\n",
    "\x16\x03\x01\x02\x00",
    "\x01\x00\x05hello\x01\x00",
    "x".repeat(10_000),
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(connection.hb_port, "127.0.0.1", () =>
        socket.end(Buffer.from(rubbish, "latin1")),
      );
      socket
        .on("close", () => resolve())
        .on("error", () => resolve())
        .resume();
    });
  }
  const dealer = using(new Dealer({ linger: 0 }));
  dealer.connect(address(connection, connection.hb_port));
  await dealer.send(["no", "empty", "frame"]);
  expect((await dealer.receive()).map(String)).toEqual(["no", "empty", "frame"]);
  const beat = using(new Request({ linger: 0 }));
  beat.connect(address(connection, connection.hb_port));
  for (const text of ["ping", "", "\0\xff"]) {
    await beat.send(text);
    expect(String(await beat.receive())).toBe(text);
  }
});

test("two thousand messages sent at once all arrive, in order", async () => {
  const { wire, connection, frames } = await open();
  const dealer = using(new Dealer({ linger: 0, routingId: "me", receiveHighWaterMark: 0 }));
  dealer.connect(address(connection, connection.shell_port));
  await dealer.send("hello");
  await expect.poll(() => frames).toEqual([["shell", "me", "hello"]]);
  for (let i = 0; i < 2000; i++) void wire.send("shell", [Buffer.from("me"), Buffer.from(String(i))]);
  for (let i = 0; i < 2000; i++) expect(String((await dealer.receive())[0])).toBe(String(i));
});

test("whoever waits until all that arrived has been read keeps no message from being read", async () => {
  const { wire, connection, frames } = await open();
  const dealer = using(new Dealer({ linger: 0, sendHighWaterMark: 0 }));
  dealer.connect(address(connection, connection.shell_port));
  // The next one leaves only when the last one has been heard of: a signal that is lost would be missed for ever.
  for (let i = 0; i < 1000; i++) {
    const sent = dealer.send([String(i)]);
    await Promise.all([sent, wire.drained("shell"), wire.drained("shell")]);
    await expect.poll(() => frames.length, { interval: 1, timeout: 5000 }).toBe(i + 1);
  }
});

test("a client that comes back under its old identity is heard again", async () => {
  const { wire, connection, frames } = await open();
  const first = using(new Dealer({ linger: 0, routingId: "same" }));
  first.connect(address(connection, connection.shell_port));
  await first.send("one");
  await expect.poll(() => frames.length).toBe(1);
  const second = using(new Dealer({ linger: 0, routingId: "same" }));
  second.connect(address(connection, connection.shell_port));
  await second.send("two");
  await expect.poll(() => frames.length).toBe(2);
  await wire.send("shell", [Buffer.from("same"), Buffer.from("answer")]);
  expect(String((await second.receive())[0])).toBe("answer");
});

test("every subscription is told of, also the second to the same topic", async () => {
  const { connection, topics } = await open();
  for (let i = 1; i <= 3; i++) {
    const subscriber = using(new Subscriber({ linger: 0 }));
    subscriber.connect(address(connection, connection.iopub_port));
    subscriber.subscribe("");
    await expect.poll(() => topics.length).toBe(i);
  }
});

test("a subscriber that reads slowly loses nothing", async () => {
  const { wire, connection, topics, lost } = await open();
  const subscriber = using(new Subscriber({ linger: 0, receiveHighWaterMark: 5 }));
  subscriber.connect(address(connection, connection.iopub_port));
  subscriber.subscribe("");
  await expect.poll(() => topics.length).toBe(1);
  const count = 2000;
  const payload = Buffer.alloc(20_000);
  const sent = (async () => {
    for (let i = 0; i < count; i++) await wire.send("iopub", [Buffer.from(String(i)), payload]);
  })();
  for (let i = 0; i < count; i++) {
    if (i % 400 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(String((await subscriber.receive())[0])).toBe(String(i));
  }
  await sent;
  expect(lost).toEqual([]);
});

test("a subscriber that reads nothing is left behind after a while, and another one loses nothing", async () => {
  const { wire, connection, topics, lost } = await open({}, { patience: 1000 });
  const asleep = using(new Subscriber({ linger: 0, receiveHighWaterMark: 5 }));
  const awake = using(new Subscriber({ linger: 0 }));
  for (const subscriber of [asleep, awake]) {
    subscriber.connect(address(connection, connection.iopub_port));
    subscriber.subscribe("");
  }
  await expect.poll(() => topics.length).toBe(2);
  const count = 3000;
  const payload = Buffer.alloc(20_000);
  const sent = (async () => {
    for (let i = 0; i < count; i++) await wire.send("iopub", [Buffer.from(String(i)), payload]);
  })();
  for (let i = 0; i < count; i++) expect(String((await awake.receive())[0])).toBe(String(i));
  await sent;
  // It may take in a little more now and then, and be left behind again.
  expect(lost.length).toBeGreaterThan(0);
});

test("an address that is taken is named in the error, and the other sockets are let go", async () => {
  const connection = await newConnection();
  const taken = createServer().listen(connection.iopub_port, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  onTestFinished(() => void taken.close());
  const handlers: WireHandlers = { onFrames() {}, onSubscribe() {}, onLost() {} };
  await expect(openWire(parseConnection(connection), handlers)).rejects.toThrow(
    `the iopub socket cannot be bound to tcp://127.0.0.1:${connection.iopub_port}: another program uses this address`,
  );
  const free = using(new Router());
  // ZeroMQ lets go of an address a moment after its socket is closed.
  const bound = (): Promise<boolean> =>
    free.bind(address(connection, connection.shell_port)).then(
      () => true,
      () => false,
    );
  await expect.poll(bound).toBe(true);
});

test("an address that this computer does not have is named in the error", async () => {
  const connection = parseConnection(await newConnection());
  const handlers: WireHandlers = { onFrames() {}, onSubscribe() {}, onLost() {} };
  // From the block for documentation: nobody has it.
  await expect(openWire({ ...connection, ip: "203.0.113.7" }, handlers)).rejects.toThrow(
    /the shell socket cannot be bound to tcp:\/\/203\.0\.113\.7:\d+: this computer does not have this address/,
  );
});

test("a frame that is too large is cut off, whoever sent it is disconnected, and the others are heard", async () => {
  const { connection, frames } = await open();
  const { shell_port, control_port, stdin_port, hb_port } = connection;
  const limits: [port: number, megabytes: number][] = [
    [shell_port, 64],
    [control_port, 64],
    [stdin_port, 64],
    [hb_port, 2],
  ];
  for (const [port, size] of limits) {
    const dealer = using(new Dealer({ linger: 0 }));
    const away = (async () => {
      for await (const { type } of dealer.events) if (type === "disconnect") return;
    })();
    dealer.connect(address(connection, port));
    await dealer.send(Buffer.alloc(size * 1024 * 1024, "x"));
    await away;
  }
  const honest = using(new Dealer({ linger: 0, routingId: "me" }));
  honest.connect(address(connection, shell_port));
  await honest.send(Buffer.alloc(20 * 1024 * 1024, "y"));
  await expect
    .poll(() => frames.map(([channel, , text]) => [channel, text?.length]))
    .toEqual([["shell", 20 * 1024 * 1024]]);
});

test.skipIf(process.platform === "win32")(
  "over ipc a path that is too long, or in use, is named in the error",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const handlers: WireHandlers = { onFrames() {}, onSubscribe() {}, onLost() {} };
    const start = async (ip: string): Promise<Wire> =>
      await openWire(parseConnection(await newConnection({ transport: "ipc", ip, shell_port: 1 })), handlers);
    await expect(start(join(folder, "x".repeat(100)))).rejects.toThrow(
      /the path has \d+ bytes.*shorter "ip"/,
    );
    await expect(start(join(folder, "missing", "k"))).rejects.toThrow(/the shell socket cannot be bound/);
    const first = await start(join(folder, "k"));
    await expect(start(join(folder, "k"))).rejects.toThrow(
      `the shell socket cannot be bound to ipc://${join(folder, "k")}-1: another program uses this address`,
    );
    // A file that a kernel left behind when it was killed is in nobody's way.
    first.release();
    writeFileSync(join(folder, "k-1"), "");
    const second = await start(join(folder, "k"));
    expect(statSync(join(folder, "k-1")).isSocket()).toBe(true);
    await second.close();
  },
);

test.skipIf(process.platform === "win32")(
  "over ipc the files are private and vanish at the end",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { wire, connection, frames } = await open({ transport: "ipc", ip: join(folder, "ipc") });
    const dealer = using(new Dealer({ linger: 0, routingId: "me" }));
    dealer.connect(address(connection, connection.control_port));
    await dealer.send("hello");
    await expect.poll(() => frames).toEqual([["control", "me", "hello"]]);
    const file = `${join(folder, "ipc")}-${connection.shell_port}`;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await wire.close();
    expect(existsSync(file)).toBe(false);
  },
);

// Frames of all kinds at a node's port, good and bad: what the node answers, that it goes on serving others, and that nothing of it is left.
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { bytes, CASES, HELLO, LIMIT } from "./frame-cases.js";
import { BINARY, closing, frame, open, raw, request, TEXT, told } from "./frames.js";
import { createSite, type Site } from "./real/processes.js";
import { type Counter, CounterObject, semantics } from "./simulation/counter.js";

let site: Site;
let port: number;
let authorization: string;
let counter: { add(by: number): PromiseLike<number> };
let connections: number;
const count = (): number => process.getActiveResourcesInfo().filter((one) => one === "TCPSocketWrap").length;

beforeAll(async () => {
  site = await createSite("embedded");
  const node = await site.node();
  await node.export<Counter>("counter", () => new CounterObject(), { semantics });
  const big = (): object => ({ big: () => "x".repeat(1_000_000) });
  await node.export("big", big as never, { semantics: {}, stateless: true });
  counter = (await site.node({ strict: true })).bind<Counter>("counter");
  await counter.add(1);
  port = Number(new URL(node.where).port);
  const [home = ""] = readdirSync(site.folder).filter((name) => name.startsWith("default-"));
  authorization = `Bearer ${readFileSync(join(site.folder, home, "secret"), "utf8")}`;
  connections = count();
});
afterAll(() => site[Symbol.asyncDispose]());

let sessions = 0;

describe("frames", () => {
  test.concurrent.each(CASES.map((one) => ({ ...one, title: `${one.section}: ${one.what}` })))(
    "$title",
    async ({ send, wanted, chopped = false, isSilent = false }) => {
      const wire = await open(port, authorization);
      const all = Buffer.concat(
        send(HELLO(`frames ${++sessions}`)).map((one) => Buffer.from(one as Uint8Array)),
      );
      wire.socket.setNoDelay(true);
      if (!chopped) wire.send(all);
      else
        for (const octet of all) {
          wire.send(Buffer.of(octet));
          await new Promise(setImmediate);
        }
      await wire.until((heard) => told(heard).length >= wanted.length);
      const heard = told(wire.heard());
      for (const [at, start] of wanted.entries()) expect(heard[at]?.slice(0, start.length)).toBe(start);
      if (!wanted.at(-1)?.startsWith("close")) {
        wire.socket.destroy();
        return;
      }
      expect(heard).toHaveLength(wanted.length);
      if (!isSilent) wire.send(closing(1000));
      await wire.until(() => false);
      expect(wire.isOver).toBe(true);
    },
  );
});

interface Upgrade {
  what: string;
  send: () => string;
  wanted: RegExp;
}

const upgrade = (what: string, wanted: RegExp, changes: Record<string, string | undefined>): Upgrade => ({
  ...{ what, wanted, send: () => request(authorization, changes) },
});

const UPGRADES: Upgrade[] = [
  upgrade("4.1: a version that is not spoken", /^HTTP\/1\.1 400 .*Sec-WebSocket-Version: 13/s, {
    "Sec-WebSocket-Version": "12",
  }),
  upgrade("4.1: no version", /^HTTP\/1\.1 400 /, { "Sec-WebSocket-Version": undefined }),
  upgrade("4.1: no key", /^HTTP\/1\.1 400 /, { "Sec-WebSocket-Key": undefined }),
  upgrade("4.1: a key that is none", /^HTTP\/1\.1 400 /, { "Sec-WebSocket-Key": "short" }),
  upgrade("4.1: another method", /^HTTP\/1\.1 405 /, { first: "POST / HTTP/1.1", "Content-Length": "0" }),
  upgrade("4.2.1: an upgrade to something else", /^HTTP\/1\.1 400 /, { Upgrade: "h2c" }),
  upgrade("4.2.1: no upgrade at all", /^HTTP\/1\.1 426 .*upgrade: websocket/s, {
    Upgrade: undefined,
    Connection: "close",
  }),
  upgrade("4.2.1: a first line that is none", /^HTTP\/1\.1 400 /, { first: "hello" }),
  upgrade("4.2.1: headers without end", /^HTTP\/1\.1 431 /, { "X-Much": "x".repeat(100_000) }),
  upgrade("4.2.2: no token", /^HTTP\/1\.1 401 /, { Authorization: undefined }),
  upgrade("4.2.2: a token that is none", /^HTTP\/1\.1 401 /, { Authorization: "Bearer guess" }),
  upgrade("9.1: an extension that is none", /^HTTP\/1\.1 101 (?!.*Extensions)/s, {
    "Sec-WebSocket-Extensions": "x-nothing; a=1",
  }),
  upgrade("7692: compression is offered, and not taken", /^HTTP\/1\.1 101 (?!.*Extensions)/s, {
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
  }),
  {
    what: "4.1: half a request, and then silence",
    send: () => "GET / HTTP/1.1\r\nHost: a",
    wanted: /^HTTP\/1\.1 408 /,
  },
];

describe("requests", () => {
  test.concurrent.each(UPGRADES)("$what", async ({ send, wanted }) => {
    const wire = raw(port);
    wire.send(send());
    const isThere = (heard: Buffer): boolean => heard.includes("\r\n\r\n");
    await wire.until(isThere);
    expect(String(wire.heard())).toMatch(wanted);
    if (String(wire.heard()).startsWith("HTTP/1.1 101")) wire.socket.destroy();
    else await wire.until(() => false);
  });

  test.concurrent("4.2.2: who is refused is not kept, though he keeps his side open", async () => {
    const wire = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    wire.write(request("Bearer guess"));
    let heard = "";
    wire.on("data", (data) => {
      heard += data;
    });
    await new Promise((resolve) => wire.once("end", resolve));
    expect(heard).toMatch(/^HTTP\/1\.1 401 /);
    // What is said to nobody comes back as an error.
    const failed = new Promise((resolve) => wire.once("error", resolve));
    const saying = setInterval(() => wire.write("is anybody there?"), 10);
    expect(await failed).toMatchObject({ code: expect.stringMatching(/EPIPE|ECONNRESET/) as unknown });
    clearInterval(saying);
  });

  test.concurrent("4.1: a connection that says nothing is closed", async () => {
    const wire = raw(port);
    await wire.until(() => false);
    expect(wire.isOver).toBe(true);
  });
});

describe("sessions", () => {
  test.each<[string, Buffer, string]>([
    ["a frame that is not masked", frame(TEXT, '["ping"]', { masked: false }), "close 1002"],
    ["no text", frame(TEXT, bytes(0xff)), "close 1007"],
    ["a message that is too long", frame(TEXT, "", { length: LIMIT + 1n }), "close 1009"],
    ["binary data", frame(BINARY, '["ping"]'), "close 1003"],
    ["no JSON", frame(TEXT, "[1,"), "close 1000"],
    ["a number out of order", frame(TEXT, '[7,0,"void"]'), "close 1000"],
  ])("a socket that breaks by %s takes no session with it", async (_, breaking, wanted) => {
    const session = `session ${++sessions}`;
    const first = await open(port, authorization);
    const call = `[1,0,"call",1,"counter","value","${session}:1",1,5000,[[]]]`;
    first.send(Buffer.concat([frame(TEXT, HELLO(session)), frame(TEXT, call)]));
    await first.until((heard) => told(heard).some((one) => one.includes('"ok",1,')));
    const [welcome = ""] = told(first.heard());
    const life = (JSON.parse(welcome.slice("text ".length)) as string[])[2];
    first.send(breaking);
    await first.until((heard) => told(heard).at(-1)?.startsWith("close") ?? false);
    first.send(closing(1000));
    await first.until(() => false);
    expect(told(first.heard()).at(-1)).toBe(wanted);
    // The answer was not acknowledged: it comes again.
    const second = await open(port, authorization);
    second.send(frame(TEXT, JSON.stringify(["hello", session, 0, "a test", life])));
    await second.until((heard) => told(heard).some((one) => one.includes('"ok",1,')));
    expect(told(second.heard())[0]).toMatch(/^text \["welcome",1,/);
    second.socket.destroy();
  });
});

test("who asks for much and does not read is given up, and others are served", async () => {
  const wire = await open(port, authorization);
  onTestFinished(() => void wire.socket.destroy());
  wire.socket.pause();
  const session = `session ${++sessions}`;
  wire.send(frame(TEXT, HELLO(session)));
  for (let at = 1; at <= 300; at++)
    wire.send(frame(TEXT, `[${at},0,"call",${at},"big","big","${session}:${at}",1,9000,[[]]]`));
  await expect.poll(count, { timeout: 20_000 }).toBe(connections + 1);
  expect(await counter.add(0)).toBeGreaterThan(0);
});

test("after all of it the node serves others, holds no connection of it, and has not grown", async () => {
  expect(await counter.add(1)).toBe(2);
  await expect.poll(count, { timeout: 10_000 }).toBe(connections);
  const before = process.memoryUsage().rss;
  for (let round = 0; round < 20; round++) {
    // Each says that it will send all that is taken.
    const wires = await Promise.all(Array.from({ length: 20 }, () => open(port, authorization)));
    for (const wire of wires) wire.send(frame(TEXT, "x".repeat(1000), { length: LIMIT, lengthBytes: 8 }));
    expect(await counter.add(0)).toBe(2);
    for (const wire of wires) wire.socket.destroy();
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  await expect.poll(count, { timeout: 10_000 }).toBe(connections);
});

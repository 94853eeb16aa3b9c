// What a trace sees: every kind of socket, every kind of event, and nothing when it is over.
import dgram from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { connectWebSocket, serveWebSocket } from "../../../kernel-helpers/serve/index.js";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  SHUT_WR,
  SO_LINGER,
  SOCK_DGRAM,
  SOL_SOCKET,
  type Socket,
  socket,
} from "../../../kernel-helpers/socket/index.js";
import { type Trace, trace, type WireEvent } from "../../../kernel-helpers/trace/index.js";
import { pair } from "./pair.js";

const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const kinds = (events: readonly WireEvent[]): string[] =>
  events.map(({ kind, bytes, endpoint }) => `${endpoint.id} ${kind}${bytes ? ` ${bytes}` : ""}`);

const ofSocket = ({ events }: Trace, id: number): string[] =>
  kinds(events.filter(({ endpoint }) => endpoint.id === id)).map((text) => text.slice(text.indexOf(" ") + 1));

test("a conversation of two sockets of one notebook, call by call", async () => {
  const t = trace();
  const { listener, client, server } = await pair();
  await client.sendall("hello");
  await server.recv(2);
  await server.recv(100);
  await client.shutdown(SHUT_WR);
  await server.recv(1);
  await server.close();
  await client.recv(1);
  await client.close();
  await listener.close();
  t.stop();
  expect(ofSocket(t, 1)).toEqual(["bind", "listen", "close"]);
  expect(ofSocket(t, 2)).toEqual(["connect", "connected", "send 5", "shutdown", "eof", "close"]);
  expect(ofSocket(t, 3)).toEqual(["accept", "recv 2", "recv 3", "eof", "close"]);
  expect(t.sockets[1]?.twin).toBe(t.sockets[2]);
  expect(t.sockets[1]?.path.map(({ state }) => state)).toEqual([
    "CLOSED",
    "SYN_SENT",
    "ESTABLISHED",
    "FIN_WAIT_1",
    "FIN_WAIT_2",
    "TIME_WAIT",
  ]);
  expect(t.sockets[2]?.path.map(({ state }) => state)).toEqual([
    "SYN_RCVD",
    "ESTABLISHED",
    "CLOSE_WAIT",
    "LAST_ACK",
    "CLOSED",
  ]);
  const pieces = t.events.filter(({ kind, endpoint }) => kind === "recv" && endpoint.id === 3);
  expect(pieces.map(({ offset, payload }) => [offset, String(payload)])).toEqual([
    [0, "he"],
    [2, "llo"],
  ]);
});

/** Linux, tcp_states.h; the first byte of `struct tcp_info`. */
const STATES =
  "ESTABLISHED,SYN_SENT,SYN_RCVD,FIN_WAIT_1,FIN_WAIT_2,TIME_WAIT,CLOSED,CLOSE_WAIT,LAST_ACK,LISTEN".split(
    ",",
  );
const TCP_INFO = 11;

test.skipIf(process.platform !== "linux")("the states are those of the kernel", async () => {
  using t = trace();
  const { listener, client, server } = await pair();
  const both = (one: Socket, id: number): [string, string | undefined] => [
    STATES[(one.getsockopt(IPPROTO_TCP, TCP_INFO, 104)[0] as number) - 1] as string,
    t.sockets[id - 1]?.path.at(-1)?.state,
  ];
  const agree = async (expected: [listener: string, client: string, server: string]): Promise<void> => {
    // The last acknowledgement crosses the loopback in its own time.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([both(listener, 1), both(client, 2), both(server, 3)]).toEqual(
      expected.map((state) => [state, state]),
    );
  };
  await agree(["LISTEN", "ESTABLISHED", "ESTABLISHED"]);
  await client.shutdown(SHUT_WR);
  await agree(["LISTEN", "FIN_WAIT_2", "CLOSE_WAIT"]);
  await server.shutdown(SHUT_WR);
  expect(t.sockets.map(({ path }) => path.at(-1)?.state)).toEqual(["LISTEN", "TIME_WAIT", "CLOSED"]);
  for (const one of [client, server, listener]) await one.close();
});

test("a reset, a refusal and a timeout are told as such", async () => {
  const t = trace();
  const { listener, client, server, port } = await pair();
  await server.recv(1, { timeout: 0.01 }).catch(() => {});
  client.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0]);
  await client.close();
  await server.recv(1).catch(() => {});
  await server.close();
  await listener.close();
  const late = socket();
  await late.connect(["127.0.0.1", port]).catch(() => {});
  await late.close();
  t.stop();
  expect(ofSocket(t, 2)).toEqual(["connect", "connected", "reset"]);
  expect(ofSocket(t, 3)).toEqual(["accept", "timeout", "error", "close"]);
  expect(t.events.filter(({ kind }) => kind === "timeout").map(({ detail }) => detail)).toEqual([
    "recv: timed out",
  ]);
  expect(ofSocket(t, 4)).toEqual(["connect", "error", "close"]);
  const text = t.toString();
  expect(text).toContain("✕ RST: ECONNREFUSED");
  expect(text).toContain("✕ close: RST");
});

test.each([
  ["IPv6", () => ({ family: AF_INET6, at: ["::1", 0] as [string, number] })],
  ["a path", () => ({ family: AF_UNIX, at: join(folder, "one.sock") })],
])("the two ends of a connection over %s find each other", async (_, make) => {
  const { family, at } = make();
  const t = trace();
  const listener = socket(family);
  await listener.bind(at);
  await listener.listen(1);
  const client = socket(family);
  await client.connect(listener.getsockname());
  const [server] = await listener.accept();
  await client.sendall("over here");
  await server.recv(100);
  for (const one of [client, server, listener]) await one.close();
  t.stop();
  expect(t.toString()).toMatch(/send 9 B/);
  // What arrived is part of the arrow, not a row of its own.
  expect(t.toString()).not.toMatch(/recv 9 B/);
  expect(String(t.follow().from("client"))).toBe("over here");
});

test("Node's own sockets are seen: net, http with a server and fetch, ws, dgram", async () => {
  const t = trace();
  const tcp = net.createServer((stream) => void stream.end("bye"));
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  await new Promise((resolve) =>
    net
      .connect((tcp.address() as net.AddressInfo).port, "127.0.0.1")
      .resume()
      .on("close", resolve),
  );
  await new Promise((resolve) => tcp.close(resolve));

  const web = http.createServer((request, response) => void response.end(`you asked for ${request.url}`));
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  const { port } = web.address() as net.AddressInfo;
  expect(
    await (await fetch(`http://127.0.0.1:${port}/it`, { headers: { connection: "close" } })).text(),
  ).toBe("you asked for /it");
  await new Promise((resolve) => web.close(resolve));

  const echo = await serveWebSocket(0, async (connection) => {
    for await (const message of connection) await connection.send(message);
  });
  const ws = await connectWebSocket(`ws://127.0.0.1:${echo.port}/`);
  await ws.send("a message");
  expect(await ws.recv()).toBe("a message");
  await ws.close();
  await echo.close();

  const receiver = dgram.createSocket("udp4");
  await new Promise<void>((resolve) => receiver.bind(0, "127.0.0.1", resolve));
  const sender = dgram.createSocket("udp4");
  const came = new Promise((resolve) => receiver.once("message", resolve));
  sender.send(["two ", "parts"], receiver.address().port, "127.0.0.1");
  await came;
  sender.close();
  receiver.close();
  t.stop();

  const said = (what: string): WireEvent[] => t.events.filter(({ payload }) => payload?.includes(what));
  expect(said("bye").map(({ kind }) => kind)).toEqual(["send", "recv"]);
  expect(said("GET /it").map(({ kind }) => kind)).toEqual(["send", "recv"]);
  expect(said("you asked for /it").map(({ kind }) => kind)).toEqual(["send", "recv"]);
  expect(said("GET / HTTP").map(({ kind }) => kind)).toEqual(["send", "recv"]);
  expect(said("two parts").map(({ kind, endpoint }) => `${endpoint.protocol} ${kind}`)).toEqual([
    "udp send",
    "udp recv",
  ]);
  // The server's frames are not masked (RFC 6455, section 5.1).
  expect(said("a message").map(({ kind }) => kind)).toEqual(["send", "recv"]);
});

test("datagrams of the helpers' sockets are arrows from port to port, and one that nobody takes stays one", async () => {
  const t = trace({ names: {} });
  const receiver = socket(AF_INET, SOCK_DGRAM);
  await receiver.bind(["127.0.0.1", 0]);
  const to = receiver.getsockname() as [string, number];
  const sender = socket(AF_INET, SOCK_DGRAM);
  await sender.sendto("one", to);
  expect(String((await receiver.recvfrom(100))[0])).toBe("one");
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const one of [sender, receiver]) await one.close();
  t.stop();
  const [sent] = t.events.filter(({ kind }) => kind === "send");
  expect(sent?.peer).toEqual(to);
  expect(sent?.endpoint.local).not.toContain(0);
  expect(t.toString()).not.toMatch(/recv 3 B/);
});

test("when it is over, Node's sockets are as they were, and nothing more is recorded", async () => {
  const own = (): boolean[] =>
    ["emit", "push", "_destroy", "_final", "_writeGeneric"].map((name) =>
      Object.hasOwn(net.Socket.prototype, name),
    );
  const before = own();
  const original = net.Socket.prototype._destroy;
  const first = trace();
  const second = trace();
  expect(net.Socket.prototype._destroy).not.toBe(original);
  first.stop();
  expect(net.Socket.prototype._destroy).not.toBe(original);
  second.stop();
  expect(own()).toEqual(before);
  expect(net.Socket.prototype._destroy).toBe(original);
  expect(Object.hasOwn(net.Server.prototype, "emit")).toBe(false);
  expect(Object.hasOwn(dgram.Socket.prototype, "emit")).toBe(false);
  const { listener, client, server } = await pair();
  for (const one of [listener, client, server]) await one.close();
  expect(first.events).toEqual([]);
});

test("a connection that was open before is seen from then on", async () => {
  const { listener, client, server } = await pair();
  using t = trace();
  await client.sendall("late");
  await server.recv(10);
  expect(kinds(t.events)).toEqual(["1 send 4", "2 recv 4"]);
  expect(t.sockets[0]?.twin).toBe(t.sockets[1]);
  expect(t.sockets.map(({ role }) => role)).toEqual(["client", "server"]);
  for (const one of [listener, client, server]) await one.close();
});

test("a function is recorded while it runs; where it fails, its error comes through and nothing is left behind", async () => {
  const t = await trace(async () => {
    const { listener, client, server } = await pair();
    for (const one of [listener, client, server]) await one.close();
  });
  expect(t.running).toBe(false);
  expect(t.events.length).toBeGreaterThan(5);
  const failure = new Error("no");
  await expect(trace(() => Promise.reject(failure))).rejects.toBe(failure);
  expect(Object.hasOwn(net.Socket.prototype, "emit")).toBe(false);
});

test("more than is to be kept is counted; a payload for which there is no room is told as such", async () => {
  const t = trace({ limit: 8, keep: 4 });
  const { listener, client, server } = await pair();
  await client.sendall("12345");
  await server.recv(10);
  await client.sendall("and more");
  for (const one of [listener, client, server]) await one.close();
  t.stop();
  expect(t.events).toHaveLength(8);
  expect(t.toString()).toMatch(/8 events of 3 sockets in .*, 3 more were not kept/);
  expect(t.events.find(({ kind }) => kind === "send")?.payload).toBeUndefined();
  expect(t.bundle()["text/html"]).toContain("(its bytes were not kept)");
});

test("whoever asks for a connection that is not there is told which are", async () => {
  const t = trace();
  expect(() => t.follow()).toThrow("It has seen none so far.");
  const { listener, client, server } = await pair();
  for (const one of [listener, client, server]) await one.close();
  t.stop();
  expect(() => t.follow(9)).toThrow(
    /socket 9 has not seen a connection. There are: 1 \(127.0.0.1:\d+ ↔ \?\), 2/,
  );
});

// Servers of datagrams, of HTTP and of WebSockets: the same handles, in plain Node.
import http from "node:http";
import { inspect } from "node:util";
import { afterEach, expect, test, vi } from "vitest";
import {
  connectWebSocket,
  serve,
  serveDatagrams,
  serveHttp,
  servers,
  serveWebSocket,
} from "../../../kernel-helpers/serve/index.js";
import * as socket from "../../../kernel-helpers/socket/index.js";

let printed = "";
vi.spyOn(console, "log").mockImplementation((...words) => {
  printed += `${words.join(" ")}\n`;
});
const complained = vi.spyOn(console, "error").mockImplementation(() => {});

afterEach(async () => {
  for (const server of servers()) await server.close();
  printed = "";
  complained.mockClear();
});

test("a server of datagrams answers each, and one that fails harms no other", async () => {
  const server = await serveDatagrams(0, (data, address) => {
    if (String(data) === "bad") throw new Error("on purpose");
    return `${data} from ${address[0]}`;
  });
  expect(inspect(server)).toMatch(/^<server \d+ on 127\.0\.0\.1:\d+: listening, 0 datagrams so far>$/);
  await using client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  await client.sendto("bad", [server.address, server.port]);
  await client.sendto("hello", [server.address, server.port]);
  expect(String(await client.recv(100, { timeout: 5 }))).toBe("hello from 127.0.0.1");
  expect(server.accepted).toBe(2);
  expect(server.failed).toBe(1);
  expect(String(complained.mock.calls[0])).toMatch(
    /the handler of \[ '127\.0\.0\.1', \d+ \] failed:,Error: on purpose/,
  );
  // Whoever is gone before the answer does not end it.
  const gone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  await gone.sendto("no answer, please", [server.address, server.port]);
  await gone.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await client.sendto("again", [server.address, server.port]);
  expect(String(await client.recv(100, { timeout: 5 }))).toBe("again from 127.0.0.1");
  await server.close();
  const next = await serveDatagrams(server.port, () => {});
  expect(next.port).toBe(server.port);
});

test("TCP and UDP have ports of their own", async () => {
  const tcp = await serve(0, () => {});
  const udp = await serveDatagrams(tcp.port, () => {});
  expect(servers()).toEqual([tcp, udp]);
  expect(inspect(servers())).toMatch(/tcp[\s\S]*udp/);
  await expect(serveDatagrams(udp.port, () => {})).resolves.toBeDefined();
  expect(printed).toMatch(/was held by this notebook's earlier server \d+: closed it/);
  expect(tcp.state).toBe("serving");
});

test("an HTTP server sends what its handler returns or writes, and 500 where it fails", async () => {
  const server = await serveHttp(0, (request, response) => {
    if (request.url === "/text") return "plain";
    if (request.url === "/page") return "<!doctype html><p>page";
    if (request.url === "/json") return { answer: 42 };
    if (request.url === "/bytes") return Buffer.from([0, 1, 2]);
    if (request.url === "/fail") throw new Error("on purpose");
    response.writeHead(418, { "X-Own": "yes" });
    response.end("written");
  });
  const at = `http://127.0.0.1:${server.port}`;
  const get = async (path: string): Promise<[number, string | null, string]> => {
    const answer = await fetch(at + path);
    return [answer.status, answer.headers.get("content-type"), await answer.text()];
  };
  expect(await get("/text")).toEqual([200, "text/plain; charset=utf-8", "plain"]);
  expect(await get("/page")).toEqual([200, "text/html; charset=utf-8", "<!doctype html><p>page"]);
  expect(await get("/json")).toEqual([200, "application/json; charset=utf-8", '{"answer":42}']);
  expect(await get("/bytes")).toEqual([200, "application/octet-stream", "\0\x01\x02"]);
  expect(await get("/fail")).toEqual([500, "text/plain; charset=utf-8", "Internal Server Error\n"]);
  expect(await get("/else")).toEqual([418, null, "written"]);
  expect(server.requests).toBe(6);
  expect(server.failed).toBe(1);
  expect(server.clients()[0]).toMatchObject({ number: 1, sent: expect.any(Number) });
  // What is kept alive does not keep it from closing.
  const agent = new http.Agent({ keepAlive: true });
  await new Promise((resolve) =>
    http.get(`${at}/text`, { agent }, (answer) => answer.resume().on("end", resolve)),
  );
  await server.close();
  agent.destroy();
  expect(server.connections).toBe(0);
  await expect(fetch(`${at}/text`)).rejects.toThrow();
});

test("a port that somebody holds is told of, whatever is to be served", async () => {
  const other = http.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  for (const begin of [serveHttp, serveWebSocket] as const)
    await expect(begin(port, () => {})).rejects.toThrow(/in use by .*Choose another port, or 0/s);
  other.close();
  expect(servers()).toEqual([]);
});

test("what others can reach is said, and nothing else is", async () => {
  await serveHttp(0, () => "x");
  expect(printed).not.toContain("reach");
  const wide = await serveHttp(0, () => "x", { address: "0.0.0.0" });
  expect(printed).toContain(
    `${wide.name} listens on every address of this machine (0.0.0.0), port ${wide.port}`,
  );
  printed = "";
  const datagrams = await serveDatagrams(0, () => {}, { address: "" });
  expect(datagrams.address).toBe("0.0.0.0");
  expect(printed.match(/every address/g)).toHaveLength(1);
});

test("WebSockets: messages of both kinds go both ways, one after another, and an end is an end on both sides", async () => {
  const seen: unknown[] = [];
  const server = await serveWebSocket(0, async (connection, address) => {
    seen.push(address[0]);
    for await (const message of connection) {
      seen.push(message);
      await connection.send(message);
    }
    seen.push("end");
  });
  const client = await connectWebSocket(`ws://127.0.0.1:${server.port}/`);
  await client.send("text 😀");
  await client.send(Buffer.from([0, 255]));
  expect(await client.recv()).toBe("text 😀");
  expect(await client.recv()).toEqual(Buffer.from([0, 255]));
  await expect(client.recv({ timeout: 0.02 })).rejects.toThrow(socket.TimeoutError);
  expect(server.connections).toBe(1);
  await client.close();
  expect(await client.recv()).toBeNull();
  await expect(client.send("late")).rejects.toThrow(socket.BrokenPipeError);
  await expect.poll(() => seen.at(-1)).toBe("end");
  expect(seen).toEqual(["127.0.0.1", "text 😀", Buffer.from([0, 255]), "end"]);
  expect(await client.closed).toEqual({ code: 1000, reason: "" });
});

test("WebSockets: a handler that fails ends its own connection with 1011, a server that closes all with 1001", async () => {
  const server = await serveWebSocket(0, async (connection) => {
    if ((await connection.recv()) === "bad") throw new Error("on purpose");
    await connection.recv();
  });
  const url = `ws://127.0.0.1:${server.port}/`;
  const [bad, good] = [await connectWebSocket(url), await connectWebSocket(url)];
  await bad.send("bad");
  await good.send("good");
  expect(await bad.closed).toEqual({ code: 1011, reason: "the handler failed" });
  expect(await bad.recv()).toBeNull();
  await expect.poll(() => server.failed).toBe(1);
  await expect.poll(() => server.clients().map(({ state }) => state)).toEqual(["failed", "open"]);
  const closing = server.close();
  expect(await good.closed).toEqual({ code: 1001, reason: "the server is closing" });
  await closing;
});

test("WebSockets: thousands of messages that nobody reads yet arrive in order, and the sender is held back", async () => {
  const server = await serveWebSocket(0, async (connection) => {
    for (let n = 0; n < 5000; n++) await connection.send(`${n} ${"x".repeat(1000)}`);
  });
  const client = await connectWebSocket(`ws://127.0.0.1:${server.port}/`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  let count = 0;
  for await (const message of client) expect(Number.parseInt(String(message), 10)).toBe(count++);
  expect(count).toBe(5000);
});

test("HTTP and WebSockets: who comes beyond the limit of connections is sent away, and a message beyond its limit ends its connection", async () => {
  const waiting: (() => void)[] = [];
  const pages = await serveHttp(0, () => new Promise<void>((resolve) => waiting.push(resolve)), {
    maxConnections: 1,
  });
  const first = fetch(`http://127.0.0.1:${pages.port}/`);
  await expect.poll(() => waiting.length).toBe(1);
  await expect(fetch(`http://127.0.0.1:${pages.port}/`)).rejects.toThrow();
  expect(pages.connections).toBe(1);
  first.catch(() => {});
  const sockets = await serveWebSocket(
    0,
    async (connection) => {
      for await (const message of connection) await connection.send(String(message.length));
    },
    { maxConnections: 1, maxMessage: 10 },
  );
  const url = `ws://127.0.0.1:${sockets.port}/`;
  const client = await connectWebSocket(url);
  await expect(connectWebSocket(url)).rejects.toThrow();
  await client.send("x".repeat(10));
  expect(await client.recv()).toBe("10");
  await client.send("x".repeat(11));
  expect((await client.closed).code).toBe(1009);
  await expect.poll(() => sockets.clients().map(({ state }) => state)).toEqual(["failed"]);
  await expect(serveWebSocket(0, () => {}, { maxConnections: 0 })).rejects.toThrow("a number from 1 on");
});

test("WebSockets: what is none says so", async () => {
  const server = await serveHttp(0, () => "just pages");
  await expect(connectWebSocket(`ws://127.0.0.1:${server.port}/`)).rejects.toThrow(
    /answered 200 OK, not as a WebSocket/,
  );
  const sockets = await serveWebSocket(0, () => {});
  expect((await fetch(`http://127.0.0.1:${sockets.port}/`)).status).toBe(426);
  const { port } = sockets;
  await sockets.close();
  await expect(connectWebSocket(`ws://127.0.0.1:${port}/`)).rejects.toThrow(socket.ConnectionRefusedError);
  await expect(connectWebSocket("nonsense")).rejects.toThrow(/URL/);
});

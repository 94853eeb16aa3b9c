// What a diagram shows: in every form the same, folded where it repeats itself, and harmless whatever came over the wire.
import { inspect } from "node:util";
import { expect, test } from "vitest";
import {
  IPPROTO_TCP,
  SHUT_WR,
  type Socket,
  socket,
  TCP_NODELAY,
} from "../../../kernel-helpers/socket/index.js";
import { trace } from "../../../kernel-helpers/trace/index.js";
import { createDice } from "../../faults/scenario.js";
import { pair } from "./pair.js";

async function close(...all: Socket[]): Promise<void> {
  for (const one of all) await one.close();
}

/** The text of a page as a reader sees it: no tags, no entities. */
const read = (html: string): string =>
  html
    .replace(/<style>.*?<\/style>/gs, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&");

test("a conversation is told in HTML, SVG, Mermaid and text alike", async () => {
  const t = trace();
  const { listener, client, server } = await pair();
  await client.sendall("hello");
  await server.recv(100);
  await client.shutdown(SHUT_WR);
  await server.recv(1);
  await close(server, client, listener);
  t.stop();
  const bundle = t.bundle();
  expect(Object.keys(bundle).sort()).toEqual([
    "image/svg+xml",
    "text/html",
    "text/plain",
    "text/vnd.mermaid",
  ]);
  for (const form of Object.values(bundle).map(String)) {
    // Mermaid has a word of its own for "end".
    const text = form.replace(/<desc>.*?<\/desc>/s, "").replaceAll("#101;nd", "end");
    const order = ["listen", "connect: SYN", "accept", "send 5 B", "shutdown: FIN", "recv: end of stream"];
    const places = order.map((what) => text.indexOf(what));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  }
  const html = String(bundle["text/html"]);
  expect(read(html)).toContain("68 65 6c 6c 6f");
  // Told in words, too, for those who do not see it.
  expect(html).toMatch(/<span>[\d.]+ ms, client to server: send 5 B, there after [\d.]+ ms<\/span>/);
  expect(String(bundle["image/svg+xml"])).toMatch(/<desc>[^<]*client to server: send 5 B/);
  expect(String(bundle["text/vnd.mermaid"])).toMatch(/^sequenceDiagram\nparticipant L0 as server<br\/>127/);
});

test("ports are called what they are told to be called", async () => {
  const listener = socket();
  await listener.bind(["127.0.0.1", 0]);
  const port = (listener.getsockname() as [string, number])[1];
  const t = trace({ names: { [port]: "the bakery" } });
  await listener.listen(1);
  const client = socket();
  await client.connect(["127.0.0.1", port]);
  await close(client, listener);
  t.stop();
  expect(t.toString()).toContain("the bakery");
  expect(String(t.bundle()["text/html"])).toContain("the bakery");
});

test("what is repeated is folded, with how often, how much and how long", async () => {
  const t = trace();
  const { listener, client, server } = await pair();
  for (let i = 0; i < 50; i++) {
    await client.sendall("ping");
    await server.recv(100);
    await server.sendall("pong");
    await client.recv(100);
  }
  await close(client, server, listener);
  t.stop();
  expect(t.toString()).toMatch(/50 × client → server send, server → client send: 400 B in \d/);
  expect(t.toString().match(/send 4 B/g)).toBeNull();
  // Behind the fold they are all there.
  expect(String(t.bundle()["text/html"]).match(/<details>/g)?.length).toBeGreaterThan(100);
});

test("ten thousand events make a page that a browser can bear; the table has them all", async () => {
  const t = trace();
  const { listener, client, server } = await pair();
  // Otherwise each piece would wait for the acknowledgement of the one before.
  for (const one of [client, server]) one.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
  const dice = createDice(7);
  for (let i = 0; i < 2500; i++) {
    // No two in the same way.
    const [from, to] = dice(2) === 0 ? [client, server] : [server, client];
    await from.sendall("x".repeat(1 + dice(50)));
    await to.recv(1);
    await to.recv(100, { timeout: 0 }).catch(() => {});
  }
  await close(client, server, listener);
  t.stop();
  expect(t.events.length).toBeGreaterThan(7000);
  const bundle = t.bundle();
  expect(String(bundle["text/html"]).length).toBeLessThan(3_000_000);
  expect(String(bundle["text/vnd.mermaid"]).length).toBeLessThan(50_000);
  expect(read(String(bundle["text/html"]))).toMatch(/\d+ more rows are in table\(\) and save\(\)/);
  expect(t.table()).toHaveLength(t.events.length);
});

test("what came over the wire cannot leave its place: markup, escapes of terminals, Mermaid's own words", async () => {
  const nasty = `<script>alert(1)</script>"'&;#end \u001b[31mred\u001b]0;title\u0007 \u202egnp`;
  const t = trace();
  const { listener, client, server, port } = await pair();
  await client.sendall(Buffer.concat([Buffer.from(nasty), Buffer.from([0xff, 0xfe, 0x80])]));
  await server.recv(1000);
  await close(client, server, listener);
  t.stop();
  const shown = [
    ...Object.values(t.bundle()).map(String),
    inspect(t.follow()),
    inspect(t.table()),
    String(
      (t.follow() as unknown as Record<symbol, () => Record<string, string>>)[
        Symbol.for("Jupyter.display")
      ]?.()["text/html"],
    ),
  ];
  for (const form of shown) {
    // Of text a page makes text.
    if (/<(svg|pre)/.test(form)) expect(form).not.toContain("<script");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
    expect(form).not.toMatch(/[\u001b\u0007\u202e]/);
  }
  expect(inspect(t.follow())).toContain("\\u001b[31mred");
  const named = trace({ names: { [port]: 'a; "b" # end' } });
  const again = await pair();
  await close(again.client, again.server, again.listener);
  named.stop();
  expect(String(named.bundle()["text/vnd.mermaid"])).not.toMatch(/as .*[;"](?!\d)/);
});

test("a socket's way through the states of TCP is numbered in the state machine", async () => {
  const t = trace();
  const { listener, client, server } = await pair();
  await client.shutdown(SHUT_WR);
  await server.recv(1);
  await close(server, client, listener);
  t.stop();
  const way = t.states(2);
  expect(way.path.map(({ by }) => by)).toEqual([
    "",
    "connect",
    "connected",
    "shutdown",
    "peer's ACK",
    "peer's FIN",
  ]);
  expect(inspect(way)).toMatch(/CLOSED —connect→ SYN_SENT \([\d.]+ ms\) —connected→ ESTABLISHED/);
  const svg = (way as unknown as Record<symbol, () => Record<string, string>>)[
    Symbol.for("Jupyter.display")
  ]?.()["image/svg+xml"];
  for (const label of [
    "1: connect",
    "2: connected",
    "3: shutdown, close",
    "4: peer's ACK".replace("'", "&#39;"),
    "TIME_WAIT",
  ])
    expect(svg).toContain(label);
});

test("more clients than fit on a page share one line", async () => {
  const t = trace();
  const listener = socket();
  await listener.bind(["127.0.0.1", 0]);
  await listener.listen(50);
  for (let i = 0; i < 20; i++) {
    const client = socket();
    await client.connect(listener.getsockname());
    const [server] = await listener.accept();
    await close(client, server);
  }
  await listener.close();
  t.stop();
  expect(
    t
      .toString()
      .split("\n")[0]
      ?.match(/client/g)?.length,
  ).toBeLessThanOrEqual(8);
  expect(t.toString()).toContain("other clients");
});

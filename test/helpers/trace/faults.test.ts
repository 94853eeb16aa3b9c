// A bad network between a client and a server, the same for the same seed.
import { afterEach, expect, test } from "vitest";
import { type Server, serve, serveDatagrams } from "../../../kernel-helpers/serve/index.js";
import { AF_INET, SHUT_WR, SOCK_DGRAM, type Socket, socket } from "../../../kernel-helpers/socket/index.js";
import { type Faults, type FaultsOptions, faults } from "../../../kernel-helpers/trace/index.js";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const kept = <T extends { close(): Promise<void> }>(one: T): T => {
  open.push(one);
  return one;
};

const echoing = async (): Promise<Server> =>
  kept(
    await serve(0, async (conn) => {
      for (let data = await conn.recv(65_536); data.length > 0; data = await conn.recv(65_536))
        await conn.sendall(data);
    }),
  );

const between = async (options: Omit<FaultsOptions, "to">, to?: number): Promise<Faults> =>
  kept(await faults({ to: to ?? (await echoing()).port, ...options }));

async function connected(to: Faults): Promise<Socket> {
  const s = kept(socket());
  s.settimeout(5);
  await s.connect(to.address);
  return s;
}

test("without faults everything comes through, both ways, to the end of the stream", async () => {
  const s = await connected(await between({}));
  const data = Buffer.alloc(1_000_000, "abc");
  const sending = s.sendall(data).then(() => s.shutdown(SHUT_WR));
  expect((await s.recvExactly(data.length)).equals(data)).toBe(true);
  await sending;
  expect(await s.recv(1)).toHaveLength(0);
});

test("a delay holds everything back, each way, and keeps the order", async () => {
  const s = await connected(await between({ delay: 0.1, jitter: 0.05, slice: 3, seed: 5 }));
  const began = performance.now();
  await s.sendall("one two three four five");
  expect(String(await s.recvExactly(23))).toBe("one two three four five");
  expect(performance.now() - began).toBeGreaterThan(199);
});

test("slices leave one by one, each way", async () => {
  const bad = await between({ slice: 4, seed: 3 });
  const s = await connected(bad);
  await s.sendall("0123456789");
  // A receiver that is late may find two in one.
  const first = await s.recv(9);
  expect(String(Buffer.concat([first, await s.recvExactly(10 - first.length)]))).toBe("0123456789");
  expect(bad.done.passed).toBeGreaterThanOrEqual(6);
});

test("a rate is a rate: twenty kilobytes at a hundred a second take longer than the deadline", async () => {
  const s = await connected(await between({ rate: 10_000 }));
  await s.sendall(Buffer.alloc(20_000));
  const got = await s.recv(65_536);
  expect(got.length).toBeLessThan(20_001);
  await expect(s.recvExactly(20_000, { timeout: 0.2 })).rejects.toThrow("timed out");
});

test("a reset ends the connection on both sides", async () => {
  const bad = await between({ reset: 1 });
  const s = await connected(bad);
  await s.sendall("x");
  await expect(s.recv(1)).rejects.toThrow("[Errno 104] Connection reset by peer");
  expect(bad.done.reset).toBe(1);
});

test("a black hole takes everything and gives nothing back", async () => {
  const bad = await between({ blackhole: true });
  const s = await connected(bad);
  await s.sendall("anybody?");
  await expect(s.recv(1, { timeout: 0.1 })).rejects.toThrow("timed out");
  expect(bad.done.swallowed).toBe(1);
});

test("what a stream loses comes later; nothing is missing", async () => {
  const bad = await between({ loss: 0.5, slice: 8, seed: 11 });
  const s = await connected(bad);
  await s.sendall("sixteen bytes...");
  expect(String(await s.recvExactly(16))).toBe("sixteen bytes...");
  expect(bad.done.lost).toBeGreaterThan(0);
});

/** Which of forty come through. */
async function datagramsThrough(options: Omit<FaultsOptions, "to">): Promise<string[]> {
  const came: string[] = [];
  const server = kept(await serveDatagrams(0, (data) => void came.push(String(data))));
  const bad = await between({ udp: true, ...options }, server.port);
  const s = kept(socket(AF_INET, SOCK_DGRAM));
  for (let i = 0; i < 40; i++) await s.sendto(String(i), bad.address);
  await expect.poll(() => came.length + bad.done.lost, { timeout: 10_000 }).toBe(40);
  return came;
}

test("datagrams are lost as the seed says: again the same ones, with another seed others", async () => {
  const first = await datagramsThrough({ loss: 0.2, seed: 4 });
  expect(first.length).toBeGreaterThan(20);
  expect(first.length).toBeLessThan(38);
  expect(await datagramsThrough({ loss: 0.2, seed: 4 })).toEqual(first);
  expect(await datagramsThrough({ loss: 0.2, seed: 5 })).not.toEqual(first);
});

test("faults can change while connections are open", async () => {
  const bad = await between({});
  const s = await connected(bad);
  await s.sendall("before");
  expect(String(await s.recvExactly(6))).toBe("before");
  bad.set({ reset: 1 });
  await s.sendall("after");
  await expect(s.recv(1)).rejects.toThrow("[Errno 104]");
  expect(String(bad)).toMatch(/^127.0.0.1:\d+ → 127.0.0.1:\d+: 100 % reset \(seed 1\)$/);
});

test.each<[unknown, string]>([
  [{ to: 0 }, '"to" is the server\'s port or [host, port], not 0'],
  [{ to: 80, loss: 10 }, '"loss" is a chance, 0 to 1, not 10'],
  [{ to: 80, delay: -1 }, '"delay" is seconds, 0 to 3600, not -1'],
  [{ to: 80, slice: 0.5 }, '"slice" is bytes, 1 or more, not 0.5'],
  [{ to: 80, lost: 1 }, 'faults() knows no "lost"; it knows to, port'],
])("%j is refused: %s", async (options, message) => {
  await expect(faults(options as FaultsOptions)).rejects.toThrow(message);
});

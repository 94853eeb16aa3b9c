// What is NATS's own: which servers will do, who is let in, and a server that stands still.
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import {
  Conflict,
  Forbidden,
  MiddlewareError,
  SessionLost,
  Unreachable,
} from "../../../kernel-helpers/middleware/errors.js";
import { Bucket } from "../../../kernel-helpers/middleware/registry/nats/bucket.js";
import {
  bucketOf,
  fromToken,
  toSubject,
  toToken,
} from "../../../kernel-helpers/middleware/registry/nats/keys.js";
import type { NatsOptions } from "../../../kernel-helpers/middleware/registry/nats/options.js";
import { NatsStore } from "../../../kernel-helpers/middleware/registry/nats/store.js";
import {
  type NatsProcess,
  noNats,
  type NatsOptions as ServerOptions,
  skippedNats,
  startNats,
} from "../nats.js";

const it = test.skipIf(noNats !== undefined);

function storeAt(servers: string, options: NatsOptions & { namespace?: string } = {}): NatsStore {
  const store = new NatsStore({ servers, namespace: "a test", ...options });
  onTestFinished(() => store.close());
  return store;
}

async function server(options: ServerOptions = {}): Promise<NatsProcess> {
  const nats = await startNats(options);
  onTestFinished(() => nats[Symbol.asyncDispose]());
  return nats;
}

test("keys are escaped for NATS and come back, part by part", () => {
  expect(toSubject("object/cart%2F42")).toBe("object.cart=252F42");
  expect(toSubject("export/a.*>/")).toBe("export.a=2e=2a=3e.=");
  for (const part of ["", "=", "==", "a b", "ü✓😀", "plain-1_Z", "%2F", "."]) {
    expect(toToken(part)).toMatch(/^[\w=-]+$/);
    expect(fromToken(toToken(part))).toBe(part);
  }
  expect(toToken("x".repeat(10_000)).length).toBeLessThan(64);
  expect(bucketOf("a/b")).not.toBe(bucketOf("a.b"));
  expect(bucketOf("ü".repeat(100))).toMatch(/^[\w-]{1,64}$/);
});

test("a server that would let leases live for ever is refused, with its version and what to do", async () => {
  const old = createServer((peer) => {
    peer.write('INFO {"server_id":"x","version":"2.9.25","headers":true,"max_payload":1048576}\r\n');
    peer.on("data", (data) => {
      if (String(data).includes("PING")) peer.write("PONG\r\n");
    });
    peer.on("error", () => {});
  });
  const port = await new Promise<number>((done) =>
    old.listen(0, "127.0.0.1", () => done((old.address() as AddressInfo).port)),
  );
  onTestFinished(() => void old.close());
  const store = storeAt(`nats://127.0.0.1:${port}`);
  const refused = store.get("key");
  await expect(refused).rejects.toThrow(/is version 2\.9\.25; leases need 2\.11 or newer: .*wirebook nats/);
  await expect(refused).rejects.toThrow(MiddlewareError);
  await expect(refused).rejects.not.toThrow(Unreachable);
});

test("a server that takes connections and says nothing is given up, and no socket to it stays open", async () => {
  const open = new Set<Socket>();
  const silent = createServer((peer) => {
    open.add(peer.resume().on("error", () => {}));
    peer.once("close", () => open.delete(peer));
  });
  await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const asked = storeAt(`nats://127.0.0.1:${port}`).get("any");
  await expect.poll(() => open.size, { timeout: 5000 }).toBe(1);
  await expect(asked).rejects.toThrow(Unreachable);
  await expect.poll(() => open.size, { timeout: 5000 }).toBe(0);
});

test("where nobody listens, the error says where, and how to start a server", async () => {
  const store = storeAt("nats://127.0.0.1:9");
  const asked = store.put("key", "1", 0);
  await expect(asked).rejects.toThrow(Unreachable);
  await expect(asked).rejects.toThrow(
    "no NATS server answers at nats://127.0.0.1:9 (connection refused); wirebook nats starts one",
  );
});

test.each(["localhost:4222", "http://localhost:4222", "", "nats://"])(
  "%j is told to be no address of a server",
  async (address) => {
    await expect(storeAt(address).get("key")).rejects.toThrow(`"${address}" is no address of a NATS server`);
  },
);

it(`a user, or a token, comes in by the URL or by the options, and nobody else${skippedNats}`, async () => {
  const users = await server({ lines: ["authorization {", "  user: ann", '  password: "s3:cret"', "}"] });
  const { host } = new URL(users.url);
  for (const store of [
    storeAt(`nats://ann:s3%3Acret@${host}`),
    storeAt(users.url, { user: "ann", password: "s3:cret" }),
  ])
    expect(await store.get("key")).toBeUndefined();
  const wrong = storeAt(users.url, { user: "ann", password: "wrong" }).get("key");
  await expect(wrong).rejects.toThrow(Forbidden);
  await expect(wrong).rejects.toThrow("natsOptions takes token, or user and password");
  const tokens = await server({ lines: ["authorization {", "  token: s3cret", "}"] });
  expect(await storeAt(tokens.url, { token: "s3cret" }).get("key")).toBeUndefined();
  expect(await storeAt(tokens.url.replace("//", "//s3cret@")).get("key")).toBeUndefined();
  await expect(storeAt(tokens.url).get("key")).rejects.toThrow(Forbidden);
});

it(`namespaces do not see each other's keys${skippedNats}`, async () => {
  const nats = await server();
  await storeAt(nats.url).put("key", "1", 0);
  expect(await storeAt(nats.url, { namespace: "another" }).get("key")).toBeUndefined();
});

it(`a bucket that was made anew while a node ran is not taken for the old one${skippedNats}`, async () => {
  const nats = await server();
  const store = storeAt(nats.url);
  const revision = await store.put("key", "1", 0);
  await nats.kill();
  nats.forget();
  await nats.start();
  await expect(store.put("key", "2", revision)).rejects.toThrow(
    "is gone, and with it everything that was kept",
  );
  await storeAt(nats.url).put("key", "new", 0);
  await expect(store.get("key")).rejects.toThrow("was made anew");
});

it(`what has lost its lease is removed by whoever finds it${skippedNats}`, async () => {
  const nats = await server();
  const store = storeAt(nats.url);
  const lease = await store.lease(60_000);
  await storeAt(nats.url).put("folder/key", "1", 0, { lease });
  await store.release(lease);
  const bucket = await Bucket.open({ servers: nats.url, bucket: bucketOf("a test"), create: false });
  onTestFinished(() => bucket.connection.close());
  expect((await bucket.read("folder.key"))?.isMarker).toBe(false);
  expect((await store.list("folder/")).size).toBe(0);
  for (let tries = 0; tries < 100 && !(await bucket.read("folder.key"))?.isMarker; tries++);
  expect((await bucket.read("folder.key"))?.isMarker).toBe(true);
});

it(`a value that is too large for the server is refused, and the store goes on${skippedNats}`, async () => {
  const nats = await server();
  const store = storeAt(nats.url);
  await expect(store.put("key", "x".repeat(2_000_000), 0)).rejects.toThrow(
    /key has 1\.9 MB, and this registry keeps up to 1\.0 MB/,
  );
  expect(await store.put("key", "x".repeat(900_000), 0)).toBeGreaterThan(0);
  expect((await store.get("key"))?.value.length).toBe(900_000);
});

test.skipIf(noNats !== undefined || process.platform === "win32").each(["url", "web"] as const)(
  `what is written to a server that stands still is lost or done, and who asks later is told which (%s)${skippedNats}`,
  async (kind) => {
    const nats = await server({ web: true });
    const store = storeAt(nats[kind]);
    const revision = await store.put("key", "1", 0);
    nats.process.kill("SIGSTOP");
    // It stands when all of its threads do.
    await sleep(200);
    await expect(store.put("key", "2", revision)).rejects.toThrow(SessionLost);
    nats.process.kill("SIGCONT");
    const found = await store.get("key");
    if (found?.revision === revision) expect(await store.put("key", "3", revision)).toBeGreaterThan(revision);
    else {
      expect(found?.value).toBe("2");
      await expect(store.put("key", "3", revision)).rejects.toThrow(Conflict);
    }
  },
);

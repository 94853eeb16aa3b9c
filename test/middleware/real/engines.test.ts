// Both engines with real processes: whoever keeps the registry dies, a host dies, stands still, or is busy.
import { readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { noNats, skippedNats, startNats } from "../nats.js";
import { type Counter, CounterObject, semantics } from "../simulation/counter.js";
import { createSite, type Engine, middleware } from "./processes.js";

const engines: { title: string; engine: Engine; isMissing: boolean }[] = [
  { title: "the embedded engine", engine: "embedded", isMissing: false },
  { title: `NATS${skippedNats}`, engine: "nats", isMissing: noNats !== undefined },
  { title: `calls through NATS${skippedNats}`, engine: "hidden", isMissing: noNats !== undefined },
];

/** Adds one at a time until told to stop. @returns how many were acknowledged */
async function adding(counter: { add(by: number): Promise<number> }): Promise<{ stop(): Promise<number> }> {
  let isOver = false;
  let count = 0;
  const work = (async () => {
    while (!isOver) {
      await counter.add(1);
      count++;
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await work;
      return count;
    },
  };
}

describe.each(engines)("$title", ({ engine, isMissing }) => {
  const it = test.skipIf(isMissing);

  it("whoever keeps the registry is killed, and it goes on with what it had kept", async () => {
    await using site = await createSite(engine);
    const first = await site.host();
    await site.host();
    const node = await site.node({ timeout: 20_000 });
    const counter = node.bind<Counter>("counter");
    const work = await adding(counter);
    await sleep(300);
    await site.killRegistry(first);
    await sleep(2500);
    const before = await counter.value();
    await sleep(200);
    const acknowledged = await work.stop();
    expect(acknowledged).toBeGreaterThan(before - 1);
    expect(await counter.value()).toBe(acknowledged);
  });

  it("a host that is killed is replaced by another, and nothing that was acknowledged is lost or doubled", async () => {
    await using site = await createSite(engine);
    const node = await site.node({ timeout: 20_000 });
    const hosts = [await site.host(), await site.host()];
    const counter = node.bind<Counter>("counter");
    const work = await adding(counter);
    await sleep(300);
    for (const host of hosts) {
      host.process.kill("SIGKILL");
      await site.host();
      await sleep(1500);
    }
    const acknowledged = await work.stop();
    expect(acknowledged).toBeGreaterThan(10);
    expect(await counter.value()).toBe(acknowledged);
  });

  test.skipIf(isMissing || process.platform === "win32")(
    "a host that stood still for longer than its lease writes nothing when it goes on (not on Windows: no SIGSTOP)",
    async () => {
      await using site = await createSite(engine);
      const node = await site.node({ timeout: 20_000 });
      const first = await site.host();
      const counter = node.bind<Counter>("counter");
      expect(await counter.add(1)).toBe(1);
      await site.host();
      first.process.kill("SIGSTOP");
      const during = counter.add(1);
      expect(await during).toBe(2);
      expect(await counter.add(1)).toBe(3);
      first.process.kill("SIGCONT");
      await sleep(500);
      expect(await counter.add(1)).toBe(4);
      expect(await counter.value()).toBe(4);
    },
  );

  it("a host that is busy is not taken for dead", async () => {
    await using site = await createSite(engine);
    const node = await site.node({ timeout: 20_000 });
    const first = await site.host();
    const counter = node.bind<Counter>("counter");
    await counter.add(1);
    const second = await site.host();
    first.process.send({ block: 3000 });
    const began = performance.now();
    expect(await counter.add(1)).toBe(2);
    expect(performance.now() - began).toBeGreaterThan(2000);
    // It has it still: who asks for it to be moved is heard there.
    first.process.send({ migrate: second.id });
    expect(await first.next()).toEqual({ migrated: true });
    expect(await counter.add(1)).toBe(3);
  });

  it("who was given something may call that, and nothing else, until it ends", async () => {
    await using site = await createSite(engine);
    const owner = await site.node();
    for (const name of ["counter", "other"])
      await owner.export<Counter>(name, () => new CounterObject(), { semantics });
    const grant = await owner.grant("counter", { methods: ["add", "value"] });
    const stranger = await site.node({ namespace: "somebody else" });
    const counter = stranger.bind<Counter>("counter", { grant });
    expect(await counter.add(2)).toBe(2);
    expect(await counter.value()).toBe(2);
    await expect(counter.bump()).rejects.toThrow("counter.bump was not given, only add, value");
    await expect(stranger.bind<Counter>("other", { grant }).value()).rejects.toThrow(middleware.Forbidden);
    // Changed by a letter it is worth nothing.
    const [head, text = "", signature] = grant.split(".");
    const more = Buffer.from(
      Buffer.from(text, "base64url").toString().replace('"add","value"', '"bump","add"'),
    );
    const forged = [head, more.toString("base64url"), signature].join(".");
    await expect(stranger.bind<Counter>("counter", { grant: forged, timeout: 1000 }).bump()).rejects.toThrow(
      // Through NATS nobody answers a stranger.
      engine === "hidden" ? middleware.Unreachable : middleware.Forbidden,
    );
    expect(() => stranger.bind<Counter>("counter", { grant: "nonsense" })).toThrow("this is no grant");
    const short = await owner.grant("counter", { seconds: 1 });
    const until = stranger.bind<Counter>("counter", { grant: short });
    expect(await until.value()).toBe(2);
    await sleep(1100);
    await expect(until.value()).rejects.toThrow("has ended");
  });

  it("a node of another namespace, or without the secret, sees nothing", async () => {
    await using site = await createSite(engine);
    await site.host();
    const other = await site.node({ namespace: "somebody else" });
    await expect(other.bind<Counter>("counter").value()).rejects.toThrow(middleware.NoSuchName);
    if (engine === "hidden") return;
    // Neither at a node nor at the registry, whose addresses are no secret to who looks for ports.
    const [home] = readdirSync(site.folder).filter((name) => name.startsWith("default-"));
    const registry = home === undefined ? [] : [readFileSync(join(site.folder, home, "registry"), "utf8")];
    for (const where of [other.where, ...registry])
      for (const authorization of ["", "Bearer guess", "Grant wirebook-grant.e30.x"]) {
        const socket = new WebSocket(where, { headers: { authorization } });
        const error = await new Promise<Error>((resolve) => socket.once("error", resolve));
        expect(error.message).toBe("Unexpected server response: 401");
      }
  });
});

const own = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === "IPv4" && !one.internal)?.address;

test.skipIf(noNats !== undefined || own === undefined)(
  `where NATS is elsewhere a node is called through it, unless it has an address (skipped without a network)${skippedNats}`,
  async () => {
    await using server = await startNats({ address: own as string });
    await using hidden = await middleware.startNode({ nats: server.url });
    expect(hidden.where).toMatch(/^nats:/);
    await using open = await middleware.startNode({ nats: server.url, address: own as string });
    expect(open.where).toContain(`ws://${own}:`);
    for (const [host, caller] of [
      [hidden, open],
      [open, hidden],
    ] as const) {
      await host.export<Counter>(host.id, () => new CounterObject(), { semantics });
      expect(await caller.bind<Counter>(host.id).add(1)).toBe(1);
    }
  },
);

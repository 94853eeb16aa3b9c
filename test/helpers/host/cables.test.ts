// What only network namespaces have: cables, their own interfaces, the four ways in which a server is out of reach.
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Computer } from "../../../kernel-helpers/host/computers/computer.js";
import type { Ground } from "../../../kernel-helpers/host/computers/ground.js";
import { namespaceGround, netemOf, tbfOf } from "../../../kernel-helpers/host/computers/namespaces.js";
import { Network } from "../../../kernel-helpers/host/computers/network.js";
import { Namespace, noNamespaces } from "./namespaces.js";

const grounds = process.getuid?.() === 0 ? [true, false] : [false];

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => {}));

/** A server that sends so many bytes to whoever comes. @returns its port */
const pour = async (address: string, size: number): Promise<number> => {
  const server = process
    .getBuiltinModule("node:net")
    .createServer((socket) => socket.on("error", () => {}).end(Buffer.alloc(size)));
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return (server.address() as { port: number }).port;
};

/** @returns bytes and milliseconds, or the code of the error */
const drink = (address: string, port: number): Promise<{ bytes: number; time: number } | string> =>
  new Promise((resolve) => {
    const begin = performance.now();
    let bytes = 0;
    const socket = process.getBuiltinModule("node:net").connect(port, address);
    const timer = setTimeout(() => socket.destroy(Object.assign(new Error(), { code: "timeout" })), 6000);
    socket.on("data", (piece) => (bytes += piece.length));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.on("close", () => clearTimeout(timer));
    socket.on("end", () => resolve({ bytes, time: performance.now() - begin }));
  });

describe.skipIf(noNamespaces !== undefined).each(grounds)(
  `cables, root: %s${noNamespaces ? ` (skipped: ${noNamespaces})` : ""}`,
  (root) => {
    let ground: Ground;
    let network: Network;
    let alice: Computer;
    let bob: Computer;

    beforeAll(async () => {
      ground = await namespaceGround(["alice", "bob"], { root });
      [alice, bob] = ground.sites.map((site) => new Computer(site, ground)) as [Computer, Computer];
      network = new Network(ground, [alice, bob]);
    });
    afterAll(() => network?.close());

    test("a cable that is cut lets nothing through, and one that is mended does", async () => {
      const port = await bob.run(pour, bob.address, 5);
      expect(await alice.run(drink, bob.address, port)).toMatchObject({ bytes: 5 });
      await network.cut(bob);
      expect(String(network)).toContain("cable cut: bob");
      expect(await alice.run(drink, bob.address, port)).toMatch(/^(EHOSTUNREACH|ENETUNREACH|timeout)$/);
      expect(await bob.exec("ip link show eth0")).toContain("NO-CARRIER");
      await network.mend();
      await expect
        .poll(() => alice.run(drink, bob.address, port), { timeout: 10_000 })
        .toMatchObject({ bytes: 5 });
    });

    test("a rate limits how much gets through", async () => {
      const port = await bob.run(pour, bob.address, 500_000);
      const perSecond = async (): Promise<number> => {
        const got = await alice.run(drink, bob.address, port);
        if (typeof got === "string") throw new Error(got);
        return (got.bytes * 8000) / got.time;
      };
      expect(await network.shape({ rate: 2_000_000 })).toEqual({ rate: "tbf" });
      const slow = await perSecond();
      await network.shape({});
      const fast = await perSecond();
      // 2 Mbit/s and headers, against what memory gives.
      expect(slow).toBeLessThan(2_500_000);
      expect(fast).toBeGreaterThan(slow * 5);
    });

    test("each has interfaces, routes and neighbours of its own", async () => {
      expect(await alice.interfaces()).toContainEqual(
        expect.objectContaining({
          name: "eth0",
          family: "IPv4",
          address: alice.address,
          netmask: "255.255.255.0",
        }),
      );
      expect(await alice.route()).toContainEqual({
        destination: "10.0.0.0/24",
        gateway: "",
        interface: "eth0",
        metric: 0,
      });
      await alice.run(drink, bob.address, 9);
      const mac = (await bob.interfaces()).find(({ name }) => name === "eth0")?.mac;
      expect(await alice.arp()).toContainEqual(
        expect.objectContaining({ address: bob.address, mac, interface: "eth0" }),
      );
    });

    test("they know each other by name, and by IPv6 where there is that", async () => {
      const lookUp = (name: string): Promise<string> =>
        process
          .getBuiltinModule("node:dns")
          .promises.lookup(name, 4)
          .then(({ address }) => address);
      expect(await alice.run(lookUp, "bob")).toBe(bob.address);
      if (!bob.address6) return;
      const port = await bob.run(pour, bob.address6, 3);
      expect(await alice.run(drink, bob.address6, port)).toMatchObject({ bytes: 3 });
    });

    test("of three, two still reach each other when the third is cut off", async () => {
      const three = await namespaceGround(["one", "two", "three"], { root });
      const [one, two, third] = three.sites.map((site) => new Computer(site, three)) as [
        Computer,
        Computer,
        Computer,
      ];
      const joined = new Network(three, [one, two, third]);
      try {
        await joined.cut("three");
        const port = await two.run(pour, two.address, 4);
        expect(await one.run(drink, two.address, port)).toMatchObject({ bytes: 4 });
        expect(await third.run(drink, two.address, port)).toMatch(/^(EHOSTUNREACH|ENETUNREACH|timeout)$/);
        await expect(joined.cut("four")).rejects.toThrow('no computer is called "four"');
      } finally {
        await joined.close();
      }
    });

    test("where the processes that hold it were ended, it is said that it is gone", async () => {
      const other = await namespaceGround(["erin"], { root });
      const erin = new Computer(other.sites[0] as never, other);
      using space = new Namespace(
        await erin.run(() => process.getBuiltinModule("node:fs").readlinkSync("/proc/self/ns/net")),
      );
      for (const pid of space.processes()) process.kill(pid, "SIGKILL");
      await expect
        .poll(() => erin.run(() => 1).catch(String))
        .toMatch(/the network namespaces are gone.*Run the cell again that calls computers/);
      await other.close();
    });

    test("closed, no process is left in its namespaces", async () => {
      const other = await namespaceGround(["carol", "dave"], { root });
      const carol = new Computer(other.sites[0] as never, other);
      using space = new Namespace(
        await carol.run(() => process.getBuiltinModule("node:fs").readlinkSync("/proc/self/ns/net")),
      );
      expect(space.processes()).not.toEqual([]);
      await carol.close();
      await other.close();
      await expect.poll(() => space.processes()).toEqual([]);
    });
  },
);

test("where there is netem it gets what was asked for, and a rate is never slower for want of a bucket", () => {
  expect(netemOf({ delay: 50, jitter: 10, loss: 0.01, rate: 1_000_000 })).toBe(
    "limit 100000 delay 50ms 10ms loss 1% rate 1000000bit",
  );
  expect(netemOf({ loss: 0.5 })).toBe("limit 100000 loss 50%");
  expect(tbfOf(1_000_000)).toBe("rate 1000000bit burst 16384 latency 400ms");
  expect(tbfOf(1_000_000_000)).toBe("rate 1000000000bit burst 1250000 latency 400ms");
});

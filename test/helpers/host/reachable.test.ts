// Why a server cannot be reached.
import { execFile } from "node:child_process";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Computer, computers, reachable } from "../../../kernel-helpers/host/index.js";
import { dist } from "../../places.js";
import { noNamespaces } from "./namespaces.js";
import { written } from "./written.js";

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

async function listening(): Promise<number> {
  const one = createServer((socket) => socket.on("error", () => {}).end());
  server = one.listen(0, "127.0.0.1");
  await new Promise((resolve) => one.once("listening", resolve));
  return (one.address() as { port: number }).port;
}

test("open: somebody accepts", async () => {
  const port = await listening();
  const found = await reachable("127.0.0.1", port);
  expect(found).toMatchObject({ finding: "open", address: "127.0.0.1", error: undefined });
  expect(inspect(found)).toMatch(/^127\.0\.0\.1:\d+ is open \([\d.]+ ms\)\nA server accepts connections/);
});

test("refused: the computer is there, and nobody listens", async () => {
  const port = await listening();
  server?.close();
  const found = await reachable("localhost", port);
  expect(found).toMatchObject({ finding: "refused", error: { name: "ConnectionRefusedError" } });
  expect(found.advice).toContain("0.0.0.0");
});

test("no such name: it has no address", async () => {
  const found = await reachable("no-such-name.invalid", 80);
  expect(found).toMatchObject({ finding: "no such name", address: undefined, error: { name: "gaierror" } });
});

test("a signal ends it; what is no port is told", async () => {
  await expect(reachable("127.0.0.1", 1, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
    "enough",
  );
  await expect(reachable("127.0.0.1", 0)).rejects.toThrow("a port is a whole number from 1 to 65535, not 0");
  await expect(reachable("127.0.0.1", 80, { timeout: 0 })).rejects.toThrow(
    "timeout is a number of seconds above 0",
  );
});

test("the command says the same, and its exit code tells the findings apart", async () => {
  const run = (...args: string[]): Promise<{ code: number; text: string }> =>
    new Promise((resolve) =>
      execFile(process.execPath, [join(dist, "cli.js"), "reachable", ...args], (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), text: stdout + stderr }),
      ),
    );
  const port = String(await listening());
  expect(await run("127.0.0.1", port)).toMatchObject({
    code: 0,
    text: expect.stringContaining(`:${port} is open`),
  });
  server?.close();
  expect(await run("127.0.0.1", port)).toMatchObject({
    code: 2,
    text: expect.stringContaining("nobody listens"),
  });
  expect(await run("no-such-name.invalid", "80")).toMatchObject({ code: 5 });
  expect(await run("127.0.0.1", "http")).toEqual({
    code: 1,
    text: 'wirebook: "http" is no port; a port is a whole number from 1 to 65535\n',
  });
});

describe.skipIf(noNamespaces !== undefined)(
  `in a network of its own${noNamespaces ? ` (skipped: ${noNamespaces})` : ""}`,
  () => {
    /** Whatever the network does is seen from within: the helpers as they are built run there. */
    const look = async (
      from: Computer,
      host: string,
      timeout: number,
    ): Promise<{ finding: string; code: string }> => {
      const helpers = join(dist, "helpers", "host", "index.js");
      const find = written<(...given: unknown[]) => unknown>(
        "async (helpers, host, timeout) => { const { finding, error } = await (await import(helpers)).reachable(host, 80, { timeout }); return { finding, code: error?.code }; }",
      );
      return from.run(find, helpers, host, timeout) as Promise<{ finding: string; code: string }>;
    };

    test("filtered, and the kinds of no route", async () => {
      vi.spyOn(console, "log").mockImplementation(() => {});
      const { alice, bob, network } = await computers("alice", "bob", { kind: "namespace" });
      try {
        expect(await look(alice, bob.address, 2)).toEqual({ finding: "refused", code: "ECONNREFUSED" });
        // Nothing routes there.
        expect(await look(alice, "192.0.2.1", 2)).toEqual({ finding: "no route", code: "ENETUNREACH" });
        // Nobody has this address.
        expect(await look(alice, "10.0.0.99", 8)).toEqual({ finding: "no route", code: "EHOSTUNREACH" });
        for (const [kind, finding] of [
          ["unreachable", "no route"],
          ["blackhole", "no route"],
          ["prohibit", "filtered"],
        ] as const) {
          await alice.exec(`ip route add ${kind} 198.51.100.${kind.length}`);
          expect(await look(alice, `198.51.100.${kind.length}`, 2)).toMatchObject({ finding });
        }
        // The other side throws its answers away, as it would behind a firewall.
        await bob.exec(`ip route add blackhole ${alice.address}/32`);
        expect(await look(alice, bob.address, 1)).toMatchObject({ finding: "filtered" });
      } finally {
        await network.close();
        vi.restoreAllMocks();
      }
    });
  },
);

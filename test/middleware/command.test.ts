// `wirebook nats` as it is typed.
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Folder } from "../client/command.js";
import { freePorts, noNats, skippedNats } from "./nats.js";
import { middleware } from "./real/processes.js";

const it = test.skipIf(noNats !== undefined);

test.skipIf(noNats !== undefined || process.platform === "win32")(
  `starts a server, says how nodes find it, and ends with Ctrl-C${skippedNats}`,
  async () => {
    using folder = new Folder();
    const [port = 0, wsPort = 0] = await freePorts(2);
    const store = join(folder.path, "store");
    const command = folder.start(
      "nats",
      "--port",
      String(port),
      "--ws-port",
      String(wsPort),
      "--store",
      store,
    );
    await expect.poll(() => command.said(), { timeout: 20_000 }).toContain("Ctrl-C");
    for (const nats of [`nats://127.0.0.1:${port}`, `ws://127.0.0.1:${wsPort}`]) {
      await using node = await middleware.startNode({ nats });
      expect(node.where).toMatch(/^ws:/);
    }
    command.process.kill("SIGINT");
    const { code, stdout, stderr } = await command.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`startNode({ nats: 'nats://127.0.0.1:${port}' })`);
    expect(stdout).toContain(`startNode({ nats: 'ws://127.0.0.1:${wsPort}' })`);
    expect(existsSync(join(store, "jetstream"))).toBe(true);
  },
);

it(`a busy port is told in one line${skippedNats}`, async () => {
  using folder = new Folder();
  const other = createServer();
  const port = await new Promise<number>((done) =>
    other.listen(0, "127.0.0.1", () => done((other.address() as { port: number }).port)),
  );
  const { code, stdout, stderr } = await folder.wirebook(
    "nats",
    "--port",
    String(port),
    "--store",
    folder.path,
  );
  other.close();
  expect(stderr).toMatch(new RegExp(`^wirebook: nats-server ended: .*${port}.*address.*in use`));
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
});

test.skipIf(process.platform === "win32")("an old server is refused with its version", async () => {
  using folder = new Folder();
  const old = join(folder.path, "nats-server");
  writeFileSync(old, "#!/bin/sh\necho nats-server: v2.9.25\n");
  chmodSync(old, 0o755);
  folder.env = { WIREBOOK_NATS_SERVER: old };
  const { code, stderr } = await folder.wirebook("nats");
  expect(stderr).toContain("is NATS 2.9.25; leases need 2.11 or newer");
  expect(code).toBe(1);
});

test("a port that is none is refused", async () => {
  using folder = new Folder();
  const { code, stderr } = await folder.wirebook("nats", "--port", "70000");
  expect(stderr).toContain('a port is a number from 1 to 65535, not "70000"');
  expect(code).toBe(1);
});

import { afterEach, expect, test } from "vitest";
import type { Closeable, Host } from "../../../kernel-helpers/host-contract.js";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { onEveryBackend, pair } from "./backends.js";

const KEY = Symbol.for("wirebook.host");
type Global = { [key: symbol]: unknown };

/** A host with one cell, whose run can be interrupted. */
function install(): { interrupt(): void; owned: Map<Closeable, string> } {
  const controller = new AbortController();
  const owned = new Map<Closeable, string>();
  const host: Partial<Host> = {
    signal: () => controller.signal,
    run: (_, fn) => fn(),
    own(closeable, { name = "" } = {}) {
      owned.set(closeable, name);
      return () => void owned.delete(closeable);
    },
  };
  (globalThis as Global)[KEY] = host;
  return { owned, interrupt: () => controller.abort(new Error("Interrupted")) };
}

afterEach(() => {
  delete (globalThis as Global)[KEY];
});

onEveryBackend("in a cell", (_, make) => {
  test("an interrupt ends accept, recv and connect, and a later run can go on", async () => {
    const { listener, client } = await pair(make);
    const { interrupt } = install();
    const waiting = [listener.accept(), client.recv(1)].map((each) =>
      expect(each).rejects.toThrow("Interrupted"),
    );
    interrupt();
    await Promise.all(waiting);
    await expect(client.recv(1)).rejects.toThrow("Interrupted");
    delete (globalThis as Global)[KEY];
    const later = make();
    await later.connect(listener.getsockname());
    const [server] = await listener.accept();
    await server.sendall("x");
    expect(String(await later.recv(1))).toBe("x");
  });

  test("the host closes a socket together with what it accepted, and forgets what was closed", async () => {
    const { owned } = install();
    const { listener, client, server } = await pair(make);
    expect(owned.size).toBe(2);
    await client.close();
    expect(owned.size).toBe(1);
    for (const closeable of [...owned.keys()]) await (closeable as AsyncDisposable)[Symbol.asyncDispose]();
    expect(String(listener)).toContain("[closed]");
    expect(String(server)).toContain("[closed]");
    expect(owned.size).toBe(0);
  });
});

test("without a host all of it works just the same", async () => {
  const { client, server } = await pair(socket.socket);
  await server.sendall("plain");
  expect(String(await client.recv(5))).toBe("plain");
  await Promise.all([client.close(), server.close()]);
});

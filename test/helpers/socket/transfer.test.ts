import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { onBackends, onEveryBackend, pair } from "./backends.js";

onEveryBackend("receiving", (_, make) => {
  test("recv_into fills bytes that are there, of any view", async () => {
    const { client, server } = await pair(make);
    await server.sendall("abcdefgh");
    const words = new Uint16Array(2);
    expect(await client.recvInto(words)).toBe(4);
    expect(Buffer.from(words.buffer).toString()).toBe("abcd");
    const room = Buffer.alloc(10, ".");
    expect(await client.recv_into(room, 2)).toBe(2);
    expect(String(room)).toBe("ef........");
    expect(await client.recvfrom(10)).toEqual([Buffer.from("gh"), null]);
  });

  test("recvmsg_into fills several, one after the other", async () => {
    const { client, server } = await pair(make);
    await server.sendmsg([Buffer.from("abc"), "def"]);
    const rooms = [Buffer.alloc(2), Buffer.alloc(10)];
    const got = await client.recvmsg_into(rooms);
    expect(got).toEqual([6, [], 0, null]);
    expect(String(Buffer.concat(rooms)).slice(0, 6)).toBe("abcdef");
  });

  test("recvExactly waits for all of it, however it comes", async () => {
    const { client, server } = await pair(make);
    const got = client.recvExactly(10);
    for (const piece of ["ab", "cdef", "ghij", "rest"]) {
      await server.sendall(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(String(await got)).toBe("abcdefghij");
    expect(String(await client.recv(100))).toBe("rest");
  });

  test("what came before a deadline or the end is not lost", async () => {
    const { client, server } = await pair(make);
    await server.sendall("abc");
    await expect(client.recvExactly(5, { timeout: 0.05 })).rejects.toThrow(socket.TimeoutError);
    expect(String(await client.recv(100))).toBe("abc");
    await server.sendall("line without an end");
    await expect(client.readuntil("\n", { timeout: 0.05 })).rejects.toThrow(socket.TimeoutError);
    await server.sendall(" and now\nnext");
    expect(String(await client.readuntil())).toBe("line without an end and now\n");
    await server.close();
    const failure = await client.recvExactly(9).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(socket.IncompleteReadError);
    expect(failure).toBeInstanceOf(socket.EOFError);
    expect(String((failure as socket.IncompleteReadError).partial)).toBe("next");
    expect((failure as Error).message).toBe("4 bytes read on a total of 9 expected bytes");
  });

  test("readuntil finds a separator that comes in two halves, and leaves what follows", async () => {
    const { client, server } = await pair(make);
    const head = client.readuntil("\r\n\r\n");
    for (const piece of ["GET / HTTP/1.1\r", "\nHost: x\r\n\r", "\nbody"]) {
      await server.sendall(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(String(await head)).toBe("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect(String(await client.recv(100))).toBe("body");
    await server.sendall("x".repeat(200));
    const failure = await client.readuntil("\n", { limit: 100 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(socket.LimitOverrunError);
    expect((failure as socket.LimitOverrunError).partial.length).toBe(200);
  });

  test("the time of a call of several steps is that of all of them", async () => {
    const { client, server } = await pair(make);
    const dripping = setInterval(() => void server.send("x").catch(() => {}), 20);
    const began = performance.now();
    await expect(client.recvExactly(1000, { timeout: 0.2 })).rejects.toThrow(socket.TimeoutError);
    expect(performance.now() - began).toBeLessThan(5000);
    clearInterval(dripping);
    expect((await client.recv(1000)).length).toBeGreaterThan(3);
  });
});

onEveryBackend("every await takes a timeout and a signal", (_, make) => {
  test.each<
    [string, (given: Awaited<ReturnType<typeof pair>>, wait: socket.WaitOptions) => Promise<unknown>]
  >([
    ["accept", ({ listener }, wait) => listener.accept(wait)],
    ["recv", ({ client }, wait) => client.recv(1, wait)],
    ["recv with flags", ({ client }, wait) => client.recv(1, socket.MSG_PEEK, wait)],
    ["recvInto", ({ client }, wait) => client.recvInto(Buffer.alloc(1), 0, 0, wait)],
    ["recvfrom", ({ client }, wait) => client.recvfrom(1, wait)],
    ["recvExactly", ({ client }, wait) => client.recvExactly(1, wait)],
    ["readuntil", ({ client }, wait) => client.readuntil("\n", wait)],
    ["readline of a file", ({ client }, wait) => client.makefile().readline(-1, wait)],
    ["sendall to who does not read", ({ client }, wait) => client.sendall(Buffer.alloc(50_000_000), wait)],
  ])("%s", async (_name, call) => {
    await expect(call(await pair(make), { timeout: 0.05 })).rejects.toThrow(socket.TimeoutError);
    const controller = new AbortController();
    const waiting = call(await pair(make), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("no more")), 20);
    await expect(waiting).rejects.toThrow("no more");
    await expect(call(await pair(make), { signal: AbortSignal.abort(new Error("never")) })).rejects.toThrow(
      "never",
    );
  });

  test("a call's own timeout goes before the socket's, which stays", async () => {
    const { client } = await pair(make);
    client.settimeout(60);
    await expect(client.recv(1, { timeout: 0.02 })).rejects.toThrow("timed out");
    await expect(client.recv(1, { timeout: 0 })).rejects.toThrow(socket.BlockingIOError);
    expect(client.gettimeout()).toBe(60);
    expect(client.timeout).toBe(60);
  });
});

onBackends(["koffi", "eager"], "files", (_, make) => {
  test("a file of the disk is sent whole, or a part of it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wirebook-test-"));
    try {
      const bytes = randomBytes(3_000_000);
      const path = join(folder, "file");
      writeFileSync(path, bytes);
      const { client, server } = await pair(make);
      const received = (async () => {
        const hash = createHash("sha256");
        for (let piece = await client.recv(65_536); piece.length > 0; piece = await client.recv(65_536))
          hash.update(piece);
        return hash.digest("hex");
      })();
      expect(await server.sendfile(path)).toBe(bytes.length);
      await using handle = await open(path);
      expect(await server.sendfile(handle, 1000, 500)).toBe(500);
      expect(await server.sendfile(path, bytes.length + 5)).toBe(0);
      await server.close();
      const wanted = createHash("sha256").update(bytes).update(bytes.subarray(1000, 1500)).digest("hex");
      expect(await received).toBe(wanted);
      await expect(client.sendfile(join(folder, "no such file"))).rejects.toThrow(socket.FileNotFoundError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import { expect, test } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { onEveryBackend, pair } from "./backends.js";

onEveryBackend("bytes that came and were not asked for", (_, make) => {
  test("calls that wait are served in the order they came in, each with what it asked for", async () => {
    const { client, server } = await pair(make);
    const calls = [client.recv(2), client.recv(3, socket.MSG_PEEK), client.recv(100)];
    await server.sendall("abcdefgh");
    expect((await Promise.all(calls)).map(String)).toEqual(["ab", "cde", "cdefgh"]);
  });

  test("a look sees all that has come, in however many pieces, and takes none of it", async () => {
    const { client, server } = await pair(make);
    expect(String(await Promise.all([client.recv(1), server.sendall("x")]))).toBe("x,");
    for (const piece of ["ab", "cd", "ef"]) {
      await server.sendall(piece);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(String(await client.recv(5, socket.MSG_PEEK))).toBe("abcde");
    expect(String(await client.recv(3))).toBe("abc");
    expect(String(await client.recv(100, socket.MSG_PEEK))).toBe("def");
    expect(String(await client.recv(100))).toBe("def");
  });

  test("a reader that stopped asking holds the sender up, and reads all of it later", async () => {
    const { client, server } = await pair(make);
    const all = Buffer.alloc(30_000_000, "0123456789");
    const sending = server.sendall(all);
    let got = (await client.recv(1000)).length;
    const late = new Promise((resolve) => setTimeout(resolve, 300, "stopped"));
    expect(await Promise.race([sending, late])).toBe("stopped");
    while (got < all.length) {
      const piece = await client.recv(1_000_000);
      expect(piece.equals(all.subarray(got % 10, (got % 10) + piece.length))).toBe(true);
      got += piece.length;
    }
    await sending;
  });

  test("what came before a reset is still read, then the reset is told", async () => {
    const { client, server } = await pair(make);
    expect(String(await Promise.all([client.recv(1), server.sendall("x")]))).toBe("x,");
    await server.sendall("last words");
    await new Promise((resolve) => setTimeout(resolve, 20));
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, [1, 0]);
    await server.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(String(await client.recv(100))).toBe("last words");
    await expect(client.recv(100)).rejects.toThrow(socket.ConnectionResetError);
  });

  test("whoever reads Node's own stream instead gets what has come, from there on", async () => {
    const { client, server } = await pair(make);
    await server.sendall("one two ");
    expect(String(await client.recv(4))).toBe("one ");
    const pieces: string[] = [];
    const ended = new Promise((resolve) => client.stream?.on("end", resolve));
    client.stream?.on("data", (bytes) => void pieces.push(String(bytes)));
    await server.sendall("three");
    await server.shutdown(socket.SHUT_WR);
    await ended;
    expect(pieces.join("")).toBe("two three");
  });

  test("a time that is none is refused, whatever has come", async () => {
    const { client, server } = await pair(make);
    await server.sendall("abc");
    await client.recv(1);
    await expect(client.recv(1, { timeout: -1 })).rejects.toThrow("Timeout value out of range");
    await expect(client.sendall("x", 0, { timeout: -1 })).rejects.toThrow("Timeout value out of range");
    expect(String(await client.recv(9))).toBe("bc");
  });
});

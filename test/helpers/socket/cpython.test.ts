import { describe, expect, test } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { onEveryBackend } from "./backends.js";
import { python, startPython } from "./python.js";

onEveryBackend("with CPython at the other end", (_, make) => {
  test("a client of CPython's is served", async () => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(5);
    const [, port] = listener.getsockname();
    const heard = python(
      `import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
s.sendall(b"hello")
s.shutdown(socket.SHUT_WR)
print(s.makefile("rb").read().decode(), s.getsockname()[1])`,
      String(port),
    );
    const [conn, address] = await listener.accept();
    let question = "";
    for (let piece = await conn.recv(3); piece.length > 0; piece = await conn.recv(3)) question += piece;
    expect(question).toBe("hello");
    await conn.sendall("thank you for connecting");
    await conn.close();
    expect((await heard).trim()).toBe(`thank you for connecting ${(address as [string, number])[1]}`);
  });

  test("a server of CPython's serves", async () => {
    const server = await startPython(`import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(1)
print(s.getsockname()[1])
c, a = s.accept()
c.sendall(c.recv(100).upper())
c.close()
print("end")`);
    const client = make();
    await client.connect(["127.0.0.1", Number(server.first)]);
    await client.sendall("shout");
    expect(String(await client.recv(100))).toBe("SHOUT");
    expect(await client.recv(100)).toHaveLength(0);
    expect(await server.rest()).toBe("end");
  });
});

describe("the errors", () => {
  test("are one family, by Python's names and its aliases", () => {
    expect(socket.error).toBe(socket.OSError);
    expect(socket.timeout).toBe(socket.TimeoutError);
    for (const kind of [
      socket.gaierror,
      socket.herror,
      socket.TimeoutError,
      socket.ConnectionRefusedError,
      socket.BlockingIOError,
    ]) {
      expect(new kind(1, "words")).toBeInstanceOf(socket.error);
      expect(String(new kind(1, "words"))).toBe(`${kind.name}: [Errno 1] words`);
    }
  });

  test("carry number, symbol, words and arguments", async () => {
    const probe = socket.socket();
    await probe.bind(["127.0.0.1", 0]);
    const address = probe.getsockname();
    await probe.close();
    const client = socket.socket();
    const failure = await client.connect(address).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(socket.ConnectionRefusedError);
    expect(failure).toMatchObject({ code: "ECONNREFUSED", strerror: "Connection refused" });
    const { errno, args } = failure as socket.OSError;
    expect(args).toEqual([errno, "Connection refused"]);
    await client.close();
  });
});

test("options that do not fit together are told in CPython's words", async () => {
  await expect(socket.createServer(["127.0.0.1", 0], { dualstackIpv6: true })).rejects.toThrow(
    "dualstack_ipv6 requires AF_INET6 family",
  );
});

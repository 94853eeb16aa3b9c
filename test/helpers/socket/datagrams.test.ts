import { expect, test } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { onEveryBackend } from "./backends.js";
import { python, startPython } from "./python.js";

const { AF_INET, AF_INET6, SOCK_DGRAM } = socket;

onEveryBackend("datagrams", (name, make) => {
  async function bound(family: number = AF_INET): Promise<socket.Socket> {
    const s = make(family, SOCK_DGRAM);
    await s.bind([family === AF_INET ? "127.0.0.1" : "::1", 0]);
    return s;
  }

  test.each([
    ["IPv4", AF_INET],
    ["IPv6", AF_INET6],
  ])("each is one message, and says from whom it came (%s)", async (_, family) => {
    const server = await bound(family);
    const client = make(family, SOCK_DGRAM);
    expect(await client.sendto("one", server.getsockname())).toBe(3);
    await client.sendto("", server.getsockname());
    await client.sendto("three", server.getsockname());
    const [first, from] = await server.recvfrom(100);
    expect(String(first)).toBe("one");
    const port = (client.getsockname() as [string, number])[1];
    expect(port).toBeGreaterThan(0);
    expect((from as [string, number])[1]).toBe(port);
    expect(from).toHaveLength(family === AF_INET ? 2 : 4);
    // An empty one is a message, not an end.
    expect(await server.recv(100)).toHaveLength(0);
    await server.sendto("answer", from as [string, number]);
    expect(String(await client.recv(100))).toBe("answer");
    expect(String(await server.recv(100))).toBe("three");
  });

  test("what is beyond the size asked for is lost, and a look leaves it there", async () => {
    const server = await bound();
    const client = make(AF_INET, SOCK_DGRAM);
    await client.sendto("abcdef", server.getsockname());
    await client.sendto("next", server.getsockname());
    expect(String(await server.recv(3, socket.MSG_PEEK))).toBe("abc");
    expect(String(await server.recv(3))).toBe("abc");
    const room = Buffer.alloc(10);
    expect(await server.recvInto(room)).toBe(4);
    expect(room.toString("utf8", 0, 4)).toBe("next");
  });

  test("a connected one hears its peer alone, sends without an address, and is told that nobody listens", async () => {
    const [one, other, stranger] = [await bound(), await bound(), await bound()];
    await one.connect(other.getsockname());
    expect(one.getpeername()).toEqual(other.getsockname());
    await stranger.sendto("from a stranger", one.getsockname());
    await one.send("question");
    expect(String((await other.recvfrom(100))[0])).toBe("question");
    await other.sendto("answer", one.getsockname());
    expect(String(await one.recv(100))).toBe("answer");
    const gone = other.getsockname();
    await other.close();
    const client = make(AF_INET, SOCK_DGRAM);
    await client.connect(gone);
    await client.send("anybody?");
    await expect(client.recv(100, { timeout: 5 })).rejects.toThrow(socket.ConnectionRefusedError);
    // The error was told once.
    await expect(client.recv(100, { timeout: 0.05 })).rejects.toThrow(socket.TimeoutError);
  });

  test("deadlines, non-blocking calls and signals end the wait, and closing does", async () => {
    const server = await bound();
    await expect(server.recvfrom(1, { timeout: 0.02 })).rejects.toThrow(socket.TimeoutError);
    await expect(server.recv(1, socket.MSG_DONTWAIT)).rejects.toThrow(socket.BlockingIOError);
    server.setblocking(false);
    await expect(server.recv(1)).rejects.toThrow(socket.BlockingIOError);
    server.setblocking(true);
    const controller = new AbortController();
    const waiting = server.recv(1, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    const last = expect(server.recv(1)).rejects.toMatchObject({ code: "EBADF" });
    await server.close();
    await last;
  });

  test("errors are those of the system", async () => {
    const s = make(AF_INET, SOCK_DGRAM);
    await expect(s.send("x")).rejects.toMatchObject({ code: "EDESTADDRREQ" });
    await expect(s.sendto(Buffer.alloc(70_000), ["127.0.0.1", 9])).rejects.toMatchObject({
      code: "EMSGSIZE",
    });
    await expect(s.listen()).rejects.toMatchObject({ errno: socket.EAGAIN && expect.any(Number) });
    const taken = await bound();
    await expect(make(AF_INET, SOCK_DGRAM).bind(taken.getsockname())).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
  });

  test("options of the descriptor work before and after it is bound", async () => {
    const s = make(AF_INET, SOCK_DGRAM);
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 50_000);
    await s.bind(["127.0.0.1", 0]);
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);
    expect(s.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST)).toBe(1);
    expect(s.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)).toBeGreaterThanOrEqual(50_000);
    expect(s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)).toBe(SOCK_DGRAM);
    const odd = (): void => s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, 3);
    if (name === "koffi") odd();
    else expect(odd).toThrow(/back-end koffi has it/);
  });

  test("what is sent to everybody needs SO_BROADCAST", async () => {
    const s = make(AF_INET, SOCK_DGRAM);
    await expect(s.sendto("all", ["255.255.255.255", 9])).rejects.toThrow(socket.PermissionError);
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);
    // There may be no way to anywhere; it is not forbidden any more.
    await s.sendto("all", ["255.255.255.255", 9]).catch((error: socket.OSError) => {
      expect(error.code).toBe("ENETUNREACH");
    });
  });

  test("a group hears what is sent to it", async () => {
    const group = "239.77.76.75";
    const on = (address: string): Buffer =>
      Buffer.concat([socket.inet_aton(group), socket.inet_aton(address)]);
    const listener = make(AF_INET, SOCK_DGRAM);
    await listener.bind([group, 0]);
    listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, on("127.0.0.1"));
    const sender = make(AF_INET, SOCK_DGRAM);
    await sender.bind(["127.0.0.1", 0]);
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"));
    await sender.sendto("to the group", [group, (listener.getsockname() as [string, number])[1]]);
    expect(String(await listener.recv(100, { timeout: 5 }))).toBe("to the group");
    listener.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, on("127.0.0.1"));
  });

  test("one that is not bound hears nothing, and is reachable for nobody", async () => {
    const s = make(AF_INET, SOCK_DGRAM);
    await expect(s.recv(1, { timeout: 0.03 })).rejects.toThrow(socket.TimeoutError);
    expect(s.getsockname()).toEqual(["0.0.0.0", 0]);
    // Whoever waits hears what comes once it is bound.
    const waiting = s.recv(100, { timeout: 5 });
    await s.bind(["127.0.0.1", 0]);
    await make(AF_INET, SOCK_DGRAM).sendto("at last", s.getsockname());
    expect(String(await waiting)).toBe("at last");
  });

  test("CPython hears ours, and ours hear CPython", async () => {
    const server = await bound();
    const asked = python(
      `import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(10)
s.sendto(b"from python", ("127.0.0.1", int(sys.argv[1])))
print(s.recvfrom(100)[0].decode())`,
      String((server.getsockname() as [string, number])[1]),
    );
    const [question, from] = await server.recvfrom(100);
    expect(String(question)).toBe("from python");
    await server.sendto("from typescript", from as [string, number]);
    expect((await asked).trim()).toBe("from typescript");

    const echo = await startPython(`import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
s.settimeout(10)
print(s.getsockname()[1])
data, peer = s.recvfrom(100)
s.sendto(data.upper(), peer)`);
    const client = make(AF_INET, SOCK_DGRAM);
    await client.sendto("shout", ["127.0.0.1", Number(echo.first)]);
    expect(String(await client.recv(100, { timeout: 10 }))).toBe("SHOUT");
    await echo.rest();
  });
});

test("datagrams that nobody receives are lost when there is no room for them, the first stay", async () => {
  const server = socket.socket(AF_INET, SOCK_DGRAM);
  const client = socket.socket(AF_INET, SOCK_DGRAM);
  try {
    await server.bind(["127.0.0.1", 0]);
    for (let n = 0; n < 400; n++) await client.sendto(String(n).padEnd(1000), server.getsockname());
    await new Promise((resolve) => setTimeout(resolve, 100));
    let count = 0;
    for (; ; count++) {
      const bytes = await server.recv(2000, socket.MSG_DONTWAIT).catch(() => undefined);
      if (!bytes) break;
      expect(Number(String(bytes))).toBe(count);
    }
    expect(count).toBeGreaterThan(50);
    expect(count).toBeLessThan(400);
    // And there is room again.
    await client.sendto("again", server.getsockname());
    expect(String(await server.recv(100, { timeout: 5 }))).toBe("again");
  } finally {
    await Promise.all([server.close(), client.close()]);
  }
});

test("datagrams of AF_UNIX and raw packets say what would do instead", () => {
  expect(() => socket.socket(socket.AF_UNIX, SOCK_DGRAM)).toThrow(/Streams of AF_UNIX/);
  expect(() => socket.socket(AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)).toThrow(/tcpdump/);
});

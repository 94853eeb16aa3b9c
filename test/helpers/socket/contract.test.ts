import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { leftBy } from "../../collect.js";
import { onBackends, onEveryBackend, pair } from "./backends.js";

onEveryBackend("a conversation", (name, make) => {
  test("bind, listen, connect, accept, send and recv follow one another as in Python", async () => {
    const listener = make(socket.AF_INET, socket.SOCK_STREAM);
    await listener.bind(["127.0.0.1", 0]);
    const [host, port] = listener.getsockname();
    expect(host).toBe("127.0.0.1");
    expect(port).toBeGreaterThan(0);
    await listener.listen(5);
    const client = make();
    const accepting = listener.accept();
    await client.connect(["127.0.0.1", port as number]);
    const [server, address] = await accepting;
    expect(address).toEqual(client.getsockname());
    expect(server.getpeername()).toEqual(client.getsockname());
    expect(client.getpeername()).toEqual(listener.getsockname());
    expect(await server.send(Buffer.from("thank you"))).toBe(9);
    expect(String(await client.recv(4096))).toBe("thank you");
    await server.close();
    expect(await client.recv(4096)).toHaveLength(0);
    expect(await client.recv(4096)).toHaveLength(0);
  });

  test("recv takes at most what it is asked for, and leaves the rest", async () => {
    const { client, server } = await pair(make);
    await server.sendall("abcdef");
    expect(String(await client.recv(2))).toBe("ab");
    expect(String(await client.recv(1, socket.MSG_PEEK))).toBe("c");
    expect(String(await client.recv(100))).toBe("cdef");
    expect(await client.recv(0)).toHaveLength(0);
  });

  test("a megabyte that is received in pieces arrives whole and in order", async () => {
    const { client, server } = await pair(make);
    const bytes = Buffer.alloc(1_000_000, "0123456789abcdef");
    const sending = server.sendall(bytes).then(() => server.shutdown(socket.SHUT_WR));
    const pieces: Buffer[] = [];
    for (let piece = await client.recv(4096); piece.length > 0; piece = await client.recv(4096))
      pieces.push(piece);
    await sending;
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });

  test("after SHUT_WR the peer reads the end, and can still answer", async () => {
    const { client, server } = await pair(make);
    await client.sendall("question");
    await client.shutdown(socket.SHUT_WR);
    expect(String(await server.recv(100))).toBe("question");
    expect(await server.recv(100)).toHaveLength(0);
    await server.sendall("answer");
    expect(String(await client.recv(100))).toBe("answer");
    await expect(client.send("more")).rejects.toThrow(socket.BrokenPipeError);
  });

  test("a listening socket keeps nothing of connections that are over", async () => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(5);
    const converse = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) {
        const accepting = listener.accept({ timeout: 10 });
        const client = await socket.createConnection(listener.getsockname() as [string, number]);
        const [server] = await accepting;
        await Promise.all([client.close(), server.close()]);
      }
    };
    await converse(100);
    expect(await leftBy(() => converse(300))).toBeLessThan(300_000);
  });

  test("whoever waits in the queue has connected before accept is called", async () => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(5);
    const clients = [make(), make(), make()];
    for (const client of clients) await client.connect(listener.getsockname());
    await clients[0]?.sendall("early");
    const [first, address] = await listener.accept();
    expect(address).toEqual(clients[0]?.getsockname());
    expect(String(await first.recv(100))).toBe("early");
  });

  test("accept that ran out of time loses no connection", async () => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(5);
    listener.settimeout(0.05);
    for (let round = 0; round < 3; round++) {
      await expect(listener.accept()).rejects.toThrow(socket.TimeoutError);
      const client = make();
      await client.connect(listener.getsockname());
      await client.sendall(`round ${round}`);
      listener.settimeout(10);
      const [server] = await listener.accept();
      expect(String(await server.recv(100))).toBe(`round ${round}`);
      await server.close();
      listener.settimeout(0.05);
    }
  });

  test("several accepts may wait at the same time", async () => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(5);
    const waiting = [listener.accept(), listener.accept(), listener.accept()];
    const clients = [make(), make(), make()];
    for (const client of clients) await client.connect(listener.getsockname());
    const addresses = (await Promise.all(waiting)).map(([, address]) => (address as [string, number])[1]);
    expect(new Set(addresses)).toEqual(
      new Set(clients.map((client) => (client.getsockname() as [string, number])[1])),
    );
  });

  test("a socket can be iterated: one connection after another, until it is closed", async () => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(5);
    const clients = [make(), make()];
    for (const client of clients) await client.connect(listener.getsockname());
    let count = 0;
    for await (const [conn] of listener) {
      await conn.close();
      count++;
      if (count === 2) await listener.close();
    }
    expect(count).toBe(2);
  });

  test("closing ends the accept that waits", async () => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(5);
    const waiting = listener.accept();
    await Promise.all([expect(waiting).rejects.toThrow("Bad file descriptor"), listener.close()]);
  });

  test("nobody listens any more after close, and the port is free again", async () => {
    const { listener, client, server } = await pair(make);
    const address = listener.getsockname();
    await Promise.all([listener.close(), client.close(), server.close()]);
    await expect(make().connect(address)).rejects.toThrow(socket.ConnectionRefusedError);
    const again = make();
    again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
    await again.bind(address);
    await again.listen();
    await make().connect(address);
  });

  test("a port that somebody listens on is in use", async () => {
    const { listener } = await pair(make);
    const second = make();
    const attempt = second.bind(listener.getsockname());
    await expect(attempt).rejects.toThrow("Address already in use");
    await expect(attempt).rejects.toMatchObject({ code: "EADDRINUSE", name: "OSError" });
  });

  test("a reset reaches the next recv, and the end comes after it", async () => {
    const { client, server } = await pair(make);
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, [1, 0]);
    const waiting = client.recv(10);
    await Promise.all([expect(waiting).rejects.toThrow(socket.ConnectionResetError), server.close()]);
    expect(await client.recv(10)).toHaveLength(0);
    await expect(client.send("x")).rejects.toThrow(socket.BrokenPipeError);
  });

  test("a refused socket may try again", async () => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    const address = listener.getsockname();
    await listener.close();
    const client = make();
    await expect(client.connect(address)).rejects.toThrow("Connection refused");
    expect(await client.connectEx(address)).toBe(constants.errno.ECONNREFUSED);
    const second = make();
    second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
    await second.bind(address);
    await second.listen(1);
    expect(await client.connectEx(address)).toBe(0);
    await expect(client.connect(address)).rejects.toMatchObject({ code: "EISCONN" });
  });

  test("recv gives up after its timeout, and a later one gets the bytes", async () => {
    const { client, server } = await pair(make);
    client.settimeout(0.05);
    expect(client.gettimeout()).toBe(0.05);
    const attempt = client.recv(10);
    await expect(attempt).rejects.toThrow(socket.timeout);
    await expect(attempt).rejects.toThrow("timed out");
    await server.sendall("late");
    client.settimeout(null);
    expect(String(await client.recv(10))).toBe("late");
  });

  test("a socket that does not block says so, and takes what is there", async () => {
    const { listener, client, server } = await pair(make);
    client.setblocking(false);
    listener.setblocking(false);
    await expect(client.recv(10)).rejects.toThrow(socket.BlockingIOError);
    await expect(listener.accept()).rejects.toThrow(socket.BlockingIOError);
    await server.sendall("now");
    await make().connect(listener.getsockname());
    await sleep(50);
    expect(String(await client.recv(10))).toBe("now");
    const [other] = await listener.accept();
    await other.close();
  });

  test("a bound socket connects from its own address", async () => {
    const { listener } = await pair(make);
    const client = make();
    await client.bind(["127.0.0.1", 0]);
    const own = client.getsockname();
    await client.connect(listener.getsockname());
    const [, address] = await listener.accept();
    expect(address).toEqual(own);
    expect(client.getsockname()).toEqual(own);
  });

  test("IPv6 addresses have four parts", async () => {
    const listener = make(socket.AF_INET6);
    await listener.bind(["::1", 0]);
    await listener.listen(1);
    const client = make(socket.AF_INET6);
    await client.connect(listener.getsockname());
    const [, address] = await listener.accept();
    expect(address).toEqual(["::1", (client.getsockname() as [string, number])[1], 0, 0]);
  });

  test.skipIf(process.platform === "win32")("AF_UNIX addresses are paths", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wb-"));
    try {
      const listener = make(socket.AF_UNIX);
      const path = join(folder, "socket");
      await listener.bind(path);
      expect(listener.getsockname()).toBe(path);
      await listener.listen(1);
      const client = make(socket.AF_UNIX);
      await client.connect(path);
      const [server] = await listener.accept();
      await server.sendall("local");
      expect(String(await client.recv(10))).toBe("local");
      await expect(make(socket.AF_UNIX).connect(join(folder, "nobody"))).rejects.toThrow(
        socket.FileNotFoundError,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("the empty address is every address of this machine, and one line says who can reach it", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      const listener = make();
      await listener.bind(["", 0]);
      const [host, port] = listener.getsockname() as [string, number];
      expect(host).toBe("0.0.0.0");
      expect(log).toHaveBeenCalledTimes(1);
      expect(log.mock.calls[0]?.[0]).toContain(`every address of this machine (0.0.0.0), port ${port}`);
      await listener.listen(1);
      await make().connect(["127.0.0.1", port]);
    } finally {
      log.mockRestore();
    }
  });

  test("it prints as in Python, and says which way it accepts", async () => {
    const { listener, client } = await pair(make);
    const [host, port] = listener.getsockname();
    expect(String(listener)).toContain(
      `family=AF_INET, type=SOCK_STREAM, proto=0, laddr=('${host}', ${port})`,
    );
    expect(String(listener)).toContain(`backend=${name}`);
    expect(String(client)).toContain(`raddr=('${host}', ${port})`);
    await client.close();
    expect(String(client)).toMatch(/^<socket \[closed\] fd=-1, family=AF_INET/);
    expect(client.fileno()).toBe(-1);
    await expect(client.recv(1)).rejects.toThrow("Bad file descriptor");
    expect(listener.capabilities).toEqual({
      backlog: name === "eager" ? "emulated" : "kernel",
      backend: name,
    });
    expect(String(listener).includes("backlog=emulated")).toBe(name === "eager");
  });

  test("what is left open at the end of a block with await using is closed", async () => {
    let escaped: socket.Socket;
    {
      await using inner = make();
      escaped = inner;
      await inner.bind(["127.0.0.1", 0]);
    }
    expect(String(escaped)).toContain("[closed]");
  });

  test("options of the connection can be set, and nothing is made up", async () => {
    const { client } = await pair(make);
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1);
    expect(client.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)).not.toBe(0);
    expect(client.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)).not.toBe(0);
    expect(client.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)).toBe(socket.SOCK_STREAM);
    if (name === "koffi")
      expect(client.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)).toBeGreaterThan(1000);
    else expect(() => client.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)).toThrow(/koffi has it/);
  });
});

onBackends(["koffi", "doorman"], "the queue of listen", (_, make) => {
  // Linux keeps one more than it is asked for, and drops the rest without a word.
  test.skipIf(process.platform !== "linux").each([
    [5, 6],
    [1, 2],
    [0, 1],
  ])("listen(%i) lets %i wait, and leaves the others without an answer", async (backlog, fit) => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(backlog);
    const clients = Array.from({ length: fit + 2 }, () => make());
    const outcomes = await Promise.all(
      clients.map(async (client) => {
        client.settimeout(0.4);
        return client.connect(listener.getsockname()).then(
          () => "connected",
          (error: Error) => error.name,
        );
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "connected")).toHaveLength(fit);
    expect(outcomes.filter((outcome) => outcome === "TimeoutError")).toHaveLength(2);
    // One place gets free for each that is accepted.
    await listener.accept();
    const next = make();
    next.settimeout(5);
    await next.connect(listener.getsockname());
  });
});

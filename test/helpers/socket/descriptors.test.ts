import { expect, test } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { onBackends, onEveryBackend, pair } from "./backends.js";

onEveryBackend("pairs", (_, make) => {
  test("two sockets that are connected with each other", async () => {
    void make;
    const [one, other] = await socket.socketpair();
    await one.sendall("to the other");
    expect(String(await other.recv(100))).toBe("to the other");
    await other.sendall("and back");
    await other.close();
    expect(String(await one.recv(100))).toBe("and back");
    expect(await one.recv(100)).toHaveLength(0);
    await one.close();
  });
});

onBackends(["koffi"], "descriptors", (_, make) => {
  test("a duplicate is the same connection, and outlives the first", async () => {
    const { client, server } = await pair(make);
    const twin = server.dup();
    expect(twin.getpeername()).toEqual(client.getsockname());
    expect(twin.fileno()).not.toBe(server.fileno());
    await server.close();
    await twin.sendall("still here");
    expect(String(await client.recv(100))).toBe("still here");
    await twin.close();
    expect(await client.recv(100)).toHaveLength(0);
  });

  test("what is detached goes on under its descriptor, also as a listening socket", async () => {
    const { client, server } = await pair(make);
    const fd = await server.detach();
    expect(server.fileno()).toBe(-1);
    const again = socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM);
    socket.close(fd);
    await again.sendall("from the same");
    expect(String(await client.recv(100))).toBe("from the same");
    await again.close();

    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(3);
    const twin = socket.fromfd(listener.fileno(), socket.AF_INET, socket.SOCK_STREAM);
    const address = listener.getsockname();
    await listener.close();
    const late = make();
    const [[conn]] = await Promise.all([twin.accept(), late.connect(address)]);
    expect(conn.getpeername()).toEqual(late.getsockname());
    await twin.close();
  });

  test("a descriptor that is no socket is refused, and its duplicate closed", async () => {
    const { openSync, closeSync, readdirSync } = await import("node:fs");
    const fd = openSync("/dev/null", "r");
    const before = process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
    expect(() => socket.fromfd(fd, socket.AF_INET, socket.SOCK_STREAM)).toThrow(
      "[Errno 88] Socket operation on non-socket",
    );
    if (before > 0) expect(readdirSync("/proc/self/fd")).toHaveLength(before);
    closeSync(fd);
  });

  test("nothing is inherited unless it is asked for", async () => {
    const s = make();
    expect(s.get_inheritable()).toBe(false);
    s.set_inheritable(true);
    expect(s.get_inheritable()).toBe(true);
    s.setInheritable(false);
    expect(s.getInheritable()).toBe(false);
  });

  test("paths of AF_UNIX are told at both ends", async () => {
    const path = `/tmp/wirebook-test-${process.pid}.sock`;
    const listener = make(socket.AF_UNIX);
    await listener.bind(path);
    await listener.listen(1);
    const client = make(socket.AF_UNIX);
    const [[conn]] = await Promise.all([listener.accept(), client.connect(path)]);
    expect(client.getpeername()).toBe(path);
    expect(conn.getsockname()).toBe(path);
    expect(conn.getpeername()).toBe("");
    await conn.sendall("over a file");
    expect(String(await client.recv(100))).toBe("over a file");
    (await import("node:fs")).rmSync(path);
  });
});

onBackends(["doorman", "eager"], "without descriptors", (_, make) => {
  test("what needs them says what would do", async () => {
    const { client } = await pair(make);
    expect(() => client.dup()).toThrow(/back-end koffi has it/);
    await expect(client.detach()).rejects.toThrow(socket.NotSupported);
    expect(() => socket.fromfd(0, socket.AF_INET, socket.SOCK_STREAM)).toThrow(/back-end koffi has them/);
    expect(client.get_inheritable()).toBe(false);
    expect(() => client.set_inheritable(true)).toThrow(socket.NotSupported);
    client.set_inheritable(false);
  });
});

onEveryBackend("select", (name, make) => {
  test("tells who can be read and written, and waits for one", async () => {
    const one = await pair(make);
    const two = await pair(make);
    expect(await socket.select([one.client, two.client], [one.client], [], 0)).toEqual([
      [],
      [one.client],
      [],
    ]);
    expect(await socket.select([one.client, two.client], [], [], 0.03)).toEqual([[], [], []]);
    setTimeout(() => void two.server.sendall("x"), 20);
    expect(await socket.select([one.client, two.client])).toEqual([[two.client], [], []]);
    // It took nothing away.
    expect(String(await two.client.recv(10))).toBe("x");
    await one.server.close();
    expect(await socket.select([one.client, two.client], [], [], 5)).toEqual([[one.client], [], []]);
    expect(await one.client.recv(10)).toHaveLength(0);
  });

  test("tells that a connection waits to be accepted, and that a datagram has come", async () => {
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(5);
    const datagrams = make(socket.AF_INET, socket.SOCK_DGRAM);
    await datagrams.bind(["127.0.0.1", 0]);
    await make(socket.AF_INET, socket.SOCK_DGRAM).sendto("x", datagrams.getsockname());
    expect(await socket.select([datagrams], [], [], 5)).toEqual([[datagrams], [], []]);
    if (name === "doorman") {
      await expect(socket.select([listener], [], [], 0)).rejects.toThrow(socket.NotSupported);
      return;
    }
    expect(await socket.select([listener], [], [], 0)).toEqual([[], [], []]);
    const client = make();
    await client.connect(listener.getsockname());
    expect(await socket.select([listener], [], [], 5)).toEqual([[listener], [], []]);
    const [conn] = await listener.accept();
    expect(conn.getpeername()).toEqual(client.getsockname());
  });

  test("a closed socket and a signal end it", async () => {
    const s = make();
    await s.close();
    await expect(socket.select([s])).rejects.toMatchObject({ code: "EBADF" });
    const { client } = await pair(make);
    await expect(
      socket.select([client], [], [], null, { signal: AbortSignal.timeout(20) }),
    ).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

import { expect, test } from "vitest";
import * as socket from "../../../kernel-helpers/socket/index.js";
import { onBackends, pair } from "./backends.js";

const { SOL_SOCKET, IPPROTO_TCP } = socket;

onBackends(["koffi"], "options of the descriptor", (_, make) => {
  /** A port on which the server closed first, so that the system keeps it for a while: for those only who both said that they share. */
  async function portInTimeWait(shared: number): Promise<socket.Address> {
    const listener = make();
    listener.setsockopt(SOL_SOCKET, socket.SO_REUSEADDR, shared);
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(1);
    const address = listener.getsockname();
    const client = make();
    await client.connect(address);
    const [server] = await listener.accept();
    await server.close();
    expect(await client.recv(1)).toHaveLength(0);
    await client.close();
    await listener.close();
    return address;
  }

  test("without SO_REUSEADDR a port whose server closed first is in use; with it, it is not", async () => {
    await expect(make().bind(await portInTimeWait(0))).rejects.toMatchObject({ code: "EADDRINUSE" });
    const address = await portInTimeWait(1);
    await expect(make().bind(address)).rejects.toMatchObject({ code: "EADDRINUSE" });
    const patient = make();
    patient.setsockopt(SOL_SOCKET, socket.SO_REUSEADDR, 1);
    await patient.bind(address);
    await patient.listen(1);
    expect(patient.getsockname()).toEqual(address);
  });

  test("with SO_REUSEPORT several listen on the same port, and share who comes", async () => {
    const servers = [await socket.createServer(["127.0.0.1", 0], { reusePort: true })];
    const address = servers[0]?.getsockname() as [string, number];
    servers.push(await socket.createServer(address, { reusePort: true }));
    try {
      const counting = servers.map(async (server) => {
        let count = 0;
        for (;;) {
          const accepted = await server.accept({ timeout: 1 }).catch(() => undefined);
          if (!accepted) return count;
          count++;
          await accepted[0].close();
        }
      });
      for (let n = 0; n < 40; n++) await make().connect(address);
      const counts = await Promise.all(counting);
      expect(counts.reduce((sum, one) => sum + one, 0)).toBe(40);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    } finally {
      await Promise.all(servers.map((server) => server.close()));
    }
  });

  test("what is set before a connection holds in it, and what is read is the system's", async () => {
    const client = make();
    client.setsockopt(IPPROTO_TCP, socket.TCP_NODELAY, true);
    client.setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, 1);
    client.setsockopt(IPPROTO_TCP, socket.TCP_KEEPIDLE, 33);
    client.setsockopt(SOL_SOCKET, socket.SO_SNDBUF, 20_000);
    client.setsockopt(SOL_SOCKET, socket.SO_LINGER, [1, 7]);
    const listener = make();
    await listener.bind(["127.0.0.1", 0]);
    await listener.listen(1);
    await client.connect(listener.getsockname());
    expect(client.getsockopt(IPPROTO_TCP, socket.TCP_NODELAY)).toBe(1);
    expect(client.getsockopt(SOL_SOCKET, socket.SO_KEEPALIVE)).toBe(1);
    expect(client.getsockopt(IPPROTO_TCP, socket.TCP_KEEPIDLE)).toBe(33);
    expect(client.getsockopt(SOL_SOCKET, socket.SO_SNDBUF)).toBeGreaterThanOrEqual(20_000);
    expect(client.getsockopt(SOL_SOCKET, socket.SO_LINGER, 8)).toEqual(Buffer.from([1, 0, 0, 0, 7, 0, 0, 0]));
    expect(client.getsockopt(SOL_SOCKET, socket.SO_ERROR)).toBe(0);
    expect(client.getsockopt(SOL_SOCKET, socket.SO_TYPE)).toBe(socket.SOCK_STREAM);
    // Nagle's algorithm is on unless it is turned off, as in Python.
    const [conn] = await listener.accept();
    expect(conn.getsockopt(IPPROTO_TCP, socket.TCP_NODELAY)).toBe(0);
  });

  test("a lingering close of zero seconds is a reset, also while something waits to be sent", async () => {
    const { client, server } = await pair(make);
    void server.sendall(Buffer.alloc(30_000_000)).catch(() => {});
    await client.recv(1);
    server.setsockopt(SOL_SOCKET, socket.SO_LINGER, [1, 0]);
    await server.close();
    const failure = await (async () => {
      for (;;) if ((await client.recv(1_000_000)).length === 0) return "end";
    })().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(socket.ConnectionResetError);
  });
});

test("a peer that reads nothing does not keep a socket open for ever", async () => {
  const { listener, client, server } = await pair(socket.socket);
  await expect(server.sendall(Buffer.alloc(50_000_000), { timeout: 0.05 })).rejects.toThrow(
    socket.TimeoutError,
  );
  const { stream } = server;
  await server.close();
  expect(stream?.destroyed).toBe(true);
  await Promise.all([client.close(), listener.close()]);
});

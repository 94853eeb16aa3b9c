// Servers that a scan can find, all closed at the end of a test.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach } from "vitest";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

/** @returns its port */
export async function tcp(address = "127.0.0.1", talk: (peer: Socket) => void = () => {}): Promise<number> {
  const server = createServer((peer) => {
    cleanups.push(() => peer.destroy());
    peer.on("error", () => {});
    talk(peer);
  });
  return listening(server, address);
}

export async function listening(server: Server, address = "127.0.0.1"): Promise<number> {
  cleanups.push(() => server.close());
  await once(server.listen(0, address), "listening");
  return (server.address() as { port: number }).port;
}

/** @param answer what it says to a datagram; left out: nothing */
export async function udp(answer?: string): Promise<number> {
  const socket = createSocket("udp4");
  cleanups.push(() => socket.close());
  if (answer !== undefined)
    socket.on("message", (_, { port, address }) => socket.send(answer, port, address));
  await once(socket.bind(0, "127.0.0.1"), "listening");
  return socket.address().port;
}

/** One on which nobody listens, at least a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  cleanups.pop();
  await new Promise((closed) => server.close(closed));
  return port;
}

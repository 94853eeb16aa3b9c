// Ports of this machine that nobody has.
import { createServer } from "node:net";

/** They lie below the range for outgoing connections: there a client that tries again and again may connect to itself. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = 9000 + Math.floor(Math.random() * 20_000); ports.length < count; port++) {
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (free) ports.push(port);
  }
  return ports;
}

// Ports of this machine that nobody has.
import { createServer } from "node:net";

/** Handed out lately: whoever was given them may not have bound them yet. */
const given = new Set<number>();
const remembered = 2000;
/** The lab's own: its notebooks want it. */
const labs = 12_345;

/** They lie below the range for outgoing connections: there a client that tries again and again may connect to itself. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = 9000 + Math.floor(Math.random() * 20_000); ports.length < count; port++) {
    if (given.has(port) || port === labs) continue;
    given.add(port);
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (free) ports.push(port);
  }
  // A Set keeps the order of insertion.
  for (const port of given) {
    if (given.size <= remembered) break;
    given.delete(port);
  }
  return ports;
}

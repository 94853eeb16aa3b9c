// Computers without a network of their own: other loopback addresses, or processes that differ in nothing but their ports.
import { createServer } from "node:net";
import { ours } from "../../socket/ours.js";
import { type Ground, NotPossible } from "./ground.js";

let given = 1;

/** @throws NotPossible where only 127.0.0.1 is there (macOS) */
export async function loopbackGround(names: string[]): Promise<Ground> {
  const sites = names.map((name) => {
    given += 1;
    return { name, address: `127.0.${given >> 8}.${given & 255}`, enter: [] };
  });
  for (const { address } of sites) await tryToBind(address);
  return {
    kind: "loopback",
    sites,
    made: "processes of this machine, each with a loopback address of its own",
    limits: [
      "Servers must be bound to their computer's address. Clients come from 127.0.0.1 unless they bind theirs, too.",
      "They share this machine's interfaces and routes, and there is no cable to cut or to slow down.",
    ],
    close: async () => {},
  };
}

/** The last resort: it works everywhere. */
export async function processGround(names: string[]): Promise<Ground> {
  return {
    kind: "process",
    sites: names.map((name) => ({ name, address: "127.0.0.1", enter: [] })),
    made: "processes of this machine with one address, 127.0.0.1",
    limits: ["Each port belongs to one of them only, and there is no cable to cut or to slow down."],
    close: async () => {},
  };
}

function tryToBind(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", () => reject(new NotPossible(`this system has no address ${address}`)));
    ours(() => server.listen(0, address, () => server.close(() => resolve())));
  });
}

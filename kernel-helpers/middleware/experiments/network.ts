// What a design under test opens: every connection and every listening socket of this process that comes of one experiment, however deep in which
// library it was opened. So connections can be cut without the design's help, and nothing is left afterwards.
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Server, Socket } from "node:net";

const current = new AsyncLocalStorage<Network>();

/** Heard for as long as any experiment runs. */
const ears: Readonly<Record<string, (message: unknown) => void>> = {
  "net.client.socket": (message) =>
    current.getStore()?.opened((message as { socket: Socket }).socket, "client"),
  "net.server.socket": (message) =>
    current.getStore()?.opened((message as { socket: Socket }).socket, "server"),
  "tracing:net.server.listen:asyncStart": (message) =>
    current.getStore()?.listens((message as { server: Server }).server),
};
let listening = 0;

export class Network {
  /** How many connections were made. */
  connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #servers = new Set<Server>();

  /** Hears until {@link clear}. */
  constructor() {
    if (listening++ === 0) for (const [channel, ear] of Object.entries(ears)) subscribe(channel, ear);
  }

  /** All that `work` opens, and what comes of it, belongs to this network. */
  run<T>(work: () => T): T {
    return current.run(this, work);
  }

  opened(socket: Socket, side: "client" | "server"): void {
    if (side === "client") this.connections++;
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  listens(server: Server): void {
    this.#servers.add(server);
    server.once("close", () => this.#servers.delete(server));
  }

  /** Breaks every connection, at once, and without a word to either side. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Closes what is left. @returns how many sockets were still listening */
  clear(): number {
    if (--listening === 0) for (const [channel, ear] of Object.entries(ears)) unsubscribe(channel, ear);
    const left = [...this.#servers].filter((server) => server.listening);
    for (const server of left) server.close();
    this.cut();
    return left.length;
  }
}

// Node's own way, on every platform: each connection is accepted as it comes and waits in a queue of ours. The kernel's
// queue is always empty, so what `listen(backlog)` does cannot be seen; `capabilities` says `emulated`.
import net from "node:net";
import { setImmediate } from "node:timers/promises";
import { type Address, toTuple } from "../address.js";
import { AF_INET6, AF_UNIX } from "../constants.js";
import { toOSError } from "../errors.js";
import { ours } from "../ours.js";
import { inner } from "../watched.js";
import { type Backend, type Endpoint, STREAM } from "./backend.js";

export function eagerBackend(): Backend {
  return { name: "eager", backlog: "emulated", patience: 20, open: (family) => new EagerEndpoint(family) };
}

class EagerEndpoint implements Endpoint {
  readonly #family: number;
  readonly #queue: net.Socket[] = [];
  readonly #waiting: ((socket: net.Socket) => void)[] = [];
  #server: net.Server | undefined;
  /** Those beyond it are reset, which is the nearest to "dropped" that can be had. Below zero: it does not listen. */
  #limit = -1;
  readonly fd = undefined;

  constructor(family: number) {
    this.#family = family;
  }

  // libuv says only when it listens that an address is in use; so it listens at once, and resets whoever comes too early.
  bind(address: Address): Promise<void> {
    const server = net.createServer({ ...STREAM, pauseOnConnect: true });
    inner.add(server);
    server.on("connection", (socket) => {
      const next = this.#waiting.shift();
      if (next) next(socket);
      else if (this.#limit < 0 || this.#queue.length > this.#limit) socket.resetAndDestroy();
      else this.#queue.push(socket.on("error", () => {}));
    });
    return new Promise((resolve, reject) => {
      server.once("error", (error) => reject(toOSError(error)));
      ours(() =>
        server.listen(whereOf(address, this.#family), () => {
          this.#server = server;
          resolve();
        }),
      );
    });
  }

  async listen(backlog: number): Promise<void> {
    if (!this.#server) await this.bind(this.#family === AF_INET6 ? ["::", 0] : ["0.0.0.0", 0]);
    this.#limit = Math.max(0, backlog);
  }

  isReady(): boolean {
    return this.#queue.length > 0;
  }

  accept(resolve: (socket: net.Socket) => void): () => void {
    for (let socket = this.#queue.shift(); socket; socket = this.#queue.shift()) {
      if (socket.destroyed) continue;
      socket.removeAllListeners("error");
      resolve(socket);
      return () => {};
    }
    this.#waiting.push(resolve);
    return () => {
      const at = this.#waiting.indexOf(resolve);
      if (at >= 0) this.#waiting.splice(at, 1);
    };
  }

  connect(address: Address): net.Socket {
    const local = this.#server ? (this.address() as [string, number]) : undefined;
    this.#server?.close();
    this.#server = undefined;
    return plainConnect(address, local);
  }

  address(): Address | undefined {
    const address = this.#server?.address();
    if (!address || typeof address === "string") return address ?? undefined;
    return toTuple(address.address, address.port, this.#family);
  }

  async close(): Promise<void> {
    for (const socket of this.#queue.splice(0)) socket.resetAndDestroy();
    // Its own promise would wait for every connection that was ever accepted.
    this.#server?.close();
    this.#server = undefined;
    await setImmediate();
  }
}

/** How Node names where to listen. */
export function whereOf(
  address: Address,
  family: number,
): { path: string } | { host: string; port: number; ipv6Only: boolean } {
  if (family === AF_UNIX || typeof address === "string") return { path: address as string };
  return { host: address[0], port: address[1], ipv6Only: false };
}

/** A connection of Node's own, from `local` where the socket was bound. */
export function plainConnect(address: Address, local?: [string, number]): net.Socket {
  const socket = new net.Socket(STREAM);
  if (typeof address === "string") return ours(() => socket.connect({ path: address }));
  const from = local && { localAddress: local[0], localPort: local[1] };
  return ours(() => socket.connect({ host: address[0], port: address[1], autoSelectFamily: false, ...from }));
}

// Node's own way, on every platform: each connection is accepted as it comes and waits in a queue of ours. The kernel's
// queue is always empty, so what `listen(backlog)` does cannot be seen; `capabilities` says `emulated`.
import net from "node:net";
import { owned } from "../../host-contract.js";
import { type Address, toTuple } from "../address.js";
import { AF_INET6, AF_UNIX } from "../constants.js";
import { toOSError } from "../errors.js";
import type { Backend, BindOptions, Listener } from "./backend.js";

export function eagerBackend(): Backend {
  return {
    name: "eager",
    backlog: "emulated",
    async bind(address, options) {
      const listener = new EagerListener(options);
      await listener.open(address);
      return listener;
    },
  };
}

/** More than the student asked for: those who wait beyond it are closed, which is the nearest that can be had. */
class EagerListener implements Listener {
  readonly #server = owned(net.createServer({ pauseOnConnect: true, allowHalfOpen: true }));
  readonly #family: number;
  readonly #queue: net.Socket[] = [];
  readonly #waiting: ((socket: net.Socket) => void)[] = [];
  #limit = -1;
  readonly fd = undefined;

  constructor({ family }: BindOptions) {
    this.#family = family;
    this.#server.on("connection", (socket) => {
      const next = this.#waiting.shift();
      if (next) next(owned(socket));
      else if (this.#queue.length > this.#limit) socket.resetAndDestroy();
      else this.#queue.push(owned(socket));
    });
  }

  // libuv says that an address is in use only when it listens; so it listens at once, and refuses until it may.
  open(address: Address): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", (error) => reject(toOSError(error)));
      const where = this.#family === AF_UNIX ? { path: address as string } : { host: address[0] as string, port: address[1] as number, ipv6Only: this.#family === AF_INET6 };
      this.#server.listen(where, () => {
        this.#server.removeAllListeners("error");
        resolve();
      });
    });
  }

  async listen(backlog: number): Promise<void> {
    this.#limit = Math.max(0, backlog);
  }

  accept(resolve: (socket: net.Socket) => void): () => void {
    for (let socket = this.#queue.shift(); socket; socket = this.#queue.shift()) {
      if (socket.destroyed) continue;
      resolve(socket);
      return () => {};
    }
    this.#waiting.push(resolve);
    return () => {
      const at = this.#waiting.indexOf(resolve);
      if (at >= 0) this.#waiting.splice(at, 1);
    };
  }

  address(): Address {
    const address = this.#server.address();
    if (address === null || typeof address === "string") return address ?? "";
    return toTuple(address.address, address.port, this.#family);
  }

  // Node calls a server closed when its last connection is; the port is free at once.
  async close(): Promise<void> {
    for (const socket of this.#queue.splice(0)) socket.resetAndDestroy();
    this.#server.close();
  }
}

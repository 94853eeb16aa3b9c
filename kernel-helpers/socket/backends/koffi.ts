// The kernel's own queue, through the C library: the listening descriptor is ours, and each `accept` is a one-shot server
// of Node's on a duplicate of it. libuv gives the readiness, so nothing blocks, and the connection is an ordinary one.
import net from "node:net";
import type { Address } from "../address.js";
import { SOCK_STREAM } from "../constants.js";
import { osError, toOSError } from "../errors.js";
import { owned } from "../../host-contract.js";
import type { Backend, BindOptions, Listener } from "./backend.js";
import { type Libc, openLibc, reuseAddress } from "./libc.js";

export function koffiBackend(): Backend {
  const libc = openLibc();
  return { name: "koffi", backlog: "kernel", bind: async (address, options) => new DescriptorListener(libc, address, options) };
}

class DescriptorListener implements Listener {
  readonly #libc: Libc;
  readonly #family: number;
  readonly #servers = new Set<net.Server>();
  #fd: number;
  #backlog = 0;

  constructor(libc: Libc, address: Address, options: BindOptions) {
    this.#libc = libc;
    this.#family = options.family;
    this.#fd = libc.socket(options.family, SOCK_STREAM);
    try {
      if (options.reuseAddress) reuseAddress(libc, this.#fd, true);
      libc.bind(this.#fd, address, options.family);
    } catch (error) {
      libc.close(this.#fd);
      throw error;
    }
  }

  get fd(): number {
    return this.#fd;
  }

  address(): Address {
    return this.#libc.address(this.#fd, this.#family);
  }

  async listen(backlog: number): Promise<void> {
    this.#backlog = backlog;
    this.#libc.listen(this.#fd, backlog);
  }

  accept(resolve: (socket: net.Socket) => void, reject: (error: Error) => void): () => void {
    const server = owned(net.createServer({ pauseOnConnect: true, allowHalfOpen: true }));
    this.#servers.add(server);
    const stop = (): void => {
      if (this.#servers.delete(server)) server.close();
    };
    server.once("connection", (socket) => {
      stop();
      resolve(owned(socket));
    });
    server.once("error", (error) => {
      this.#servers.delete(server);
      reject(toOSError(error));
    });
    try {
      server.listen({ fd: this.#libc.duplicate(this.#fd) }, this.#backlog || 1);
      // Node asks for a queue of at least one; the student's number holds.
      this.#libc.listen(this.#fd, this.#backlog);
    } catch (error) {
      reject(toOSError(error));
    }
    return stop;
  }

  async close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = -1;
    const closing = [...this.#servers].map((server) => new Promise<void>((done) => server.close(() => done())));
    this.#servers.clear();
    if (fd >= 0) this.#libc.close(fd);
    await Promise.all(closing);
  }

  setOption(level: number, option: number, value: number): void {
    this.#libc.setOption(this.#open(), level, option, value);
  }

  getOption(level: number, option: number): number {
    return this.#libc.getOption(this.#open(), level, option);
  }

  #open(): number {
    if (this.#fd < 0) throw osError("EBADF");
    return this.#fd;
  }
}

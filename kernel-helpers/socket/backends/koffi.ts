// The kernel's own queue, through the C library: the descriptor is ours, and each `accept` is a one-shot server of Node's on a
// duplicate of it. libuv gives the readiness, so nothing blocks, and the connection is an ordinary one.
import net from "node:net";
import type { Address } from "../address.js";
import { osError, toOSError } from "../errors.js";
import { ours } from "../ours.js";
import { inner } from "../watched.js";
import { type Backend, type Endpoint, STREAM } from "./backend.js";
import { type Libc, openLibc, reuseAddress } from "./libc.js";

export function koffiBackend(): Backend {
  const libc = openLibc();
  return {
    name: "koffi",
    backlog: "kernel",
    patience: 0,
    options: { set: libc.setOption, get: libc.getOption },
    descriptors: {
      ...libc,
      local: libc.address,
      endpoint: (fd, family) => new Descriptor(libc, family, fd, { bound: true }),
    },
    open: (family, type, protocol) => new Descriptor(libc, family, libc.socket(family, type, protocol)),
  };
}

class Descriptor implements Endpoint {
  readonly #libc: Libc;
  readonly #family: number;
  readonly #servers = new Set<net.Server>();
  #fd: number;
  #bound: boolean;
  #backlog = 0;

  constructor(libc: Libc, family: number, fd: number, { bound = false } = {}) {
    this.#libc = libc;
    this.#family = family;
    this.#fd = fd;
    this.#bound = bound;
  }

  get fd(): number {
    return this.#fd;
  }

  async bind(address: Address, reuse: boolean): Promise<void> {
    if (reuse) reuseAddress(this.#libc, this.#fd);
    this.#libc.bind(this.#fd, address, this.#family);
    this.#bound = true;
  }

  address(): Address | undefined {
    return this.#bound ? this.#libc.address(this.#fd, this.#family) : undefined;
  }

  async listen(backlog: number): Promise<void> {
    this.#libc.listen(this.#fd, backlog);
    this.#backlog = backlog;
    this.#bound = true;
  }

  isReady(): boolean {
    return this.#libc.isReadable(this.#fd);
  }

  accept(resolve: (socket: net.Socket) => void, reject: (error: Error) => void): () => void {
    const server = net.createServer({ ...STREAM, pauseOnConnect: true });
    inner.add(server);
    this.#servers.add(server);
    const stop = (): void => {
      if (this.#servers.delete(server)) server.close();
    };
    server.once("connection", (socket) => {
      stop();
      resolve(socket);
    });
    server.once("error", (error) => {
      this.#servers.delete(server);
      reject(toOSError(error));
    });
    try {
      const fd = this.#libc.duplicate(this.#fd);
      ours(() => server.listen({ fd }, this.#backlog || 1));
      // Node asks for a queue of at least one; the caller's number holds.
      this.#libc.listen(this.#fd, this.#backlog);
    } catch (error) {
      this.#servers.delete(server);
      reject(toOSError(error));
    }
    return stop;
  }

  connect(address: Address): net.Socket {
    const fd = this.#fd;
    this.#fd = -1;
    const socket = ours(
      () =>
        new net.Socket({
          ...STREAM,
          fd,
          readable: true,
          writable: true,
          manualStart: true,
        } as net.SocketConstructorOpts),
    );
    ours(() =>
      socket.connect(
        typeof address === "string"
          ? { path: address }
          : { host: address[0], port: address[1], autoSelectFamily: false },
      ),
    );
    return socket;
  }

  async close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = -1;
    const closing = [...this.#servers].map(
      (server) => new Promise<void>((done) => server.close(() => done())),
    );
    this.#servers.clear();
    if (fd >= 0) this.#libc.close(fd);
    else if (closing.length > 0) throw osError("EBADF");
    await Promise.all(closing);
  }
}

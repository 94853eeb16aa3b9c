// The socket object: Python's methods, over a back-end for what listens and Node's own sockets for what is connected.
import net from "node:net";
import { inspect } from "node:util";
import { host, owned } from "../host-contract.js";
import { type Address, checkAddress, toNumeric, toTuple } from "./address.js";
import type { Listener } from "./backends/backend.js";
import { chooseBackend } from "./backends/choose.js";
import { Connection } from "./connection.js";
import * as constants from "./constants.js";
import { withDeadline } from "./deadline.js";
import { NotSupported, OSError, osError, toOSError } from "./errors.js";
import { readOption, type SocketOptions, writeOption } from "./options.js";

const { AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM, SHUT_RD, SHUT_RDWR, SHUT_WR } = constants;

/** What can be sent: bytes, or text, which is sent as UTF-8. */
export type Sendable = string | Uint8Array;

/**
 * A socket, as Python's `socket.socket`. Made by {@link socket}; connections come from {@link Socket.accept}.
 * Source: Python's documentation of the module `socket`; socket(2).
 */
export class Socket implements AsyncDisposable {
  /** Address family: `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  readonly family: number;
  /** Kind: `SOCK_STREAM`. */
  readonly type: number;
  readonly proto: number = 0;
  #listener: Listener | undefined;
  #connection: Connection | undefined;
  #listening = false;
  #closed = false;
  #timeout: number | null = null;
  #peer: Address | undefined;
  readonly #options: SocketOptions = new Map();
  #disown: () => void = () => {};

  /** @internal */
  constructor(family: number, type: number, connected?: { socket: net.Socket; peer: Address }) {
    this.family = family;
    this.type = type;
    if (connected) {
      this.#connection = new Connection(connected.socket);
      this.#peer = connected.peer;
    }
    Object.defineProperty(this, inspect.custom, { value: this.#shown, enumerable: false });
    this.#own();
  }

  /** Its cell closes it: when the cell runs again, when its run is interrupted, at the end. */
  #own(): void {
    const it = this;
    this.#disown =
      host()?.own(this, {
        get name() {
          return it.#describe();
        },
      }) ?? (() => {});
  }

  #describe(): string {
    const place = (address: Address | undefined): string => (typeof address === "string" ? address : address ? `${address[0]}:${address[1]}` : "");
    if (this.#listening) return `listening socket on ${place(this.#listener?.address())}`;
    if (this.#connection) return `connection with ${place(this.#peer)}`;
    return "a socket";
  }

  /** Name of the back-end that serves this socket: `koffi`, `doorman` or `eager`. */
  get backend(): string {
    return chooseBackend().name;
  }

  #open(): void {
    if (this.#closed) throw osError("EBADF");
  }

  #connected(): Connection {
    this.#open();
    if (!this.#connection) throw osError("ENOTCONN");
    return this.#connection;
  }

  /**
   * Binds to an address: `[host, port]` for AF_INET, a path for AF_UNIX. `''` is every address of this machine; port 0 is
   * any free one. Source: bind(2).
   * @throws OSError EADDRINUSE, EACCES, EADDRNOTAVAIL; TypeError and OverflowError in Python's words
   */
  async bind(...args: [address: Address]): Promise<void> {
    const address = checkAddress("bind", this.family, args);
    this.#open();
    if (this.#listener || this.#connection) throw osError("EINVAL");
    const numeric: Address = typeof address === "string" ? address : [await toNumeric(address[0], this.family), address[1], ...((address.slice(2) as number[]) as [])];
    const reuse = (this.#options.get(key(constants.SOL_SOCKET, constants.SO_REUSEADDR)) ?? 0) !== 0;
    this.#listener = await chooseBackend().bind(numeric, { family: this.family, reuseAddress: reuse });
    if (numeric[0] === "0.0.0.0" || numeric[0] === "::") {
      const port = this.getsockname()[1];
      console.log(`Port ${port} is bound on every address of this machine: other computers on the network can reach it once it listens ('127.0.0.1' would be this machine only).`);
    }
  }

  /**
   * Begins to listen. Up to `backlog` connections (on Linux one more) wait in the system's queue until `accept` takes
   * them. Source: listen(2).
   * @throws OSError
   */
  async listen(backlog: number = Math.min(constants.SOMAXCONN, 128)): Promise<void> {
    this.#open();
    if (this.#connection) throw osError("EINVAL");
    this.#listener ??= await chooseBackend().bind([this.family === AF_INET6 ? "::" : "0.0.0.0", 0], { family: this.family, reuseAddress: false });
    await this.#listener.listen(Math.max(0, Math.trunc(backlog)));
    this.#listening = true;
  }

  /**
   * Waits for a connection and takes it from the queue. Source: accept(2).
   * @returns the connection, and who is at its other end
   * @throws OSError EINVAL (does not listen); TimeoutError; the interrupt of the cell
   */
  async accept(): Promise<[connection: Socket, address: Address]> {
    this.#open();
    const listener = this.#listener;
    if (!listener || !this.#listening) throw osError("EINVAL");
    const abandoned = new AbortController();
    this.#pending.add(abandoned);
    try {
      const socket = await withDeadline<net.Socket>(this.#timeout, (resolve, reject) => {
        const undo = listener.accept(resolve, reject);
        abandoned.signal.addEventListener("abort", () => {
          undo();
          reject(osError("EBADF"));
        });
        return undo;
      });
      const peer = this.family === AF_UNIX ? "" : toTuple(socket.remoteAddress ?? "", socket.remotePort ?? 0, this.family);
      return [new Socket(this.family, this.type, { socket, peer }), peer];
    } finally {
      this.#pending.delete(abandoned);
    }
  }
  readonly #pending = new Set<AbortController>();

  /**
   * Connects to a server. Source: connect(2).
   * @throws ConnectionRefusedError, TimeoutError, gaierror, OSError
   */
  async connect(...args: [address: Address]): Promise<void> {
    const address = checkAddress("connect", this.family, args);
    this.#open();
    if (this.#connection) throw osError("EISCONN");
    const to = typeof address === "string" ? { path: address } : { host: await toNumeric(address[0], this.family), port: address[1] };
    const from = this.#listener?.address();
    await this.#listener?.close();
    this.#listener = undefined;
    const local = from && typeof from !== "string" ? { ...(from[0] !== "0.0.0.0" && from[0] !== "::" && { localAddress: from[0] }), localPort: from[1] } : {};
    const socket = owned(new net.Socket({ allowHalfOpen: true }));
    await withDeadline<void>(this.#timeout, (resolve, reject) => {
      const failed = (error: Error): void => reject(toOSError(error));
      socket.once("error", failed);
      socket.once("connect", () => {
        socket.off("error", failed);
        this.#connection = new Connection(socket);
        socket.pause();
        resolve();
      });
      // One address, one attempt, one errno.
      socket.connect({ ...to, ...local, autoSelectFamily: false } as net.NetConnectOpts);
      return () => socket.destroy();
    });
    this.#peer = typeof address === "string" ? address : toTuple(socket.remoteAddress ?? (to as { host: string }).host, address[1], this.family);
    for (const [name, value] of this.#options) writeOption(socket, name, value);
  }

  /** Like {@link connect}, but gives the errno of a failure instead of raising it; 0 is success. */
  async connectEx(...args: [address: Address]): Promise<number> {
    try {
      await this.connect(...args);
      return 0;
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      if (error.errno === undefined) return constants.errnoOf["EAGAIN"] as number;
      return error.errno;
    }
  }

  /** Sends; resolves with the number of bytes that the system took. Source: send(2). @throws BrokenPipeError, ConnectionResetError */
  async send(data: Sendable): Promise<number> {
    return this.#connected().send(toBytes(data), this.#timeout);
  }

  /** Sends all of it. @throws as {@link send} */
  async sendall(data: Sendable): Promise<void> {
    await this.#connected().send(toBytes(data), this.#timeout);
  }

  /**
   * Receives at least one byte and at most `bufsize`; an empty Buffer is the end of the stream. One `send` of the peer
   * may arrive in several pieces, and several in one. Source: recv(2).
   * @param flags `MSG_PEEK` leaves the bytes where they are
   * @throws ConnectionResetError, TimeoutError; the interrupt of the cell
   */
  async recv(bufsize: number, flags = 0): Promise<Buffer> {
    if (!Number.isInteger(bufsize)) throw new TypeError("recv() takes the largest number of bytes to receive");
    if (bufsize < 0) throw new RangeError("negative buffersize in recv");
    return this.#connected().receive(bufsize, this.#timeout, (flags & constants.MSG_PEEK) !== 0);
  }

  /** Closes one direction of the connection, or both. Source: shutdown(2). @param how `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR` */
  async shutdown(how: number): Promise<void> {
    const connection = this.#connected();
    if (![SHUT_RD, SHUT_WR, SHUT_RDWR].includes(how)) throw osError("EINVAL");
    await connection.shutdown(how !== SHUT_WR, how !== SHUT_RD);
  }

  /** Closes. What was sent still arrives. Closing twice does no harm. Source: close(2). */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#disown();
    for (const waiting of this.#pending) waiting.abort();
    const linger = this.#options.get(key(constants.SOL_SOCKET, constants.SO_LINGER)) === 0;
    await Promise.all([this.#listener?.close(), this.#connection?.close(linger)]);
    this.#listening = false;
  }

  /** Longest time, in seconds, for each call from now on; `null`: for ever, 0: not at all. */
  settimeout(seconds: number | null): void {
    if (seconds !== null && !(seconds >= 0)) throw new RangeError("Timeout value out of range");
    this.#timeout = seconds;
  }

  gettimeout(): number | null {
    return this.#timeout;
  }

  /** `false` is `settimeout(0)`, `true` is `settimeout(null)`. */
  setblocking(flag: boolean): void {
    this.#timeout = flag ? null : 0;
  }

  /**
   * Sets an option. Source: setsockopt(2), socket(7), tcp(7).
   * @param value a number; `[1, 0]` (on, seconds) for `SO_LINGER`
   * @throws NotSupported where this back-end cannot
   */
  setsockopt(level: number, option: number, value: number | readonly [onoff: number, seconds: number]): void {
    this.#open();
    const number = typeof value === "number" ? value : value[0] ? value[1] : -1;
    if (this.#connection) writeOption(this.#connection.net, key(level, option), number);
    else if (this.#listener?.setOption && typeof value === "number") this.#listener.setOption(level, option, number);
    this.#options.set(key(level, option), number);
  }

  /**
   * Reads an option from the system, or what was set here before.
   * @throws NotSupported where nothing true can be said
   */
  getsockopt(level: number, option: number): number {
    this.#open();
    if (level === constants.SOL_SOCKET && option === constants.SO_TYPE) return this.type;
    if (this.#listener?.getOption) return this.#listener.getOption(level, option);
    const known = readOption(this.#options, key(level, option));
    if (known !== undefined) return known;
    throw new NotSupported("this option cannot be read from Node's sockets; on Linux and macOS a bound socket can (back-end koffi)");
  }

  /** The own address. Source: getsockname(2). */
  getsockname(): Address {
    this.#open();
    if (this.#listener) return this.#listener.address();
    const socket = this.#connection?.net;
    if (socket) return this.family === AF_UNIX ? "" : toTuple(socket.localAddress ?? "", socket.localPort ?? 0, this.family);
    return this.family === AF_UNIX ? "" : toTuple(this.family === AF_INET6 ? "::" : "0.0.0.0", 0, this.family);
  }

  /** The address of the other end. Source: getpeername(2). @throws OSError ENOTCONN */
  getpeername(): Address {
    this.#connected();
    return this.#peer as Address;
  }

  /** The file descriptor; -1 where there is none (yet), or it is not ours to know. */
  fileno(): number {
    if (this.#closed) return -1;
    const handle = (this.#connection?.net as { _handle?: { fd?: number } } | undefined)?._handle;
    return this.#listener?.fd ?? handle?.fd ?? -1;
  }

  /** `for await (const [connection, address] of s)`: accepts until the socket is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<[connection: Socket, address: Address]> {
    while (!this.#closed) {
      try {
        yield await this.accept();
      } catch (error) {
        if (this.#closed && error instanceof OSError) return;
        throw error;
      }
    }
  }

  /** `await using s = …` closes it at the end of its block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** As Python prints it. */
  readonly #shown = (): string => {
    const parts = [`fd=${this.fileno()}`, `family=${constants.familyName(this.family)}`, `type=${constants.typeName(this.type)}`, `proto=${this.proto}`];
    if (this.#closed) return `<socket [closed] ${parts.join(", ")}>`;
    const quoted = (address: Address): string => (typeof address === "string" ? `'${address}'` : `(${address.map((part) => (typeof part === "string" ? `'${part}'` : part)).join(", ")})`);
    parts.push(`laddr=${quoted(this.getsockname())}`);
    if (this.#peer !== undefined) parts.push(`raddr=${quoted(this.#peer)}`);
    if (this.#listening) parts.push(`backend=${this.backend}`);
    return `<socket ${parts.join(", ")}>`;
  };
}

function key(level: number, option: number): string {
  return `${level}:${option}`;
}

function toBytes(data: Sendable): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  if (data instanceof Uint8Array) return data;
  throw new TypeError(`a bytes-like object is required, not '${data === null || data === undefined ? "NoneType" : typeof data}'`);
}

/**
 * Makes a socket.
 * @param family `AF_INET` (the default), `AF_INET6` or `AF_UNIX`
 * @param type `SOCK_STREAM`
 * @throws OSError EAFNOSUPPORT; NotSupported for kinds that are not streams
 */
export function socket(family: number = AF_INET, type: number = SOCK_STREAM): Socket {
  if (![AF_INET, AF_INET6, AF_UNIX].includes(family)) throw osError("EAFNOSUPPORT");
  if (type !== SOCK_STREAM) {
    throw new NotSupported(`${constants.typeName(type)} is not offered here: streams (SOCK_STREAM) only. For datagrams: import dgram from 'node:dgram'`);
  }
  return new Socket(family, type);
}

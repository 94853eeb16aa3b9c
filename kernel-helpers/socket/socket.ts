// The socket as a student holds it: Python's methods, on whichever back-end works here.
import "./disposable.js";
import type { Socket as NetSocket } from "node:net";
import { inspect } from "node:util";
import { host } from "../host-contract.js";
import { type Address, checkAddress, pythonType, reach, toNumeric, toTuple } from "./address.js";
import type { Backend, Endpoint } from "./backends/backend.js";
import { chooseBackend } from "./backends/choose.js";
import { Connection } from "./connection.js";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  MSG_PEEK,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_LINGER,
  SO_REUSEADDR,
  SOCK_STREAM,
  SOL_SOCKET,
  SOMAXCONN,
  typeName,
} from "./constants.js";
import { withDeadline } from "./deadline.js";
import { NotSupported, OSError, osError, toOSError, ValueError } from "./errors.js";
import { Options, type OptionValue } from "./options.js";
import { hostPort, printed } from "./printed.js";
import { checkTimeout, getdefaulttimeout } from "./timeouts.js";

/** What the back-end of a socket can show. */
export interface Capabilities {
  /** `kernel`: the queue of `listen(backlog)` is the operating system's own. `emulated`: it is kept by this process. */
  readonly backlog: "kernel" | "emulated";
  /** Which way of accepting serves listening sockets. */
  readonly backend: "koffi" | "doorman" | "eager";
}

/** A tuple of a new socket and its peer's address, as `accept` gives it. */
export type Accepted = [conn: Socket, address: Address];

/** One end of a conversation. Made by {@link socket}; follows Python's `socket.socket`. */
export class Socket implements AsyncDisposable {
  /** Address family: `AF_INET`, `AF_INET6` or `AF_UNIX`. */
  readonly family: number;
  /** Socket type: `SOCK_STREAM`. */
  readonly type: number;
  /** Protocol number; 0 means the family's own. */
  readonly proto: number;
  readonly #backend: Backend;
  readonly #options: Options;
  #endpoint: Endpoint | undefined;
  #connection: Connection | undefined;
  #connecting = false;
  #listening = false;
  #closed = false;
  #timeout: number | null = getdefaulttimeout();
  #names: { local?: Address; peer?: Address } = {};
  /** Connections belong to the socket that accepted them. */
  readonly #accepted = new Set<Socket>();
  #forget: () => void = () => {};

  /** @internal */
  constructor(
    family: number,
    type: number,
    proto: number,
    accepted?: { backend: Backend; stream: NetSocket; by: Socket },
  ) {
    this.family = family;
    this.type = type;
    this.proto = proto;
    this.#backend = accepted?.backend ?? chooseBackend();
    this.#options = new Options(this.#backend);
    Object.defineProperty(this, inspect.custom, { value: () => this.toString(), enumerable: false });
    if (accepted) {
      this.#connected(accepted.stream);
      accepted.by.#accepted.add(this);
      this.#forget = () => void accepted.by.#accepted.delete(this);
      return;
    }
    this.#endpoint = this.#backend.open(family, type, proto);
    const socket = this;
    const name = {
      get name(): string {
        return socket.#label();
      },
    };
    this.#forget = host()?.own({ [Symbol.asyncDispose]: () => this.#dispose() }, name) ?? this.#forget;
  }

  /** Which way of accepting serves this socket: `koffi`, `doorman` or `eager`. */
  get backend(): Backend["name"] {
    return this.#backend.name;
  }

  /** What that way can show. */
  get capabilities(): Capabilities {
    return { backlog: this.#backend.backlog, backend: this.#backend.name };
  }

  /**
   * Gives the socket its own address. `['', port]` means every address of this machine, and says who can reach it;
   * port 0 lets the system choose.
   * @throws TypeError where the address is no tuple; OverflowError for a port outside 0–65535; OSError EADDRINUSE,
   * EADDRNOTAVAIL, EINVAL (already bound); PermissionError for a reserved port
   * @see Python `socket.bind`, bind(2)
   */
  async bind(address: Address, ...more: never[]): Promise<void> {
    const endpoint = this.#open();
    checkAddress("bind", this.family, [address, ...more]);
    if (!endpoint || endpoint.address() !== undefined) throw osError("EINVAL");
    const numeric = await this.#numeric(address);
    await endpoint.bind(numeric, this.#options.flag(SOL_SOCKET, SO_REUSEADDR));
    if (typeof address !== "string" && address[0] === "")
      console.log(reach(endpoint.address() as [string, number], this.family));
  }

  /**
   * Lets others connect.
   * @param backlog how many may wait for `accept`; the system may round it (Linux keeps one more). Default: Python's, at most 128
   * @throws OSError EADDRINUSE, EINVAL
   * @see Python `socket.listen`, listen(2)
   */
  async listen(backlog: number = Math.min(SOMAXCONN, 128)): Promise<void> {
    if (typeof backlog !== "number")
      throw new TypeError(`'${pythonType(backlog)}' object cannot be interpreted as an integer`);
    const endpoint = this.#open();
    if (!endpoint) throw osError("EINVAL");
    await endpoint.listen(Math.max(0, Math.trunc(backlog)));
    this.#listening = true;
  }

  /**
   * Takes the connection that has waited longest, or waits for one.
   * @returns a new socket, connected, and the address of its peer
   * @throws OSError EINVAL where it does not listen; TimeoutError; BlockingIOError
   * @see Python `socket.accept`, accept(2)
   */
  async accept(): Promise<Accepted> {
    const endpoint = this.#open();
    if (!endpoint || !this.#listening) throw osError("EINVAL");
    const stream = await withDeadline<NetSocket>(
      this.#timeout,
      (resolve, reject) => {
        const stop = endpoint.accept(resolve, reject);
        this.#pending.add(reject);
        return () => {
          this.#pending.delete(reject);
          stop();
        };
      },
      { patience: this.#backend.patience },
    );
    const conn = new Socket(this.family, this.type, this.proto, { backend: this.#backend, stream, by: this });
    return [conn, conn.#names.peer ?? ""];
  }

  readonly #pending = new Set<(error: Error) => void>();

  /**
   * Connects to a listening socket. A name is looked up first; with several addresses only the first is tried.
   * @throws ConnectionRefusedError, TimeoutError, gaierror, OSError EISCONN, ENETUNREACH, EHOSTUNREACH
   * @see Python `socket.connect`, connect(2)
   */
  async connect(address: Address, ...more: never[]): Promise<void> {
    const endpoint = this.#open();
    checkAddress("connect", this.family, [address, ...more]);
    if (this.#connecting) throw osError("EALREADY");
    if (!endpoint || this.#listening) throw osError("EISCONN");
    const numeric = await this.#numeric(address, "connect");
    if (this.#connecting || this.#closed) throw osError(this.#closed ? "EBADF" : "EALREADY");
    this.#connecting = true;
    this.#endpoint = undefined;
    await endpoint.release?.();
    // Nothing is read before `recv` asks.
    const stream = endpoint.connect(numeric).pause();
    this.#options.applyTo(stream);
    const connected = new Promise<void>((resolve, reject) => {
      stream.once("connect", () => {
        stream.off("error", reject);
        this.#connecting = false;
        this.#connected(stream);
        resolve();
      });
      stream.once("error", reject);
    }).catch((error: unknown) => {
      this.#connecting = false;
      // As after connect(2), the same socket may try again.
      if (!this.#closed) this.#reopen();
      throw toOSError(error);
    });
    await withDeadline<void>(
      this.#timeout,
      (resolve, reject) => {
        connected.then(resolve, reject);
        return () => {
          if (this.#timeout !== 0) stream.destroy(osError("ECANCELED"));
        };
      },
      { unready: "EINPROGRESS" },
    );
  }

  /**
   * Like {@link connect}, but gives the number of the error instead of throwing it; 0 is success. A name that cannot be
   * found is still thrown.
   * @see Python `socket.connect_ex`
   */
  async connectEx(address: Address): Promise<number> {
    try {
      await this.connect(address);
      return 0;
    } catch (error) {
      if (error instanceof OSError && error.name !== "gaierror") {
        return (
          error.errno ??
          (error.name === "TimeoutError" ? (osError("EAGAIN").errno as number) : rethrow(error))
        );
      }
      throw error;
    }
  }

  /** Python's name for {@link connectEx}. */
  connect_ex(address: Address): Promise<number> {
    return this.connectEx(address);
  }

  /**
   * Sends bytes (a string as UTF-8).
   * @returns how many the system took; all of them, on this implementation
   * @throws BrokenPipeError, ConnectionResetError, TimeoutError
   * @see Python `socket.send`, send(2)
   */
  async send(data: Uint8Array | string): Promise<number> {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (!(bytes instanceof Uint8Array))
      throw new TypeError(`a bytes-like object is required, not '${pythonType(data)}'`);
    this.#open();
    if (!this.#connection) throw osError("EPIPE");
    return this.#connection.send(bytes, this.#timeout);
  }

  /** Sends all of it. @see Python `socket.sendall`. Throws as {@link send} does. */
  async sendall(data: Uint8Array | string): Promise<void> {
    await this.send(data);
  }

  /**
   * Receives at least one byte and at most `size`: whatever is there. TCP has no messages, so one `recv` need not be one `send`.
   * @param size the most bytes to take
   * @param flags `MSG_PEEK` leaves them there
   * @returns the bytes; none at the end of the stream
   * @throws ConnectionResetError, TimeoutError (`settimeout`), BlockingIOError; OSError ENOTCONN
   * @see Python `socket.recv`, recv(2)
   */
  async recv(size: number, flags: number = 0): Promise<Buffer> {
    if (size === undefined) throw new TypeError("recv() takes at least 1 argument (0 given)");
    if (!Number.isInteger(size))
      throw new TypeError(`'${pythonType(size)}' object cannot be interpreted as an integer`);
    if (size < 0) throw new ValueError("negative buffersize in recv");
    if (flags & ~MSG_PEEK) throw new NotSupported(`recv() knows the flag MSG_PEEK only (got ${flags})`);
    this.#open();
    if (!this.#connection) throw osError("ENOTCONN");
    return this.#connection.receive(size, this.#timeout, (flags & MSG_PEEK) !== 0);
  }

  /**
   * Ends one direction or both: after `SHUT_WR` the peer reads the end of the stream, and may still send.
   * @param how `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`
   * @throws OSError ENOTCONN, EINVAL
   * @see Python `socket.shutdown`, shutdown(2)
   */
  async shutdown(how: number): Promise<void> {
    this.#open();
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) throw osError("EINVAL");
    if (!this.#connection) throw osError("ENOTCONN");
    await this.#connection.shutdown(how !== SHUT_WR, how !== SHUT_RD);
  }

  /**
   * Closes the socket; twice is no error. What was sent still arrives, unless `SO_LINGER` is `[1, 0]`: then the peer gets a
   * reset. Calls that still wait fail with EBADF.
   * @see Python `socket.close`, close(2)
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget();
    for (const reject of this.#pending) reject(osError("EBADF"));
    this.#pending.clear();
    const [endpoint, connection] = [this.#endpoint, this.#connection];
    this.#endpoint = undefined;
    this.#connection = undefined;
    const linger = this.#options.bytes(SOL_SOCKET, SO_LINGER);
    await Promise.all([
      endpoint?.close(),
      connection?.close(linger !== undefined && linger[0] === 1 && linger[4] === 0),
    ]);
  }

  async #dispose(): Promise<void> {
    await Promise.all([...this.#accepted, this].map((socket) => socket.close()));
  }

  /** `await using s = socket()` closes it at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** `for await (const [conn, address] of s)`: one connection after another, until the socket is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Accepted, void, undefined> {
    while (!this.#closed) {
      let next: Accepted;
      try {
        next = await this.accept();
      } catch (error) {
        if (this.#closed) return;
        throw error;
      }
      yield next;
    }
  }

  /**
   * How long each later call may take.
   * @param seconds `null`: for ever; 0: not at all (a call that would wait throws BlockingIOError)
   * @throws ValueError where it is negative
   * @see Python `socket.settimeout`
   */
  settimeout(seconds: number | null): void {
    this.#timeout = checkTimeout(seconds);
  }

  /** What {@link settimeout} set, in seconds; `null` is for ever. @see Python `socket.gettimeout` */
  gettimeout(): number | null {
    return this.#timeout;
  }

  /** `false` is `settimeout(0)`, `true` is `settimeout(null)`. @see Python `socket.setblocking` */
  setblocking(flag: boolean): void {
    this.#timeout = flag ? null : 0;
  }

  /** Would a call wait? @see Python `socket.getblocking` */
  getblocking(): boolean {
    return this.#timeout !== 0;
  }

  /**
   * Sets an option.
   * @param level `SOL_SOCKET`, `IPPROTO_TCP` …
   * @param value a number, or bytes laid out as the system wants them; `SO_LINGER` also takes `[onoff, seconds]`
   * @throws OSError ENOPROTOOPT, EINVAL; NotSupported where this back-end has no way
   * @see Python `socket.setsockopt`, setsockopt(2), socket(7), tcp(7)
   */
  setsockopt(level: number, option: number, value: OptionValue): void {
    this.#open();
    this.#options.set(level, option, value, this.#descriptor(), this.#connection?.net);
  }

  /**
   * Reads an option from the system.
   * @param length bytes to read, where the option is no number; then the result is a Buffer
   * @throws OSError ENOPROTOOPT; NotSupported where this back-end has no way: nothing is made up
   * @see Python `socket.getsockopt`, getsockopt(2)
   */
  getsockopt(level: number, option: number): number;
  getsockopt(level: number, option: number, length: number): Buffer;
  getsockopt(level: number, option: number, length?: number): number | Buffer {
    this.#open();
    return this.#options.get(level, option, length, this.#descriptor(), this.type);
  }

  /** The socket's own address; `['0.0.0.0', 0]` before it has one. @see Python `socket.getsockname`, getsockname(2) */
  getsockname(): Address {
    this.#open();
    return (
      this.#local() ??
      (this.family === AF_UNIX ? "" : toTuple(this.family === AF_INET6 ? "::" : "0.0.0.0", 0, this.family))
    );
  }

  /** The address at the other end. @throws OSError ENOTCONN @see Python `socket.getpeername`, getpeername(2) */
  getpeername(): Address {
    this.#open();
    if (!this.#connection || this.#names.peer === undefined) throw osError("ENOTCONN");
    return this.#names.peer;
  }

  /** Number of the descriptor; -1 where the socket is closed or the back-end has none. @see Python `socket.fileno` */
  fileno(): number {
    return this.#descriptor() ?? -1;
  }

  /** Node's own stream inside, where the socket is connected: for `pipe`, `tls.connect` and the like. */
  get stream(): NetSocket | undefined {
    return this.#connection?.net;
  }

  /** `<socket fd=3, family=AF_INET, type=SOCK_STREAM, …>`, in Python's manner. */
  toString(): string {
    return printed(this, {
      closed: this.#closed,
      local: this.#closed ? undefined : this.#local(),
      peer: this.#connection ? this.#names.peer : undefined,
      queue: this.#listening ? this.#backend.backlog : undefined,
    });
  }

  /** What a line about open things calls it. */
  #label(): string {
    if (this.#connection) return `socket connected to ${hostPort(this.#names.peer)}`;
    const local = this.#local();
    if (local === undefined) return "socket";
    return `socket ${this.#listening ? "listening on" : "bound to"} ${hostPort(local)}`;
  }

  #open(): Endpoint | undefined {
    if (this.#closed) throw osError("EBADF");
    return this.#endpoint;
  }

  #reopen(): void {
    this.#endpoint = this.#backend.open(this.family, this.type, this.proto);
    const { fd } = this.#endpoint;
    if (fd !== undefined) this.#options.reapply(fd);
  }

  #connected(stream: NetSocket): void {
    this.#connection = new Connection(stream);
    if (this.#closed) stream.destroy();
    if (this.family === AF_UNIX) this.#names = { local: "", peer: "" };
    else {
      this.#names = {
        local: toTuple(stream.localAddress ?? "", stream.localPort ?? 0, this.family),
        peer: toTuple(stream.remoteAddress ?? "", stream.remotePort ?? 0, this.family),
      };
    }
  }

  #local(): Address | undefined {
    return this.#connection ? this.#names.local : this.#endpoint?.address();
  }

  #descriptor(): number | undefined {
    if (this.#closed) return undefined;
    return this.#connection
      ? (this.#connection.net as unknown as { _handle?: { fd?: number } | null })._handle?.fd
      : this.#endpoint?.fd;
  }

  async #numeric(address: Address, method: "bind" | "connect" = "bind"): Promise<Address> {
    if (typeof address === "string") return address;
    const [name, port, ...rest] = address;
    // As Linux does it: to connect to "every address" reaches this machine.
    const numeric =
      name === "" && method === "connect"
        ? this.family === AF_INET6
          ? "::1"
          : "127.0.0.1"
        : await toNumeric(name, this.family);
    return [numeric, port, ...rest] as Address;
  }
}

function rethrow(error: Error): never {
  throw error;
}

/**
 * Makes a socket: nothing is connected or bound yet.
 * @param family `AF_INET` (IPv4, the default), `AF_INET6` or `AF_UNIX`
 * @param type `SOCK_STREAM` (TCP, the default)
 * @param proto 0: the family's own protocol
 * @throws OSError EAFNOSUPPORT, EINVAL; NotSupported for datagrams and raw packets
 * @see Python `socket.socket`, socket(2)
 */
export function socket(family: number = AF_INET, type: number = SOCK_STREAM, proto: number = 0): Socket {
  if (![AF_INET, AF_INET6, AF_UNIX].includes(family)) throw osError("EAFNOSUPPORT");
  if (type === 2 || type === 3)
    throw new NotSupported(`${typeName(type)} is not offered yet: use node:dgram for datagrams`);
  if (type !== SOCK_STREAM) throw osError("EINVAL");
  return new Socket(family, type, proto);
}

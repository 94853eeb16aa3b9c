// The socket as a student holds it: Python's methods, on whichever back-end works here.
import "./disposable.js";
import { Socket as NetSocket, type SocketConstructorOpts } from "node:net";
import { inspect } from "node:util";
import { host } from "../host-contract.js";
import { type Address, checkAddress, reach, toNumeric, toTuple } from "./address.js";
import { type Backend, type Descriptors, type Endpoint, STREAM } from "./backends/backend.js";
import { chooseBackend } from "./backends/choose.js";
import { checkInteger } from "./checks.js";
import { Connection } from "./connection.js";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_ACCEPTCONN,
  SO_LINGER,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  SOMAXCONN,
} from "./constants.js";
import { Datagrams } from "./datagrams.js";
import { interruptible, stepwise, type WaitOptions, withDeadline } from "./deadline.js";
import { NotSupported, OSError, osError, toOSError } from "./errors.js";
import type { Settable } from "./options.js";
import { ours } from "./ours.js";
import { hostPort, printed } from "./printed.js";
import { type Received, type TakeOptions, Transfer } from "./transfer.js";
import { watched } from "./watched.js";

/** What the back-end of a socket can show. */
export interface Capabilities {
  /** `kernel`: the queue of `listen(backlog)` is the operating system's own. `emulated`: it is kept by this process. */
  readonly backlog: "kernel" | "emulated";
  /** Which way of accepting serves listening sockets. */
  readonly backend: "koffi" | "doorman" | "eager";
}

/** A tuple of a new socket and its peer's address, as `accept` gives it. */
export type Accepted = [conn: Socket, address: Address];

/** What a connection gives has no sender's address. */
const fromNobody = (bytes: Buffer): Received => [bytes, null];

/** What a socket begins with that is not new: a connection, or an endpoint on a descriptor that was open before. */
interface Given {
  ways: Backend;
  stream?: NetSocket;
  endpoint?: Endpoint;
  /** Who accepted it, and closes it. */
  by?: Socket;
  listening?: boolean;
}

/** One end of a conversation. Made by {@link socket}; follows Python's `socket.socket`. */
export class Socket extends Transfer implements AsyncDisposable {
  #endpoint: Endpoint | undefined;
  #connection: Connection | undefined;
  #datagrams: Datagrams | undefined;
  #connecting = false;
  #listening = false;
  #files = 0;
  #names: { local?: Address; peer?: Address } = {};
  /** Connections belong to the socket that accepted them. */
  readonly #accepted = new Set<Socket>();
  #forget: () => void = () => {};

  /** @internal */
  constructor(family: number, type: number, proto: number, given?: Given) {
    super(given?.ways ?? chooseBackend(), family, type, proto);
    Object.defineProperty(this, inspect.custom, { value: () => this.toString(), enumerable: false });
    if (given?.stream) this.#connected(given.stream);
    else this.#endpoint = given?.endpoint ?? this.ways.open(family, type, proto);
    const { by, listening = false } = given ?? {};
    this.#listening = listening;
    if (by) {
      by.#accepted.add(this);
      this.#forget = () => void by.#accepted.delete(this);
      return;
    }
    const socket = this;
    const name = {
      get name(): string {
        return socket.#label();
      },
    };
    this.#forget = host()?.own({ [Symbol.asyncDispose]: () => this.#dispose() }, name) ?? this.#forget;
  }

  /** What that way can show. */
  get capabilities(): Capabilities {
    return { backlog: this.ways.backlog, backend: this.ways.name };
  }

  /**
   * Gives the socket its own address. `['', port]` means every address of this machine, and says who can reach it;
   * port 0 lets the system choose.
   * @throws TypeError where the address is no tuple; OverflowError for a port outside 0–65535; OSError EADDRINUSE,
   * EADDRNOTAVAIL, EINVAL (already bound); PermissionError for a reserved port
   * @see Python `socket.bind`, bind(2)
   */
  async bind(address: Address, wait: WaitOptions = {}, ...more: never[]): Promise<void> {
    this.check();
    checkAddress("bind", this.family, only(address, wait, more));
    const endpoint = this.#endpoint;
    if (!endpoint || endpoint.address() !== undefined || this.#datagrams?.bound) throw osError("EINVAL");
    const numeric = await interruptible(this.#numeric(address), wait);
    if (this.type === SOCK_DGRAM) await this.#bindDatagrams(numeric as [string, number]);
    else {
      await endpoint.bind(numeric, this.options.flag(SOL_SOCKET, SO_REUSEADDR));
      watched.by?.bound(this, this.getsockname());
    }
    if (typeof address !== "string" && address[0] === "")
      console.log(`bind: '' means ${reach(this.#local() as [string, number], this.family)}`);
  }

  /**
   * Lets others connect.
   * @param backlog how many may wait for `accept`; the system may round it (Linux keeps one more). Default: Python's, at most 128
   * @throws OSError EADDRINUSE, EINVAL
   * @see Python `socket.listen`, listen(2)
   */
  async listen(backlog: number = Math.min(SOMAXCONN, 128)): Promise<void> {
    checkInteger(backlog);
    this.check();
    if (this.type !== SOCK_STREAM) throw osError("EOPNOTSUPP");
    if (!this.#endpoint) throw osError("EINVAL");
    await this.#endpoint.listen(Math.max(0, Math.trunc(backlog)));
    this.#listening = true;
    watched.by?.listening(this, this.getsockname(), backlog);
  }

  /**
   * Takes the connection that has waited longest, or waits for one.
   * @returns a new socket, connected, and the address of its peer
   * @throws OSError EINVAL where it does not listen; TimeoutError; BlockingIOError
   * @see Python `socket.accept`, accept(2)
   */
  async accept(wait: WaitOptions = {}): Promise<Accepted> {
    this.check();
    if (this.type !== SOCK_STREAM) throw osError("EOPNOTSUPP");
    const endpoint = this.#endpoint;
    if (!endpoint || !this.#listening) throw osError("EINVAL");
    const stream = await withDeadline<NetSocket>(
      this.seconds,
      (resolve, reject) => {
        this.#pending.add(reject);
        const stop = endpoint.accept(
          (taken) => {
            this.#pending.delete(reject);
            resolve(taken);
          },
          (error) => {
            this.#pending.delete(reject);
            reject(error);
          },
        );
        return (error) => {
          this.#pending.delete(reject);
          stop();
          watched.by?.failed(this, "accept", error);
        };
      },
      { patience: this.ways.patience, wait },
    );
    const conn = new Socket(this.family, this.type, this.proto, { ways: this.ways, stream, by: this });
    watched.by?.accepted(stream, this.family === AF_UNIX ? (this.#local() as string | undefined) : undefined);
    return [conn, conn.#names.peer ?? ""];
  }

  readonly #pending = new Set<(error: Error) => void>();

  /**
   * Connects to a listening socket. A name is looked up first; with several addresses only the first is tried.
   * @throws ConnectionRefusedError, TimeoutError, gaierror, OSError EISCONN, ENETUNREACH, EHOSTUNREACH
   * @see Python `socket.connect`, connect(2)
   */
  async connect(address: Address, wait: WaitOptions = {}, ...more: never[]): Promise<void> {
    this.check();
    checkAddress("connect", this.family, only(address, wait, more));
    if (this.#connecting) throw osError("EALREADY");
    const endpoint = this.#endpoint;
    if (!endpoint || this.#listening) throw osError("EISCONN");
    const left = stepwise(wait, this.seconds);
    // A look-up cannot be begun and left, so even a socket that does not block waits for it, as in Python.
    const forName = left();
    const numeric = await interruptible(
      this.#numeric(address, "connect"),
      forName.timeout === 0 ? { signal: wait.signal } : forName,
    );
    if (this.#connecting || this.closed) throw osError(this.closed ? "EBADF" : "EALREADY");
    if (this.type === SOCK_DGRAM) {
      await this.#asDatagrams().connect(numeric as [string, number]);
      this.options.applyTo(this.#asDatagrams());
      return;
    }
    this.#connecting = true;
    this.#endpoint = undefined;
    await endpoint.release?.();
    // Nothing is read before `recv` asks.
    const stream = endpoint.connect(numeric).pause();
    const connected = new Promise<void>((resolve, reject) => {
      stream.once("connect", () => {
        stream.off("error", reject);
        this.#connecting = false;
        this.#connected(stream);
        this.options.applyTo(this.#connection);
        resolve();
      });
      stream.once("error", reject);
    }).catch((error: unknown) => {
      this.#connecting = false;
      // As after connect(2), the same socket may try again.
      if (!this.closed) this.#reopen();
      throw toOSError(error);
    });
    const rest = left();
    await withDeadline<void>(
      this.seconds,
      (resolve, reject) => {
        connected.then(resolve, reject);
        return (error) => {
          watched.by?.failed(stream, "connect", error);
          if (rest.timeout !== 0) stream.destroy(osError("ECANCELED"));
        };
      },
      { unready: "EINPROGRESS", wait: rest },
    );
  }

  /**
   * Like {@link connect}, but gives the number of the error instead of throwing it; 0 is success. A name that cannot be
   * found is still thrown.
   * @see Python `socket.connect_ex`
   */
  async connectEx(address: Address, wait: WaitOptions = {}): Promise<number> {
    checkAddress("connect_ex", this.family, [address]);
    try {
      await this.connect(address, wait);
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
  connect_ex(address: Address, wait?: WaitOptions): Promise<number> {
    return this.connectEx(address, wait);
  }

  /**
   * Ends one direction or both: after `SHUT_WR` the peer reads the end of the stream, and may still send.
   * @param how `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`
   * @throws OSError ENOTCONN, EINVAL
   * @see Python `socket.shutdown`, shutdown(2)
   */
  async shutdown(how: number, wait: WaitOptions = {}): Promise<void> {
    if (how === undefined) throw new TypeError("socket.shutdown() takes exactly one argument (0 given)");
    checkInteger(how);
    this.check();
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) throw osError("EINVAL");
    if (!this.#connection) throw osError("ENOTCONN");
    await interruptible(this.#connection.shutdown(how !== SHUT_WR, how !== SHUT_RD), wait);
  }

  /**
   * Closes the socket; twice is no error. What was sent still arrives, unless `SO_LINGER` is `[1, 0]`: then the peer gets a
   * reset. Calls that still wait fail with EBADF. While files of `makefile` are open the connection stays for them.
   * @see Python `socket.close`, close(2)
   */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (this.#files === 0) await this.#release();
  }

  async #release(): Promise<void> {
    this.#forget();
    if (!this.#connection) watched.by?.closed(this);
    for (const reject of this.#pending) reject(osError("EBADF"));
    this.#pending.clear();
    const [endpoint, connection, datagrams] = [this.#endpoint, this.#connection, this.#datagrams];
    this.#endpoint = undefined;
    this.#connection = undefined;
    this.#datagrams = undefined;
    const linger = this.options.bytes(SOL_SOCKET, SO_LINGER);
    await Promise.all([
      datagrams?.close(),
      // Its descriptor belongs to them by now.
      datagrams?.bound && endpoint?.fd !== undefined ? undefined : endpoint?.close(),
      connection?.close(linger !== undefined && linger[0] === 1 && linger[4] === 0),
    ]);
  }

  /** @internal */
  protected override hold(by: 1 | -1): void {
    this.#files += by;
    if (this.closed && this.#files === 0) void this.#release();
  }

  /**
   * Would a call not wait? For `select`, which asks many.
   * @throws OSError EBADF; NotSupported where the back-end cannot tell whether a connection waits
   */
  isReady(what: "read" | "write"): boolean {
    this.check();
    if (this.#connection) return this.#connection.isReady(what);
    if (this.type === SOCK_DGRAM) return what === "write" || this.#datagrams?.readable === true;
    // As in Linux a socket that is not connected is ready to fail.
    return this.#listening && what === "read" ? (this.#endpoint as Endpoint).isReady() : !this.#listening;
  }

  /**
   * A second socket on the same connection, or the same queue. What this one has received and nobody asked for stays here.
   * @throws OSError EBADF; NotSupported where the back-end has no descriptors
   * @see Python `socket.dup`, dup(2)
   */
  dup(): Socket {
    this.check();
    const fd = this.descriptor();
    const { descriptors } = this.ways;
    if (fd === undefined || !descriptors) throw this.options.needsDescriptor("dup()");
    return adopt(this.ways, descriptors.duplicate(fd), this.family, this.type, this.proto);
  }

  /**
   * Gives the descriptor away: this socket is closed, what it stood for is not.
   * @returns the number of the descriptor, which is now the caller's to close
   * @throws NotSupported where the back-end has no descriptors
   * @see Python `socket.detach`
   */
  async detach(): Promise<number> {
    const fd = this.descriptor();
    if (this.closed) return -1;
    const { descriptors } = this.ways;
    if (fd === undefined || !descriptors) throw this.options.needsDescriptor("detach()");
    // Node's own stream cannot let go of its descriptor; a duplicate of it stands for the same.
    const given = descriptors.duplicate(fd);
    this.closed = true;
    await this.#release();
    return given;
  }

  async #dispose(): Promise<void> {
    this.#files = 0;
    await Promise.all([...this.#accepted].map((socket) => socket.#dispose()));
    if (this.closed) await this.#release();
    else await this.close();
  }

  /** `await using s = socket()` closes it at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** `for await (const [conn, address] of s)`: one connection after another, until the socket is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Accepted, void, undefined> {
    while (!this.closed) {
      let next: Accepted;
      try {
        next = await this.accept();
      } catch (error) {
        if (this.closed) return;
        throw error;
      }
      yield next;
    }
  }

  /** The socket's own address; `['0.0.0.0', 0]` before it has one. @see Python `socket.getsockname`, getsockname(2) */
  getsockname(): Address {
    this.check();
    return (
      this.#local() ??
      (this.family === AF_UNIX ? "" : toTuple(this.family === AF_INET6 ? "::" : "0.0.0.0", 0, this.family))
    );
  }

  /** The address at the other end. @throws OSError ENOTCONN @see Python `socket.getpeername`, getpeername(2) */
  getpeername(): Address {
    this.check();
    const peer = this.#datagrams?.peer ?? (this.#connection && this.#names.peer);
    if (peer === undefined) throw osError("ENOTCONN");
    return peer;
  }

  /** Node's own stream inside, where the socket is connected: for `pipe`, `tls.connect` and the like. */
  get stream(): NetSocket | undefined {
    this.#connection?.leave();
    return this.#connection?.net;
  }

  /** `<socket fd=3, family=AF_INET, type=SOCK_STREAM, …>`, in Python's manner. */
  override toString(): string {
    return printed(this, {
      closed: this.closed,
      local: this.closed ? undefined : this.#local(),
      peer: this.#datagrams?.peer ?? (this.#connection ? this.#names.peer : undefined),
      queue: this.#listening ? this.ways.backlog : undefined,
    });
  }

  /** What a line about open things calls it. */
  #label(): string {
    if (this.#connection) return `socket connected to ${hostPort(this.#names.peer)}`;
    const local = this.#local();
    if (local === undefined) return "socket";
    return `socket ${this.#listening ? "listening on" : "bound to"} ${hostPort(local)}`;
  }

  #reopen(): void {
    this.#endpoint = this.ways.open(this.family, this.type, this.proto);
    const { fd } = this.#endpoint;
    if (fd !== undefined) this.options.reapply(fd);
  }

  /** Made when they are needed: options that count before come first. */
  #asDatagrams(): Datagrams {
    this.#datagrams ??= new Datagrams(this.family, {
      fd: this.#endpoint?.fd,
      reuse: this.options.flag(SOL_SOCKET, SO_REUSEADDR),
      only6: this.options.flag(IPPROTO_IPV6, IPV6_V6ONLY),
    });
    return this.#datagrams;
  }

  async #bindDatagrams(address: [host: string, port: number]): Promise<void> {
    const endpoint = this.#endpoint as Endpoint;
    if (endpoint.fd !== undefined) await endpoint.bind(address, this.options.flag(SOL_SOCKET, SO_REUSEADDR));
    const datagrams = this.#asDatagrams();
    await datagrams.bind(address);
    this.options.applyTo(datagrams);
  }

  /** @internal */
  protected override take(size: number, { peek, wait }: TakeOptions): Promise<Received> {
    if (this.type === SOCK_DGRAM) return this.#asDatagrams().receive(size, this.seconds, peek, wait);
    if (!this.#connection) return Promise.reject(osError("ENOTCONN"));
    return this.#connection.receive(size, this.seconds, peek, wait).then(fromNobody);
  }

  /** @internal */
  protected override flow(): Connection | undefined {
    return this.closed ? undefined : this.#connection;
  }

  /** @internal */
  protected override give(bytes: Uint8Array, wait: WaitOptions, address?: Address): Promise<number> {
    if (this.type === SOCK_DGRAM) return this.#giveDatagram(bytes, wait, address);
    // As Linux does it, the address of a connection counts for nothing.
    return (
      this.#connection?.send(bytes, bytes.length, this.seconds, wait) ?? Promise.reject(osError("EPIPE"))
    );
  }

  async #giveDatagram(bytes: Uint8Array, wait: WaitOptions, address: Address | undefined): Promise<number> {
    let to: [string, number] | undefined;
    if (address !== undefined) {
      checkAddress("sendto", this.family, [address]);
      to = (await interruptible(this.#numeric(address, "connect"), wait)) as [string, number];
      if (to[1] === 0) throw osError("EINVAL");
    }
    const datagrams = this.#asDatagrams();
    if (!datagrams.bound) {
      await datagrams.bind();
      this.options.applyTo(datagrams);
    }
    return datagrams.send(bytes, to, this.seconds, wait);
  }

  /** @internal */
  protected override putBack(bytes: Buffer): void {
    this.#connection?.putBack(bytes);
  }

  #connected(stream: NetSocket): void {
    this.#connection = new Connection(stream);
    if (this.closed) stream.destroy();
    if (this.family === AF_UNIX) this.#names = this.#paths();
    else {
      this.#names = {
        local: toTuple(stream.localAddress ?? "", stream.localPort ?? 0, this.family),
        peer: toTuple(stream.remoteAddress ?? "", stream.remotePort ?? 0, this.family),
      };
    }
  }

  /** Of AF_UNIX; not told without a descriptor, nor once the peer is gone. */
  #paths(): { local: string; peer: string } {
    const { descriptors } = this.ways;
    const fd = this.descriptor();
    if (fd === undefined || !descriptors) return { local: "", peer: "" };
    const told = (ask: (fd: number, family: number) => Address): string => {
      try {
        return ask(fd, AF_UNIX) as string;
      } catch {
        return "";
      }
    };
    return { local: told(descriptors.local), peer: told(descriptors.peer) };
  }

  #local(): Address | undefined {
    if (this.#connection) return this.#names.local;
    return this.#datagrams?.address() ?? this.#endpoint?.address();
  }

  /** @internal */
  protected override descriptor(): number | undefined {
    if (this.closed) return undefined;
    if (this.#datagrams) return this.#datagrams.fd ?? this.#endpoint?.fd;
    return this.#connection
      ? (this.#connection.net as unknown as { _handle?: { fd?: number } | null })._handle?.fd
      : this.#endpoint?.fd;
  }

  /** @internal */
  protected override settable(): Settable | undefined {
    return this.#connection ?? this.#datagrams;
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

/** The address, and what else was given that is no option. */
function only(address: Address, wait: unknown, more: unknown[]): unknown[] {
  if (address === undefined) return [];
  return typeof wait === "object" && wait !== null ? [address, ...more] : [address, wait, ...more];
}

/** @internal A socket for what is open already, and belongs to it from now on. @throws OSError ENOTSOCK; it is closed then */
export function adopt(ways: Backend, fd: number, family: number, type: number, proto: number): Socket {
  const descriptors = ways.descriptors as Descriptors;
  let connected = false;
  try {
    connected = isConnected(descriptors, fd, family) && type === SOCK_STREAM;
  } catch (error) {
    descriptors.close(fd);
    throw error;
  }
  if (!connected) {
    const listening = ways.options?.get(fd, SOL_SOCKET, SO_ACCEPTCONN, 4).readInt32LE() === 1;
    return new Socket(family, type, proto, { ways, endpoint: descriptors.endpoint(fd, family), listening });
  }
  const stream = ours(
    () =>
      new NetSocket({
        ...STREAM,
        fd,
        readable: true,
        writable: true,
        manualStart: true,
      } as SocketConstructorOpts),
  ).pause();
  return new Socket(family, type, proto, { ways, stream });
}

function isConnected(descriptors: Descriptors, fd: number, family: number): boolean {
  try {
    descriptors.peer(fd, family);
    return true;
  } catch (error) {
    if ((error as OSError).code === "ENOTCONN") return false;
    throw error;
  }
}

/**
 * Makes a socket: nothing is connected or bound yet.
 * @param family `AF_INET` (IPv4, the default), `AF_INET6` or `AF_UNIX`
 * @param type `SOCK_STREAM` (TCP, the default) or `SOCK_DGRAM` (UDP)
 * @param proto 0: the family's own protocol
 * @throws TypeError; OSError EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT, EINVAL; NotSupported for raw packets and datagrams
 * of AF_UNIX
 * @see Python `socket.socket`, socket(2)
 */
export function socket(family: number = AF_INET, type: number = SOCK_STREAM, proto: number = 0): Socket {
  for (const number of [family, type, proto]) checkInteger(number);
  if (![AF_INET, AF_INET6, AF_UNIX].includes(family)) throw osError("EAFNOSUPPORT");
  if (type === SOCK_RAW && family !== AF_UNIX) {
    if (proto === 0) throw osError("EPROTONOSUPPORT");
    throw new NotSupported(
      "SOCK_RAW is not offered: Node has no name for raw packets, and the system gives them to administrators only. " +
        "Packets can be looked at with tcpdump or Wireshark",
    );
  }
  if (type === SOCK_DGRAM && family === AF_UNIX)
    throw new NotSupported(
      "datagrams of AF_UNIX are not offered: Node has no name for them. Streams of AF_UNIX and datagrams of AF_INET are",
    );
  if (type !== SOCK_STREAM && type !== SOCK_DGRAM)
    throw osError(type > 0 && type < 11 ? "ESOCKTNOSUPPORT" : "EINVAL");
  return new Socket(family, type, proto);
}

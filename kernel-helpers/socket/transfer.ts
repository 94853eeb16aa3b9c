// Everything that sends and receives, on whatever the bytes go through.
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Address } from "./address.js";
import { checkInteger, pythonType, toBytes } from "./checks.js";
import type { Connection } from "./connection.js";
import { MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, MSG_WAITALL } from "./constants.js";
import { NO_WAIT, stepwise, type WaitOptions } from "./deadline.js";
import {
  IncompleteReadError,
  LimitOverrunError,
  NotSupported,
  osError,
  toOSError,
  ValueError,
} from "./errors.js";
import { checkMode, type FileOptions, SocketFile } from "./file.js";
import { Handle } from "./handle.js";

/** What can be sent: bytes in any form; a string as UTF-8. */
export type Data = string | ArrayBuffer | NodeJS.ArrayBufferView;
/** What came, and from whom; `null` where the socket is connected to only one. */
export type Received = [data: Buffer, address: Address | null];

/** @internal How one call shall receive. */
export interface TakeOptions {
  peek: boolean;
  wait: WaitOptions;
}

/** `recv(10, { timeout: 1 })` leaves the flags out. */
type Flags = number | WaitOptions;

const LONGEST = 64 * 1024;

/** The middle of {@link Socket}. */
export abstract class Transfer extends Handle {
  /** @internal At most `size` bytes, at least one where there are any; nothing at the end. */
  protected abstract take(size: number, options: TakeOptions): Promise<Received>;
  /** @internal The stream, where the socket is connected and open. */
  protected abstract flow(): Connection | undefined;
  /** @internal Resolves when the system has taken all of it. */
  protected abstract give(bytes: Uint8Array, wait: WaitOptions, address?: Address): Promise<number>;
  /** @internal What was taken and could not be handed over comes first next time. */
  protected abstract putBack(bytes: Buffer): void;
  /** @internal A file of this socket was opened or closed. */
  protected abstract hold(by: 1 | -1): void;

  /**
   * Sends bytes (a string as UTF-8).
   * @param flags `MSG_DONTWAIT`, `MSG_NOSIGNAL`; may be left out
   * @returns how many the system took; all of them, on this implementation
   * @throws BrokenPipeError, ConnectionResetError, TimeoutError; OSError EDESTADDRREQ, EMSGSIZE of datagrams
   * @see Python `socket.send`, send(2)
   */
  async send(data: Data, flags: Flags = 0, wait: WaitOptions = {}): Promise<number> {
    const bytes = toBytes(data);
    this.check();
    return this.give(bytes, this.#sending("send", flags, wait));
  }

  /** Sends all of it. @see Python `socket.sendall`. Throws as {@link send} does. */
  sendall(data: Data, flags: Flags = 0, wait: WaitOptions = NO_WAIT): Promise<void> {
    // What most calls are goes the short way.
    const stream = flags === 0 && wait === NO_WAIT ? this.flow() : undefined;
    return stream && data instanceof Uint8Array
      ? stream.send(data, undefined, this.seconds, wait)
      : this.#sendall(data, flags, wait);
  }

  async #sendall(data: Data, flags: Flags, wait: WaitOptions): Promise<void> {
    const bytes = toBytes(data);
    this.check();
    await this.give(bytes, this.#sending("sendall", flags, wait));
  }

  /**
   * Sends a datagram to an address.
   * @returns how many bytes it has
   * @throws TypeError; OverflowError for a port outside 0–65535; gaierror; OSError EMSGSIZE, EISCONN of a connection
   * @see Python `socket.sendto`, sendto(2)
   */
  async sendto(data: Data, address: Address, wait?: WaitOptions): Promise<number>;
  async sendto(data: Data, flags: number, address: Address, wait?: WaitOptions): Promise<number>;
  async sendto(data: Data, ...rest: unknown[]): Promise<number> {
    const count = 1 + rest.length;
    const flags = typeof rest[0] === "number" ? (rest.shift() as number) : 0;
    if (rest.length === 0) throw new TypeError(`sendto() takes 2 or 3 arguments (${count} given)`);
    const [address, wait = {}] = rest as [Address, WaitOptions?];
    const bytes = toBytes(data);
    this.check();
    return this.give(bytes, this.#sending("sendto", flags, wait), address);
  }

  /**
   * Sends several pieces as one.
   * @param ancdata must be empty: ancillary data needs sendmsg(2), which Node has no name for
   * @see Python `socket.sendmsg`, sendmsg(2)
   */
  async sendmsg(
    buffers: Iterable<Data>,
    ancdata: readonly unknown[] = [],
    flags: number = 0,
    address?: Address,
    wait: WaitOptions = {},
  ): Promise<number> {
    if (typeof (buffers as { [Symbol.iterator]?: unknown } | null)?.[Symbol.iterator] !== "function")
      throw new TypeError("sendmsg() argument 1 must be an iterable");
    if (ancdata.length > 0) throw ancillary("sendmsg");
    const bytes = Buffer.concat([...buffers].map(toBytes));
    this.check();
    return this.give(bytes, this.#sending("sendmsg", flags, wait), address);
  }

  /**
   * Sends a file from the disk.
   * @param file its path, or an open file
   * @param offset where to begin
   * @param count how many bytes; to its end where it is left out
   * @returns how many bytes were sent
   * @throws ValueError where `count` is not positive; as {@link sendall}, and what opening the file throws
   * @see Python `socket.sendfile`
   */
  async sendfile(
    file: string | URL | FileHandle,
    offset: number = 0,
    count?: number | null,
    wait: WaitOptions = {},
  ): Promise<number> {
    if (count !== undefined && count !== null && count <= 0)
      throw new ValueError(`count must be a positive integer (got ${count})`);
    if (offset < 0) throw osError("EINVAL");
    this.check();
    const own = typeof file === "string" || file instanceof URL;
    const handle = own
      ? await open(file).catch((error: unknown) => {
          throw toOSError(error);
        })
      : file;
    try {
      const end = count ? offset + count - 1 : Number.POSITIVE_INFINITY;
      const left = stepwise(wait, this.seconds);
      let sent = 0;
      for await (const piece of createReadStream("", { fd: handle, start: offset, end, autoClose: false })) {
        await this.give(piece as Buffer, left());
        sent += (piece as Buffer).length;
      }
      return sent;
    } finally {
      if (own) await handle.close();
    }
  }

  /**
   * Receives at least one byte and at most `size`: whatever is there. TCP has no messages, so one `recv` need not be one
   * `send`. Of a datagram, what is beyond `size` is lost.
   * @param size the most bytes to take
   * @param flags `MSG_PEEK` leaves them there, `MSG_WAITALL` waits for all of `size`, `MSG_DONTWAIT` waits for nothing; may
   * be left out
   * @returns the bytes; none at the end of the stream
   * @throws ConnectionResetError, TimeoutError, BlockingIOError; OSError ENOTCONN
   * @see Python `socket.recv`, recv(2)
   */
  recv(size: number, flags: Flags = 0, wait: WaitOptions = NO_WAIT): Promise<Buffer> {
    const short = flags === 0 && wait === NO_WAIT && Number.isInteger(size) && size >= 0;
    const stream = short ? this.flow() : undefined;
    return stream ? stream.receive(size, this.seconds, false, wait) : this.#recv(size, flags, wait);
  }

  async #recv(size: number, flags: Flags, wait: WaitOptions): Promise<Buffer> {
    if (size === undefined) throw new TypeError("recv() takes at least 1 argument (0 given)");
    return (await this.#receive("recv", size, flags, wait))[0];
  }

  /** As {@link recv}, and says from whom it came; `null` on a connection. @see Python `socket.recvfrom`, recvfrom(2) */
  async recvfrom(size: number, flags: Flags = 0, wait: WaitOptions = {}): Promise<Received> {
    if (size === undefined) throw new TypeError("recvfrom() takes at least 1 argument (0 given)");
    return this.#receive("recvfrom", size, flags, wait);
  }

  /**
   * Receives into bytes that are there already.
   * @param nbytes at most so many; 0: as many as there is room for
   * @returns how many came
   * @see Python `socket.recv_into`
   */
  async recvInto(
    buffer: NodeJS.ArrayBufferView,
    nbytes: number = 0,
    flags: Flags = 0,
    wait: WaitOptions = {},
  ): Promise<number> {
    return (await this.#into("recv_into", buffer, nbytes, flags, wait))[0];
  }

  /** Python's name for {@link recvInto}. */
  recv_into(
    buffer: NodeJS.ArrayBufferView,
    nbytes?: number,
    flags?: Flags,
    wait?: WaitOptions,
  ): Promise<number> {
    return this.recvInto(buffer, nbytes, flags, wait);
  }

  /** As {@link recvInto}, and says from whom it came. @see Python `socket.recvfrom_into` */
  async recvfromInto(
    buffer: NodeJS.ArrayBufferView,
    nbytes: number = 0,
    flags: Flags = 0,
    wait: WaitOptions = {},
  ): Promise<[nbytes: number, address: Address | null]> {
    return this.#into("recvfrom_into", buffer, nbytes, flags, wait);
  }

  /** Python's name for {@link recvfromInto}. */
  recvfrom_into(
    buffer: NodeJS.ArrayBufferView,
    nbytes?: number,
    flags?: Flags,
    wait?: WaitOptions,
  ): Promise<[nbytes: number, address: Address | null]> {
    return this.recvfromInto(buffer, nbytes, flags, wait);
  }

  /**
   * As {@link recvfrom}, in the form of recvmsg(2): ancillary data is always empty, since Node drops it.
   * @returns the bytes, `[]`, 0, and from whom they came
   * @throws NotSupported where ancillary data is asked for
   * @see Python `socket.recvmsg`
   */
  async recvmsg(
    bufsize: number,
    ancbufsize: number = 0,
    flags: number = 0,
    wait: WaitOptions = {},
  ): Promise<[data: Buffer, ancdata: [], flags: number, address: Address | null]> {
    if (bufsize === undefined) throw new TypeError("recvmsg() takes at least 1 argument (0 given)");
    if (bufsize < 0) throw new ValueError("negative buffer size in recvmsg()");
    if (ancbufsize > 0) throw ancillary("recvmsg");
    const [data, address] = await this.#receive("recvmsg", bufsize, flags, wait);
    return [data, [], 0, address];
  }

  /**
   * As {@link recvmsg}, into bytes that are there already, one after the other.
   * @see Python `socket.recvmsg_into`
   */
  async recvmsgInto(
    buffers: Iterable<NodeJS.ArrayBufferView>,
    ancbufsize: number = 0,
    flags: number = 0,
    wait: WaitOptions = {},
  ): Promise<[nbytes: number, ancdata: [], flags: number, address: Address | null]> {
    const rooms = [...buffers];
    const size = rooms.reduce((sum, room) => sum + room.byteLength, 0);
    const [data, , , address] = await this.recvmsg(size, ancbufsize, flags, wait);
    let at = 0;
    for (const room of rooms) {
      new Uint8Array(room.buffer, room.byteOffset, room.byteLength).set(
        data.subarray(at, at + room.byteLength),
      );
      at += room.byteLength;
    }
    return [data.length, [], 0, address];
  }

  /** Python's name for {@link recvmsgInto}. */
  recvmsg_into(
    buffers: Iterable<NodeJS.ArrayBufferView>,
    ancbufsize?: number,
    flags?: number,
    wait?: WaitOptions,
  ): Promise<[nbytes: number, ancdata: [], flags: number, address: Address | null]> {
    return this.recvmsgInto(buffers, ancbufsize, flags, wait);
  }

  /**
   * Receives exactly `size` bytes, however many pieces they come in.
   * @throws IncompleteReadError at the end of the stream (with what came); as {@link recv}
   * @see Python `asyncio.StreamReader.readexactly`
   */
  async recvExactly(size: number, wait: WaitOptions = {}): Promise<Buffer> {
    checkInteger(size);
    if (size < 0) throw new ValueError("readexactly size can not be less than zero");
    const [bytes] = await this.#receive("recvExactly", size, MSG_WAITALL, wait);
    if (bytes.length < size) throw new IncompleteReadError(bytes, size);
    return bytes;
  }

  /**
   * Receives up to a separator, with it, and leaves what follows.
   * @param separator the end of a line where it is left out
   * @param options.limit the most bytes before it (default 65,536)
   * @throws IncompleteReadError at the end of the stream (with what came); LimitOverrunError (with what came); as {@link recv}
   * @see Python `asyncio.StreamReader.readuntil`
   */
  async readuntil(
    separator: Data = "\n",
    { limit = LONGEST, ...wait }: WaitOptions & { limit?: number } = {},
  ): Promise<Buffer> {
    const mark = Buffer.from(toBytes(separator));
    if (mark.length === 0) throw new ValueError("Separator should be at least one-byte string");
    const left = stepwise(wait, this.seconds);
    let bytes: Buffer = Buffer.alloc(0);
    for (;;) {
      const [next] = await this.take(LONGEST, { peek: true, wait: left() }).catch((error: unknown) => {
        this.putBack(bytes);
        throw error;
      });
      if (next.length === 0) throw new IncompleteReadError(bytes, undefined);
      const all = Buffer.concat([bytes, next]);
      // It may have begun in what was there before.
      const at = all.indexOf(mark, Math.max(0, bytes.length - mark.length + 1));
      const end = at < 0 ? all.length : at + mark.length;
      await this.take(end - bytes.length, { peek: false, wait: left() });
      bytes = all.subarray(0, end);
      if ((at < 0 ? end : at) > limit) throw new LimitOverrunError(bytes, limit);
      if (at >= 0) return bytes;
    }
  }

  /**
   * The connection as a file: text, lines, buffers. The socket closes only when its files have.
   * @param mode `r`, `w` or `rw`; with a `b` for bytes instead of text
   * @throws ValueError for another mode, an unknown encoding, or text without a buffer
   * @see Python `socket.makefile`
   */
  makefile<M extends string = "r">(
    mode: M = "r" as M,
    options: FileOptions = {},
  ): SocketFile<M extends `${string}b${string}` ? Buffer : string> {
    checkMode(mode);
    this.check();
    const file = new SocketFile<M extends `${string}b${string}` ? Buffer : string>(
      {
        recv: async (size, wait = {}) => (await this.take(size, { peek: false, wait }))[0],
        sendall: async (data, wait = {}) => void (await this.give(data, wait)),
        released: () => this.hold(-1),
      },
      mode,
      options,
    );
    this.hold(1);
    return file;
  }

  #sending(method: string, flags: Flags, wait: WaitOptions): WaitOptions {
    const { number, options } = split(flags, wait);
    checkInteger(number);
    const unknown = number & ~(MSG_DONTWAIT | MSG_NOSIGNAL);
    if (unknown)
      throw new NotSupported(
        `${method}() knows the flags MSG_DONTWAIT and MSG_NOSIGNAL (got ${unknown}): others need send(2) itself, which Node has no name for`,
      );
    return number & MSG_DONTWAIT ? { ...options, timeout: 0 } : options;
  }

  async #receive(method: string, size: number, flags: Flags, wait: WaitOptions): Promise<Received> {
    const { number, options } = split(flags, wait);
    checkInteger(size);
    if (size < 0) throw new ValueError(`negative buffersize in ${method}`);
    checkInteger(number);
    const unknown = number & ~(MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT | MSG_NOSIGNAL);
    if (unknown)
      throw new NotSupported(
        `${method}() knows the flags MSG_PEEK, MSG_WAITALL and MSG_DONTWAIT (got ${unknown}): others need recv(2) itself, which Node has no name for`,
      );
    this.check();
    if (number === 0) return this.take(size, { peek: false, wait: options });
    const peek = (number & MSG_PEEK) !== 0;
    const left = stepwise(number & MSG_DONTWAIT ? { ...options, timeout: 0 } : options, this.seconds);
    const first = await this.take(size, { peek, wait: left() });
    if (!(number & MSG_WAITALL) || peek || first[0].length === 0 || first[0].length === size) return first;
    const pieces = [first[0]];
    try {
      for (let length = first[0].length; length < size; ) {
        const [next] = await this.take(size - length, { peek, wait: left() });
        if (next.length === 0) break;
        pieces.push(next);
        length += next.length;
      }
    } catch (error) {
      this.putBack(Buffer.concat(pieces));
      throw error;
    }
    return [Buffer.concat(pieces), first[1]];
  }

  async #into(
    method: "recv_into" | "recvfrom_into",
    buffer: NodeJS.ArrayBufferView,
    nbytes: number,
    flags: Flags,
    wait: WaitOptions,
  ): Promise<[number, Address | null]> {
    if (buffer === undefined) throw new TypeError(`${method}() missing required argument 'buffer' (pos 1)`);
    if (!ArrayBuffer.isView(buffer))
      throw new TypeError(
        `${method}() argument 1 must be read-write bytes-like object, not ${pythonType(buffer)}`,
      );
    checkInteger(nbytes);
    if (nbytes < 0) throw new ValueError(`negative buffersize in ${method}`);
    if (nbytes > buffer.byteLength)
      throw new ValueError(
        method === "recv_into"
          ? "buffer too small for requested bytes"
          : "nbytes is greater than the length of the buffer",
      );
    const [bytes, address] = await this.#receive(method, nbytes || buffer.byteLength, flags, wait);
    new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).set(bytes);
    return [bytes.length, address];
  }
}

function split(flags: Flags, wait: WaitOptions): { number: number; options: WaitOptions } {
  return typeof flags === "object" && flags !== null
    ? { number: 0, options: flags }
    : { number: flags, options: wait };
}

function ancillary(method: string): NotSupported {
  return new NotSupported(
    `${method}(): ancillary data (descriptors, credentials) needs ${method}(2) itself, which Node has no name for`,
  );
}

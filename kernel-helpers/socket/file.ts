// A connection read and written like a file: Python's `makefile`. Lines and characters instead of bytes, with buffers of its own.
import { StringDecoder } from "node:string_decoder";
import type { WaitOptions } from "./deadline.js";
import { OSError, ValueError } from "./errors.js";

/** What a file needs of its socket. */
export interface Underlying {
  recv(size: number, wait?: WaitOptions): Promise<Buffer>;
  sendall(data: Uint8Array, wait?: WaitOptions): Promise<void>;
  /** The file is closed: the socket may close, if it waited for that. */
  released(): void;
}

export interface FileOptions {
  /** Bytes that are kept back before they are sent: 0 sends at once (binary only); default 8192. */
  buffering?: number;
  /** Of text: `utf-8` (default), `latin1`, `utf-16le`, `ascii`. */
  encoding?: string;
  /** Of text: what `\n` is written as. Reading takes `\n`, `\r\n` and `\r` for the end of a line where it is left out. */
  newline?: "\n" | "\r\n" | "\r" | "" | undefined;
}

const CHUNK = 8192;
const ENCODINGS: Readonly<Record<string, BufferEncoding>> = {
  "utf-8": "utf8",
  utf8: "utf8",
  ascii: "ascii",
  latin1: "latin1",
  "latin-1": "latin1",
  "iso-8859-1": "latin1",
  "utf-16le": "utf16le",
};

/** What has come and was not asked for yet: bytes, or text in which the ends of lines are as they shall be. */
interface Kept<T> {
  readonly length: number;
  /** Where the line ends, or 0: searched from `from` on. */
  lineEnd(from: number): number;
  take(length: number): T;
}

class KeptBytes implements Kept<Buffer> {
  #pieces: Buffer[] = [];
  length = 0;

  add(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.length += bytes.length;
  }

  #joined(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces, this.length)];
    return this.#pieces[0] as Buffer;
  }

  lineEnd(from: number): number {
    return this.#joined().indexOf(10, from) + 1;
  }

  take(length: number): Buffer {
    const all = this.#joined();
    this.#pieces = [all.subarray(length)];
    this.length -= length;
    return all.subarray(0, length);
  }
}

class KeptText implements Kept<string> {
  readonly #decoder: StringDecoder;
  readonly #newline: FileOptions["newline"];
  #text = "";
  /** A carriage return that may be the first half of two. */
  #half = "";

  constructor(encoding: BufferEncoding, newline: FileOptions["newline"]) {
    this.#decoder = new StringDecoder(encoding);
    this.#newline = newline;
  }

  get length(): number {
    return this.#text.length;
  }

  add(bytes: Buffer): void {
    this.#add(this.#decoder.write(bytes));
  }

  end(): void {
    this.#add(this.#decoder.end());
    const half = this.#half;
    this.#half = "";
    this.#text += this.#newline === undefined ? half && "\n" : half;
  }

  #add(more: string): void {
    let text = this.#half + more;
    this.#half = "";
    const joins = this.#newline === undefined || this.#newline === "";
    if (joins && text.endsWith("\r")) {
      this.#half = "\r";
      text = text.slice(0, -1);
    }
    this.#text += this.#newline === undefined ? text.replace(/\r\n?/g, "\n") : text;
  }

  lineEnd(from: number): number {
    if (this.#newline !== "") {
      const end = this.#newline ?? "\n";
      // Its first half may have been there before.
      const at = this.#text.indexOf(end, Math.max(0, from - 1));
      return at < 0 ? 0 : at + end.length;
    }
    const found = /\r\n|[\r\n]/.exec(this.#text.slice(from));
    return found ? from + found.index + found[0].length : 0;
  }

  take(length: number): string {
    // Half of a character is no text.
    const whole = /[\ud800-\udbff]/.test(this.#text[length - 1] ?? "") ? length + 1 : length;
    const taken = this.#text.slice(0, whole);
    this.#text = this.#text.slice(whole);
    return taken;
  }
}

/** @throws ValueError */
export function checkMode(mode: string): void {
  if (mode === "" || [...mode].some((letter) => !"rwb".includes(letter)))
    throw new ValueError(`invalid mode '${mode}' (only r, w, b allowed)`);
}

/**
 * A socket as a file. `T` is `string` for text, Buffer where the mode has a `b`.
 * Closing it closes no socket, but a socket that was closed before stays open until its files are.
 */
export class SocketFile<T extends string | Buffer = string> implements AsyncDisposable {
  /** `r`, `w`, `rw`, with `b` for bytes. */
  readonly mode: string;
  readonly #socket: Underlying;
  readonly #kept: KeptBytes | KeptText;
  readonly #binary: boolean;
  readonly #encoding: BufferEncoding;
  readonly #newline: FileOptions["newline"];
  readonly #keep: number;
  #ended = false;
  #written: Buffer[] = [];
  #waiting = 0;
  #closed = false;

  /** @internal */
  constructor(
    socket: Underlying,
    mode: string,
    { buffering = -1, encoding = "utf-8", newline }: FileOptions = {},
  ) {
    checkMode(mode);
    this.#binary = mode.includes("b");
    if (buffering === 0 && !this.#binary) throw new ValueError("unbuffered streams must be binary");
    const known = ENCODINGS[encoding.toLowerCase()];
    if (!known) throw new ValueError(`unknown encoding: ${encoding}`);
    this.mode = mode;
    this.#socket = socket;
    this.#encoding = known;
    this.#kept = this.#binary ? new KeptBytes() : new KeptText(known, newline);
    this.#newline = newline;
    this.#keep = buffering < 0 ? CHUNK : buffering;
  }

  /** Can it be read? */
  readable(): boolean {
    return this.mode.includes("r") || !this.mode.includes("w");
  }

  writable(): boolean {
    return this.mode.includes("w");
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Reads `size` bytes, or characters; all up to the end where it is left out.
   * @returns less only at the end of the stream, nothing behind it
   * @throws as `recv` does; ValueError where it is closed; OSError where it is not for reading
   * @see Python `io.BufferedReader.read`
   */
  async read(size: number = -1, wait?: WaitOptions): Promise<T> {
    this.#check("readable");
    while (size < 0 || this.#kept.length < size) if (!(await this.#more(wait))) break;
    return this.#kept.take(size < 0 ? this.#kept.length : Math.min(size, this.#kept.length)) as T;
  }

  /**
   * Reads up to the end of a line, with it; in text it is always `\n`, unless `newline` says otherwise.
   * @param size at most so many bytes, or characters
   * @returns nothing at the end of the stream
   * @see Python `io.IOBase.readline`
   */
  async readline(size: number = -1, wait?: WaitOptions): Promise<T> {
    this.#check("readable");
    for (let searched = 0; ; ) {
      const end = this.#kept.lineEnd(searched);
      searched = this.#kept.length;
      if (end > 0 || (size >= 0 && searched >= size)) {
        const line = end > 0 ? end : searched;
        return this.#kept.take(size < 0 ? line : Math.min(size, line)) as T;
      }
      if (!(await this.#more(wait))) return this.#kept.take(this.#kept.length) as T;
    }
  }

  /** All lines to the end. @see Python `io.IOBase.readlines` */
  async readlines(wait?: WaitOptions): Promise<T[]> {
    const lines: T[] = [];
    for (let line = await this.readline(-1, wait); line.length > 0; line = await this.readline(-1, wait))
      lines.push(line);
    return lines;
  }

  /** `for await (const line of file)`: one line after another, to the end. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let line = await this.readline(); line.length > 0; line = await this.readline()) yield line;
  }

  /**
   * Writes; what is little is kept until {@link flush} or until more has come together.
   * @returns how many bytes, or characters
   * @see Python `io.BufferedWriter.write`
   */
  async write(data: T | Uint8Array, wait?: WaitOptions): Promise<number> {
    this.#check("writable");
    if (typeof data === "string" && this.#binary)
      throw new TypeError("a bytes-like object is required, not 'str'");
    if (typeof data !== "string" && !this.#binary)
      throw new TypeError("write() argument must be str, not bytes");
    const ends = this.#newline === "\r\n" || this.#newline === "\r" ? this.#newline : undefined;
    const bytes =
      typeof data === "string"
        ? Buffer.from(ends ? data.replaceAll("\n", ends) : data, this.#encoding)
        : Buffer.from(data);
    this.#written.push(bytes);
    this.#waiting += bytes.length;
    if (this.#waiting > this.#keep) await this.flush(wait);
    return data.length;
  }

  /** Sends what was kept back. @see Python `io.IOBase.flush` */
  async flush(wait?: WaitOptions): Promise<void> {
    const all = Buffer.concat(this.#written.splice(0), this.#waiting);
    this.#waiting = 0;
    if (all.length > 0) await this.#socket.sendall(all, wait);
  }

  /** Sends what was kept back, and gives the socket free. Twice is no error. */
  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.flush();
    } finally {
      this.#closed = true;
      this.#socket.released();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #check(what: "readable" | "writable"): void {
    if (this.#closed) throw new ValueError("I/O operation on closed file.");
    if (!this[what]()) throw new OSError(what === "readable" ? "not readable" : "not writable");
  }

  async #more(wait?: WaitOptions): Promise<boolean> {
    if (this.#ended) return false;
    const bytes = await this.#socket.recv(CHUNK, wait);
    if (bytes.length > 0) this.#kept.add(bytes);
    else {
      this.#ended = true;
      if (this.#kept instanceof KeptText) this.#kept.end();
    }
    // What came at the end may be a line of its own.
    return true;
  }
}

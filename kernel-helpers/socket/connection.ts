// The stream of a connected socket: an ordinary `net.Socket`, read on demand so that what nobody asked for stays in the
// kernel, and written with the kernel's own back-pressure.
import type { Socket as NetSocket } from "node:net";
import { IPPROTO_TCP, SO_KEEPALIVE, SOL_SOCKET, TCP_KEEPIDLE, TCP_NODELAY } from "./constants.js";
import { endedBy, limitOf, NO_WAIT, type WaitOptions, withDeadline } from "./deadline.js";
import { osError, toOSError } from "./errors.js";
import { Inbox } from "./inbox.js";
import type { Setting } from "./options.js";
import { inner, watched } from "./watched.js";

const ENDS = ["end", "close"] as const;

/** So many bytes are kept for calls to come before the rest has to wait in the kernel. */
const ENOUGH = 128 * 1024;

const nothing = (): void => {};

const NOTHING: Buffer = Buffer.alloc(0);

/** How long what nobody waited for may take to leave when a socket is closed. */
const FLUSH_MS = 5000;

/** A call for bytes. */
interface Waiting {
  size: number;
  peek: boolean;
  resolve: (bytes: Buffer) => void;
  reject: (error: Error) => void;
}

export class Connection {
  readonly net: NetSocket;
  #failed: Error | undefined;
  /** What a write has already told its caller. */
  #told: Error | undefined;
  #readable = true;
  /** What `SO_KEEPALIVE` and `TCP_KEEPIDLE` (seconds) say, where they were set here. */
  #alive: boolean | undefined;
  #idle = 0;
  /** A `send` has ended before the kernel took all of it. */
  #givenUp = false;
  /** Calls that wait for bytes, the oldest first. */
  #waiting: Waiting[] = [];
  readonly #inbox = new Inbox();
  /** The inbox has enough: the stream is paused. */
  #full = false;
  #listening = false;

  constructor(socket: NetSocket) {
    this.net = socket;
    inner.add(socket);
    // Kept for whoever calls next: as in the kernel, an error waits for the call that meets it.
    socket.on("error", (error) => {
      if (error !== this.#told) this.#failed = toOSError(error);
    });
  }

  /** Node knows these; the time before the first probe goes with the keeping alive. */
  set({ level, option, bytes }: Setting): void {
    if (level === IPPROTO_TCP && option === TCP_NODELAY) this.net.setNoDelay(bytes.readInt32LE() !== 0);
    if (level === IPPROTO_TCP && option === TCP_KEEPIDLE) this.#idle = bytes.readInt32LE();
    if (level === SOL_SOCKET && option === SO_KEEPALIVE) this.#alive = bytes.readInt32LE() !== 0;
    if (this.#alive !== undefined) this.net.setKeepAlive(this.#alive, this.#idle * 1000);
  }

  #takeError(): Error | undefined {
    const error = this.#failed;
    this.#failed = undefined;
    return error;
  }

  /** At least one byte and at most `size`; nothing at the end of the stream. `peek` leaves them there. */
  receive(size: number, seconds: number | null, peek: boolean, wait: WaitOptions): Promise<Buffer> {
    if (size === 0 || !this.#readable) return Promise.resolve(NOTHING);
    if (this.#inbox.length > 0 && wait === NO_WAIT && !endedBy(wait))
      return Promise.resolve(this.#give(size, peek));
    return withDeadline<Buffer>(
      seconds,
      (resolve, reject) => {
        const call: Waiting = { size, peek, resolve, reject };
        if (this.#serve(call)) return undefined;
        this.#waiting.push(call);
        this.#flow();
        return (error) => {
          this.#waiting = this.#waiting.filter((other) => other !== call);
          watched.by?.failed(this.net, "recv", error);
        };
      },
      { wait },
    );
  }

  /** Gives a call what there is. @returns whether there was anything */
  #serve({ size, peek, resolve, reject }: Waiting): boolean {
    if (this.#inbox.length > 0) {
      resolve(this.#give(size, peek));
      return true;
    }
    const error = this.#takeError();
    if (error) reject(error);
    else if (this.net.readableEnded || this.net.destroyed || !this.#readable) resolve(NOTHING);
    else return false;
    return true;
  }

  #give(size: number, peek: boolean): Buffer {
    if (peek) return this.#inbox.peek(size);
    const bytes = this.#inbox.take(size);
    watched.by?.received(this.net, bytes);
    if (this.#full && this.#inbox.length < ENOUGH / 2) this.#flow();
    return bytes;
  }

  /**
   * What comes is handed over at once from now on: it does not stay in Node's own buffer, which would take longer to tell of it and to give it out
   * than most calls take. What is too much to be kept here stays in the kernel.
   */
  #flow(): void {
    if (!this.#listening) {
      this.#listening = true;
      this.net.on("data", this.#came);
      for (const event of ENDS) this.net.on(event, this.#wake);
    } else if (!this.#full) return;
    this.#full = false;
    this.net.resume();
  }

  readonly #came = (bytes: Buffer): void => {
    const call = this.#waiting[0];
    if (call && !call.peek && this.#inbox.length === 0 && bytes.length <= call.size) {
      this.#waiting.shift();
      watched.by?.received(this.net, bytes);
      call.resolve(bytes);
      return;
    }
    this.#inbox.add(bytes);
    if (this.#waiting.length > 0) this.#wake();
    if (this.#inbox.length < ENOUGH) return;
    this.#full = true;
    this.net.pause();
  };

  /** Those that have waited longest come first. */
  readonly #wake = (): void => {
    while (this.#waiting.length > 0 && this.#serve(this.#waiting[0] as Waiting)) this.#waiting.shift();
  };

  /** Somebody else is going to read the stream in his own way; what came and was not asked for is his. */
  leave(): void {
    if (!this.#listening || this.#waiting.length > 0) return;
    this.#listening = false;
    this.#full = false;
    this.net.off("data", this.#came);
    for (const event of ENDS) this.net.off(event, this.#wake);
    // So a stream neither flows nor is paused: it begins as soon as somebody listens.
    this.net.on("readable", nothing).off("readable", nothing);
    if (this.#inbox.length > 0 && !this.net.destroyed && !this.net.readableEnded)
      this.net.unshift(this.#inbox.clear());
  }

  /** Would a call not wait? */
  isReady(what: "read" | "write"): boolean {
    const { net } = this;
    if (net.destroyed || this.#failed) return true;
    if (what === "write") return !net.writableNeedDrain;
    if (this.#inbox.length > 0 || net.readableEnded || !this.#readable) return true;
    this.#flow();
    return false;
  }

  /** What was taken comes first next time. */
  putBack(bytes: Buffer): void {
    if (bytes.length > 0) this.#inbox.putBack(bytes);
  }

  /** Resolves, with `result`, when the kernel has taken all of it. */
  send<T>(bytes: Uint8Array, result: T, seconds: number | null, wait: WaitOptions): Promise<T> {
    const failed = this.#takeError() ?? endedBy(wait);
    if (failed) return Promise.reject(failed);
    const { net } = this;
    if (net.writableEnded || net.destroyed) return Promise.reject(osError("EPIPE"));
    const atOnce = limitOf(wait, seconds) === 0;
    if (atOnce && net.writableNeedDrain) return Promise.reject(osError("EAGAIN"));
    // Mostly the kernel takes it at once, and to be called back would take as long again.
    net.write(bytes);
    if (net.writableLength === 0 && !net.errored) return Promise.resolve(result);
    return withDeadline<T>(
      seconds,
      (resolve, reject) => {
        // Its turn comes when all before it is gone.
        net.write(NOTHING, (error) => {
          if (!error) {
            resolve(result);
            return;
          }
          this.#told = error;
          reject(toOSError(error));
        });
        return (error) => {
          this.#givenUp = true;
          watched.by?.failed(net, "send", error);
        };
      },
      { wait: atOnce ? { ...wait, timeout: null } : wait },
    );
  }

  /** Half-close: the peer reads the end of the stream, and may go on sending. */
  shutdown(read: boolean, write: boolean): Promise<void> {
    if (this.net.destroyed) return Promise.reject(osError("ENOTCONN"));
    if (read) {
      this.#readable = false;
      this.#inbox.clear();
      this.#wake();
      this.leave();
      this.net.resume();
    }
    if (!write || this.net.writableEnded) return Promise.resolve();
    return new Promise((resolve) => this.net.end(() => resolve()));
  }

  /**
   * What the kernel has taken still arrives; `reset`: the peer gets a reset instead. What it has not taken has a moment more, unless
   * its `send` was given up: a peer that reads nothing would hold the socket open for ever.
   */
  close(reset: boolean): Promise<void> {
    const socket = this.net;
    if (socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), FLUSH_MS);
      socket.once("close", () => {
        clearTimeout(timer);
        resolve();
      });
      if (reset) socket.resetAndDestroy();
      // Without a shutdown, which would end the connection for a duplicate of the descriptor, too.
      else if (this.#givenUp || socket.writableLength === 0) socket.destroy();
      else socket.destroySoon();
    });
  }
}

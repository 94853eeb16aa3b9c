// The stream of a connected socket: an ordinary `net.Socket`, read on demand so that what nobody asked for stays in the
// kernel, and written with the kernel's own back-pressure.
import type { Socket as NetSocket } from "node:net";
import { IPPROTO_TCP, SO_KEEPALIVE, SOL_SOCKET, TCP_KEEPIDLE, TCP_NODELAY } from "./constants.js";
import { limitOf, type WaitOptions, withDeadline } from "./deadline.js";
import { osError, toOSError } from "./errors.js";
import type { Setting } from "./options.js";
import { inner, watched } from "./watched.js";

const EVENTS = ["readable", "end", "close"] as const;

const NOTHING: Buffer = Buffer.alloc(0);

/** How long what nobody waited for may take to leave when a socket is closed. */
const FLUSH_MS = 5000;

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
  readonly #waiting = new Set<() => void>();
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
  receive(
    size: number,
    seconds: number | null,
    { peek, wait }: { peek: boolean; wait: WaitOptions },
  ): Promise<Buffer> {
    if (size === 0 || !this.#readable) return Promise.resolve(NOTHING);
    const start = (
      resolve: (bytes: Buffer) => void,
      reject: (error: Error) => void,
    ): ((error: Error) => void) | undefined => {
      const socket = this.net;
      const take = (): boolean => {
        const length = Math.min(size, socket.readableLength);
        if (length > 0) {
          const bytes = socket.read(length) as Buffer;
          if (peek) socket.unshift(bytes);
          else watched.by?.received(socket, bytes);
          resolve(bytes);
          return true;
        }
        const error = this.#takeError();
        if (error) reject(error);
        else if (socket.readableEnded || socket.destroyed || !this.#readable) resolve(NOTHING);
        else return false;
        return true;
      };
      if (take()) return undefined;
      const look = (): void => {
        if (take()) this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      this.#listen();
      socket.read(0);
      return (error) => {
        this.#waiting.delete(look);
        watched.by?.failed(socket, "recv", error);
      };
    };
    return withDeadline<Buffer>(seconds, start, { wait });
  }

  /** Once for all calls: coming and going with each would take longer than the call. */
  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    for (const event of EVENTS) this.net.on(event, this.#wake);
  }

  readonly #wake = (): void => {
    for (const look of [...this.#waiting]) look();
  };

  /** Somebody else is going to read the stream in his own way; a listener of ours would keep it from flowing. */
  leave(): void {
    if (!this.#listening || this.#waiting.size > 0) return;
    this.#listening = false;
    for (const event of EVENTS) this.net.off(event, this.#wake);
  }

  /** Would a call not wait? */
  isReady(what: "read" | "write"): boolean {
    const { net } = this;
    if (net.destroyed || this.#failed) return true;
    if (what === "write") return !net.writableNeedDrain;
    if (net.readableLength === 0 && !net.readableEnded) net.read(0);
    return net.readableLength > 0 || net.readableEnded || !this.#readable;
  }

  /** What was taken comes first next time. */
  putBack(bytes: Buffer): void {
    if (bytes.length > 0 && !this.net.destroyed && !this.net.readableEnded) this.net.unshift(bytes);
  }

  /** Resolves when the kernel has taken all of it. */
  send(bytes: Uint8Array, seconds: number | null, wait: WaitOptions): Promise<number> {
    const failed = this.#takeError();
    if (failed) return Promise.reject(failed);
    if (this.net.writableEnded || this.net.destroyed) return Promise.reject(osError("EPIPE"));
    const atOnce = limitOf(wait, seconds) === 0;
    if (atOnce && this.net.writableNeedDrain) return Promise.reject(osError("EAGAIN"));
    return withDeadline<number>(
      seconds,
      (resolve, reject) => {
        this.net.write(bytes, (error) => {
          if (!error) {
            resolve(bytes.length);
            return;
          }
          this.#told = error;
          reject(toOSError(error));
        });
        return (error) => {
          this.#givenUp = true;
          watched.by?.failed(this.net, "send", error);
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

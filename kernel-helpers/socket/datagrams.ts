// Datagrams, through Node's own sockets. Node takes each from the kernel as it comes, so those that nobody asked for yet wait here,
// and what finds no room is lost, as it is in the kernel's own buffer.
import { createSocket, type Socket as NodeSocket } from "node:dgram";
import { type Address, toTuple } from "./address.js";
import { AF_INET6 } from "./constants.js";
import { setOnDatagrams } from "./datagram-options.js";
import { limitOf, type WaitOptions, withDeadline } from "./deadline.js";
import { osError, toOSError } from "./errors.js";
import type { Setting } from "./options.js";
import { ours } from "./ours.js";

/** Bytes that may wait, each datagram with what the kernel adds for its own book-keeping (Linux: net.core.rmem_default). */
const ROOM = 212_992;
const OVERHEAD = 256;

export type Datagram = [bytes: Buffer, from: Address];

export class Datagrams {
  readonly node: NodeSocket;
  readonly #family: number;
  readonly #queue: Datagram[] = [];
  readonly #waiting = new Set<() => void>();
  #room = ROOM;
  #failed: Error | undefined;
  #closed = false;
  #ready: Promise<void> | undefined;
  #peer: Address | undefined;

  readonly #fd: number | undefined;

  /** @param options.fd a descriptor that is to be used; it belongs to the datagrams from the first `bind` on */
  constructor(
    family: number,
    { fd, reuse, only6 }: { fd: number | undefined; reuse: boolean; only6: boolean },
  ) {
    this.#family = family;
    this.#fd = fd;
    this.node = ours(() =>
      createSocket({ type: family === AF_INET6 ? "udp6" : "udp4", reuseAddr: reuse, ipv6Only: only6 }),
    );
    this.node.on("message", (bytes, { address, port }) => {
      if (this.#room < bytes.length + OVERHEAD) return;
      this.#room -= bytes.length + OVERHEAD;
      this.#queue.push([bytes, toTuple(address, port, family)]);
      this.#wake();
    });
    // Kept for whoever calls next: as in the kernel, an error waits for the call that meets it.
    this.node.on("error", (error) => {
      this.#failed = toOSError(error);
      this.#wake();
    });
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Its own descriptor, where Node has one to tell. */
  get fd(): number | undefined {
    const [handle] = Object.getOwnPropertySymbols(this.node)
      .map((key) => (this.node as unknown as { [key: symbol]: { handle?: { fd?: number } } })[key]?.handle)
      .filter((one) => one !== undefined);
    return handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined;
  }

  /** Bytes that wait to be received, for the readiness of `select`. */
  get readable(): boolean {
    return this.#queue.length > 0 || this.#failed !== undefined;
  }

  get peer(): Address | undefined {
    return this.#peer;
  }

  get bound(): boolean {
    return this.#ready !== undefined;
  }

  /** Where it is bound; undefined where it is not yet. */
  address(): Address | undefined {
    if (!this.#ready) return undefined;
    try {
      const { address, port } = this.node.address();
      return toTuple(address, port, this.#family);
    } catch {
      return undefined;
    }
  }

  /**
   * The address is numeric; without one the system chooses, as sendto(2) does. Where there is a descriptor it is bound already,
   * or need not be.
   * @throws OSError
   */
  bind(at?: [host: string, port: number]): Promise<void> {
    this.#ready ??= new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        this.#ready = undefined;
        this.#failed = undefined;
        reject(toOSError(error));
      };
      this.node.once("error", failed);
      const listening = (): void => {
        this.node.off("error", failed);
        resolve();
      };
      ours(() => {
        if (this.#fd !== undefined) this.node.bind({ fd: this.#fd }, listening);
        else this.node.bind({ address: at?.[0], port: at?.[1] ?? 0, exclusive: true }, listening);
      });
    });
    return this.#ready;
  }

  /** Only this peer is heard from now on. @throws OSError */
  async connect(to: [host: string, port: number]): Promise<void> {
    await this.bind();
    if (this.#peer !== undefined) {
      this.node.disconnect();
      this.#peer = undefined;
    }
    await new Promise<void>((resolve, reject) =>
      ours(() =>
        this.node.connect(to[1], to[0], ((error?: Error) =>
          error ? reject(toOSError(error)) : resolve()) as () => void),
      ),
    );
    this.#peer = toTuple(to[0], to[1], this.#family);
  }

  /** @param to numeric; where it is connected, none */
  async send(
    bytes: Uint8Array,
    to: [host: string, port: number] | undefined,
    seconds: number | null,
    wait: WaitOptions,
  ): Promise<number> {
    const failed = this.#takeError();
    if (failed) throw failed;
    if (!to && this.#peer === undefined) throw osError("EDESTADDRREQ");
    await this.bind();
    // The system takes a datagram at once or never.
    const atOnce = limitOf(wait, seconds) === 0;
    return withDeadline<number>(
      seconds,
      (resolve, reject) => {
        const done = (error: Error | null, sent: number): void =>
          error ? reject(toOSError(error)) : resolve(sent);
        if (!to) this.node.send(bytes, done);
        else if (this.#peer === undefined) this.node.send(bytes, to[1], to[0], done);
        // A connected one may still send elsewhere, as sendto(2) lets it; Node does not.
        else reject(osError("EISCONN"));
        return undefined;
      },
      { wait: atOnce ? { ...wait, timeout: null } : wait },
    );
  }

  /** Before it is bound Node cannot; what was set is set again then. */
  set({ level, option, bytes }: Setting): void {
    if (this.bound) setOnDatagrams(this.node, level, option, bytes);
  }

  #takeError(): Error | undefined {
    const error = this.#failed;
    this.#failed = undefined;
    return error;
  }

  /** One datagram; what of it is beyond `size` is lost. */
  receive(size: number, seconds: number | null, peek: boolean, wait: WaitOptions): Promise<Datagram> {
    return withDeadline<Datagram>(
      seconds,
      (resolve, reject) => {
        const look = (): void => {
          const failed = this.#closed
            ? osError("EBADF")
            : this.#queue.length === 0
              ? this.#takeError()
              : undefined;
          const taken = failed ? undefined : peek ? this.#queue[0] : this.#queue.shift();
          if (!failed && !taken) return;
          this.#waiting.delete(look);
          if (failed) reject(failed);
          else {
            const [bytes, from] = taken as Datagram;
            if (!peek) this.#room += bytes.length + OVERHEAD;
            resolve([bytes.subarray(0, size), from]);
          }
        };
        this.#waiting.add(look);
        look();
        return () => void this.#waiting.delete(look);
      },
      { wait },
    );
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    return new Promise((resolve) => {
      try {
        this.node.close(() => resolve());
      } catch {
        resolve();
      }
    });
  }
}

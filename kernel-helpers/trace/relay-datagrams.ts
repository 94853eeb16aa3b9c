// The relay of datagrams.
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { toOSError } from "../socket/errors.js";
import { ours } from "../socket/ours.js";
import type { Done } from "./faults.js";
import { dice, type FaultsOptions } from "./faults-options.js";

/** Senders that are remembered; the oldest make way. */
const MOST_SENDERS = 256;

/** One sender, and the socket by which the server knows it. */
interface Sender {
  readonly socket: Socket;
  readonly chance: () => number;
  readonly swallowed: boolean;
  /** When the last datagram of each way has passed, where the rate is limited. */
  readonly free: { there: number; back: number };
}

const kindOf = (address: string): "udp4" | "udp6" => (isIPv6(address) ? "udp6" : "udp4");

export class DatagramRelay {
  options: FaultsOptions;
  readonly done: Done = { passed: 0, lost: 0, reset: 0, swallowed: 0 };
  readonly #socket: Socket;
  readonly #target: [host: string, port: number];
  readonly #senders = new Map<string, Sender>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #count = 0;

  private constructor(socket: Socket, target: [host: string, port: number], options: FaultsOptions) {
    this.#socket = socket;
    this.#target = target;
    this.options = options;
    // An answer that nobody wanted comes back as an error of the next call.
    socket.on("error", () => {});
    socket.on("message", (bytes, { address, port }) => {
      const sender = this.#sender(address, port);
      this.#pass(sender, "there", bytes, () => sender.socket.send(bytes, target[1], target[0], () => {}));
    });
  }

  static open(target: [host: string, port: number], options: FaultsOptions): Promise<DatagramRelay> {
    return ours(
      () =>
        new Promise((resolve, reject) => {
          const { address = "127.0.0.1" } = options;
          const socket = createSocket(kindOf(address));
          socket.once("error", (error) => reject(toOSError(error)));
          socket.bind({ address, port: options.port ?? 0, exclusive: true }, () =>
            resolve(new DatagramRelay(socket, target, options)),
          );
        }),
    );
  }

  get address(): [host: string, port: number] {
    const { address, port } = this.#socket.address();
    return [address, port];
  }

  #sender(address: string, port: number): Sender {
    const key = `${address} ${port}`;
    const known = this.#senders.get(key);
    if (known) return known;
    const chance = dice(this.options.seed ?? 1, ++this.#count);
    const swallowed = chance() < Number(this.options.blackhole ?? 0);
    const socket = ours(() => createSocket(kindOf(this.#target[0])));
    const sender = { socket, chance, swallowed, free: { there: 0, back: 0 } };
    socket.on("error", () => {});
    socket.on("message", (bytes) =>
      this.#pass(sender, "back", bytes, () => this.#socket.send(bytes, port, address, () => {})),
    );
    this.#senders.set(key, sender);
    const [oldest] = this.#senders;
    if (this.#senders.size > MOST_SENDERS && oldest) {
      this.#senders.delete(oldest[0]);
      oldest[1].socket.close();
    }
    return sender;
  }

  #pass({ chance, swallowed, free }: Sender, way: "there" | "back", bytes: Buffer, send: () => void): void {
    const { delay = 0, jitter = 0, loss = 0, rate } = this.options;
    if (swallowed || chance() < loss) {
      this.done[swallowed ? "swallowed" : "lost"]++;
      return;
    }
    const now = performance.now();
    if (rate !== undefined) free[way] = Math.max(free[way], now) + (bytes.length / rate) * 1000;
    const due = Math.max(now, free[way]) + (delay + jitter * chance()) * 1000;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.done.passed++;
      send();
    }, due - now);
    this.#timers.add(timer);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { socket } of this.#senders.values()) socket.close();
    this.#senders.clear();
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}

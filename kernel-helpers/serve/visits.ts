// The connections of one server: those that are open, and the last that were.
import { type TableDisplay, table } from "../host/table.js";
import type { Address } from "../socket/address.js";
import { hostPort } from "../socket/printed.js";
import type { Socket } from "../socket/socket.js";

/** One connection of a server, open or over. */
export interface Visit {
  /** The server's first is 1. */
  readonly number: number;
  /** Of the peer. */
  readonly address: Address;
  /** `failed`: its handler did. */
  readonly state: "open" | "closed" | "failed";
  /** Seconds that it has been open, or was. */
  readonly seconds: number;
  /** Bytes that came from the peer, and that went there. */
  readonly received: number;
  readonly sent: number;
}

/** So many that are over are remembered. */
const REMEMBERED = 100;

/** @internal */
export class Visits {
  readonly #open = new Map<Socket, OpenVisit>();
  readonly #over: Visit[] = [];
  /** Who waits for one to end. */
  readonly #waiting = new Set<() => void>();
  #count = 0;

  get open(): number {
    return this.#open.size;
  }

  get sockets(): Socket[] {
    return [...this.#open.keys()];
  }

  began(socket: Socket, address: Address): void {
    this.#open.set(socket, new OpenVisit(++this.#count, address, socket));
  }

  ended(socket: Socket, state: "closed" | "failed"): void {
    const visit = this.#open.get(socket);
    if (!visit) return;
    this.#open.delete(socket);
    this.#over.push({ ...visit.now(), state });
    if (this.#over.length > REMEMBERED) this.#over.shift();
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves as soon as fewer than `count` are open, or after some milliseconds. */
  fewerThan(count: number, patience: number = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const look = (): void => {
        if (this.#open.size >= count) return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(look);
      if (Number.isFinite(patience))
        timer = setTimeout(() => {
          this.#waiting.delete(look);
          resolve();
        }, patience);
      look();
    });
  }

  /** Oldest first. */
  table(): Visit[] & TableDisplay {
    const all = [...this.#over, ...[...this.#open.values()].map((visit) => visit.now())];
    return table(
      all.sort((a, b) => a.number - b.number),
      ({ number, address, state, seconds, received, sent }) => ({
        connection: number,
        from: hostPort(address),
        state,
        seconds: seconds.toFixed(1),
        received,
        sent,
      }),
    );
  }
}

class OpenVisit {
  readonly #began: number = performance.now();
  readonly #number: number;
  readonly #address: Address;
  readonly #socket: Socket;
  /** A socket that is closed has no stream to ask. */
  #last = { received: 0, sent: 0 };

  constructor(number: number, address: Address, socket: Socket) {
    this.#number = number;
    this.#address = address;
    this.#socket = socket;
    const { stream } = socket;
    stream?.once("close", () => {
      this.#last = { received: stream.bytesRead, sent: stream.bytesWritten };
    });
  }

  now(): Visit {
    const { stream } = this.#socket;
    if (stream) this.#last = { received: stream.bytesRead, sent: stream.bytesWritten };
    return {
      number: this.#number,
      address: this.#address,
      state: "open",
      seconds: (performance.now() - this.#began) / 1000,
      ...this.#last,
    };
  }
}

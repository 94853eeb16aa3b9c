// The connections of one server: those that are open, and the last that were.

import type { Socket as NetSocket } from "node:net";
import { type TableDisplay, table } from "../host/table.js";
import type { Address } from "../socket/address.js";
import { hostPort } from "../socket/printed.js";

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

/** @internal `T` is what stands for a connection. */
export class Visits<T extends object> {
  readonly #open = new Map<T, OpenVisit>();
  readonly #over: Visit[] = [];
  /** Who waits for one to end. */
  readonly #waiting = new Set<() => void>();
  /** Bytes of those that are over. */
  readonly #gone = { received: 0, sent: 0 };
  #count = 0;

  get open(): number {
    return this.#open.size;
  }

  get bytes(): { received: number; sent: number } {
    const sum = { ...this.#gone };
    for (const visit of this.#open.values()) {
      const { received, sent } = visit.now();
      sum.received += received;
      sum.sent += sent;
    }
    return sum;
  }

  get all(): T[] {
    return [...this.#open.keys()];
  }

  began(one: T, address: Address, stream: NetSocket | undefined): void {
    this.#open.set(one, new OpenVisit(++this.#count, address, stream));
  }

  ended(one: T, state: "closed" | "failed"): void {
    const visit = this.#open.get(one);
    if (!visit) return;
    this.#open.delete(one);
    const last = visit.now();
    this.#over.push({ ...last, state });
    this.#gone.received += last.received;
    this.#gone.sent += last.sent;
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
  readonly #stream: NetSocket | undefined;

  constructor(number: number, address: Address, stream: NetSocket | undefined) {
    this.#number = number;
    this.#address = address;
    this.#stream = stream;
  }

  now(): Visit {
    return {
      number: this.#number,
      address: this.#address,
      state: "open",
      seconds: (performance.now() - this.#began) / 1000,
      received: this.#stream?.bytesRead ?? 0,
      sent: this.#stream?.bytesWritten ?? 0,
    };
  }
}

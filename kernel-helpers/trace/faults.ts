// A bad network between a client and a server, in user space: a relay that delays, loses, cuts and resets, as its seed says.
import { inspect } from "node:util";
import { host } from "../host-contract.js";
import { hostPort } from "../socket/printed.js";
import { checkedFaults, type FaultsOptions, inWords } from "./faults-options.js";
import { DatagramRelay } from "./relay-datagrams.js";
import { StreamRelay } from "./relay-streams.js";

export type { FaultsOptions } from "./faults-options.js";

/** What a relay has done so far. */
export interface Done {
  /** Pieces of streams, or datagrams, that were passed on. */
  passed: number;
  lost: number;
  reset: number;
  swallowed: number;
}

/** A bad network; made by {@link faults}. */
export class Faults implements AsyncDisposable {
  readonly #relay: StreamRelay | DatagramRelay;
  readonly #target: [host: string, port: number];
  #options: FaultsOptions;
  #forget: () => void = () => {};

  /** @internal */
  constructor(
    relay: StreamRelay | DatagramRelay,
    target: [host: string, port: number],
    options: FaultsOptions,
  ) {
    this.#relay = relay;
    this.#target = target;
    this.#options = options;
    this.#forget = host()?.own(this, { name: `faults on ${hostPort(this.address)}` }) ?? this.#forget;
    Object.defineProperty(this, inspect.custom, { value: () => this.toString(), enumerable: false });
  }

  /** Where clients connect instead of the server's own address. */
  get address(): [host: string, port: number] {
    return this.#relay.address;
  }

  get port(): number {
    return this.address[1];
  }

  /** What it has done so far. */
  get done(): Readonly<Done> {
    return this.#relay.done;
  }

  /** Changes some of it, for what passes from now on. @throws RangeError */
  set(options: Partial<Omit<FaultsOptions, "to" | "port" | "address" | "udp" | "seed">>): void {
    this.#options = checkedFaults({ ...this.#options, ...options });
    this.#relay.options = this.#options;
  }

  /** Ends it, and the connections through it. */
  async close(): Promise<void> {
    this.#forget();
    await this.#relay.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toString(): string {
    return `${hostPort(this.address)} → ${hostPort(this.#target)}: ${inWords(this.#options)}`;
  }
}

/**
 * Puts a bad network before a server. Clients connect to its port instead of the server's; what passes is delayed, lost,
 * cut into pieces or reset. All chances come from the seed, so the same pieces meet the same faults.
 *
 * ```ts
 * const bad = await faults({ to: port, delay: 0.2, jitter: 0.05, seed: 7 });
 * await s.connect(['127.0.0.1', bad.port]);
 * ```
 * @throws RangeError where a number makes no sense; OSError where its port cannot be had
 */
export async function faults(options: FaultsOptions): Promise<Faults> {
  const checked = checkedFaults(options);
  const target: [string, number] = typeof checked.to === "number" ? ["127.0.0.1", checked.to] : checked.to;
  const relay = checked.udp
    ? await DatagramRelay.open(target, checked)
    : await StreamRelay.open(target, checked);
  return new Faults(relay, target, checked);
}

// The vertical lines of a diagram: one for each address and port, under names that people use for them.
import type { Address } from "../socket/address.js";
import { hostPort } from "../socket/printed.js";
import { nameOfPort } from "../socket/services.js";
import type { Endpoint } from "./events.js";

export interface Lane {
  /** From the left, 0 is the first. */
  readonly index: number;
  /** `server`, `client`, or what the trace was told. */
  readonly name: string;
  /** Address and port, and what the port is for. */
  readonly address: string;
}

/** What ports are to be called: `{ 12345: "echo server" }`. */
export type Names = { readonly [port: number]: string };

/** More lines than fit on a page: from then on clients share one. */
const MOST = 8;

const ANY = new Set(["0.0.0.0", "::", ""]);

export class Lanes {
  readonly all: Lane[] = [];
  readonly #names: Names;
  readonly #byKey = new Map<string, Lane>();
  /** Ports that a socket of this process took on every address. */
  readonly #anywhere = new Set<number>();
  /** Clients that share a line. */
  #crowd: Lane | undefined;

  constructor(endpoints: readonly Endpoint[], names: Names) {
    this.#names = names;
    for (const { local } of endpoints)
      if (Array.isArray(local) && ANY.has(local[0])) this.#anywhere.add(local[1]);
  }

  of(endpoint: Endpoint): Lane {
    const { local, role, id } = endpoint;
    const known = local !== undefined && local !== "";
    return this.#lane(known ? this.#key(local) : `socket ${id}`, known ? local : "", role);
  }

  /** Of the other side, which may be elsewhere. */
  at(address: Address | undefined, from: Endpoint): Lane {
    if (from.twin) return this.of(from.twin);
    const role = from.role === "client" ? "server" : "client";
    if (address === undefined || address === "") return this.#lane(`peer of ${from.id}`, "", role);
    return this.#lane(this.#key(address), address, role);
  }

  #key(address: Address): string {
    if (typeof address === "string") return address;
    return this.#anywhere.has(address[1]) ? `port ${address[1]}` : hostPort(address);
  }

  #lane(key: string, address: Address, role: Endpoint["role"]): Lane {
    const known = this.#byKey.get(key);
    if (known) return known;
    const port = Array.isArray(address) ? address[1] : undefined;
    const named = port === undefined ? undefined : this.#names[port];
    if (role === "client" && !named && this.all.length >= MOST - 1) {
      this.#crowd ??= this.#add(key, "other clients", "several addresses");
      this.#byKey.set(key, this.#crowd);
      return this.#crowd;
    }
    // The numbers that the system gives to clients mean nothing.
    const service = port !== undefined && port < 32_768 ? nameOfPort(port) : undefined;
    const where = hostPort(address) || key;
    return this.#add(
      key,
      named ?? (role === "client" ? "client" : "server"),
      service ? `${where} (${service})` : where,
    );
  }

  #add(key: string, name: string, address: string): Lane {
    const lane = { index: this.all.length, name, address };
    this.all.push(lane);
    this.#byKey.set(key, lane);
    return lane;
  }
}

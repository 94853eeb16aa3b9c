// Events as numbers in columns, until somebody looks. As objects they would survive every collection of garbage, V8 would let more of it gather
// before the next, and what large pieces leave behind would be most of what a trace costs.
import type { Address } from "../socket/address.js";
import type { Endpoint, Kind, WireEvent } from "./events.js";

/** What is the same in most events of one kind at one socket. */
type Manner = Pick<WireEvent, "kind" | "endpoint" | "state" | "cell" | "detail" | "peer">;

/** One event more. */
export interface Addition extends Manner {
  at: number;
  bytes: number;
  offset: number;
  payload: Uint8Array | undefined;
}

/** `at`, `bytes`, `offset`, the number of its manner, and where its payload is. */
const COLUMNS = 5;
const CHUNK = 4096;
const NO_PAYLOAD = -1;

export class EventLog {
  #count = 0;
  readonly #chunks: Float64Array[] = [];
  readonly #manners: Manner[] = [];
  /** The newest of each kind at each socket. */
  readonly #newest = new WeakMap<Endpoint, Partial<Record<Kind, number>>>();
  readonly #payloads = new Payloads();
  /** Those that somebody has looked at. */
  readonly #made: WireEvent[] = [];

  get length(): number {
    return this.#count;
  }

  add(event: Addition): void {
    const index = this.#count++;
    const place = (index % CHUNK) * COLUMNS;
    if (place === 0) this.#chunks.push(new Float64Array(CHUNK * COLUMNS));
    const chunk = this.#chunks.at(-1) as Float64Array;
    chunk[place] = event.at;
    chunk[place + 1] = event.bytes;
    chunk[place + 2] = event.offset;
    chunk[place + 3] = this.#numberOf(event);
    chunk[place + 4] = event.payload ? this.#payloads.keep(event.payload) : NO_PAYLOAD;
  }

  #numberOf(event: Manner): number {
    const { kind, endpoint, state, cell, detail, peer } = event;
    let newest = this.#newest.get(endpoint);
    if (!newest) {
      newest = {};
      this.#newest.set(endpoint, newest);
    }
    const known = newest[kind];
    if (known !== undefined && isSame(this.#manners[known] as Manner, event)) return known;
    newest[kind] = this.#manners.length;
    return this.#manners.push({ kind, endpoint, state, cell, detail, peer }) - 1;
  }

  /** All of them, oldest first. */
  get all(): readonly WireEvent[] {
    for (let index = this.#made.length; index < this.#count; index++) {
      const chunk = this.#chunks[Math.floor(index / CHUNK)] as Float64Array;
      const place = (index % CHUNK) * COLUMNS;
      this.#made.push({
        number: index + 1,
        at: chunk[place] as number,
        ...(this.#manners[chunk[place + 3] as number] as Manner),
        bytes: chunk[place + 1] as number,
        offset: chunk[place + 2] as number,
        payload: this.#payloads.find(chunk[place + 4] as number, chunk[place + 1] as number),
      });
    }
    return this.#made;
  }
}

/** Smaller pieces are copied; larger ones are kept as they are, since copying would cost more than sending them. */
const COPIED = 4096;
const STORE = 256 * 1024;

/** Where a piece is, is a number: below {@link FIRST_LARGE} a place in the stores, one after the other, else that of a large one. */
const FIRST_LARGE = 2 ** 40;

class Payloads {
  readonly #stores: Buffer[] = [];
  #used = STORE;
  readonly #large: Buffer[] = [];

  keep(bytes: Uint8Array): number {
    if (bytes.length > COPIED) return FIRST_LARGE + this.#large.push(toBuffer(bytes)) - 1;
    if (this.#used + bytes.length > STORE) {
      this.#stores.push(Buffer.allocUnsafeSlow(STORE));
      this.#used = 0;
    }
    const place = (this.#stores.length - 1) * STORE + this.#used;
    (this.#stores.at(-1) as Buffer).set(bytes, this.#used);
    this.#used += bytes.length;
    return place;
  }

  find(place: number, length: number): Buffer | undefined {
    if (place === NO_PAYLOAD) return undefined;
    if (place >= FIRST_LARGE) return this.#large[place - FIRST_LARGE];
    const from = place % STORE;
    return (this.#stores[Math.floor(place / STORE)] as Buffer).subarray(from, from + length);
  }
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isSame(one: Manner, other: Manner): boolean {
  return (
    one.state === other.state &&
    one.cell === other.cell &&
    one.detail === other.detail &&
    isSameAddress(one.peer, other.peer)
  );
}

function isSameAddress(one: Address | undefined, other: Address | undefined): boolean {
  if (one === other || !Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((part, at) => part === other[at]);
}

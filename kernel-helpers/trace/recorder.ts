// Makes events of what the taps tell: which socket is whose other end, where in its stream a piece lies, in which state it is now.
import { host } from "../host-contract.js";
import type { Address } from "../socket/address.js";
import { hostPort } from "../socket/printed.js";
import { EventLog } from "./event-log.js";
import type { Endpoint, Kind, TcpState, WireEvent } from "./events.js";
import { advance, stateOf } from "./states.js";

/** What a tap knows of a socket that is new to it. */
export interface Seen {
  protocol: Endpoint["protocol"];
  role: Endpoint["role"];
  local?: Address | undefined;
  remote?: Address | undefined;
  /** It was open before. */
  state?: TcpState;
}

export interface Details {
  bytes?: Uint8Array | undefined;
  peer?: Address | undefined;
  detail?: string;
}

export interface RecorderOptions {
  /** The most events to keep. */
  limit: number;
  /** The most bytes of payload to keep. */
  keep: number;
}

/** @internal */
export class Recorder {
  readonly #log = new EventLog();
  readonly endpoints: Endpoint[] = [];
  /** Events that found no room. */
  dropped = 0;
  /** Milliseconds since 1970 at the beginning. */
  readonly began: number = performance.timeOrigin + performance.now();
  /** Called after each event. */
  onEvent: () => void = () => {};
  readonly #zero: number = performance.now();
  readonly #known = new WeakMap<object, Endpoint>();
  readonly #open = new Map<string, Endpoint>();
  /** Connections to a path that nobody in this process has accepted yet, oldest first. */
  readonly #queues = new Map<string, Endpoint[]>();
  readonly #limit: number;
  #room: number;

  constructor({ limit, keep }: RecorderOptions) {
    this.#limit = limit;
    this.#room = keep;
  }

  get events(): readonly WireEvent[] {
    return this.#log.all;
  }

  /** How many there are; cheaper than to look at them. */
  get count(): number {
    return this.#log.length;
  }

  now(): number {
    return performance.now() - this.#zero;
  }

  find(socket: object): Endpoint | undefined {
    return this.#known.get(socket);
  }

  /** The endpoint of a socket; a new one where it is seen for the first time. */
  meet(socket: object, { protocol, role, local, remote, state }: Seen): Endpoint {
    const known = this.#known.get(socket);
    if (known) return known;
    const endpoint: Endpoint = {
      id: this.endpoints.length + 1,
      protocol,
      role,
      local,
      remote,
      twin: undefined,
      path: protocol === "udp" ? [] : [{ state: state ?? "CLOSED", at: this.now(), by: "" }],
      sent: 0,
      received: 0,
      cell: "",
    };
    this.#known.set(socket, endpoint);
    this.endpoints.push(endpoint);
    this.place(endpoint);
    return endpoint;
  }

  /** Its addresses are known (or known better) now. */
  place(endpoint: Endpoint): void {
    const { local, remote, role, protocol } = endpoint;
    if (role === "listener" || protocol === "udp") return;
    if (protocol === "unix") {
      this.#placeByPath(endpoint);
      return;
    }
    if (local === undefined || remote === undefined) return;
    const [here, there] = [hostPort(local), hostPort(remote)];
    this.#open.set(`${here} ${there}`, endpoint);
    const twin = this.#open.get(`${there} ${here}`);
    if (twin) pair(endpoint, twin);
  }

  /** Ends at a path have no addresses of their own. The queue of a listening socket is first come, first served. */
  #placeByPath(endpoint: Endpoint): void {
    const path = String((endpoint.role === "client" ? endpoint.remote : endpoint.local) ?? "");
    if (!path || endpoint.twin) return;
    const queue = this.#queues.get(path) ?? [];
    this.#queues.set(path, queue);
    if (endpoint.role === "client") {
      if (!queue.includes(endpoint)) queue.push(endpoint);
      return;
    }
    const client = queue.shift();
    if (client) pair(endpoint, client);
  }

  add(endpoint: Endpoint, kind: Kind, { bytes, peer, detail = "" }: Details = {}): void {
    const at = this.now();
    const length = bytes?.length ?? 0;
    const offset = kind === "send" ? endpoint.sent : endpoint.received;
    if (kind === "send") endpoint.sent += length;
    else if (kind === "recv") endpoint.received += length;
    if (endpoint.protocol !== "udp") advance(endpoint, kind, at, detail);
    const cell = host()?.cell()?.label ?? "";
    if (cell && !endpoint.cell) endpoint.cell = cell;
    if (this.#log.length >= this.#limit) {
      this.dropped++;
      return;
    }
    this.#log.add({
      ...{ at, kind, endpoint, offset, detail, cell },
      bytes: length,
      payload: bytes && this.#hasRoom(bytes) ? bytes : undefined,
      peer: peer ?? endpoint.remote,
      state: stateOf(endpoint),
    });
    if (kind === "close" || kind === "reset") this.#forget(endpoint);
    this.onEvent();
  }

  #hasRoom(bytes: Uint8Array): boolean {
    if (bytes.length > this.#room) return false;
    this.#room -= bytes.length;
    return true;
  }

  /** The same addresses may be used again. */
  #forget({ local, remote }: Endpoint): void {
    if (local !== undefined && remote !== undefined)
      this.#open.delete(`${hostPort(local)} ${hostPort(remote)}`);
  }
}

function pair(one: Endpoint, other: Endpoint): void {
  if (one.twin || other.twin) return;
  one.twin = other;
  other.twin = one;
}

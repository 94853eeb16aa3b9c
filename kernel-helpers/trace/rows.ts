// From events to the rows of a diagram: what one end sent and the other received becomes one arrow, what happens at one end alone a note.
import { hostPort } from "../socket/printed.js";
import type { Endpoint, WireEvent } from "./events.js";
import { type Lane, Lanes, type Names } from "./lanes.js";

/** One row: an arrow from line to line, or a note at one of them. */
export interface Row {
  readonly event: WireEvent;
  /** Where it begins, or stands. */
  readonly from: Lane;
  /** Where an arrow leads; undefined of a note. */
  readonly to: Lane | undefined;
  readonly label: string;
  /** No call made it: segments that the application does not see, and that must have been there. */
  readonly inferred: boolean;
  readonly failed: boolean;
  /** Sockets whose state it changed: `client: SYN_SENT`. */
  readonly states: string;
  /** When the other side had it: milliseconds after the sending. */
  arrived: number | undefined;
}

export interface Diagram {
  readonly lanes: readonly Lane[];
  readonly rows: readonly Row[];
}

/** States into which a FIN leads. */
const LEAVING = new Set(["FIN_WAIT_1", "LAST_ACK"]);

/** A piece that is on its way. */
interface Flight {
  readonly row: Row;
  readonly start: number;
  readonly end: number;
}

export function toDiagram(
  events: readonly WireEvent[],
  endpoints: readonly Endpoint[],
  names: Names = {},
): Diagram {
  const builder = new Builder(new Lanes(endpoints, names));
  for (const event of events) builder.add(event);
  return { lanes: builder.lanes.all, rows: builder.rows };
}

class Builder {
  readonly lanes: Lanes;
  readonly rows: Row[] = [];
  /** What left a socket and was not seen to arrive, by the one that sent it. */
  readonly #streams = new Map<Endpoint, Flight[]>();
  /** Datagrams, by where from and where to. */
  readonly #datagrams = new Map<string, Row[]>();

  constructor(lanes: Lanes) {
    this.lanes = lanes;
  }

  add(event: WireEvent): void {
    const { kind, endpoint, peer, detail, bytes } = event;
    const here = this.lanes.of(endpoint);
    const there = (): Lane => this.lanes.at(peer, endpoint);
    switch (kind) {
      case "bind":
        this.#note(event, here, `bind ${hostPort(endpoint.local)}`);
        return;
      case "listen":
        this.#note(event, here, `listen${detail && `, ${detail}`}`);
        return;
      case "connect":
        this.#arrow(event, here, there(), "connect: SYN", { inferred: true });
        return;
      case "connected":
        if (endpoint.protocol === "udp") this.#note(event, here, `connect to ${hostPort(peer)}`);
        else this.#arrow(event, there(), here, "connected: SYN, ACK", { inferred: true });
        return;
      case "accept":
        this.#note(
          event,
          here,
          `accept ${peer === undefined || peer === "" ? "" : hostPort(peer)}`.trimEnd(),
        );
        return;
      case "send":
        this.#sent(event, this.#arrow(event, here, there(), `send ${size(bytes)}`));
        return;
      case "recv":
        this.#received(event, here);
        return;
      case "eof":
        // The arrow of the other end's FIN is there, where it is in this process.
        if (endpoint.twin) this.#note(event, here, "recv: end of stream");
        else this.#arrow(event, there(), here, "FIN: end of stream", { inferred: true });
        return;
      case "shutdown":
        this.#arrow(event, here, there(), "shutdown: FIN", { inferred: true });
        return;
      case "close":
        this.#closed(event, here, there);
        return;
      case "reset":
        this.#arrow(event, here, there(), "close: RST", { inferred: true, failed: true });
        return;
      case "error":
        if (detail === "ECONNREFUSED" || detail === "ECONNRESET")
          this.#arrow(event, there(), here, `RST: ${detail}`, { inferred: true, failed: true });
        else this.#note(event, here, detail, { failed: true });
        return;
      case "timeout":
        this.#note(event, here, `timeout${detail && `: ${detail}`}`, { failed: true });
    }
  }

  /** A FIN only leaves where none has left before. */
  #closed(event: WireEvent, here: Lane, there: () => Lane): void {
    const { path } = event.endpoint;
    if (path.some(({ at, by, state }) => by === "close" && at === event.at && LEAVING.has(state)))
      this.#arrow(event, here, there(), "close: FIN", { inferred: true });
    else this.#note(event, here, "close");
  }

  #sent(event: WireEvent, row: Row): void {
    const { endpoint, offset, bytes } = event;
    if (endpoint.protocol === "udp") {
      const key = `${row.from.index} ${row.to?.index}`;
      const flights = this.#datagrams.get(key) ?? [];
      this.#datagrams.set(key, flights);
      flights.push(row);
    } else if (endpoint.twin) {
      const flights = this.#streams.get(endpoint) ?? [];
      this.#streams.set(endpoint, flights);
      flights.push({ row, start: offset, end: offset + bytes });
    }
  }

  #received(event: WireEvent, here: Lane): void {
    const { endpoint, bytes, offset, peer, at, payload } = event;
    if (endpoint.protocol === "udp") {
      const from = this.lanes.at(peer, endpoint);
      const flights = this.#datagrams.get(`${from.index} ${here.index}`) ?? [];
      const found = flights.findIndex((row) => row.event.bytes === bytes && same(row.event.payload, payload));
      const [row] = found < 0 ? [] : flights.splice(found, 1);
      if (row) row.arrived = at - row.event.at;
      else this.#arrow(event, from, here, `recv ${size(bytes)}`);
      return;
    }
    const flights = endpoint.twin && this.#streams.get(endpoint.twin);
    if (!endpoint.twin || !flights) {
      this.#arrow(event, this.lanes.at(peer, endpoint), here, `recv ${size(bytes)}`);
      return;
    }
    const end = offset + bytes;
    const [first] = flights;
    if (first?.start === offset && first.end === end) first.row.arrived = at - first.row.event.at;
    else this.#note(event, here, `recv ${size(bytes)}`);
    while (flights[0] && flights[0].end <= end) flights.shift();
  }

  #arrow(
    event: WireEvent,
    from: Lane,
    to: Lane,
    label: string,
    { inferred = false, failed = false } = {},
  ): Row {
    return this.#push({ event, from, to, label, inferred, failed });
  }

  #note(event: WireEvent, from: Lane, label: string, { failed = false } = {}): void {
    this.#push({ event, from, to: undefined, label, inferred: false, failed });
  }

  #push(rest: Omit<Row, "arrived" | "states">): Row {
    const row = { ...rest, states: this.#states(rest.event), arrived: undefined };
    this.rows.push(row);
    return row;
  }

  #states({ endpoint, at }: WireEvent): string {
    return [endpoint, endpoint.twin]
      .flatMap((one) => {
        const steps = one?.path.filter((step) => step.at === at && step.by !== "") ?? [];
        if (!one || steps.length === 0) return [];
        return `${this.lanes.of(one).name}: ${steps.map(({ state }) => state).join(", ")}`;
      })
      .join("; ");
  }
}

/** Payload that was not kept counts as the same. */
function same(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined || one.equals(other);
}

/** `52 B`, `4.1 KB`: of thousands, as speeds are told. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `0.34 ms`, `1.20 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`;
  return `${(ms / 1000).toFixed(2)} s`;
}

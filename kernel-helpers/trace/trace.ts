// A trace as a student holds it: begun, looked at while it grows, ended, saved.
import { writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { type TableDisplay, type Row as TableRow, table } from "../host/table.js";
import { host, type MimeBundle } from "../host-contract.js";
import { LiveOutput } from "../serve/live-output.js";
import { toOSError } from "../socket/errors.js";
import { hostPort } from "../socket/printed.js";
import type { Endpoint, WireEvent } from "./events.js";
import { readable } from "./hexdump.js";
import type { Names } from "./lanes.js";
import { type Way, wayOf } from "./machine.js";
import { Packets } from "./packets.js";
import { writePcapng } from "./pcapng.js";
import { Recorder } from "./recorder.js";
import { duration, toDiagram } from "./rows.js";
import { type Conversation, follow } from "./stream.js";
import { listenIn } from "./taps.js";
import { toBundle } from "./views.js";

export interface TraceOptions {
  /** What ports are to be called in diagrams: `{ 12345: "echo server" }`. */
  names?: Names;
  /** The most events to keep; later ones are counted only. Default 100,000. */
  limit?: number;
  /** Whose sockets these are, for the legend; this notebook's where it is left out. */
  whose?: string;
  /** The most bytes of payload to keep. Default 16 MB: with more, what sockets do is slower, since V8 looks for garbage all the time. */
  keep?: number;
}

const legendOf = (whose: string): string =>
  `Solid: calls of ${whose}. Dashed: segments that go with them and that an application does not see. ✕: failed.`;

/** A picture that is renewed all the time shows the newest only. */
const LIVE = { rows: 40, events: 400 };

/** What went over the wire, from its beginning to {@link stop}. Made by {@link trace}. */
export class Trace implements Disposable {
  readonly #recorder: Recorder;
  readonly #names: Names;
  readonly #legend: string;
  readonly #live = new Set<LiveOutput>();
  #end: (() => void) | undefined;
  #ended: number | undefined;

  /** @internal */
  constructor({
    names = {},
    limit = 100_000,
    keep = 16 * 1024 * 1024,
    whose = "this notebook",
  }: TraceOptions = {}) {
    this.#names = names;
    this.#legend = legendOf(whose);
    this.#recorder = new Recorder({ limit, keep });
    this.#recorder.onEvent = () => {
      for (const output of this.#live) output.update();
    };
    const end = listenIn(this.#recorder);
    const forget = host()?.own(this, { name: "a trace" });
    this.#end = () => {
      end();
      forget?.();
    };
    Object.defineProperty(this, inspect.custom, { value: () => this.toString(), enumerable: false });
    Object.defineProperty(this, Symbol.for("Jupyter.display"), {
      value: () => (this.running && host() ? this.show() : this.bundle()),
      enumerable: false,
    });
  }

  /** Does it still listen? */
  get running(): boolean {
    return this.#end !== undefined;
  }

  /** What happened, oldest first. */
  get events(): readonly WireEvent[] {
    return this.#recorder.events;
  }

  /** The sockets that were seen, in the order of their first event. */
  get sockets(): readonly Endpoint[] {
    return this.#recorder.endpoints;
  }

  /** Ends it; twice is no error. What it has recorded stays. */
  stop(): this {
    if (!this.#end) return this;
    this.#end();
    this.#end = undefined;
    this.#ended = this.#recorder.now();
    for (const output of this.#live) output.renew();
    return this;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** Shows the diagram here, and renews it as long as the trace runs. */
  show(): undefined {
    const make = (): MimeBundle => (this.running ? this.#newest() : this.bundle());
    const output = new LiveOutput(make, { "text/plain": "(the engine has ended, and the trace with it)" });
    output.show();
    if (this.running) this.#live.add(output);
    return undefined;
  }

  /** The diagram in all its forms: HTML, SVG, Mermaid and text. */
  bundle(): MimeBundle {
    const { events, endpoints } = this.#recorder;
    return toBundle(toDiagram(events, endpoints, this.#names), {
      title: this.#title(),
      legend: this.#legend,
    });
  }

  #newest(): MimeBundle {
    const { events, endpoints } = this.#recorder;
    const newest = toDiagram(events.slice(-LIVE.events), endpoints, this.#names);
    return toBundle(newest, { title: `${this.#title()} so far`, legend: this.#legend, last: LIVE.rows });
  }

  #title(): string {
    const { count: events, endpoints, dropped } = this.#recorder;
    const lost = dropped > 0 ? `, ${dropped} more were not kept` : "";
    const time = duration(this.#ended ?? this.#recorder.now());
    return `${count(events, "event")} of ${count(endpoints.length, "socket")} in ${time}${lost}`;
  }

  /** All events: an array, shown as a table. */
  table(): WireEvent[] & TableDisplay {
    return table([...this.events], toTableRow);
  }

  /**
   * What two ends said to each other.
   * @param socket its number, as the diagram tells it; the first connection where it is left out
   * @param options.hex bytes instead of text
   * @throws RangeError where there is no such connection
   */
  follow(socket?: number, options: { hex?: boolean } = {}): Conversation {
    return follow(this.events, this.#find(socket, "a connection"), options);
  }

  /**
   * The states of TCP, and the way that a socket took through them.
   * @param socket as in {@link follow}
   * @see RFC 9293, section 3.3.2
   */
  states(socket?: number): Way {
    return wayOf(this.#find(socket, "a TCP socket"));
  }

  #find(socket: number | undefined, what: string): Endpoint {
    const fits = this.sockets.filter(
      ({ path, role }) => path.length > 0 && (socket !== undefined || role !== "listener"),
    );
    const found = socket === undefined ? fits[0] : fits.find(({ id }) => id === socket);
    if (found) return found;
    const list = fits.map(
      ({ id, local, remote }) => `${id} (${hostPort(local) || "?"} ↔ ${hostPort(remote) || "?"})`,
    );
    throw new RangeError(
      `${socket === undefined ? "this trace" : `socket ${socket}`} has not seen ${what}. ${list.length > 0 ? `There are: ${list.join(", ")}` : "It has seen none so far."}`,
    );
  }

  /**
   * Writes a file that Wireshark opens: packets as they must have looked, made from the calls that were seen.
   * @param path ends in `.pcapng`
   * @throws OSError where it cannot be written
   * @returns how many packets it has
   * @see https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/
   */
  async save(path: string): Promise<number> {
    const { events, endpoints, began } = this.#recorder;
    const { all, names } = new Packets(events, endpoints);
    await writeFile(path, writePcapng(all, { began, names })).catch((error: unknown) => {
      throw toOSError(error);
    });
    return all.length;
  }

  toString(): string {
    return String(this.bundle()["text/plain"]);
  }
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

function toTableRow({
  number,
  at,
  kind,
  endpoint,
  peer,
  bytes,
  state,
  detail,
  payload,
  cell,
}: WireEvent): TableRow {
  return {
    event: number,
    time: duration(at),
    cell: cell || endpoint.cell,
    socket: endpoint.id,
    kind,
    local: hostPort(endpoint.local),
    peer: hostPort(peer),
    bytes,
    state,
    what: detail || (payload ? readable(payload, { most: 60 }) : ""),
  };
}

/**
 * Records what this notebook does on the wire: the helpers' sockets, and Node's own `net`, `http`, `dgram`, `ws` and `fetch`.
 * With a function it records while that runs, and shows the diagram meanwhile; without one until {@link Trace.stop}, and
 * the trace is shown where it is a cell's value. While nothing is recorded it costs nothing.
 *
 * ```ts
 * const t = await trace(async () => {
 *   const s = socket();
 *   await s.connect(['127.0.0.1', port]);
 *   await s.sendall('hello');
 * });
 * await t.save('hello.pcapng');
 * ```
 * What it shows is the application's view. Payload of more than 4 KB is not copied: whoever changes a buffer after sending
 * it changes the trace.
 */
export function trace(options?: TraceOptions): Trace;
export function trace(during: () => unknown, options?: TraceOptions): Promise<Trace>;
export function trace(first?: (() => unknown) | TraceOptions, second?: TraceOptions): Trace | Promise<Trace> {
  return typeof first === "function" ? traceWhile(first, second) : new Trace(first);
}

async function traceWhile(during: () => unknown, options: TraceOptions | undefined): Promise<Trace> {
  const trace = new Trace(options);
  const live = host() !== undefined;
  if (live) trace.show();
  try {
    await during();
    return trace;
  } finally {
    trace.stop();
    // Where nothing can be renewed, once is enough.
    if (!live) console.log(trace.toString());
  }
}

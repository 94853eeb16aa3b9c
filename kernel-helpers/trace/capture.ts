// True packets: taken by tcpdump where the user may, or read from a file, and shown in the same way as a trace.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import { host, type MimeBundle } from "../host-contract.js";
import { NotSupported, PermissionError, toOSError } from "../socket/errors.js";
import { hostPort } from "../socket/printed.js";
import type { Endpoint, WireEvent } from "./events.js";
import { ACK, FIN, type Host, PSH, RST, readPacket, type Segment, SYN } from "./headers.js";
import { Lanes, type Names } from "./lanes.js";
import { type Captured, readCapture } from "./pcapng.js";
import { type Diagram, duration, type Row, size } from "./rows.js";
import { type Conversation, follow } from "./stream.js";
import { toBundle } from "./views.js";

export interface CaptureOptions {
  /** The interface to listen on; the loopback where it is left out. */
  interface?: string;
  /** Only packets from or to this port. */
  port?: number;
  /** What ports are to be called. */
  names?: Names;
}

const FLAGS: readonly [flag: number, name: string][] = [
  [SYN, "SYN"],
  [FIN, "FIN"],
  [RST, "RST"],
  [PSH, "PSH"],
  [ACK, "ACK"],
];

/** How many bytes stand before the IP header, by link type. @see https://www.tcpdump.org/linktypes.html */
function toIp({ link, data }: Captured): Buffer | undefined {
  if (link === 101 || link === 12 || link === 228 || link === 229) return data;
  if (link === 0 || link === 108) return data.subarray(4);
  if (link === 113) return data.subarray(16);
  if (link === 276) return data.subarray(20);
  if (link !== 1 || data.length < 18) return undefined;
  // One VLAN tag may stand between.
  return data.subarray(data.readUInt16BE(12) === 0x8100 ? 18 : 14);
}

/** Packets that were really there; shows itself as a diagram. */
export class Capture {
  /** TCP segments and UDP datagrams, oldest first. */
  readonly segments: readonly (Segment & { at: number })[];
  /** Packets of other protocols. */
  readonly others: number;
  readonly #events: WireEvent[] = [];
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #expected = new Map<Endpoint, { first: number; next: number }>();
  readonly #lanes: Lanes;
  readonly #rows: Row[];

  /** @internal */
  constructor(packets: readonly Captured[], names: Names = {}) {
    const zero = packets[0]?.at ?? 0;
    this.segments = packets.flatMap((packet) => {
      const ip = toIp(packet);
      const segment = ip && readPacket(ip);
      return segment ? [{ ...segment, at: packet.at - zero }] : [];
    });
    this.others = packets.length - this.segments.length;
    this.#lanes = new Lanes([], names);
    Object.defineProperty(this, inspect.custom, {
      value: () => String(this.bundle()["text/plain"]),
      enumerable: false,
    });
    Object.defineProperty(this, Symbol.for("Jupyter.display"), {
      value: () => this.bundle(),
      enumerable: false,
    });
    this.#rows = this.segments.map((segment) => this.#row(segment));
  }

  /** The diagram in all its forms. */
  bundle(): MimeBundle {
    const diagram: Diagram = { lanes: this.#lanes.all, rows: this.#rows };
    const last = this.segments.at(-1)?.at ?? 0;
    const rest = this.others > 0 ? `, and ${this.others} of other protocols` : "";
    return toBundle(diagram, {
      title: `${this.segments.length} packets in ${duration(last)}${rest}`,
      legend: "Packets as they were on the interface.",
    });
  }

  /** @param connection the first one is 1 */
  follow(connection: number = 1, options: { hex?: boolean } = {}): Conversation {
    const clients = [...this.#endpoints.values()].filter(({ role }) => role === "client");
    const endpoint = clients[connection - 1];
    if (!endpoint) throw new RangeError(`connection ${connection}: this capture has ${clients.length}`);
    return follow(this.#events, endpoint, options);
  }

  #row(segment: Segment & { at: number }): Row {
    const endpoint = this.#endpoint(segment);
    const known = this.#expected.get(endpoint) ?? { first: segment.sequence, next: segment.sequence };
    this.#expected.set(endpoint, known);
    const start = (segment.sequence - known.next) | 0;
    // What was there before counts once.
    const again = segment.size > 0 && start < 0;
    const step = segment.size + (segment.flags & (SYN | FIN) ? 1 : 0);
    if (start >= 0) known.next = (segment.sequence + step) >>> 0;
    const event: WireEvent = {
      number: this.#events.length + 1,
      at: segment.at,
      kind: "send",
      endpoint,
      bytes: segment.size,
      offset: endpoint.sent,
      payload: again || segment.payload.length < segment.size ? undefined : segment.payload,
      peer: endpoint.remote,
      detail: "",
      state: "",
      cell: "",
    };
    if (!again) endpoint.sent += segment.size;
    if (segment.size > 0 && !again) this.#events.push(event);
    return {
      event,
      from: this.#lanes.of(endpoint),
      to: this.#lanes.at(endpoint.remote, endpoint),
      label: this.#label(segment, endpoint, again),
      inferred: false,
      failed: (segment.flags & RST) !== 0,
      states: "",
      arrived: undefined,
    };
  }

  #label(
    { protocol, flags, sequence, acknowledged, size: bytes }: Segment,
    endpoint: Endpoint,
    again: boolean,
  ): string {
    if (protocol === "udp") return size(bytes);
    const names = FLAGS.filter(([flag]) => flags & flag).map(([, name]) => name);
    const mine = this.#expected.get(endpoint)?.first ?? sequence;
    const theirs = endpoint.twin && this.#expected.get(endpoint.twin)?.first;
    const parts = [`[${names.join(", ")}]`];
    if (bytes > 0) parts.push(size(bytes));
    parts.push(`seq ${(sequence - mine) >>> 0}`);
    if (flags & ACK && theirs !== undefined) parts.push(`ack ${(acknowledged - theirs) >>> 0}`);
    return `${parts.join(" ")}${again ? " again" : ""}`;
  }

  #endpoint({ from, to, protocol, flags }: Segment): Endpoint {
    const [local, remote] = [address(from), address(to)];
    const key = `${protocol} ${hostPort(local)} ${hostPort(remote)}`;
    const known = this.#endpoints.get(key);
    if (known) return known;
    const twin = this.#endpoints.get(`${protocol} ${hostPort(remote)} ${hostPort(local)}`);
    // Who speaks first connects; an answer that comes first tells that its question was missed.
    const role = twin
      ? twin.role === "client"
        ? "server"
        : "client"
      : flags === (SYN | ACK)
        ? "server"
        : "client";
    const endpoint: Endpoint = {
      id: this.#endpoints.size + 1,
      protocol,
      role,
      local,
      remote,
      twin,
      path: [],
      sent: 0,
      received: 0,
      cell: "",
    };
    if (twin) twin.twin = endpoint;
    this.#endpoints.set(key, endpoint);
    return endpoint;
  }
}

const address = ({ address: name, port }: Host): [string, number] | [string, number, number, number] =>
  name.includes(":") ? [name, port, 0, 0] : [name, port];

/**
 * Reads a file of packets: `.pcapng` or `.pcap`, of Wireshark, tcpdump or {@link Trace.save}.
 * @throws OSError where it cannot be read; CaptureError where it is none, or is damaged
 */
export async function openCapture(path: string, { names = {} }: { names?: Names } = {}): Promise<Capture> {
  const file = await readFile(path).catch((error: unknown) => {
    throw toOSError(error);
  });
  return new Capture(readCapture(file), names);
}

/** tcpdump says when it listens, and needs a moment to hand over the last packets. */
const START_MS = 5000;
const LAST_MS = 300;

/**
 * Takes the true packets while a function runs, by tcpdump.
 * @throws NotSupported where tcpdump is not installed; PermissionError where it may not listen
 * @see tcpdump(1)
 */
export async function capture(
  during: () => unknown,
  { interface: name = process.platform === "darwin" ? "lo0" : "lo", port, names = {} }: CaptureOptions = {},
): Promise<Capture> {
  const filter = port === undefined ? [] : ["port", String(port)];
  const child = spawn(
    "tcpdump",
    ["-i", name, "-n", "-U", "--immediate-mode", "-s", "0", "-w", "-", ...filter],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const forget = host()?.own({ [Symbol.dispose]: () => void child.kill("SIGKILL") }, { name: "tcpdump" });
  const pieces: Buffer[] = [];
  let said = "";
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new NotSupported(`tcpdump did not begin to listen: ${said}`)),
        START_MS,
      );
      child.once("error", (error: NodeJS.ErrnoException) => {
        reject(error.code === "ENOENT" ? missing() : toOSError(error));
      });
      child.once("close", () => reject(refused(said, name)));
      child.stderr.on("data", (text: Buffer) => {
        said += text;
        if (!said.includes("listening on")) return;
        clearTimeout(timer);
        resolve();
      });
    });
    await during();
    await new Promise((resolve) => setTimeout(resolve, LAST_MS));
  } finally {
    child.kill("SIGINT");
    await ended;
    forget?.();
  }
  return new Capture(readCapture(Buffer.concat(pieces)), names);
}

const missing = (): NotSupported =>
  new NotSupported(
    "tcpdump is not installed. Linux: apt install tcpdump (or dnf); macOS has it; on Windows capture with Wireshark and use openCapture(file). trace() needs none of these",
  );

function refused(said: string, name: string): Error {
  const reason = said.trim().split("\n").at(-1) ?? "";
  return /permission|not permitted/i.test(said)
    ? new PermissionError(
        `tcpdump may not listen on ${name}: ${reason}. Capturing needs root, or: setcap cap_net_raw+eip on tcpdump. trace() needs no permission`,
      )
    : new NotSupported(`tcpdump ended: ${reason}`);
}

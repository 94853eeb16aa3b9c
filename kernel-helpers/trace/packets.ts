// Packets as they must have looked: from what an application did, with the handshakes, sequence numbers and checksums that its
// system added, so that every tool for packets can read a trace.
import { isIPv6 } from "node:net";
import type { Address } from "../socket/address.js";
import type { Endpoint, WireEvent } from "./events.js";
import { ACK, FIN, type Host, PSH, RST, SYN, tcpPacket, udpPacket } from "./headers.js";

export interface Packet {
  /** Milliseconds since the trace began. */
  readonly at: number;
  readonly data: Buffer;
  /** How long it was; more than `data` where payload was not kept. */
  readonly length: number;
  readonly direction: "inbound" | "outbound";
  readonly comment: string;
}

/** What a packet can carry beside its headers. */
const MOST = 65_000;

/** Both directions of one connection. */
interface Flow {
  readonly client: Host;
  readonly server: Host;
  /** The next sequence number of each. */
  readonly next: { client: number; server: number };
  readonly fin: { client: boolean; server: boolean };
}

type Side = "client" | "server";
const other = (side: Side): Side => (side === "client" ? "server" : "client");

export class Packets {
  readonly all: Packet[] = [];
  /** Sockets without addresses have some made for them: IPv4 address → path. */
  readonly names: Map<string, string> = new Map();
  readonly #flows = new Map<Endpoint, Flow>();
  readonly #datagramPorts: Set<number>;

  constructor(events: readonly WireEvent[], endpoints: readonly Endpoint[]) {
    this.#datagramPorts = new Set(
      endpoints.filter(({ protocol }) => protocol === "udp").map(({ local }) => portOf(local)),
    );
    for (const event of events) {
      if (event.endpoint.protocol === "udp") this.#datagram(event);
      else if (event.endpoint.role !== "listener") this.#segment(event);
    }
  }

  #datagram({ kind, endpoint, peer, payload, bytes, at, cell }: WireEvent): void {
    if ((kind !== "send" && kind !== "recv") || !Array.isArray(peer)) return;
    // What a socket of this trace sent is there already.
    if (kind === "recv" && this.#datagramPorts.has(peer[1])) return;
    const there = { address: peer[0], port: peer[1] };
    const here = { address: sameKind(endpoint.local, peer), port: portOf(endpoint.local) };
    const out = kind === "send";
    const { data, length } = udpPacket(out ? here : there, out ? there : here, payload, bytes);
    this.all.push({
      at,
      data,
      length,
      direction: out ? "outbound" : "inbound",
      comment: comment(kind, cell),
    });
  }

  #segment(event: WireEvent): void {
    const { kind, endpoint, at, bytes, payload, detail } = event;
    const flow = this.#flow(endpoint);
    const mine: Side = endpoint.role === "client" ? "client" : "server";
    const says = (side: Side, flags: number, why: string, data?: Buffer, size = 0): void =>
      this.#put(flow, side, flags, { at, mine, why: comment(why, event.cell), data, size });
    switch (kind) {
      case "connect":
        says("client", SYN, "connect");
        return;
      case "connected":
        says("server", SYN | ACK, "the other system answers");
        says("client", ACK, "connected");
        return;
      case "accept":
        // Whoever connected from this process has shaken hands before.
        if (endpoint.twin) return;
        says("client", SYN, "inferred");
        says("server", SYN | ACK, "inferred");
        says("client", ACK, "accept");
        return;
      case "send":
        this.#data(says, mine, "send", payload, bytes);
        return;
      case "recv":
        if (!endpoint.twin) this.#data(says, other(mine), "recv", payload, bytes);
        return;
      case "shutdown":
      case "close":
        if (!endpoint.path.some((step) => step.at === at && step.by === kind && step.state !== "CLOSED"))
          return;
        this.#fin(flow, says, mine, kind);
        return;
      case "eof":
        if (!endpoint.twin) this.#fin(flow, says, other(mine), "end of stream");
        return;
      case "reset":
        says(mine, RST | ACK, "close: reset");
        return;
      case "error":
        if (detail === "ECONNREFUSED" || (detail === "ECONNRESET" && !endpoint.twin))
          says(other(mine), RST | ACK, detail);
    }
  }

  #data(
    says: (side: Side, flags: number, why: string, data?: Buffer, size?: number) => void,
    side: Side,
    why: string,
    payload: Buffer | undefined,
    bytes: number,
  ): void {
    for (let from = 0; from < bytes; from += MOST) {
      const size = Math.min(MOST, bytes - from);
      says(side, PSH | ACK, why, payload?.subarray(from, from + size), size);
    }
  }

  #fin(flow: Flow, says: (side: Side, flags: number, why: string) => void, side: Side, why: string): void {
    if (flow.fin[side]) return;
    flow.fin[side] = true;
    says(side, FIN | ACK, why);
    says(other(side), ACK, "inferred");
  }

  #put(
    flow: Flow,
    side: Side,
    flags: number,
    {
      at,
      mine,
      why,
      data,
      size,
    }: { at: number; mine: Side; why: string; data: Buffer | undefined; size: number },
  ): void {
    const acknowledged = flags & ACK ? flow.next[other(side)] : 0;
    const { data: bytes, length } = tcpPacket(flow[side], flow[other(side)], {
      flags,
      sequence: flow.next[side],
      acknowledged,
      payload: data,
      size,
    });
    flow.next[side] += size + (flags & (SYN | FIN) ? 1 : 0);
    const direction = side === mine ? "outbound" : "inbound";
    this.all.push({ at, data: bytes, length, direction, comment: why });
  }

  #flow(endpoint: Endpoint): Flow {
    const known = this.#flows.get(endpoint) ?? (endpoint.twin && this.#flows.get(endpoint.twin));
    if (known) {
      this.#flows.set(endpoint, known);
      return known;
    }
    const [client, server] =
      endpoint.role === "client" ? [endpoint.local, endpoint.remote] : [endpoint.remote, endpoint.local];
    // Each with a first number of its own, as RFC 9293 wants it; tools count from it.
    const flow = {
      client: this.#host(client, endpoint, "client"),
      server: this.#host(server, endpoint, "server"),
      next: { client: endpoint.id * 1_000_000, server: endpoint.id * 1_000_000 + 500_000 },
      fin: { client: false, server: false },
    };
    this.#flows.set(endpoint, flow);
    return flow;
  }

  #host(address: Address | undefined, { id, remote, local, protocol }: Endpoint, side: Side): Host {
    if (protocol === "unix") {
      const path = String((side === "server" ? address : "") || (side === "server" ? (remote ?? local) : ""));
      const [high, low] = [(id >> 8) & 255, id & 255];
      const made = side === "server" ? `127.1.${high}.${low}` : `127.2.${high}.${low}`;
      this.names.set(made, path || `client ${id}`);
      return { address: made, port: side === "server" ? 1 : 1024 + id };
    }
    // Nobody was told the port of one that was refused.
    const known = Array.isArray(address) ? address : undefined;
    return { address: known?.[0] ?? sameKind(local, remote), port: known?.[1] ?? 0 };
  }
}

const portOf = (address: Address | undefined): number => (Array.isArray(address) ? address[1] : 0);

/** An address for one that is bound to all: the loopback of the peer's family. */
function sameKind(local: Address | undefined, peer: Address | undefined): string {
  const host = Array.isArray(local) ? local[0] : "";
  if (host && host !== "0.0.0.0" && host !== "::") return host;
  return Array.isArray(peer) && isIPv6(peer[0]) ? "::1" : "127.0.0.1";
}

const comment = (what: string, cell: string): string => (cell ? `${cell}: ${what}` : what);

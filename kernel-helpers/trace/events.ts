// The nouns of a trace. Events are what an application sees of its sockets; of packets it sees none.
import type { Address } from "../socket/address.js";

/** What happened at a socket. */
export type Kind =
  | "bind"
  | "listen"
  | "connect"
  | "connected"
  | "accept"
  | "send"
  | "recv"
  | "eof"
  | "shutdown"
  | "reset"
  | "close"
  | "error"
  | "timeout";

/** States of a TCP connection (RFC 9293, section 3.3.2). */
export type TcpState =
  | "CLOSED"
  | "LISTEN"
  | "SYN_SENT"
  | "SYN_RCVD"
  | "ESTABLISHED"
  | "FIN_WAIT_1"
  | "FIN_WAIT_2"
  | "CLOSE_WAIT"
  | "CLOSING"
  | "LAST_ACK"
  | "TIME_WAIT";

/** One step of a socket from state to state. */
export interface Step {
  readonly state: TcpState;
  /** Milliseconds since the trace began. */
  readonly at: number;
  /** What led there. */
  readonly by: string;
}

/** One socket, as far as the trace has seen it. */
export interface Endpoint {
  /** Its number in this trace; the first is 1. */
  readonly id: number;
  readonly protocol: "tcp" | "udp" | "unix";
  /** `client`: it connected, or sends datagrams; `server`: it was accepted; `listener`: it waits for others. */
  role: "client" | "server" | "listener";
  local: Address | undefined;
  remote: Address | undefined;
  /** The other end, where it is in this process, too. */
  twin: Endpoint | undefined;
  /** Of TCP; the last one is where it is now. */
  readonly path: Step[];
  /** Bytes so far. */
  sent: number;
  received: number;
  /** The first cell that did something with it. */
  cell: string;
}

/** One thing that happened at one socket. */
export interface WireEvent {
  /** Its number in this trace; the first is 1. */
  readonly number: number;
  /** Milliseconds since the trace began. */
  readonly at: number;
  readonly kind: Kind;
  readonly endpoint: Endpoint;
  /** Of `send` and `recv`: how many. */
  readonly bytes: number;
  /** Where they begin in the stream, counted from 0. */
  readonly offset: number;
  /** What they were; undefined where it was not kept. */
  readonly payload: Buffer | undefined;
  /** The peer of a datagram, or of a connection. */
  readonly peer: Address | undefined;
  /** An error, or what else is to be said. */
  readonly detail: string;
  /** The socket's state after it; empty where there is none. */
  readonly state: TcpState | "";
  /** The cell whose code did it. */
  readonly cell: string;
}

// The states of TCP as RFC 9293 has them (section 3.3.2, figure 5), led by what the application sees. What the other side's
// kernel does meanwhile is inferred: for an end in the same process from what is done there.
import type { Endpoint, Kind, TcpState } from "./events.js";

/** An application's call, or a segment that came. */
export type Cause = Kind | "peer's FIN" | "peer's ACK" | "RST";

/** All arrows of the RFC's figure that an application can walk. */
export const TRANSITIONS: readonly (readonly [from: TcpState, by: Cause, to: TcpState])[] = [
  ["CLOSED", "listen", "LISTEN"],
  ["LISTEN", "close", "CLOSED"],
  ["CLOSED", "connect", "SYN_SENT"],
  ["SYN_SENT", "connected", "ESTABLISHED"],
  ["SYN_SENT", "close", "CLOSED"],
  ["SYN_RCVD", "accept", "ESTABLISHED"],
  ["ESTABLISHED", "shutdown", "FIN_WAIT_1"],
  ["ESTABLISHED", "close", "FIN_WAIT_1"],
  ["ESTABLISHED", "peer's FIN", "CLOSE_WAIT"],
  ["CLOSE_WAIT", "shutdown", "LAST_ACK"],
  ["CLOSE_WAIT", "close", "LAST_ACK"],
  ["FIN_WAIT_1", "peer's ACK", "FIN_WAIT_2"],
  ["FIN_WAIT_1", "peer's FIN", "CLOSING"],
  ["FIN_WAIT_2", "peer's FIN", "TIME_WAIT"],
  ["CLOSING", "peer's ACK", "TIME_WAIT"],
  ["LAST_ACK", "peer's ACK", "CLOSED"],
];

/** Errors by which an application learns of a reset. */
const BY_RESET = new Set(["ECONNREFUSED", "ECONNRESET"]);

export function stateOf({ path }: Endpoint): TcpState | "" {
  return path.at(-1)?.state ?? "";
}

/** Walks one arrow, where there is one from here. */
export function step(endpoint: Endpoint, by: Cause, at: number): boolean {
  const from = stateOf(endpoint);
  if (from === "") return false;
  const to = by === "RST" ? "CLOSED" : TRANSITIONS.find(([one, cause]) => one === from && cause === by)?.[2];
  if (to === undefined || to === from) return false;
  endpoint.path.push({ state: to, at, by });
  return true;
}

/**
 * What a call, or the end of what came, means for the socket, and for the other one where it is in this process.
 * A peer elsewhere is taken to acknowledge a FIN at once, as it does within one round trip.
 */
export function advance(endpoint: Endpoint, kind: Kind, at: number, detail: string): void {
  const { twin } = endpoint;
  if (kind === "reset" || (kind === "error" && BY_RESET.has(detail))) {
    step(endpoint, "RST", at);
    if (twin) step(twin, "RST", at);
    return;
  }
  if (kind === "eof") {
    // Where the other end is in this process its FIN was seen as it left.
    if (!twin) finCame(endpoint, at);
    return;
  }
  // Most events, by far.
  if (kind === "error" || kind === "send" || kind === "recv") return;
  const walked = step(endpoint, kind, at);
  if (!walked || (kind !== "shutdown" && kind !== "close") || endpoint.role === "listener") return;
  if (twin) finCame(twin, at);
  step(endpoint, "peer's ACK", at);
}

function finCame(endpoint: Endpoint, at: number): void {
  step(endpoint, "peer's FIN", at);
}

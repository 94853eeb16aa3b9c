// What Node's sockets tell when they are asked, and what was given to them, in our words.
import type dgram from "node:dgram";
import type net from "node:net";
import type { Address } from "../socket/address.js";
import { inner } from "../socket/watched.js";
import type { Endpoint } from "./events.js";
import type { Seen } from "./recorder.js";

// biome-ignore lint/suspicious/noExplicitAny: parts of Node's sockets that its types do not tell
export type Stream = any;

/** What is a connection between computers, or between programs by a path; a terminal, or a pipe to a child process, is none. */
export function describe(stream: Stream, role: Endpoint["role"], path: string | undefined): Seen | undefined {
  const kind = stream._handle?.constructor?.name;
  if (kind === "TCP") {
    const addresses = addressesOf(stream, undefined);
    return addresses.remote === undefined ? undefined : { protocol: "tcp", role, ...addresses };
  }
  if (kind === "Pipe" && (path !== undefined || inner.has(stream)))
    return { protocol: "unix", role, local: role === "server" ? path : undefined };
  return undefined;
}

export function addressesOf(
  stream: net.Socket,
  endpoint: Endpoint | undefined,
): { local?: Address | undefined; remote?: Address | undefined } {
  const { localAddress, localPort, remoteAddress, remotePort } = stream;
  return {
    local: localAddress === undefined ? endpoint?.local : tuple(localAddress, localPort),
    remote: remoteAddress === undefined ? endpoint?.remote : tuple(remoteAddress, remotePort),
  };
}

/** What `send` of a datagram socket was called with: with and without a part, a list, an address. */
export function datagram(args: unknown[]): {
  bytes: Buffer;
  port?: number | undefined;
  address?: string | undefined;
} {
  const rest = args.filter((one) => typeof one !== "function");
  const [message, first, second, third, fourth] = rest;
  const whole = Array.isArray(message) ? Buffer.concat(message.map(toBuffer)) : toBuffer(message);
  // (msg, offset, length, port, address) has two numbers before the port; (msg, port, address) has none; connected ones have no port.
  if (typeof second !== "number") return { bytes: whole, port: number(first), address: text(second) };
  const start = Number(first);
  return { bytes: whole.subarray(start, start + second), port: number(third), address: text(fourth) };
}

export function locate(socket: dgram.Socket, endpoint: Endpoint): void {
  if (Array.isArray(endpoint.local) && endpoint.local[1] !== 0) return;
  try {
    endpoint.local = toAddress(socket.address());
  } catch {
    // Not bound yet, or closed.
  }
}

export const toAddress = (address: { address: string; port: number } | string): Address =>
  typeof address === "string" ? address : tuple(address.address, address.port);

export const tuple = (host: string, port: number | undefined): Address =>
  host.includes(":") ? [host, port ?? 0, 0, 0] : [host, port ?? 0];

const number = (value: unknown): number | undefined =>
  value === undefined || value === null ? undefined : Number(value);
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** The system's errors by their symbol, others in their words. */
export const told = (error: unknown): string => {
  const { code, message, syscall } = error as { code?: string; message?: string; syscall?: string };
  return (syscall && code) || message || code || String(error);
};

function toBuffer(data: unknown): Buffer {
  if (Buffer.isBuffer(data)) return data;
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(String(data));
}

/** What was given to be written, as one piece. */
export function bytesOf(many: boolean, data: Stream, encoding: string | undefined): Buffer {
  if (many)
    return Buffer.concat((data as Stream[]).map((one) => bytesOf(false, one.chunk ?? one, one.encoding)));
  return typeof data === "string" ? Buffer.from(data, encoding as BufferEncoding) : toBuffer(data);
}

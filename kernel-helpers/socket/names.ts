// Names and numbers: what Python's module has beside the socket itself.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import type { Address } from "./address.js";
import { toNumeric, toTuple } from "./address.js";
import { AF_INET, AF_INET6, AF_UNSPEC, AI_NUMERICHOST, AI_PASSIVE, IPPROTO_TCP, IPPROTO_UDP, SO_REUSEADDR, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } from "./constants.js";
import { gaierror, toOSError } from "./errors.js";
import { Socket, socket } from "./socket.js";

/** This machine's own name. Source: gethostname(2). */
export function gethostname(): string {
  return hostname();
}

/**
 * The IPv4 address of a host, one of perhaps many. Source: gethostbyname(3).
 * @throws gaierror
 */
export async function gethostbyname(name: string): Promise<string> {
  if (typeof name !== "string") throw new TypeError(`gethostbyname() argument 1 must be str, bytes or bytearray, not ${name === null ? "None" : typeof name}`);
  return toNumeric(name, AF_INET);
}

export type AddressInfo = [family: number, type: number, proto: number, canonname: string, sockaddr: Address];

/**
 * All addresses of a host and a port. Source: getaddrinfo(3).
 * @param port a number, a decimal string or `null`
 * @throws gaierror
 */
export async function getaddrinfo(
  host: string | null,
  port: number | string | null,
  family: number = AF_UNSPEC,
  type = 0,
  proto = 0,
  flags = 0,
): Promise<AddressInfo[]> {
  const number = Number(port ?? 0);
  if (!Number.isInteger(number)) throw new gaierror(-8, "Servname not supported for ai_socktype");
  if (![AF_UNSPEC, AF_INET, AF_INET6].includes(family)) throw new gaierror(-6, "ai_family not supported");
  let found: { address: string; family: number }[];
  if (host === null || host === "") {
    const any = (flags & AI_PASSIVE) !== 0;
    found = [{ address: any ? "0.0.0.0" : "127.0.0.1", family: 4 }, { address: any ? "::" : "::1", family: 6 }];
  } else {
    if ((flags & AI_NUMERICHOST) !== 0 && !isIP(host)) throw new gaierror(-2, "Name or service not known");
    try {
      found = await lookup(host, { all: true, verbatim: true });
    } catch (error) {
      throw toOSError(error);
    }
  }
  const kinds = [[SOCK_STREAM, IPPROTO_TCP], [SOCK_DGRAM, IPPROTO_UDP]].filter(([kind, protocol]) => (type === 0 || type === kind) && (proto === 0 || proto === protocol)) as [number, number][];
  const answers = found
    .map((one) => ({ ...one, family: one.family === 6 ? AF_INET6 : AF_INET }))
    .filter((one) => family === AF_UNSPEC || one.family === family)
    .flatMap((one) => kinds.map(([kind, protocol]): AddressInfo => [one.family, kind, protocol, "", toTuple(one.address, number, one.family)]));
  if (answers.length === 0) throw new gaierror(-9, "Address family for hostname not supported");
  return answers;
}

export interface CreateConnectionOptions {
  /** Seconds for each address; `null`: as long as the system tries. */
  timeout?: number | null;
  /** The own address to connect from. */
  sourceAddress?: [host: string, port: number];
}

/**
 * Connects to the first address of a host that answers. Source: Python's `socket.create_connection`.
 * @throws the error of the last address that was tried
 */
export async function createConnection([host, port]: [host: string, port: number], options: CreateConnectionOptions = {}): Promise<Socket> {
  let last: unknown;
  for (const [family, type, , , address] of await getaddrinfo(host, port, AF_UNSPEC, SOCK_STREAM)) {
    const one = socket(family, type);
    try {
      one.settimeout(options.timeout ?? null);
      if (options.sourceAddress) await one.bind(options.sourceAddress);
      await one.connect(address);
      return one;
    } catch (error) {
      last = error;
      await one.close();
    }
  }
  throw last;
}

export interface CreateServerOptions {
  family?: number;
  /** Length of the queue. */
  backlog?: number;
}

/**
 * A socket that is bound and listens. Source: Python's `socket.create_server`.
 * @throws OSError EADDRINUSE …
 */
export async function createServer(address: Address, options: CreateServerOptions = {}): Promise<Socket> {
  const one = socket(options.family ?? AF_INET, SOCK_STREAM);
  try {
    if (process.platform !== "win32") one.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    await one.bind(address);
    await one.listen(options.backlog);
    return one;
  } catch (error) {
    await one.close();
    throw error;
  }
}

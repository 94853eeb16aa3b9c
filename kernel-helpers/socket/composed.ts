// Calls that are made of the others, as in Python's own module.
import type { Address } from "./address.js";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from "./constants.js";
import { errorOf, OSError, ValueError } from "./errors.js";
import { getaddrinfo } from "./names.js";
import { tuple } from "./printed.js";
import { type Socket, socket } from "./socket.js";

export interface CreateConnectionOptions {
  /** Seconds for the connecting and for what follows; `null`: for ever. */
  timeout?: number | null;
  /** The address to connect from. */
  sourceAddress?: Address;
}

/**
 * Connects to a name: tries its addresses one after another until one answers.
 * @throws gaierror; the error of the last address, where none answers
 * @see Python `socket.create_connection`
 */
export async function createConnection(
  address: [host: string, port: number],
  { timeout, sourceAddress }: CreateConnectionOptions = {},
): Promise<Socket> {
  const [host, port] = address;
  let failure: unknown = new OSError("getaddrinfo returns an empty list");
  for (const [family, type, proto, , target] of await getaddrinfo(host, port, AF_UNSPEC, SOCK_STREAM)) {
    const candidate = socket(family, type, proto);
    try {
      if (timeout !== undefined) candidate.settimeout(timeout);
      if (sourceAddress) await candidate.bind(sourceAddress);
      await candidate.connect(target);
      return candidate;
    } catch (error) {
      failure = error;
      await candidate.close();
    }
  }
  throw failure;
}

export interface CreateServerOptions {
  /** `AF_INET` (default) or `AF_INET6`. */
  family?: number;
  /** How many may wait for `accept`. */
  backlog?: number;
  /** Several sockets may listen on the same port, where the system can. */
  reusePort?: boolean;
  /** With `AF_INET6`: take IPv4 connections too. */
  dualstackIpv6?: boolean;
}

/**
 * A socket that is bound and listens. On macOS and Linux a port that was in use a moment ago can be used again at once.
 * @throws OSError EADDRINUSE; PermissionError; ValueError where options do not fit together
 * @see Python `socket.create_server`
 */
export async function createServer(
  address: [host: string, port: number],
  { family = AF_INET, backlog, reusePort = false, dualstackIpv6 = false }: CreateServerOptions = {},
): Promise<Socket> {
  if (dualstackIpv6 && family !== AF_INET6) throw new ValueError("dualstack_ipv6 requires AF_INET6 family");
  const server = socket(family, SOCK_STREAM);
  try {
    if (process.platform !== "win32") server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    if (reusePort) server.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    if (family === AF_INET6) server.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, dualstackIpv6 ? 0 : 1);
    await server.bind(address).catch((error: unknown) => {
      if (!(error instanceof OSError) || error.errno === undefined) throw error;
      const where = `(while attempting to bind on address ${tuple(address)})`;
      throw errorOf(error.errno, `${error.strerror} ${where}`);
    });
    await (backlog === undefined ? server.listen() : server.listen(backlog));
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Can one socket take connections of both IPv4 and IPv6? @see Python `socket.has_dualstack_ipv6` */
export function hasDualstackIpv6(): boolean {
  try {
    const probe = socket(AF_INET6, SOCK_STREAM);
    try {
      if (probe.fileno() >= 0) probe.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0);
      return true;
    } finally {
      void probe.close();
    }
  } catch {
    return false;
  }
}

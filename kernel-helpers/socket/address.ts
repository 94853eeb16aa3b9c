// Addresses as Python has them: tuples for the Internet families, a path for AF_UNIX; and the checks that Python makes.
import { lookup } from "node:dns/promises";
import { isIP, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { pythonType } from "./checks.js";
import { AF_INET, AF_INET6, AF_UNIX } from "./constants.js";
import { OverflowError, toOSError } from "./errors.js";

/** `[host, port]` for AF_INET, `[host, port, flowinfo, scopeId]` for AF_INET6, a path for AF_UNIX. */
export type Address =
  | [host: string, port: number]
  | [host: string, port: number, flowinfo: number, scopeId: number]
  | string;

/**
 * Checks an address in Python's words.
 * @throws TypeError, OverflowError
 */
export function checkAddress(method: string, family: number, args: unknown[]): Address {
  if (args.length !== 1)
    throw new TypeError(`socket.${method}() takes exactly one argument (${args.length} given)`);
  const [address] = args;
  if (family === AF_UNIX) {
    if (typeof address !== "string")
      throw new TypeError(`a bytes-like object is required, not '${pythonType(address)}'`);
    return address;
  }
  const label = family === AF_INET6 ? "AF_INET6" : "AF_INET";
  if (!Array.isArray(address))
    throw new TypeError(`${method}(): ${label} address must be tuple, not ${pythonType(address)}`);
  if (family === AF_INET && address.length !== 2)
    throw new TypeError(`${label} address must be a pair (host, port)`);
  if (family === AF_INET6 && (address.length < 2 || address.length > 4)) {
    throw new TypeError(`${label} address must be a tuple (host, port[, flowinfo[, scopeid]])`);
  }
  const [host, port] = address as [unknown, unknown];
  if (typeof host !== "string")
    throw new TypeError(`str, bytes or bytearray expected, not ${pythonType(host)}`);
  if (typeof port !== "number")
    throw new TypeError(`'${pythonType(port)}' object cannot be interpreted as an integer`);
  if (!Number.isInteger(port)) throw new TypeError("'float' object cannot be interpreted as an integer");
  if (port < 0 || port > 65535) throw new OverflowError(`${method}(): port must be 0-65535.`);
  return address as Address;
}

/**
 * The numbers of a host, as Python finds them: `''` is every address of this machine.
 * @throws gaierror
 */
export async function toNumeric(host: string, family: number): Promise<string> {
  if (host === "") return family === AF_INET6 ? "::" : "0.0.0.0";
  if (host === "<broadcast>") return "255.255.255.255";
  if (isIP(host) && (family === AF_INET6 || isIPv4(host))) return host;
  try {
    const { address } = await lookup(host, { family: family === AF_INET6 ? 6 : 4 });
    return address;
  } catch (error) {
    throw toOSError(error);
  }
}

/** Node's way of naming an endpoint → Python's. */
export function toTuple(address: string, port: number, family: number): Address {
  return family === AF_INET6 ? [address, port, 0, 0] : [address, port];
}

/** Who can reach a socket that is bound to every address of this machine, in words. */
export function reach([host, port]: readonly [host: string, port: number], family: number): string {
  const wanted = family === AF_INET6 ? "IPv6" : "IPv4";
  const others = Object.values(networkInterfaces())
    .flat()
    .filter(
      (entry) => entry && !entry.internal && entry.family === wanted && !entry.address.startsWith("fe80"),
    )
    .map((entry) => `${family === AF_INET6 ? `[${entry?.address}]` : entry?.address}:${port}`);
  const who =
    others.length > 0
      ? `other computers can reach it at ${others.join(", ")} if no firewall stops them`
      : "this machine has no other address at the moment";
  return `every address of this machine (${host}), port ${port}; ${who}. ['127.0.0.1', ${port}] keeps it to this machine.`;
}

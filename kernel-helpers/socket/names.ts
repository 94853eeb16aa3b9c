// Names and numbers of hosts and services, through the system's own resolver.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { type Address, toNumeric, toTuple } from "./address.js";
import { checkHost } from "./checks.js";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_PASSIVE,
  EAI_FAMILY,
  EAI_NONAME,
  EAI_SERVICE,
  EAI_SOCKTYPE,
} from "./constants.js";
import { interruptible, type WaitOptions } from "./deadline.js";
import { gaierror, OSError, toOSError } from "./errors.js";
import { findService } from "./services.js";

/** One way to reach a host, ready for {@link socket} and `connect`. */
export type AddressInfo = [family: number, type: number, proto: number, canonname: string, address: Address];

/**
 * The first IPv4 address of a host.
 * @throws gaierror
 * @see Python `socket.gethostbyname`, gethostbyname(3)
 */
export async function gethostbyname(name: string, wait?: WaitOptions): Promise<string> {
  if (name === undefined) throw new TypeError("gethostbyname() takes exactly 1 argument (0 given)");
  checkHost("gethostbyname", name);
  return interruptible(toNumeric(name, AF_INET), wait);
}

/** The name of this machine. @see Python `socket.gethostname`, gethostname(2) */
export function gethostname(): string {
  return hostname();
}

/**
 * Everything that is known of how to reach a host and a service.
 * @param name a name, an address, or `null` for this machine
 * @param service a port, or the name of a service (`'http'`)
 * @param family `AF_INET`, `AF_INET6`; 0: both
 * @param type `SOCK_STREAM` …; 0: all
 * @param proto 0: all
 * @param flags `AI_PASSIVE`, `AI_NUMERICHOST`
 * @throws gaierror
 * @see Python `socket.getaddrinfo`, getaddrinfo(3)
 */
export async function getaddrinfo(
  name: string | null,
  service: number | string | null,
  family: number = AF_UNSPEC,
  type: number = 0,
  proto: number = 0,
  flags: number = 0,
  wait?: WaitOptions,
): Promise<AddressInfo[]> {
  if (name !== null && typeof name !== "string")
    throw new TypeError("getaddrinfo() argument 1 must be string or None");
  if (typeof service === "number" ? !Number.isInteger(service) : typeof (service ?? "") !== "string")
    throw new OSError("Int or String expected");
  if (![AF_UNSPEC, AF_INET, AF_INET6].includes(family))
    throw new gaierror(EAI_FAMILY, "ai_family not supported");
  if (name === null && service === null) throw new gaierror(EAI_NONAME, "Name or service not known");
  const kinds = (
    [
      [1, 6],
      [2, 17],
      [3, 0],
    ] as const
  ).filter(
    ([kind, protocol]) => (type === 0 || type === kind) && (proto === 0 || proto === protocol || kind === 3),
  );
  if (kinds.length === 0) throw new gaierror(EAI_SOCKTYPE, "ai_socktype not supported");
  const port = portOf(service, type);
  const found = (await addresses(name, flags, wait)).filter(
    (entry) => family === AF_UNSPEC || entry.family === family,
  );
  if (found.length === 0) throw new gaierror(EAI_NONAME, "Name or service not known");
  const all = found.flatMap((entry) =>
    kinds.map(
      ([kind, protocol]): AddressInfo => [
        entry.family,
        kind,
        kind === 3 ? proto : protocol,
        "",
        toTuple(entry.address, port, entry.family),
      ],
    ),
  );
  // The first one tells it, if it was asked for.
  if (flags & AI_CANONNAME && all[0] && name) all[0][3] = name;
  return all;
}

async function addresses(
  name: string | null,
  flags: number,
  wait?: WaitOptions,
): Promise<{ address: string; family: number }[]> {
  const pair = (v6: string, v4: string): { address: string; family: number }[] => [
    { address: v6, family: AF_INET6 },
    { address: v4, family: AF_INET },
  ];
  if (name === null || name === "")
    return flags & AI_PASSIVE ? pair("::", "0.0.0.0").reverse() : pair("::1", "127.0.0.1");
  const kind = isIP(name);
  if (kind) return [{ address: name, family: kind === 6 ? AF_INET6 : AF_INET }];
  if (flags & AI_NUMERICHOST) throw new gaierror(EAI_NONAME, "Name or service not known");
  try {
    const all = await interruptible(lookup(name, { all: true, order: "verbatim" }), wait);
    return all.map((entry) => ({ address: entry.address, family: entry.family === 6 ? AF_INET6 : AF_INET }));
  } catch (error) {
    throw toOSError(error);
  }
}

function portOf(service: number | string | null, type: number): number {
  if (service === null) return 0;
  // As the C library does it: of a number that is too large the lower half counts.
  if (typeof service === "number" && service >= 0) return service & 0xffff;
  if (typeof service === "number") throw new gaierror(EAI_SERVICE, "Servname not supported for ai_socktype");
  if (/^\d+$/.test(service)) return Number(service);
  const port = findService(service, type === 2 ? "udp" : "tcp");
  if (port === undefined) throw new gaierror(EAI_SERVICE, "Servname not supported for ai_socktype");
  return port;
}

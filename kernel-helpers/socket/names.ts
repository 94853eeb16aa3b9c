// Names and numbers of hosts and services, through the system's own resolver.
import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { type Address, toNumeric, toTuple } from "./address.js";
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_NUMERICHOST,
  AI_PASSIVE,
  EAI_FAMILY,
  EAI_NONAME,
  EAI_SERVICE,
} from "./constants.js";
import { withDeadline } from "./deadline.js";
import { gaierror, toOSError } from "./errors.js";

/** One way to reach a host, ready for {@link socket} and `connect`. */
export type AddressInfo = [family: number, type: number, proto: number, canonname: string, address: Address];

/**
 * The first IPv4 address of a host.
 * @throws gaierror
 * @see Python `socket.gethostbyname`, gethostbyname(3)
 */
export function gethostbyname(name: string): Promise<string> {
  return interruptible(toNumeric(name, AF_INET));
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
): Promise<AddressInfo[]> {
  if (![AF_UNSPEC, AF_INET, AF_INET6].includes(family))
    throw new gaierror(EAI_FAMILY, "ai_family not supported");
  const kinds = (
    [
      [1, 6],
      [2, 17],
      [3, 0],
    ] as const
  ).filter(
    ([kind, protocol]) => (type === 0 || type === kind) && (proto === 0 || proto === protocol || kind === 3),
  );
  const port = portOf(service, type);
  const found = (await addresses(name, flags)).filter(
    (entry) => family === AF_UNSPEC || entry.family === family,
  );
  if (found.length === 0) throw new gaierror(EAI_NONAME, "Name or service not known");
  return found.flatMap((entry) =>
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
}

async function addresses(name: string | null, flags: number): Promise<{ address: string; family: number }[]> {
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
    const all = await interruptible(lookup(name, { all: true, order: "verbatim" }));
    return all.map((entry) => ({ address: entry.address, family: entry.family === 6 ? AF_INET6 : AF_INET }));
  } catch (error) {
    throw toOSError(error);
  }
}

/** For systems that keep no list of their own where it can be read. */
const WELL_KNOWN: Record<string, number> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  pop3: 110,
  ntp: 123,
  imap2: 143,
  https: 443,
  imaps: 993,
  pop3s: 995,
};

function portOf(service: number | string | null, type: number): number {
  if (service === null) return 0;
  if (typeof service === "number") return service;
  if (/^\d+$/.test(service)) return Number(service);
  const port = listed(service, type === 2 ? "udp" : "tcp") ?? WELL_KNOWN[service];
  if (port === undefined) throw new gaierror(EAI_SERVICE, "Servname not supported for ai_socktype");
  return port;
}

function listed(service: string, protocol: string): number | undefined {
  const path =
    process.platform === "win32"
      ? `${process.env.SystemRoot ?? "C:\\Windows"}\\System32\\drivers\\etc\\services`
      : "/etc/services";
  try {
    for (const line of readFileSync(path, "utf8").split("\n")) {
      const [name, at, ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
      const [port, kind] = at?.split("/") ?? [];
      if (kind === protocol && (name === service || aliases.includes(service))) return Number(port);
    }
  } catch {
    // No such list here.
  }
  return undefined;
}

function interruptible<T>(work: Promise<T>): Promise<T> {
  return withDeadline<T>(null, (resolve, reject) => {
    work.then(resolve, reject);
    return undefined;
  });
}

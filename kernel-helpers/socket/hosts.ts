// Hosts by their addresses, and all the names that a host has.
import { lookup, lookupService, resolveCname } from "node:dns/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { checkHost, pythonType } from "./checks.js";
import { NI_DGRAM, NI_NAMEREQD, NI_NOFQDN, NI_NUMERICHOST, NI_NUMERICSERV } from "./constants.js";
import { interruptible, type WaitOptions } from "./deadline.js";
import { gaierror, herror, OSError, toOSError } from "./errors.js";
import { linesOf } from "./etc.js";
import { nameOfPort } from "./services.js";

/** The name of a host, its other names, and its addresses. */
export type HostEntry = [hostname: string, aliaslist: string[], ipaddrlist: string[]];

/**
 * All names and IPv4 addresses of a host.
 * @throws TypeError, gaierror
 * @see Python `socket.gethostbyname_ex`, gethostbyname(3)
 */
export async function gethostbyname_ex(name: string, wait?: WaitOptions): Promise<HostEntry> {
  checkHost("gethostbyname_ex", name);
  if (isIP(name) === 4) return [name, [], [name]];
  const found = await interruptible(lookup(name || "0.0.0.0", { all: true, family: 4 }), wait).catch(rethrow);
  const addresses = [...new Set(found.map(({ address }) => address))];
  const [first, ...others] = namesOf((entry) => entry.names.includes(name)) ?? (await throughDns(name, wait));
  return [first ?? name, others, addresses];
}

/** What a name stands for, where the domain name system says that it is an alias. */
async function throughDns(name: string, wait?: WaitOptions): Promise<string[]> {
  const aliases = await interruptible(resolveCname(name), wait).catch(() => []);
  return aliases.length > 0 ? [...aliases, name] : [name];
}

/**
 * The names of the host with an address.
 * @param address an IPv4 or IPv6 address, or a name, which is looked up first
 * @throws TypeError; gaierror for a name that is not known; herror where the address has none
 * @see Python `socket.gethostbyaddr`, gethostbyaddr(3)
 */
export async function gethostbyaddr(address: string, wait?: WaitOptions): Promise<HostEntry> {
  checkHost("gethostbyaddr", address);
  const numeric = isIP(address)
    ? address
    : (await interruptible(lookup(address || "0.0.0.0"), wait).catch(rethrow)).address;
  const listed = namesOf((entry) => entry.address === numeric);
  if (listed) return [listed[0] as string, listed.slice(1), [numeric]];
  const { hostname: name } = await interruptible(lookupService(numeric, 0), wait).catch(() => {
    throw new herror(1, "Unknown host");
  });
  // Some resolvers give the number back where there is no name.
  if (isIP(name)) throw new herror(1, "Unknown host");
  return [name, [], [numeric]];
}

/**
 * The names of an address and of a port.
 * @param sockaddr `[host, port]`, or `[host, port, flowinfo, scopeId]`; the host is numeric
 * @param flags `NI_NUMERICHOST`, `NI_NUMERICSERV`: numbers instead of names; `NI_NAMEREQD`: an error where there is no
 * name; `NI_DGRAM`: the service is one of UDP
 * @throws TypeError; gaierror
 * @see Python `socket.getnameinfo`, getnameinfo(3)
 */
export async function getnameinfo(
  sockaddr: [host: string, port: number, flowinfo?: number, scopeId?: number],
  flags: number,
  wait?: WaitOptions,
): Promise<[host: string, service: string]> {
  if (!Array.isArray(sockaddr)) throw new TypeError("getnameinfo() argument 1 must be a tuple");
  const [host, port] = sockaddr;
  if (sockaddr.length < 2 || typeof host !== "string")
    throw new TypeError("getnameinfo(): illegal sockaddr argument");
  if (typeof port !== "number")
    throw new TypeError(`'${pythonType(port)}' object cannot be interpreted as an integer`);
  const family = isIP(host);
  if (family === 0) throw new gaierror(-2, "Name or service not known");
  if (family === 4 && sockaddr.length !== 2) throw new OSError("IPv4 sockaddr must be 2 tuple");
  const number = port & 0xffff;
  const service =
    (flags & NI_NUMERICSERV) === 0 ? nameOfPort(number, flags & NI_DGRAM ? "udp" : "tcp") : undefined;
  return [await nameOf(host, flags, wait), service ?? String(number)];
}

async function nameOf(host: string, flags: number, wait?: WaitOptions): Promise<string> {
  if (flags & NI_NUMERICHOST) return host;
  try {
    const [name] = await gethostbyaddr(host, wait);
    return flags & NI_NOFQDN ? (name.split(".")[0] as string) : name;
  } catch (error) {
    if (!(error instanceof herror)) throw error;
    if (flags & NI_NAMEREQD) throw new gaierror(-2, "Name or service not known");
    return host;
  }
}

/**
 * The full name of a host: the first of its names with a dot in it, else its own; of this machine where `name` is empty.
 * @see Python `socket.getfqdn`
 */
export async function getfqdn(name: string = "", wait?: WaitOptions): Promise<string> {
  const wanted = name.trim();
  const asked = wanted === "" || wanted === "0.0.0.0" || wanted === "::" ? hostname() : wanted;
  try {
    const [first, aliases] = await gethostbyaddr(asked, wait);
    return [first, ...aliases].find((one) => one.includes(".")) ?? first;
  } catch (error) {
    if (error instanceof OSError) return asked;
    throw error;
  }
}

/** hosts(5): the names of the first line that suits; the file is asked each time, as the C library does. */
function namesOf(suits: (entry: { address: string; names: string[] }) => boolean): string[] | undefined {
  for (const [address = "", ...names] of linesOf("hosts"))
    if (names.length > 0 && suits({ address, names })) return names;
  return undefined;
}

function rethrow(error: unknown): never {
  throw toOSError(error);
}

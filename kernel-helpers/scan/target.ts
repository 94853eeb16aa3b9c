// Who may be scanned: one's own machine, always; another one, if somebody allowed it and the reason is written down; ranges only
// where they lie in a private network that this machine is in. What counts are numeric addresses, after names are resolved.
import { lookup as resolve } from "node:dns/promises";
import { BlockList, isIP, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { AF_INET, AF_INET6 } from "../socket/constants.js";
import { inet_ntop, inet_pton, toText6 } from "../socket/inet.js";
import { quoted, ScanError } from "./problem.js";

/** One address to scan. */
export interface Target {
  /** Numeric; one of link-local scope with its interface: `fe80::1%eth0`. */
  address: string;
  family: 4 | 6;
  /** Of this machine. */
  own: boolean;
}

/** What the rules ask of the system. */
export interface Machine {
  interfaces: ReturnType<typeof networkInterfaces>;
  lookup(name: string): Promise<{ address: string; family: number }[]>;
  platform: NodeJS.Platform;
}

const thisMachine = (): Machine => ({
  interfaces: networkInterfaces(),
  lookup: (name) => resolve(name, { all: true, order: "verbatim" }),
  platform: process.platform,
});

/** The largest range: what a network of the size /24 has. */
const LARGEST_BITS = 8;

/** RFC 1918, RFC 4193, RFC 3927, RFC 4291 2.5.6. */
const PRIVATE = blocks([
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "fc00::/7",
  "fe80::/10",
]);
const LOOPBACK = blocks(["127.0.0.0/8", "::1/128"]);
const UNSPECIFIED = blocks(["0.0.0.0/8", "::/128"]);
/** Multicast, and what is reserved: RFC 5771, RFC 1112, RFC 4291 2.7. */
const NOBODY = blocks(["224.0.0.0/4", "240.0.0.0/4", "ff00::/8"]);

function blocks(networks: string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), kindOf(address));
  }
  return list;
}

function kindOf(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}

function within(list: BlockList, address: string): boolean {
  const plain = withoutZone(address);
  return list.check(plain, kindOf(plain));
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, "");
}

/**
 * The addresses of a target.
 * @param target an address, a name, a network (`192.168.1.0/28`); left out: all addresses of this machine, link-local ones excepted
 * @throws ScanError where it may not be scanned, or is none
 */
export async function findTargets(
  target: string | undefined,
  { permission, machine = thisMachine() }: { permission?: string | undefined; machine?: Machine } = {},
): Promise<Target[]> {
  const own = ownAddresses(machine);
  if (target === undefined)
    return own.filter(({ address }) => !/^fe80:/i.test(address)).sort((a, b) => rank(a) - rank(b));
  if (typeof target !== "string")
    throw new ScanError(`a target is text, as "localhost", not ${typeof target}.`);
  const wanted = target.trim().replace(/^\[(.*)\]$/, "$1");
  if (wanted === "") throw new ScanError("the target is empty. Leave it out to scan this machine.");
  const addresses =
    wanted.includes("/") && !wanted.includes("://") ? range(wanted, machine) : await named(wanted, machine);
  const targets = addresses.map((address) => toTarget(address, own, machine));
  const other = targets.find((one) => !one.own);
  if (other && !permission?.trim()) {
    const which = isIP(wanted) ? wanted : `${quoted(wanted)} (${other.address})`;
    throw new ScanError(
      `${which} is not an address of this machine. Scanning others needs the permission of whoever is responsible for them: ` +
        `say whose in iHavePermission (--i-have-permission): { iHavePermission: "Ada, whose laptop it is, agreed" }.`,
    );
  }
  return targets;
}

const rank = ({ address, family }: Target): number =>
  (within(LOOPBACK, address) ? 0 : 2) + (family === 6 ? 1 : 0);

function ownAddresses({ interfaces }: Machine): Target[] {
  const found = new Map<string, Target>([["127.0.0.1", { address: "127.0.0.1", family: 4, own: true }]]);
  for (const [name, entries = []] of Object.entries(interfaces))
    for (const { address: plain, family } of entries) {
      const address = /^fe80:/i.test(plain) ? `${plain}%${name}` : plain;
      found.set(address, { address, family: family === "IPv6" ? 6 : 4, own: true });
    }
  return [...found.values()];
}

/** @throws ScanError where nobody has this address, or it is half of one */
function toTarget(text: string, own: Target[], { platform }: Machine): Target {
  const address = canonical(text);
  if (within(UNSPECIFIED, address))
    throw new ScanError(
      `${text} means "every address of this machine" to who listens. To scan all of them, leave the target out.`,
    );
  if (within(NOBODY, address))
    throw new ScanError(`${text} is the address of no single machine and cannot be scanned.`);
  const family = isIPv4(address) ? 4 : 6;
  const known = own.find((one) => one.address === address || withoutZone(one.address) === address);
  if (known) return known;
  if (/^fe80:/i.test(address) && !address.includes("%"))
    throw new ScanError(
      `${text} means another machine on each network: write it with its interface, as ${text}%eth0.`,
    );
  // Linux and Windows answer on the whole network 127.0.0.0/8, others on addresses that somebody configured.
  if (within(LOOPBACK, address)) {
    if (family === 4 && (platform === "linux" || platform === "win32")) return { address, family, own: true };
    throw new ScanError(
      `this machine has no address ${text}. Its own: ${own.map((one) => one.address).join(", ")}.`,
    );
  }
  return { address, family, own: false };
}

/** One spelling an address; an IPv4 address that is wrapped in an IPv6 one is an IPv4 address. */
function canonical(address: string): string {
  if (isIPv4(address)) return address;
  const [plain = "", zone] = address.split("%");
  const text = toText6(inet_pton(AF_INET6, plain));
  const wrapped = /^::ffff:([\d.]+)$/.exec(text)?.[1];
  return wrapped ?? (zone === undefined ? text : `${text}%${zone}`);
}

async function named(name: string, machine: Machine): Promise<string[]> {
  if (isIP(name)) return [name];
  // RFC 6761: never anything else, whatever a resolver says; a server may listen on one of the two only.
  if (/^localhost\.?$/i.test(name)) return hasLoopback6(machine) ? ["127.0.0.1", "::1"] : ["127.0.0.1"];
  const url =
    /^(?:[a-z][\w+.-]*:)?\/\/(\[[^\]]*\]|[^/:]*)(?::(\d+))?/i.exec(name) ?? /^([^/:]+):(\d+)$/.exec(name);
  if (url)
    throw new ScanError(
      `${quoted(name)}: a target is a host alone, ${quoted(url[1] ?? "")}${url[2] ? `; the port goes into ports: "${url[2]}"` : ""}.`,
    );
  if (/[-–,\s*]/.test(name) && /^[\d.\s,*–-]+$/.test(name))
    throw new ScanError(`${quoted(name)}: several addresses are written as a network, as in 192.168.1.0/28.`);
  try {
    const found = await machine.lookup(name);
    return [...new Set(found.map(({ address }) => address))];
  } catch (error) {
    throw new ScanError(
      `${quoted(name)} is not known: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}. A target is a name or an address.`,
      { cause: error },
    );
  }
}

const hasLoopback6 = ({ interfaces }: Machine): boolean =>
  Object.values(interfaces).some((entries) => entries?.some(({ address }) => address === "::1"));

/** The addresses of a network, without those that name the network itself and everybody in it. */
function range(text: string, { interfaces }: Machine): string[] {
  const [, address = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const size = isIP(address) === 4 ? 32 : 128;
  const bits = Number(length);
  if (!isIP(address) || address.includes("%") || length === "" || bits > size)
    throw new ScanError(
      `${quoted(text)} is no network: write an address and the length of its prefix, as in 192.168.1.0/28.`,
    );
  const family = size === 32 ? AF_INET : AF_INET6;
  const host = (1n << BigInt(size - bits)) - 1n;
  const first = toNumber(inet_pton(family, address)) & ~host;
  const last = first | host;
  const [from, to] = [toAddress(first, size), toAddress(last, size)];
  const edgesIn = (list: BlockList): boolean => within(list, from) && within(list, to);
  const own = privateNetworks(interfaces);
  if (!edgesIn(LOOPBACK) && !(edgesIn(PRIVATE) && own.some((network) => edgesIn(blocks([network])))))
    throw new ScanError(
      `${text} is not within a private network of this machine: only such ranges can be scanned. ` +
        `Private networks here: ${own.join(", ") || "none"}.`,
    );
  if (size - bits > LARGEST_BITS)
    throw new ScanError(
      `${text} has ${host + 1n} addresses; a range has ${2 ** LARGEST_BITS} at most: write ${address}/${size - LARGEST_BITS}.`,
    );
  const edges = size === 32 && bits < 31 && !within(LOOPBACK, from);
  const found: string[] = [];
  for (let at = edges ? first + 1n : first; at <= (edges ? last - 1n : last); at++)
    found.push(toAddress(at, size));
  return found;
}

function privateNetworks(interfaces: Machine["interfaces"]): string[] {
  const all = Object.values(interfaces).flatMap((entries = []) =>
    entries.flatMap(({ address, cidr }) => (cidr && within(PRIVATE, address) ? [cidr] : [])),
  );
  return [...new Set(all)];
}

function toNumber(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}

function toAddress(number: bigint, size: number): string {
  const bytes = Buffer.from(number.toString(16).padStart(size / 4, "0"), "hex");
  return inet_ntop(size === 32 ? AF_INET : AF_INET6, bytes);
}

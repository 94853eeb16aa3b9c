// The neighbours: which hardware address an address of the own network belongs to.
import { type Ask, ask as askHere } from "./programs.js";
import { type TableDisplay, table } from "./table.js";

export interface NeighbourAddress {
  address: string;
  /** Hardware address; empty: nobody has answered yet. */
  mac: string;
  interface: string;
  /** As the system calls it: `REACHABLE`, `STALE`, `FAILED`, `dynamic`. */
  state: string;
}

const TIMEOUT_MS = 5000;

/**
 * What this machine knows of its neighbours, by ARP (RFC 826) and, on Linux, neighbour discovery of IPv6 (RFC 4861), shown as a
 * table. Only who was talked with lately is in it.
 * @throws Error where the system has no program that tells them
 * @see ip-neighbour(8), arp(8)
 */
export function arp(): Promise<NeighbourAddress[] & TableDisplay> {
  return neighboursBy(askHere);
}

/** @internal The same of the machine whose programs `ask` runs. */
export async function neighboursBy(
  ask: Ask,
  platform: NodeJS.Platform = process.platform,
): Promise<NeighbourAddress[] & TableDisplay> {
  return table(platform === "linux" ? await linux(ask) : await fromProgram(ask, platform), (row) => ({
    ...row,
  }));
}

async function linux(ask: Ask): Promise<NeighbourAddress[]> {
  const { stdout, status } = await ask(["ip", "-j", "neigh", "show"], TIMEOUT_MS);
  return status === 0 ? fromIp(stdout) : fromProc((await ask(["cat", "/proc/net/arp"], TIMEOUT_MS)).stdout);
}

async function fromProgram(ask: Ask, platform: NodeJS.Platform): Promise<NeighbourAddress[]> {
  const { stdout, code } = await ask(platform === "win32" ? ["arp", "-a"] : ["arp", "-an"], TIMEOUT_MS);
  if (code !== undefined) throw new Error(`arp -a could not be started (${code})`);
  return fromArp(stdout, platform);
}

/** From `ip -j neigh show`. */
export function fromIp(json: string): NeighbourAddress[] {
  const entries = JSON.parse(json || "[]") as {
    dst: string;
    dev?: string;
    lladdr?: string;
    state?: string[];
  }[];
  return entries.map(({ dst, dev = "", lladdr = "", state = [] }) => ({
    address: dst,
    mac: lladdr,
    interface: dev,
    state: state.join(" "),
  }));
}

/** From `/proc/net/arp` (proc_net(5)). */
export function fromProc(text: string): NeighbourAddress[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [address, , flags, mac, , device] = line.trim().split(/\s+/);
      if (!address || !mac || !device) return [];
      const known = (Number.parseInt(flags ?? "", 16) & 2) !== 0;
      return [{ address, mac: known ? mac : "", interface: device, state: known ? "known" : "INCOMPLETE" }];
    });
}

/** From `arp -an` of macOS or `arp -a` of Windows, whose words are translated. */
export function fromArp(text: string, platform: NodeJS.Platform): NeighbourAddress[] {
  if (platform !== "win32") {
    const line = /^\S+ \(([\d.]+)\) at (\S+)(?: on (\w+))?(.*)$/gm;
    return [...text.matchAll(line)].map(([, address = "", mac = "", device = "", rest = ""]) => ({
      address,
      mac: mac.includes(":") ? mac.replace(/\b[\da-f]\b/gi, "0$&") : "",
      interface: device,
      state: mac.includes(":") ? (rest.includes("permanent") ? "permanent" : "dynamic") : "INCOMPLETE",
    }));
  }
  let device = "";
  return text.split(/\r?\n/).flatMap((line) => {
    device = /^\S.*?: ([\d.]+) --- 0x/.exec(line)?.[1] ?? device;
    const [address = "", mac = "", state = ""] = line.trim().split(/\s+/);
    if (!/^[\da-f]{2}(-[\da-f]{2}){5}$/i.test(mac)) return [];
    return [{ address, mac: mac.replaceAll("-", ":"), interface: device, state }];
  });
}

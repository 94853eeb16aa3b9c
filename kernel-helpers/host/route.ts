// The routing table, on every system: which way a packet takes.
import { type Ask, ask as askHere } from "./programs.js";
import { type TableDisplay, table } from "./table.js";

export interface Route {
  /** The addresses that it is for: `10.0.0.0/24`, `default`. */
  destination: string;
  /** The next computer on the way; empty: those addresses are reached directly. */
  gateway: string;
  /** The interface that it leaves by. */
  interface: string;
  /** The smaller, the better; 0 where the system does not say. */
  metric: number;
}

const TIMEOUT_MS = 5000;

/**
 * The routes of this machine, IPv4 and IPv6, one row each, shown as a table.
 * @throws Error where the system has no program that tells them
 * @see ip-route(8), netstat(1)
 */
export function route(): Promise<Route[] & TableDisplay> {
  return routesBy(askHere);
}

/** @internal The same of the machine whose programs `ask` runs. */
export async function routesBy(
  ask: Ask,
  platform: NodeJS.Platform = process.platform,
): Promise<Route[] & TableDisplay> {
  return table(
    platform === "linux" ? await linux(ask) : fromNetstat(await netstat(ask), platform),
    (row) => ({
      ...row,
    }),
  );
}

async function linux(ask: Ask): Promise<Route[]> {
  const four = await ask(["ip", "-j", "route", "show"], TIMEOUT_MS);
  if (four.status === 0) {
    const six = await ask(["ip", "-j", "-6", "route", "show"], TIMEOUT_MS);
    return [...fromIp(four.stdout), ...(six.status === 0 ? fromIp(six.stdout) : [])];
  }
  // Small images come without iproute2; the kernel tells the same of IPv4 in a file.
  const file = await ask(["cat", "/proc/net/route"], TIMEOUT_MS);
  return fromProc(file.stdout);
}

async function netstat(ask: Ask): Promise<string> {
  const { stdout, code } = await ask(["netstat", "-rn"], TIMEOUT_MS);
  if (code !== undefined) throw new Error(`netstat -rn could not be started (${code})`);
  return stdout;
}

/** From `ip -j route show`. */
export function fromIp(json: string): Route[] {
  interface Entry {
    dst: string;
    gateway?: string;
    via?: { host: string };
    dev?: string;
    metric?: number;
    type?: string;
  }
  return (JSON.parse(json || "[]") as Entry[]).map(({ dst, gateway, via, dev = "", metric = 0, type }) => ({
    destination: type === undefined || type === "unicast" ? dst : `${type} ${dst}`,
    gateway: gateway ?? via?.host ?? "",
    interface: dev,
    metric,
  }));
}

/** From `/proc/net/route` (proc_net(5)): addresses are hexadecimal, in this machine's order of bytes. */
export function fromProc(text: string): Route[] {
  const dotted = (hex: string): string => Buffer.from(hex, "hex").reverse().join(".");
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [device, destination, gateway, flags, , , metric, mask] = line.trim().split(/\s+/);
      if (!device || !destination || !gateway || !mask || !(Number.parseInt(flags ?? "", 16) & 1)) return [];
      const bits = Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
      return [
        {
          destination: bits === 0 ? "default" : `${dotted(destination)}/${bits}`,
          gateway: /^0+$/.test(gateway) ? "" : dotted(gateway),
          interface: device,
          metric: Number(metric),
        },
      ];
    });
}

/** From `netstat -rn` of macOS or Windows, whose headings are translated. */
export function fromNetstat(text: string, platform: NodeJS.Platform): Route[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const words = line.trim().split(/\s+/);
    return (platform === "win32" ? windowsRow(words) : macRow(words)) ?? [];
  });
}

/** `default  192.168.1.1  UGScg  en0`; a gateway `link#4`, or a hardware address, is no other computer. */
function macRow([destination = "", gateway = "", flags = "", device = ""]: string[]): Route | undefined {
  if (!/^U[A-Za-z]*$/.test(flags) || device === "") return undefined;
  const far = /^(\d+(\.\d+){3}|[\da-f]*:[\da-f:]+(%\w+)?)$/i.test(gateway) && flags.includes("G");
  return { destination, gateway: far ? gateway : "", interface: device, metric: 0 };
}

/** IPv4: destination, mask, gateway (or words for "directly"), address of the interface, metric. IPv6: interface, metric, destination, gateway. */
function windowsRow(words: string[]): Route | undefined {
  const four = /^\d+(\.\d+){3}$/;
  if (four.test(words[0] ?? "") && four.test(words[1] ?? "") && words.length >= 5) {
    const [destination = "", mask = "", gateway = ""] = words;
    const bits = mask
      .split(".")
      .reduce((sum, byte) => sum + Number(byte).toString(2).replaceAll("0", "").length, 0);
    return {
      destination: bits === 0 ? "default" : `${destination}/${bits}`,
      gateway: four.test(gateway) ? gateway : "",
      interface: words.at(-2) ?? "",
      metric: Number(words.at(-1)),
    };
  }
  const [index = "", metric = "", destination = "", gateway = ""] = words;
  if (/^\d+$/.test(index) && /^\d+$/.test(metric) && /^[\da-f:]+\/\d+$/i.test(destination))
    return {
      destination: destination === "::/0" ? "default" : destination,
      gateway: gateway.includes(":") ? gateway : "",
      interface: index,
      metric: Number(metric),
    };
  return undefined;
}

// Which programs listen on this machine, and where. Each platform tells in its own way, and may not tell everybody everything.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { endianness } from "node:os";
import { basename } from "node:path";
import { toText6 } from "../socket/inet.js";

/** A socket that takes connections, or datagrams from anybody. */
export interface Listener {
  protocol: "tcp" | "udp";
  /** `0.0.0.0` and `::` stand for every address of their family; of `::` most systems take those of IPv4, too. */
  address: string;
  port: number;
  /** Left out where the system does not say: the program is somebody else's. */
  pid?: number;
  /** Of the program. */
  name?: string;
}

/** @returns `undefined` where the system does not tell */
export function listeners(platform: NodeJS.Platform = process.platform): Listener[] | undefined {
  try {
    if (platform === "linux") return fromProc();
    if (platform === "darwin")
      return fromLsof(ask("lsof", ["-nP", "-iTCP", "-sTCP:LISTEN", "-iUDP", "-FpcPtn"]));
    if (platform === "win32")
      return fromNetstat(ask("netstat", ["-ano"]), ask("tasklist", ["/FO", "CSV", "/NH"]));
  } catch {
    // It is a courtesy.
  }
  return undefined;
}

/** Who listens there: on that very address, or on all of them. */
export function listenerOf(
  all: Listener[],
  { protocol, address, port }: Pick<Listener, "protocol" | "address" | "port">,
): Listener | undefined {
  const plain = address.replace(/%.*$/, "");
  const here = all.filter((one) => one.protocol === protocol && one.port === port);
  const at = (wanted: string): Listener | undefined => here.find((one) => one.address === wanted);
  return plain.includes(":")
    ? (at(plain) ?? at("::"))
    : (at(plain) ?? at(`::ffff:${plain}`) ?? at("0.0.0.0") ?? at("::"));
}

function ask(command: string, args: string[]): string {
  return spawnSync(command, args, { encoding: "utf8", timeout: 5000, windowsHide: true }).stdout ?? "";
}

function fromProc(): Listener[] {
  const tables = (["tcp", "tcp6", "udp", "udp6"] as const).flatMap((table) => {
    try {
      return readProcNet(readFileSync(`/proc/net/${table}`, "utf8"), table.startsWith("tcp") ? "tcp" : "udp");
    } catch {
      return []; // a system without IPv6
    }
  });
  const owners = ownersOf(new Set(tables.map(({ inode }) => inode)));
  return tables.map(({ inode, ...listener }) => ({ ...listener, ...owners.get(inode) }));
}

/** From `/proc/net/tcp` and the like (proc(5)): each address as the numbers of 32 bits that the machine has it in. */
export function readProcNet(
  table: string,
  protocol: Listener["protocol"],
  order: "LE" | "BE" = endianness(),
): (Listener & { inode: string })[] {
  return table.split("\n").flatMap((line) => {
    const [, local = "", remote = "", state, , , , , , inode = ""] = line.trim().split(/\s+/);
    const [hex = "", port = ""] = local.split(":");
    const waits = protocol === "tcp" ? state === "0A" : /^0+:0000$/.test(remote);
    if (!waits || !/^([0-9A-F]{8}){1,4}$/i.test(hex)) return [];
    const bytes = Buffer.from(hex, "hex");
    if (order === "LE") bytes.swap32();
    const address = bytes.length === 4 ? bytes.join(".") : toText6(bytes);
    return [{ protocol, address, port: Number.parseInt(port, 16), inode }];
  });
}

function ownersOf(inodes: ReadonlySet<string>): Map<string, { pid: number; name: string }> {
  const found = new Map<string, { pid: number; name: string }>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      const link = attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`));
      const inode = link && /^socket:\[(\d+)\]$/.exec(link)?.[1];
      if (!inode || !inodes.has(inode) || found.has(inode)) continue;
      const name = nameOf(pid);
      if (name !== undefined) found.set(inode, { pid: Number(pid), name });
    }
  }
  return found;
}

/** Of its file; programs may call their threads what they like, and Node does. */
function nameOf(pid: string): string | undefined {
  const file = attempt(() => basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, ""));
  return file ?? attempt(() => readFileSync(`/proc/${pid}/comm`, "utf8").trim());
}

/** Another user's, or gone meanwhile. */
function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

/** From `lsof -FpcPtn`: a letter a line says what follows; a process (`p`, `c`), then each of its sockets (`f`, `t`, `P`, `n`). */
export function fromLsof(output: string): Listener[] {
  const found: Listener[] = [];
  let owner: Pick<Listener, "pid" | "name"> = {};
  let kind = "";
  let protocol = "";
  for (const line of output.split("\n")) {
    const value = line.slice(1);
    if (line[0] === "p") owner = { pid: Number(value) };
    else if (line[0] === "c") owner = { ...owner, name: value };
    else if (line[0] === "t") kind = value;
    else if (line[0] === "P") protocol = value.toLowerCase();
    else if (line[0] === "n" && (protocol === "tcp" || protocol === "udp")) {
      const place = readPlace(value.replace(/^\*:/, kind === "IPv6" ? "[::]:" : "0.0.0.0:"));
      if (place) found.push({ protocol, ...place, ...owner });
    }
  }
  return found;
}

/** From `netstat -ano`: the last column is the process. Words are translated, the zero port of who listens is not. */
export function fromNetstat(output: string, tasklist: string): Listener[] {
  const names = new Map<number, string>();
  for (const [, name = "", pid] of tasklist.matchAll(/^"([^"]+)","(\d+)"/gm)) names.set(Number(pid), name);
  return output.split("\n").flatMap((line): Listener[] => {
    const [kind = "", local = "", remote = "", ...rest] = line.trim().split(/\s+/);
    const protocol = kind.toLowerCase();
    const pid = Number(rest.at(-1));
    const waits = protocol === "tcp" ? /:0$/.test(remote) : protocol === "udp" && remote === "*:*";
    const place = waits ? readPlace(local) : undefined;
    if (!place) return [];
    const name = names.get(pid);
    return [{ protocol: protocol as "tcp", ...place, pid, ...(name !== undefined && { name }) }];
  });
}

/** `127.0.0.1:80`, `[::1]:80`. */
function readPlace(text: string): Pick<Listener, "address" | "port"> | undefined {
  const found = /^(?:\[([^\]%]+)[^\]]*\]|([\d.]+)):(\d+)$/.exec(text);
  return found ? { address: found[1] ?? (found[2] as string), port: Number(found[3]) } : undefined;
}

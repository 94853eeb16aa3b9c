// The network interfaces of this machine, by number and name.
import { readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { checkInteger, pythonType } from "./checks.js";
import { NotSupported, OSError, OverflowError, osError } from "./errors.js";

/** Of Linux: every interface has a folder there, whatever its state. */
const LINUX = "/sys/class/net";

/**
 * The interfaces of this machine.
 * @throws NotSupported where the system tells the numbers of some only (elsewhere than on Linux: those without an IPv6 address)
 * @see Python `socket.if_nameindex`, if_nameindex(3)
 */
export function if_nameindex(): [index: number, name: string][] {
  const found = process.platform === "linux" ? fromFolder() : fromScopes();
  return found.sort(([one], [other]) => one - other);
}

function fromFolder(): [number, string][] {
  return readdirSync(LINUX).flatMap((name): [number, string][] => {
    try {
      return [[Number(readFileSync(`${LINUX}/${name}/ifindex`, "utf8")), name]];
    } catch {
      // Not an interface, or gone meanwhile.
      return [];
    }
  });
}

/** Elsewhere the number of an interface is told as the zone of its own IPv6 address. */
function fromScopes(): [number, string][] {
  const all = Object.entries(networkInterfaces());
  const scopes = all.map(([name, entries = []]): [number, string] => [
    entries.find((entry) => entry.family === "IPv6" && entry.scopeid)?.scopeid ?? 0,
    name,
  ]);
  const unknown = scopes.filter(([index]) => index === 0).map(([, name]) => name);
  if (unknown.length > 0)
    throw new NotSupported(
      `this system tells the number of an interface with its IPv6 address only, and ${unknown.join(", ")} has none`,
    );
  return scopes;
}

/**
 * The number of an interface.
 * @throws TypeError; OSError where there is none of that name
 * @see Python `socket.if_nametoindex`, if_nametoindex(3)
 */
export function if_nametoindex(if_name: string): number {
  if (typeof if_name !== "string")
    throw new TypeError(`expected str, bytes or os.PathLike object, not ${pythonType(if_name)}`);
  const found = if_nameindex().find(([, name]) => name === if_name);
  if (!found) throw new OSError("no interface with this name");
  return found[0];
}

/**
 * The name of an interface.
 * @throws TypeError; OverflowError; OSError ENXIO where there is none of that number
 * @see Python `socket.if_indextoname`, if_indextoname(3)
 */
export function if_indextoname(if_index: number): string {
  if (typeof if_index !== "number") throw new TypeError("an integer is required");
  checkInteger(if_index);
  if (if_index < 0) throw new OverflowError("can't convert negative value to unsigned int");
  const found = if_nameindex().find(([index]) => index === if_index);
  if (!found) throw osError("ENXIO");
  return found[1];
}

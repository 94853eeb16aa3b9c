// Which ports: "1-1024,8080", "http,ssh", "top100", "all", or numbers.
import { findService } from "../socket/services.js";
import { quoted, ScanError } from "./problem.js";
import { TOP_PORTS } from "./top-ports.js";

export type Protocol = "tcp" | "udp";

/** `"22,80,8000-8100"`, names of services among them; `"top100"`; `"all"`; a number or several. */
export type Ports = "all" | "top100" | (string & {}) | number | readonly number[];

const LAST = 65_535;
/** All of them, one by one, with their commas. */
const LONGEST = 400_000;
const EXAMPLE = `Write numbers and ranges, as in "22,80,8000-8100", or "top100", or "all"`;

/**
 * @returns the ports in ascending order, each once
 * @throws ScanError where something in it is no port, with what was probably meant
 */
export function parsePorts(ports: Ports, protocol: Protocol): Uint16Array {
  const wanted = new Uint8Array(LAST + 1);
  if (ports === "all") wanted.fill(1, 1);
  else if (ports === "top100") for (const port of TOP_PORTS[protocol]) wanted[port] = 1;
  else if (typeof ports === "string") readList(ports, protocol, wanted);
  else if (typeof ports === "number") wanted[checked(ports)] = 1;
  else if (Array.isArray(ports)) for (const port of ports) wanted[checked(port)] = 1;
  else
    throw new ScanError(
      `ports are text or numbers, not ${ports === null ? "null" : typeof ports}. ${EXAMPLE}.`,
    );
  const found = new Uint16Array(wanted.reduce((sum, one) => sum + one, 0));
  for (let port = 1, at = 0; port <= LAST; port++) if (wanted[port] === 1) found[at++] = port;
  if (found.length === 0) throw new ScanError(`no port is named. ${EXAMPLE}.`);
  return found;
}

function readList(text: string, protocol: Protocol, wanted: Uint8Array): void {
  if (text.length > LONGEST)
    throw new ScanError(`the list of ports is ${text.length} characters long. ${EXAMPLE}.`);
  if (text.trim() === "") return;
  for (const part of text.split(",").map((each) => each.trim())) {
    const range = /^(\d+)\s*-\s*(\d+)$/.exec(part);
    if (range) {
      const [first, last] = [checked(Number(range[1])), checked(Number(range[2]))];
      if (first > last) throw new ScanError(`the range "${part}" runs backwards: write "${last}-${first}".`);
      wanted.fill(1, first, last + 1);
    } else if (/^\d+$/.test(part)) wanted[checked(Number(part))] = 1;
    else {
      const port = /^[a-z][\w.+-]*$/i.test(part) ? findService(part, protocol) : undefined;
      if (port === undefined) throw new ScanError(whatIsWrong(part, text));
      wanted[port] = 1;
    }
  }
}

/** @throws ScanError */
function checked(port: unknown): number {
  if (typeof port !== "number" || !Number.isInteger(port))
    throw new ScanError(
      `${typeof port === "string" ? quoted(port) : String(port)} is no port: a port is a whole number from 1 to ${LAST}.`,
    );
  if (port === 0)
    throw new ScanError(`port 0 means "any free one" to who listens; ports to scan are 1 to ${LAST}.`);
  if (port < 0 || port > LAST)
    throw new ScanError(`${port} is no port: ports are the numbers from 1 to ${LAST}.`);
  return port;
}

/** Ways in which lists of ports are mistyped. */
function whatIsWrong(part: string, text: string): string {
  const shown = quoted(part);
  const range = /^(\d+)\s*(?:[–—−‐‑…:~]|\.\.+|to|bis)\s*(\d+)$/i.exec(part);
  if (range) return `${shown}: a range is written with a hyphen, "${range[1]}-${range[2]}".`;
  const several = /^\d+(?:\s*[;|/+&\s]\s*\d+)+$/.test(part);
  if (several) return `${shown}: ports are separated by commas, "${part.match(/\d+/g)?.join(",")}".`;
  if (part === "") return `in ${quoted(text)} there is nothing between two commas, or at an end. ${EXAMPLE}.`;
  if (/^-\d+$/.test(part)) return `${shown} is a range without a beginning: write "1${part}".`;
  if (/^\d+\s*-$/.test(part))
    return `${shown} is a range without an end: write "${part.replace(/\s*-$/, "")}-${LAST}".`;
  if (/^\d*\.\d+$/.test(part)) return `${shown} is no port: a port is a whole number from 1 to ${LAST}.`;
  if (/^(\d+)\/(tcp|udp)$/i.test(part))
    return `${shown}: only the number belongs here; UDP is asked for by the option udp (--udp).`;
  if (/^top/i.test(part)) return `${shown}: the list of usual ports is "top100", and stands alone.`;
  if (/^(all|any|every|\*|-)$/i.test(part)) return `${shown}: "all" stands alone, and means 1-${LAST}.`;
  return `${shown} is neither a port nor the name of a service. ${EXAMPLE}.`;
}

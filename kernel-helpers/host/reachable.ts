// Can a server be reached, and if not, at what does it fail? Each failure has another cause, and another cure.
import { connect } from "node:net";
import { inspect } from "node:util";
import { SOCK_STREAM } from "../socket/constants.js";
import { withDeadline } from "../socket/deadline.js";
import { gaierror, OSError, TimeoutError, toOSError } from "../socket/errors.js";
import { getaddrinfo } from "../socket/names.js";
import { ours } from "../socket/ours.js";

/**
 * `open`: somebody accepts connections there. `refused`: the computer answered that nobody listens. `filtered`: nothing came
 * back at all. `no route`: no way leads there. `no such name`: the name has no address.
 */
export type Finding = "open" | "refused" | "filtered" | "no route" | "no such name";

export interface ReachableOptions {
  /** Seconds that each address of the host gets. */
  timeout?: number;
  /** Ends it, with the signal's reason. */
  signal?: AbortSignal;
}

export interface Reachability {
  finding: Finding;
  host: string;
  port: number;
  /** The address that was found so; `undefined`: the name has none. */
  address: string | undefined;
  /** Milliseconds until it was clear. */
  time: number;
  /** The system's own words; `undefined`: it is open. */
  error: OSError | undefined;
  /** What it means, and what to try. */
  advice: string;
}

/** Of several addresses the best is told. */
const ORDER: Finding[] = ["open", "refused", "filtered", "no route", "no such name"];

/**
 * Tries to connect to a TCP port, and tells what happened: open, refused, filtered, no route, no such name. Does not throw for any
 * of them.
 * @param port 1 to 65535
 * @throws RangeError for another port; the reason of the signal
 * @see connect(2), getaddrinfo(3)
 */
export async function reachable(
  host: string,
  port: number,
  { timeout = 3, signal }: ReachableOptions = {},
): Promise<Reachability> {
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new RangeError(`reachable: a port is a whole number from 1 to 65535, not ${port}`);
  if (!(timeout > 0))
    throw new RangeError(`reachable: timeout is a number of seconds above 0, not ${timeout}`);
  const begin = performance.now();
  const result = (finding: Finding, address: string | undefined, error: OSError | undefined): Reachability =>
    withText({
      finding,
      host,
      port,
      address,
      time: Math.round((performance.now() - begin) * 10) / 10,
      error,
      advice: adviceOn(finding, { host, port, address, error }),
    });
  let addresses: string[];
  try {
    const found = await getaddrinfo(host, port, 0, SOCK_STREAM, 0, 0, { signal });
    addresses = [...new Set(found.map(([, , , , [address]]) => address as string))];
  } catch (error) {
    if (error instanceof gaierror) return result("no such name", undefined, error);
    throw error;
  }
  const all = await Promise.all(
    addresses.map(async (address) => {
      const error = await failureOf(address, port, { timeout, signal });
      return result(error ? (findingOf(error) as Finding) : "open", address, error);
    }),
  );
  return all.sort((a, b) => ORDER.indexOf(a.finding) - ORDER.indexOf(b.finding))[0] as Reachability;
}

async function failureOf(
  address: string,
  port: number,
  wait: { timeout: number; signal: AbortSignal | undefined },
): Promise<OSError | undefined> {
  try {
    await withDeadline<void>(
      null,
      (resolve, reject) => {
        const socket = ours(() => connect({ host: address, port, autoSelectFamily: false }));
        socket.on("connect", () => {
          socket.destroy();
          resolve();
        });
        socket.on("error", reject);
        return () => socket.destroy();
      },
      { wait },
    );
    return undefined;
  } catch (error) {
    const told = toOSError(error);
    if (told instanceof OSError && findingOf(told)) return told;
    throw error;
  }
}

/** `undefined`: the error says nothing of the way (too many open files, an interrupt). */
function findingOf(error: OSError): Finding | undefined {
  if (error instanceof TimeoutError) return "filtered";
  return FINDINGS[error.code ?? ""];
}

const FINDINGS: Record<string, Finding> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "refused",
  // A firewall of this machine says no at once.
  EPERM: "filtered",
  EACCES: "filtered",
  EHOSTUNREACH: "no route",
  ENETUNREACH: "no route",
  EHOSTDOWN: "no route",
  ENETDOWN: "no route",
  EADDRNOTAVAIL: "no route",
  // Linux's word for a route into a black hole.
  EINVAL: "no route",
};

interface Found {
  host: string;
  port: number;
  address: string | undefined;
  error: OSError | undefined;
}

function adviceOn(finding: Finding, { host, port, address, error }: Found): string {
  const at = `${address === host ? host : `${host} (${address})`}`;
  switch (finding) {
    case "open":
      return `A server accepts connections at ${at}, port ${port}.`;
    case "refused":
      return `${at} answered: nobody listens on port ${port}. The way there is open. Is the server running? On this port? Is it bound to 0.0.0.0 (the empty address) and not to 127.0.0.1?`;
    case "filtered":
      if (error?.code === "EPERM" || error?.code === "EACCES")
        return `This system does not let the connection to ${at} out: a rule of its own firewall or routing table forbids it.`;
      return `Nothing came back from ${at}, port ${port}: neither yes nor no. A firewall there drops what comes, the computer is switched off or unplugged, the address belongs to nobody, or the network keeps its members apart. On the server's computer allow the port; compare its address with interfaces() there; try with both at the hotspot of a telephone.`;
    case "no route":
      return `No way leads from here to ${at} (${error?.strerror ?? error?.message}). Is this computer in a network? In the same one as the other? Is the other one switched on? interfaces() and route() tell what is known here.`;
    case "no such name":
      return error?.errno === -3
        ? `The name ${host} could not be looked up, since no name server answered. Is this computer in a network? An address works without names.`
        : `There is no address for the name ${host}. Is it spelt right? Names of computers at home are often known to nobody else: use the address that interfaces() shows there.`;
  }
}

/** In a notebook and in a console it is a sentence; its fields are there all the same. */
function withText(found: Reachability): Reachability {
  const text = (): string =>
    `${found.host}:${found.port} is ${found.finding === "no route" ? "out of reach: no route" : found.finding} (${found.time} ms)\n${found.advice}`;
  return Object.defineProperty(found, inspect.custom, { value: text, enumerable: false });
}

// A scan, from the question to what is shown.
import { type Listener, listenerOf, listeners } from "../host/listeners.js";
import { host } from "../host-contract.js";
import { MARK } from "../socket/backends/connect-thread.js";
import { nameOfPort } from "../socket/services.js";
import { readBanner } from "./banner.js";
import { confirm } from "./confirm.js";
import { noteOtherScan } from "./permission.js";
import { type Ports, parsePorts } from "./ports.js";
import { ScanError } from "./problem.js";
import { watchProgress } from "./progress.js";
import { type ScannedPort, ScanResult } from "./result.js";
import { type BackendName, RATE, Sweep, TIMEOUT } from "./sweep.js";
import { findTargets, type Target } from "./target.js";

/** How far a scan is. */
export interface ScanProgress {
  /** Ports that have an answer, or none in time, of all addresses. */
  done: number;
  total: number;
  /** Ports that seem open. */
  open: number;
}

export interface ScanOptions {
  /** `"22,80,8000-8100"`, `"top100"`, `"all"`, a number or several. Default: all of this machine; of others, and of UDP, `"top100"`. */
  ports?: Ports;
  /** UDP instead of TCP. */
  udp?: boolean;
  /** Ask the open ones what they are: greeting, HTTP, TLS. */
  banner?: boolean;
  /** Connections that are awaited at a time, 1 to 4096. Default: 256. Nothing where the system answers at once (koffi). */
  concurrency?: number;
  /** Seconds to wait for an answer, before asking once more. Default: 1; on Windows 3. */
  timeout?: number;
  /** For anybody else's machine: who allowed it, in words. It is written to stderr and into a log. */
  iHavePermission?: string;
  /** Ends the scan: it rejects with {@link ScanInterrupted}. */
  signal?: AbortSignal;
  /** Called ten times a second. */
  onProgress?: (progress: ScanProgress) => void;
  /** Which back-end has to do it, for tests; also WIREBOOK_SCAN. Default: the fastest that works. */
  backend?: BackendName;
}

/** Its signal ended a scan; what was found so far is in `result`. */
export class ScanInterrupted extends Error {
  override readonly name: string = "ScanInterrupted";
  readonly result: ScanResult;

  /** @internal */
  constructor(result: ScanResult, cause: unknown) {
    super(`the scan was interrupted: ${result.summary}`, { cause });
    this.result = result;
  }
}

/** So many probes at most, to others and to oneself. */
const MOST_OTHER = 65_535;
const MOST_OWN = 4_000_000;
const MOST_BANNERS = 16;

/**
 * Scans ports: of this machine, or of one that its owner allows to scan.
 *
 * TCP ports are connected to, as nmap's connect scan does, and each open one a second time; no packet is made up. UDP ports get a
 * datagram. In a notebook the progress is shown, and an interrupt ends the scan at once.
 *
 * @param target a name or an address; a network (`192.168.1.0/28`) where it lies in a private one that this machine is in;
 * left out: all addresses of this machine. Others need `iHavePermission`, and get 100 probes a second at most
 * @throws ScanError where a target may not be scanned, or something is mistyped; ScanInterrupted; the reason of an interrupt
 * @see connect(2), nmap(1), RFC 9293 3.5
 */
export async function scan(target?: string | ScanOptions, options: ScanOptions = {}): Promise<ScanResult> {
  if (Array.isArray(target))
    throw new ScanError("one target is scanned at a time; several are several calls.");
  if (typeof target === "object" && target !== null) return scan(undefined, target);
  const begun = performance.now();
  const backend = checkOptions(options);
  const { udp = false, concurrency, timeout, iHavePermission } = options;
  const protocol = udp ? "udp" : "tcp";
  const interrupted = host()?.signal();
  const signals = [interrupted, options.signal].filter((one) => one !== undefined);
  const signal = signals.length > 0 ? AbortSignal.any(signals) : undefined;
  signal?.throwIfAborted();
  const targets = await findTargets(target, { permission: iHavePermission });
  const own = targets.every((one) => one.own);
  const ports = parsePorts(options.ports ?? (own && !udp ? "all" : "top100"), protocol);
  const total = targets.length * ports.length;
  if (total > (own ? MOST_OWN : MOST_OTHER))
    throw new ScanError(
      `${targets.length} addresses with ${ports.length} ports each are more than the ${own ? MOST_OWN : MOST_OTHER} that one scan may ask; name fewer ports.`,
    );
  if (!own) {
    const addresses = targets.filter((one) => !one.own).map(({ address }) => address);
    noteOtherScan({
      target: target ?? "",
      addresses,
      protocol,
      ports: ports.length,
      permission: iHavePermission ?? "",
    });
  }
  const sweep = new Sweep({ targets, ports, protocol, backend, concurrency, timeout, signal });
  const details = new Map<number, Partial<ScannedPort>>();
  const result = ({ bare = false } = {}): ScanResult => {
    const seconds = (performance.now() - begun) / 1000;
    const all = !bare && targets.some((one) => one.own) ? listeners() : undefined;
    return new ScanResult(sweep, { target: target ?? "", seconds }, (at) =>
      bare ? {} : { ...describe(sweep, at, all), ...details.get(at) },
    );
  };
  const progress = watchProgress(sweep, options.onProgress);
  try {
    await sweep.run();
    if (protocol === "tcp") await look(sweep, details, { ...options, signal });
  } catch (error) {
    // An interrupted cell has no time left for names.
    const partial = result({ bare: interrupted?.aborted === true });
    progress.end(`${partial.summary}${partial.counts.open > 0 ? `\n${partial.table({ open: true })}` : ""}`);
    if (interrupted?.aborted) throw interrupted.reason;
    throw signal?.aborted ? new ScanInterrupted(partial, signal.reason) : error;
  }
  const found = result();
  progress.end(found.summary);
  return found;
}

/** @returns the back-end that has to serve, where one has to. @throws ScanError */
function checkOptions({
  concurrency,
  timeout,
  iHavePermission,
  backend,
}: ScanOptions): BackendName | undefined {
  if (
    concurrency !== undefined &&
    !(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 4096)
  )
    throw new ScanError(`concurrency is a whole number from 1 to 4096, not ${concurrency}.`);
  if (timeout !== undefined && !(timeout > 0 && timeout <= 60))
    throw new ScanError(`timeout is in seconds, more than 0 and not more than 60, not ${timeout}.`);
  if (iHavePermission !== undefined && typeof iHavePermission !== "string")
    throw new ScanError(
      `iHavePermission says in words who allowed it, as in "Ada, whose laptop it is, agreed".`,
    );
  const wanted = backend ?? (process.env.WIREBOOK_SCAN || undefined);
  if (wanted !== undefined && wanted !== "koffi" && wanted !== "net")
    throw new ScanError(`the back-end (WIREBOOK_SCAN) is "koffi" or "net", not "${wanted}".`);
  return wanted;
}

/** Looks at each that seems open once more, alone, and asks it what it is. */
async function look(
  sweep: Sweep,
  details: Map<number, Partial<ScannedPort>>,
  {
    timeout = TIMEOUT,
    banner = false,
    signal,
  }: Pick<ScanOptions, "timeout" | "banner"> & { signal: AbortSignal | undefined },
): Promise<void> {
  const { marks, ports, targets } = sweep;
  const reading = new Set<Promise<void>>();
  for (let at = marks.indexOf(MARK.open); at >= 0; at = marks.indexOf(MARK.open, at + 1)) {
    signal?.throwIfAborted();
    const target = targets[Math.floor(at / ports.length)] as Target;
    const port = ports[at % ports.length] as number;
    if (!target.own) await pause(1000 / RATE);
    const found = await confirm(target, port, timeout * 1000, signal);
    if (!found.open) marks[at] = MARK.closed;
    else if (!banner) found.stream?.destroy();
    else if (found.stream) {
      const read = readBanner(found.stream, { target, port, signal }).then((text) => {
        if (text) details.set(at, { banner: text });
        reading.delete(read);
      });
      read.catch(() => {});
      reading.add(read);
      if (reading.size >= MOST_BANNERS) await Promise.race(reading);
    }
  }
  await Promise.all(reading);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function describe(
  { ports, targets, protocol, marks }: Sweep,
  at: number,
  all: Listener[] | undefined,
): Partial<ScannedPort> {
  const port = ports[at % ports.length] as number;
  const { address, own } = targets[Math.floor(at / ports.length)] as Target;
  const service = nameOfPort(port, protocol);
  const listener =
    own && marks[at] !== MARK.closed ? all && listenerOf(all, { protocol, address, port }) : undefined;
  const program =
    own && (listener || marks[at] === MARK.open)
      ? { process: listener?.name ?? "unknown", ...(listener?.pid !== undefined && { pid: listener.pid }) }
      : {};
  return { ...(service !== undefined && { service }), ...program };
}

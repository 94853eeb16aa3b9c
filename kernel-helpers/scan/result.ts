// What a scan found: data, and how it looks in a notebook, in a terminal and as JSON.
import { inspect } from "node:util";
import { escapeHtml, type Row, tableBundle } from "../host/table.js";
import type { MimeBundle } from "../host-contract.js";
import { MARK } from "../socket/backends/connect-thread.js";
import type { Protocol } from "./ports.js";
import type { BackendName, Sweep } from "./sweep.js";

/**
 * As nmap calls them. `closed`: refused. `filtered`: no answer, or a router's that there is no way. `open|filtered`: no answer
 * where a server need not answer (UDP).
 */
export type State = "open" | "closed" | "filtered" | "open|filtered";

export interface ScannedPort {
  address: string;
  port: number;
  protocol: Protocol;
  state: State;
  /** What runs on this port by the lists of this machine and of IANA; left out where they know nothing. */
  service?: string;
  /** The program that listens, on this machine: `node`; `unknown` where the system does not tell. */
  process?: string;
  /** Its process. */
  pid?: number;
  /** What it says of itself, with everything escaped that is not text. */
  banner?: string;
}

/** The more there are of a state, the less each is worth a line; so does nmap. */
const MOST_LISTED = 25;
const BY_MARK: Readonly<Record<number, State>> = {
  [MARK.open]: "open",
  [MARK.closed]: "closed",
  [MARK.filtered]: "filtered",
  [MARK.openOrFiltered]: "open|filtered",
};

export class ScanResult implements Iterable<ScannedPort> {
  /** As it was asked for; empty: this machine. */
  readonly target: string;
  /** Numeric. */
  readonly addresses: readonly string[];
  readonly protocol: Protocol;
  readonly backend: BackendName;
  readonly seconds: number;
  /** How many ports there are of each state; `unscanned`, where the scan was interrupted. */
  readonly counts: Readonly<Record<State | "unscanned", number>>;
  /** All open ones; those of other states where there are 25 at most. By address, then by port. */
  readonly ports: readonly ScannedPort[];
  readonly #marks: Uint8Array;
  readonly #numbers: Uint16Array;

  /** @internal */
  constructor(
    sweep: Sweep,
    { target, seconds }: { target: string; seconds: number },
    described: (at: number) => Partial<ScannedPort>,
  ) {
    this.target = target;
    this.addresses = sweep.targets.map(({ address }) => address);
    this.protocol = sweep.protocol;
    this.backend = sweep.backend;
    this.seconds = seconds;
    // Threads that were stopped may still be at it.
    this.#marks = sweep.marks.slice();
    this.#numbers = sweep.ports;
    const counts = { open: 0, closed: 0, filtered: 0, "open|filtered": 0, unscanned: 0 };
    this.#marks.forEach((mark) => {
      counts[BY_MARK[mark] ?? "unscanned"]++;
    });
    this.counts = counts;
    const ports: ScannedPort[] = [];
    this.#marks.forEach((mark, at) => {
      const state = BY_MARK[mark];
      if (state === undefined || (state !== "open" && counts[state] > MOST_LISTED)) return;
      const address = this.addresses[Math.floor(at / this.#numbers.length)] as string;
      const port = this.#numbers[at % this.#numbers.length] as number;
      ports.push({ address, port, protocol: this.protocol, state, ...described(at) });
    });
    this.ports = ports;
  }

  /** Those that are open. */
  get open(): ScannedPort[] {
    return this.ports.filter(({ state }) => state === "open");
  }

  [Symbol.iterator](): Iterator<ScannedPort> {
    return this.ports[Symbol.iterator]();
  }

  /** The state of one port, listed or not. @param address where several were scanned: which one; else the first */
  stateOf(port: number, address: string = this.addresses[0] ?? ""): State | undefined {
    const [row, column] = [this.addresses.indexOf(address), this.#numbers.indexOf(port)];
    return row < 0 || column < 0 ? undefined : BY_MARK[this.#marks[row * this.#numbers.length + column] ?? 0];
  }

  toJSON(): object {
    const { target, addresses, protocol, backend, seconds, counts, ports } = this;
    return {
      target,
      addresses,
      protocol,
      backend,
      seconds: Number(seconds.toFixed(3)),
      scanned: this.#numbers.length,
      counts,
      ports,
    };
  }

  /** In one line. */
  get summary(): string {
    const { open, unscanned } = this.counts;
    const count = (this.#numbers.length * this.addresses.length).toLocaleString("en");
    const where =
      this.addresses.length > 4 ? `${this.addresses.length} addresses` : this.addresses.join(", ");
    const rest = unscanned > 0 ? `, interrupted: ${unscanned.toLocaleString("en")} not scanned` : "";
    return `${open} open of ${count} ${this.protocol} port${this.#marks.length === 1 ? "" : "s"} of ${where} (${this.seconds.toFixed(2)} s)${rest}`;
  }

  /** The states that are only counted, in one line; empty where there are none. */
  get unlisted(): string {
    const states = (["closed", "filtered", "open|filtered"] as const).filter(
      (state) => this.counts[state] > MOST_LISTED,
    );
    return states.length === 0
      ? ""
      : `Not listed: ${states.map((state) => `${this.counts[state].toLocaleString("en")} ${state}`).join(", ")}.`;
  }

  /** As a table in columns. @param options.open only the open ones */
  table({ open = false }: { open?: boolean } = {}): string {
    const rows = toRows(open ? this.open : this.ports);
    return rows.length > 0 ? String(tableBundle(rows)["text/plain"]) : "";
  }

  toString(): string {
    return [this.summary, this.table(), this.unlisted].filter(Boolean).join("\n");
  }
}

function toRows(ports: readonly ScannedPort[]): Row[] {
  const several = new Set(ports.map(({ address }) => address)).size > 1;
  const has = (key: keyof ScannedPort): boolean => ports.some((port) => port[key] !== undefined);
  return ports.map(
    ({ address, port, protocol, state, service = "", process: program, pid, banner = "" }) => ({
      ...(several && { address }),
      port: `${port}/${protocol}`,
      state,
      service,
      ...(has("process") && {
        process: program === undefined ? "" : pid === undefined ? program : `${program} (${pid})`,
      }),
      ...(has("banner") && { banner }),
    }),
  );
}

function show(this: ScanResult): MimeBundle {
  const rows = toRows(this.ports);
  const lines = [this.summary, this.unlisted].filter(Boolean).map((line) => `<p>${escapeHtml(line)}</p>`);
  return {
    "text/plain": this.toString(),
    "text/html": [lines[0], rows.length > 0 ? tableBundle(rows)["text/html"] : "", ...lines.slice(1)].join(
      "",
    ),
  };
}

for (const [key, value] of [
  [Symbol.for("Jupyter.display"), show],
  [inspect.custom, ScanResult.prototype.toString],
] as const)
  Object.defineProperty(ScanResult.prototype, key, { value });

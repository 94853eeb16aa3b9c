// A server that runs in the background of a notebook, whatever it serves: it belongs to the cell that started it, keeps what its
// handlers printed, and shows itself as one live line.
import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import type { TableDisplay } from "../host/table.js";
import { type Cell, host } from "../host-contract.js";
import type { Address } from "../socket/address.js";
import { Journal } from "./journal.js";
import { LiveOutput } from "./live-output.js";
import { type Visit, Visits } from "./visits.js";

/** `closing`: it listens no more, and waits for its handlers. */
export type State = "serving" | "closing" | "closed";

let numbers = 0;
const running = new Set<Server>();
const serving = new AsyncLocalStorage<Server>();

const watching = new Set<() => void>();

/** Tells when a server of this notebook has begun, ended or served. @returns ends it */
export function watchServers(look: () => void): () => void {
  watching.add(look);
  return () => void watching.delete(look);
}

/** All servers of this notebook that run, oldest first. */
export function runningServers(): Server[] {
  return [...running];
}

/** A running server; made by `serve`, `serveForever`, `serveDatagrams`, `serveHttp` and `serveWebSocket`. */
export abstract class Server implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly address: string;
  /** What it speaks: `tcp`, `udp`, `http` or `websocket`. */
  abstract readonly protocol: string;
  /** The cell that started it. */
  readonly cell: Cell | undefined;
  /** How many connections, or datagrams, it has taken since it began. */
  accepted = 0;
  /** Handlers that failed. */
  failed = 0;
  /** @internal */
  protected readonly visits: Visits<object> = new Visits();
  readonly #journal = new Journal();
  readonly #line: LiveOutput;
  #state: State = "serving";
  #disown: () => void = () => {};
  #resolveClosed: () => void = () => {};
  /** Resolves when it has closed, for whatever reason. */
  readonly closed: Promise<void> = new Promise((resolve) => {
    this.#resolveClosed = resolve;
  });

  /** @internal It listens already. */
  constructor([address, port]: readonly [string, number], name: string) {
    this.name = name || `server ${++numbers}`;
    this.port = port;
    this.address = address;
    this.cell = host()?.cell();
    const last = `${this.name} on ${address}:${port} closed: engine ended`;
    this.#line = new LiveOutput(() => ({ "text/plain": this.toString() }), { "text/plain": last });
    this.#disown = host()?.own(this, { name: `server on ${address}:${port}` }) ?? (() => {});
    running.add(this);
    this.#line.show();
    for (const look of watching) look();
  }

  /** @internal Listens no more. */
  protected abstract stop(): Promise<unknown>;
  /** @internal Ends what is still open. */
  protected abstract end(): Promise<unknown>;

  /** @internal What is printed in there is this server's. */
  protected within<T>(work: () => T): T {
    return serving.run(this, work);
  }

  /** @internal Something has changed that its line tells. */
  protected changed(): void {
    this.#line.update();
    for (const look of watching) look();
  }

  /** @internal At the server's own cell; the others' connections go on. */
  protected failure(address: Address, error: unknown): void {
    this.failed++;
    if (this.#state !== "closed")
      console.error(`${this.name}: the handler of ${inspect(address)} failed:`, error);
    this.changed();
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.visits.open;
  }

  /** The connections that are open, and the last hundred that were: an array, shown as a table. */
  clients(): Visit[] & TableDisplay {
    return this.visits.table();
  }

  /** Bytes that came from all its connections, and that went there. */
  get bytes(): { received: number; sent: number } {
    return this.visits.bytes;
  }

  get state(): State {
    return this.#state;
  }

  /** What its handlers printed, the last 256 KB of it. */
  log(): string {
    return this.#journal.text;
  }

  /** @internal */
  record(text: string): void {
    this.#journal.add(text);
  }

  /**
   * Stops listening and closes the connections that are open.
   * @param options.timeout seconds that handlers may still take to come to their end; meanwhile nobody else is served
   */
  async close({ timeout = 0 }: { timeout?: number } = {}): Promise<void> {
    if (this.#state === "closed") return this.closed;
    const first = this.#state === "serving";
    this.#state = "closing";
    const stopped = first ? this.stop() : undefined;
    this.changed();
    if (timeout > 0) await this.visits.fewerThan(1, timeout * 1000);
    if (this.state === "closed") return this.closed;
    this.#state = "closed";
    running.delete(this);
    this.#disown();
    await Promise.all([stopped, this.end()]);
    this.changed();
    this.#resolveClosed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toString(): string {
    const where = `${this.name} on ${this.address}:${this.port}`;
    const count = `${this.accepted} ${this.unit}${this.accepted === 1 ? "" : "s"} so far`;
    if (this.#state === "closed") return `${where}: closed, ${count}`;
    if (this.#state === "closing") return `${where}: closing, ${this.connections} open, ${count}`;
    const open = this.unit === "connection" ? `${this.connections} open, ` : "";
    return `${where}: listening, ${open}${count}${this.failed > 0 ? `, ${this.failed} failed` : ""}`;
  }

  /** @internal What it counts. */
  protected get unit(): string {
    return "connection";
  }
}

Object.defineProperty(Server.prototype, inspect.custom, {
  value(this: Server): string {
    return `<${this.toString()}>`;
  },
});

/** The server whose handler is running now. */
export function currentServer(): Server | undefined {
  return serving.getStore();
}

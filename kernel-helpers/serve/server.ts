// A server that runs in the background of a notebook: it accepts, calls the handler in the cell that started it, keeps what
// the handler printed, and shows itself as one live line.
import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import type { TableDisplay } from "../host/table.js";
import { type Cell, host } from "../host-contract.js";
import type { Address } from "../socket/address.js";
import { OSError } from "../socket/errors.js";
import type { Socket } from "../socket/socket.js";
import { Journal } from "./journal.js";
import { LiveLine } from "./live-line.js";
import { type Visit, Visits } from "./visits.js";

/** What a server does with one connection. The connection is closed when it returns. */
export type Handler = (connection: Socket, address: Address) => unknown;

export interface ServerOptions {
  /** Serve several connections at once (the default), or one after another as a plain accept loop does. */
  concurrent: boolean;
  /** How it is called in tables and lines. */
  name: string;
  /** So many connections at a time; who comes beyond them waits in the system's queue. */
  maxConnections: number;
}

/** `closing`: it listens no more, and waits for its handlers. */
type State = "serving" | "closing" | "closed";

let numbers = 0;
const running = new Set<Server>();
const serving = new AsyncLocalStorage<Server>();

/** All servers of this notebook that run, oldest first. */
export function runningServers(): Server[] {
  return [...running];
}

/** A running server; made by `serve` and `serveForever`. */
export class Server implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly address: string;
  /** The cell that started it. */
  readonly cell: Cell | undefined;
  /** How many connections it has taken since it began. */
  accepted = 0;
  /** Handlers that failed. */
  failed = 0;
  readonly #socket: Socket;
  readonly #handler: Handler;
  readonly #concurrent: boolean;
  readonly #most: number;
  readonly #visits = new Visits();
  readonly #journal = new Journal();
  readonly #line: LiveLine;
  #state: State = "serving";
  #disown: () => void = () => {};
  #resolveClosed: () => void = () => {};
  /** Resolves when it has closed, for whatever reason. */
  readonly closed: Promise<void> = new Promise((resolve) => {
    this.#resolveClosed = resolve;
  });

  /** @internal The socket listens already. */
  constructor(socket: Socket, handler: Handler, options: ServerOptions) {
    const [address, port] = socket.getsockname() as [string, number];
    this.#socket = socket;
    this.#handler = handler;
    this.#concurrent = options.concurrent;
    this.#most = options.maxConnections;
    this.name = options.name || `server ${++numbers}`;
    this.port = port;
    this.address = address;
    this.cell = host()?.cell();
    this.#line = new LiveLine(
      () => this.toString(),
      `${this.name} on ${address}:${port} closed: engine ended`,
    );
    this.#disown = host()?.own(this, { name: `server on ${address}:${port}` }) ?? (() => {});
    running.add(this);
    this.#line.show();
    void serving.run(this, () => this.#accept());
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#visits.open;
  }

  /** The connections that are open, and the last hundred that were: an array, shown as a table. */
  clients(): Visit[] & TableDisplay {
    return this.#visits.table();
  }

  get state(): State {
    return this.#state;
  }

  async #accept(): Promise<void> {
    while (this.#state === "serving") {
      if (this.#visits.open >= this.#most) await this.#visits.fewerThan(this.#most);
      let accepted: [Socket, Address];
      try {
        accepted = await this.#socket.accept();
      } catch (error) {
        if (this.#state === "serving") {
          if (!(error instanceof OSError && this.#socket.fileno() < 0)) console.error(error);
          await this.close();
        }
        return;
      }
      const work = this.#serve(...accepted);
      if (!this.#concurrent) await work;
    }
  }

  async #serve(connection: Socket, address: Address): Promise<void> {
    this.accepted++;
    this.#visits.began(connection, address);
    this.#line.update();
    let state: "closed" | "failed" = "closed";
    try {
      await this.#handler(connection, address);
    } catch (error) {
      this.failed++;
      state = "failed";
      // At the server's own cell; the others' connections go on.
      if (this.#state !== "closed")
        console.error(`${this.name}: the handler of ${inspect(address)} failed:`, error);
    } finally {
      await connection.close().catch(() => {});
      this.#visits.ended(connection, state);
      this.#line.update();
    }
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
    const already = this.#state === "closing";
    this.#state = "closing";
    if (!already) await this.#socket.close();
    this.#line.update();
    if (timeout > 0) await this.#visits.fewerThan(1, timeout * 1000);
    if (this.state === "closed") return this.closed;
    this.#state = "closed";
    running.delete(this);
    this.#disown();
    await Promise.all(this.#visits.sockets.map((connection) => connection.close()));
    this.#line.update();
    this.#resolveClosed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toString(): string {
    const where = `${this.name} on ${this.address}:${this.port}`;
    const count = `${this.accepted} connection${this.accepted === 1 ? "" : "s"} so far`;
    if (this.#state === "closed") return `${where}: closed, ${count}`;
    if (this.#state === "closing") return `${where}: closing, ${this.connections} open, ${count}`;
    return `${where}: listening, ${this.connections} open, ${count}${this.failed > 0 ? `, ${this.failed} failed` : ""}`;
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

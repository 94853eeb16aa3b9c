// Servers on sockets of `wirebook/socket`: of connections, and of datagrams.
import type { Address } from "../socket/address.js";
import { OSError } from "../socket/errors.js";
import type { Socket } from "../socket/socket.js";
import { Server } from "./server.js";

/** What a server does with one connection. The connection is closed when it returns. */
export type Handler = (connection: Socket, address: Address) => unknown;

/** What a server does with one datagram; what it returns, if anything, is sent back. */
export type DatagramHandler = (data: Buffer, address: Address, socket: Socket) => unknown;

export interface SocketServerOptions {
  /** Serve several connections at once, or one after another as a plain accept loop does. */
  concurrent: boolean;
  /** How it is called in tables and lines. */
  name: string;
  /** So many connections at a time; who comes beyond them waits in the system's queue. */
  maxConnections: number;
}

export class SocketServer extends Server {
  readonly protocol = "tcp";
  readonly #socket: Socket;
  readonly #handler: Handler;
  readonly #concurrent: boolean;
  readonly #most: number;

  /** @internal The socket listens already. */
  constructor(socket: Socket, handler: Handler, { concurrent, name, maxConnections }: SocketServerOptions) {
    super(socket.getsockname() as [string, number], name);
    this.#socket = socket;
    this.#handler = handler;
    this.#concurrent = concurrent;
    this.#most = maxConnections;
    void this.within(() => this.#accept());
  }

  async #accept(): Promise<void> {
    while (this.state === "serving") {
      if (this.visits.open >= this.#most) await this.visits.fewerThan(this.#most);
      let accepted: [Socket, Address];
      try {
        accepted = await this.#socket.accept();
      } catch (error) {
        if (this.state === "serving") {
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
    this.visits.began(connection, address, connection.stream);
    this.changed();
    let state: "closed" | "failed" = "closed";
    try {
      await this.#handler(connection, address);
    } catch (error) {
      state = "failed";
      this.failure(address, error);
    } finally {
      await connection.close().catch(() => {});
      this.visits.ended(connection, state);
      this.changed();
    }
  }

  protected override stop(): Promise<void> {
    return this.#socket.close();
  }

  protected override async end(): Promise<void> {
    await Promise.all((this.visits.all as Socket[]).map((connection) => connection.close()));
  }
}

/** The largest datagram that can come. */
const LARGEST = 65_535;

export class DatagramServer extends Server {
  readonly protocol = "udp";
  readonly #socket: Socket;
  readonly #handler: DatagramHandler;

  /** @internal The socket is bound already. */
  constructor(socket: Socket, handler: DatagramHandler, name: string) {
    super(socket.getsockname() as [string, number], name);
    this.#socket = socket;
    this.#handler = handler;
    void this.within(() => this.#receive());
  }

  async #receive(): Promise<void> {
    while (this.state === "serving") {
      try {
        const [data, address] = await this.#socket.recvfrom(LARGEST);
        void this.#serve(data, address as Address);
      } catch (error) {
        // An answer that nobody wanted comes back as an error of the next call (udp(7)).
        if (error instanceof OSError && error.code === "ECONNREFUSED") continue;
        if (this.state === "serving") {
          if (!(error instanceof OSError && error.code === "EBADF")) console.error(error);
          await this.close();
        }
        return;
      }
    }
  }

  async #serve(data: Buffer, address: Address): Promise<void> {
    this.accepted++;
    this.changed();
    try {
      const answer: unknown = await this.#handler(data, address, this.#socket);
      if (typeof answer === "string" || answer instanceof Uint8Array)
        await this.#socket.sendto(answer, address);
    } catch (error) {
      this.failure(address, error);
    }
  }

  protected override get unit(): string {
    return "datagram";
  }

  protected override stop(): Promise<void> {
    return this.#socket.close();
  }

  protected override async end(): Promise<void> {}
}

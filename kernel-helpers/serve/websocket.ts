// WebSockets (RFC 6455) with the manners of a socket: `recv` waits for a message, `send` until it has gone; server and client alike.
import type { Socket as NetSocket } from "node:net";
import type { RawData, WebSocket } from "ws";
import { host } from "../host-contract.js";
import { type WaitOptions, withDeadline } from "../socket/deadline.js";
import { BrokenPipeError, OSError, osError, toOSError } from "../socket/errors.js";
import { ours } from "../socket/ours.js";
import { addressOf, HttpServer } from "./http-server.js";

/** What a server does with one connection. The connection is closed when it returns. */
export type WebSocketHandler = (
  connection: WebSocketConnection,
  address: [host: string, port: number],
) => unknown;

/** How a connection ended (RFC 6455, section 7.4): 1000 is a normal end, 1006 one without a word. */
export interface Closed {
  code: number;
  reason: string;
}

/** Messages that may wait here before the peer is asked to wait. */
const MOST_WAITING = 64;

/** One end of a WebSocket. */
export class WebSocketConnection implements AsyncDisposable {
  readonly #ws: WebSocket;
  readonly #messages: (string | Buffer)[] = [];
  readonly #waiting = new Set<() => void>();
  #failed: Error | undefined;
  #ended = false;
  /** Resolves when it is closed, for whatever reason. */
  readonly closed: Promise<Closed>;

  /** @internal */
  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on("message", (data: RawData, isBinary: boolean) => {
      const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
      this.#messages.push(isBinary ? bytes : bytes.toString());
      if (this.#messages.length >= MOST_WAITING) ws.pause();
      this.#wake();
    });
    ws.on("error", (error) => {
      this.#failed = toOSError(error);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      ws.once("close", (code, reason) => {
        this.#ended = true;
        this.#wake();
        resolve({ code, reason: String(reason) });
      });
    });
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** The protocol that both agreed on; empty where there is none. */
  get protocol(): string {
    return this.#ws.protocol;
  }

  /**
   * Receives one message, text as a string and bytes as a Buffer.
   * @returns `null` at the end of the connection
   * @throws OSError where the connection broke; TimeoutError
   */
  recv(wait: WaitOptions = {}): Promise<string | Buffer | null> {
    return withDeadline<string | Buffer | null>(
      null,
      (resolve, reject) => {
        const look = (): void => {
          const next = this.#messages.shift();
          if (next === undefined && !this.#failed && !this.#ended) return;
          this.#waiting.delete(look);
          if (next !== undefined) {
            if (this.#ws.isPaused && this.#messages.length < MOST_WAITING) this.#ws.resume();
            resolve(next);
          } else if (this.#failed) {
            const error = this.#failed;
            this.#failed = undefined;
            reject(error);
          } else resolve(null);
        };
        this.#waiting.add(look);
        look();
        return () => void this.#waiting.delete(look);
      },
      { wait },
    );
  }

  /** `for await (const message of connection)`: one message after another, to the end. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer, void, undefined> {
    for (let message = await this.recv(); message !== null; message = await this.recv()) yield message;
  }

  /**
   * Sends one message: a string as text, bytes as bytes.
   * @throws BrokenPipeError where it is closed; TimeoutError
   */
  send(message: string | Uint8Array, wait: WaitOptions = {}): Promise<void> {
    if (this.#ws.readyState !== this.#ws.OPEN) return Promise.reject(osError("EPIPE"));
    return withDeadline<void>(
      null,
      (resolve, reject) => {
        this.#ws.send(message, (error) =>
          error ? reject(error instanceof OSError ? error : new BrokenPipeError(error.message)) : resolve(),
        );
        return undefined;
      },
      { wait },
    );
  }

  /** Says goodbye, and waits a second for the answer; then it is gone. Twice is no error. */
  async close(code: number = 1000, reason: string = ""): Promise<void> {
    if (this.#ws.readyState === this.#ws.CLOSED) return;
    this.#ws.close(code, reason);
    // One that was paused would never see the answer.
    this.#ws.resume();
    const timer = setTimeout(() => this.#ws.terminate(), GOODBYE_MS);
    await this.closed;
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const GOODBYE_MS = 1000;

export class WebSocketServer extends HttpServer {
  override readonly protocol = "websocket";
  readonly #open = new Set<WebSocketConnection>();

  /** @internal */
  async accept(handler: WebSocketHandler, maxMessage: number): Promise<void> {
    const { WebSocketServer: Acceptor } = await import("ws");
    const acceptor = new Acceptor({ noServer: true, maxPayload: maxMessage });
    this.node.on("upgrade", (request, stream, head) => {
      acceptor.handleUpgrade(request, stream, head, (ws) => {
        void this.inCell(() => this.#serve(handler, new WebSocketConnection(ws), request.socket));
      });
    });
    this.answer((_, response) => {
      response.writeHead(426, { Upgrade: "websocket" }).end("This is a WebSocket server.\n");
    });
  }

  async #serve(handler: WebSocketHandler, connection: WebSocketConnection, stream: NetSocket): Promise<void> {
    this.#open.add(connection);
    try {
      await handler(connection, addressOf(stream));
    } catch (error) {
      this.failedOn(stream, error);
      // 1011: an error of the server's.
      await connection.close(1011, "the handler failed").catch(() => {});
    } finally {
      await connection.close().catch(() => {});
      this.#open.delete(connection);
    }
  }

  protected override async end(): Promise<void> {
    // 1001: going away.
    await Promise.all([...this.#open].map((connection) => connection.close(1001, "the server is closing")));
    await super.end();
  }
}

export interface ConnectOptions extends WaitOptions {
  /** Protocols to offer, the best first. */
  protocols?: string[];
}

/**
 * Connects to a WebSocket server.
 * @param url `ws://127.0.0.1:12345/`
 * @throws SyntaxError for another kind of address; ConnectionRefusedError, gaierror, TimeoutError; OSError where the server is none
 * @see RFC 6455
 */
export async function connectWebSocket(
  url: string | URL,
  { protocols = [], ...wait }: ConnectOptions = {},
): Promise<WebSocketConnection> {
  const { WebSocket: Client } = await import("ws");
  const ws = ours(() => new Client(url, protocols));
  // Whoever listens from the beginning misses no message.
  const connection = new WebSocketConnection(ws);
  await withDeadline<void>(
    null,
    (resolve, reject) => {
      ws.once("open", () => resolve());
      ws.once("unexpected-response", (_, response) => {
        ws.terminate();
        reject(
          new OSError(
            `the server answered ${response.statusCode} ${response.statusMessage}, not as a WebSocket`,
          ),
        );
      });
      ws.once("error", (error) => reject(toOSError(error)));
      return () => ws.terminate();
    },
    { wait },
  );
  const forget = host()?.own(connection, { name: `WebSocket to ${url}` });
  void connection.closed.then(() => forget?.());
  return connection;
}

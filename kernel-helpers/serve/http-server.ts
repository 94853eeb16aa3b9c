// HTTP in the background, with Node's own server inside.
import {
  createServer,
  type IncomingMessage,
  type Server as NodeServer,
  type ServerResponse,
} from "node:http";
import type { Socket as NetSocket } from "node:net";
import { host } from "../host-contract.js";
import { toOSError } from "../socket/errors.js";
import { ours } from "../socket/ours.js";
import { Server } from "./server.js";

/**
 * What a server does with one request: it writes to `response`, or returns what is to be sent: text, bytes, or an object,
 * which is sent as JSON.
 */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Node's server, listening.
 * @param most so many connections at a time; who comes beyond them is sent away
 * @throws OSError
 */
export function listen(address: string, port: number, most: number): Promise<NodeServer> {
  return ours(
    () =>
      new Promise((resolve, reject) => {
        const node = createServer();
        if (Number.isFinite(most)) node.maxConnections = most;
        node.once("error", (error) => reject(toOSError(error)));
        node.listen({ host: address, port }, () => resolve(node));
      }),
  );
}

export class HttpServer extends Server {
  readonly protocol: string = "http";
  /** Requests that have come. */
  requests = 0;
  /** Node's own server inside. */
  readonly node: NodeServer;
  /** Connections on which a handler has failed. */
  readonly #failed = new WeakSet<NetSocket>();

  /** @internal */
  constructor(node: NodeServer, name: string) {
    const { address, port } = node.address() as { address: string; port: number };
    super([address, port], name);
    this.node = node;
    node.on("connection", (stream: NetSocket) => {
      this.accepted++;
      this.visits.began(stream, addressOf(stream), stream);
      this.changed();
      stream.once("close", () => {
        this.visits.ended(stream, this.#failed.has(stream) ? "failed" : "closed");
        this.changed();
      });
    });
  }

  /** @internal */
  answer(handler: RequestHandler): void {
    this.node.on("request", (request: IncomingMessage, response: ServerResponse) => {
      this.requests++;
      void this.inCell(() => this.#answer(handler, request, response));
    });
  }

  /** @internal Events of Node's server come from outside all cells. */
  protected inCell<T>(work: () => T): T {
    const inside = (): T => this.within(work);
    return host()?.run(this.cell, inside) ?? inside();
  }

  async #answer(handler: RequestHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer: unknown = await handler(request, response);
      if (answer !== undefined && !response.writableEnded) send(response, answer);
    } catch (error) {
      this.failedOn(request.socket, error);
      if (response.headersSent) response.destroy();
      else
        response
          .writeHead(500, { "Content-Type": "text/plain; charset=utf-8" })
          .end("Internal Server Error\n");
    }
  }

  /** @internal */
  protected failedOn(stream: NetSocket, error: unknown): void {
    this.#failed.add(stream);
    this.failure(addressOf(stream), error);
  }

  protected override stop(): Promise<void> {
    return new Promise((resolve) => {
      this.node.close(() => resolve());
      // Those that are kept alive and ask for nothing would keep it waiting.
      this.node.closeIdleConnections();
    });
  }

  protected override async end(): Promise<void> {
    this.node.closeAllConnections();
    // They tell of their end a moment later.
    await this.visits.fewerThan(1, 1000);
  }
}

/** @internal */
export function addressOf(stream: NetSocket): [host: string, port: number] {
  return [stream.remoteAddress ?? "", stream.remotePort ?? 0];
}

function send(response: ServerResponse, answer: unknown): void {
  const [type, body] =
    typeof answer === "string"
      ? [/^\s*<(!doctype|html)\b/i.test(answer) ? "text/html" : "text/plain", answer]
      : answer instanceof Uint8Array
        ? ["application/octet-stream", answer]
        : ["application/json", JSON.stringify(answer)];
  if (!response.hasHeader("Content-Type"))
    response.setHeader("Content-Type", type === "application/octet-stream" ? type : `${type}; charset=utf-8`);
  response.end(body);
}

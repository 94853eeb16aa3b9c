// The world as it is: the machine's clock, real chance, and WebSockets (RFC 6455). The one door to `ws` here.
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket as NetSocket } from "node:net";
import { availableParallelism } from "node:os";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { ours } from "../../socket/ours.js";
import { Forbidden, Refused } from "../errors.js";
import type { Listening, Pipe, Where, World } from "../flow.js";
import { verifyGrant } from "../node/grant.js";
import { distrust, isSame } from "./trust.js";

export interface RealWorldOptions {
  /** Where to listen: this machine only, unless something else is asked for. */
  address?: string;
  /** How others call this machine; `address`, unless that is every address. */
  announce?: string;
  /** Who knows it may come in; nobody else learns more than that something listens. */
  token: string;
  /** For `wss:`: certificate and key in PEM, and whom to trust. */
  tls?: { cert: string; key: string; ca?: string } | undefined;
}

/** The longest message, in bytes. */
const LONGEST = 64 * 1024 * 1024;
/** With one processor, whoever is to answer runs only when this thread sleeps. */
const HAS_OTHERS = availableParallelism() > 1;
const CONNECT_MS = 3000;
/** Milliseconds in which whoever comes in has to say what he wants, and in which he has to say goodbye. */
const REQUEST_MS = 3000;
const GOODBYE_MS = 1000;
/** More bytes than this are not waited for when a socket is closed. */
const MOST_LEFT = 1024 * 1024;
const OLDEST_TLS = "TLSv1.2";
/** When this thread's clock began, by the one that all threads share. The first reading takes longer. */
const [, BEGAN = 0] = [1, 2].map(() => Number(process.hrtime.bigint()) / 1e6 - performance.now());

export class RealWorld implements World {
  readonly #options: Required<Pick<RealWorldOptions, "address" | "token">> & RealWorldOptions;
  #awakeUntil = 0;
  #isAwake = false;
  readonly #collected: FinalizationRegistry<() => void> = new FinalizationRegistry((work) => work());

  constructor(options: RealWorldOptions) {
    this.#options = { address: "127.0.0.1", ...options };
  }

  /** The same for all threads of a process. */
  now(): number {
    return performance.now() + BEGAN;
  }

  after(ms: number, work: () => void): () => void {
    if (ms <= 0) {
      const soon = setImmediate(work);
      return () => clearImmediate(soon);
    }
    const timer = setTimeout(work, ms).unref();
    return () => clearTimeout(timer);
  }

  stayAwake(ms: number): void {
    if (!HAS_OTHERS) return;
    this.#awakeUntil = this.now() + ms;
    if (this.#isAwake) return;
    this.#isAwake = true;
    setImmediate(this.#look);
  }

  /** As long as there is something to be done at once, Node only looks whether something has come, and does not wait for it. */
  readonly #look = (): void => {
    this.#isAwake = this.now() < this.#awakeUntil;
    if (this.#isAwake) setImmediate(this.#look);
  };

  random(): number {
    return Math.random();
  }

  id(): string {
    return randomBytes(9).toString("base64url");
  }

  collected(object: object, work: () => void): void {
    this.#collected.register(object, work);
  }

  listen(
    accept: (pipe: Pipe, grant?: string) => void,
    { grants = false }: { grants?: boolean } = {},
  ): Promise<Listening> {
    const { address, announce = address, tls } = this.#options;
    return ours(
      () =>
        new Promise((resolve, reject) => {
          const refuse: RequestListener = (_, response) =>
            void response.writeHead(426, { connection: "close", upgrade: "websocket" }).end();
          const server: Server = tls ? secureServer(tls, refuse) : createServer(REQUESTS, refuse);
          const acceptor = new WebSocketServer({ noServer: true, ...SOCKETS });
          server.on("upgrade", (request, stream: NetSocket, head) => {
            stream.on("error", () => {});
            const grant = /^Grant (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
            const isGranted =
              grants && grant !== undefined && verifyGrant(grant, this.#options.token, Date.now());
            if (!isGranted && !this.#knows(request)) {
              // Also of one who keeps his side open.
              stream.once("finish", () => stream.destroy());
              stream.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
              return;
            }
            acceptor.handleUpgrade(request, stream, head, (ws) =>
              accept(toPipe(ws), isGranted ? grant : undefined),
            );
          });
          server.once("error", reject);
          server.listen(0, address, () => {
            const { port } = server.address() as AddressInfo;
            const host = announce.includes(":") ? `[${announce}]` : announce;
            resolve({
              where: `${tls ? "wss" : "ws"}://${host}:${port}`,
              close: () => {
                for (const ws of acceptor.clients) ws.terminate();
                return new Promise((done) => server.close(() => done()));
              },
            });
          });
        }),
    );
  }

  #knows(request: IncomingMessage): boolean {
    return isSame(request.headers.authorization ?? "", `Bearer ${this.#options.token}`);
  }

  dial(where: Where, grant?: string): Promise<Pipe> {
    const { token, tls } = this.#options;
    return ours(
      () =>
        new Promise((resolve, reject) => {
          const ws = new WebSocket(where, {
            headers: { authorization: grant === undefined ? `Bearer ${token}` : `Grant ${grant}` },
            handshakeTimeout: CONNECT_MS,
            ...SOCKETS,
            minVersion: OLDEST_TLS,
            ...(tls?.ca !== undefined && { ca: tls.ca }),
          });
          ws.once("open", () => resolve(toPipe(ws)));
          ws.once("unexpected-response", (_, { statusCode }) => {
            ws.terminate();
            reject(
              new Forbidden(
                `${where} answers ${statusCode}: it does not know this token, or the grant has ended`,
              ),
            );
          });
          ws.on("error", (error: NodeJS.ErrnoException) =>
            reject(
              error.code === "ECONNREFUSED"
                ? new Refused(`nobody listens at ${where}`)
                : (distrust(where, error) ?? error),
            ),
          );
        }),
    );
  }
}

const SOCKETS = { maxPayload: LONGEST, perMessageDeflate: false, closeTimeout: GOODBYE_MS };
const REQUESTS = {
  headersTimeout: REQUEST_MS,
  requestTimeout: REQUEST_MS,
  connectionsCheckingInterval: REQUEST_MS / 5,
};

/** @throws TypeError */
function secureServer({ cert, key }: NonNullable<RealWorldOptions["tls"]>, answer: RequestListener): Server {
  try {
    return createSecureServer(
      { ...REQUESTS, cert, key, minVersion: OLDEST_TLS, handshakeTimeout: REQUEST_MS },
      answer,
    );
  } catch (error) {
    throw new TypeError(
      `tls.cert and tls.key take a certificate and its private key, as the texts of their PEM files, which belong together (${(error as Error).message})`,
    );
  }
}

function toPipe(ws: WebSocket): Pipe {
  const pipe: Pipe = {
    onMessage: () => {},
    onClose: () => {},
    send: (text) => {
      if (ws.readyState === ws.OPEN) ws.send(text);
    },
    close: () => {
      ws.close(1000);
      if (ws.bufferedAmount > MOST_LEFT) ws.terminate();
    },
  };
  ws.on("message", (data: RawData, isBinary) => {
    if (isBinary) ws.close(1003, "text only");
    else pipe.onMessage(String(data));
  });
  // It closes itself, and says why.
  ws.on("error", () => {});
  ws.once("close", () => pipe.onClose());
  return pipe;
}

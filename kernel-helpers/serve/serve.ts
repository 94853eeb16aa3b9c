// Starting servers: on a port, or on a socket that listens already.
import { reach } from "../socket/address.js";
import { AF_INET, AF_INET6, SO_REUSEADDR, SOCK_DGRAM, SOL_SOCKET } from "../socket/constants.js";
import { OSError, osError } from "../socket/errors.js";
import { type Socket, socket } from "../socket/socket.js";
import { HttpServer, listen, type RequestHandler } from "./http-server.js";
import { tapOutput } from "./journal.js";
import { announce, neighbours } from "./neighbours.js";
import { whoHolds } from "./port-holder.js";
import { runningServers, type Server } from "./server.js";
import { type DatagramHandler, DatagramServer, type Handler, SocketServer } from "./socket-server.js";
import { type WebSocketHandler, WebSocketServer } from "./websocket.js";

/** What all servers take. */
export interface BackgroundOptions {
  /** Where to listen: `127.0.0.1` (this machine only) unless something else is asked for. */
  address?: string;
  /** How it is called in tables and lines. */
  name?: string;
}

/** What servers with connections take. */
export interface ConnectionOptions extends BackgroundOptions {
  /**
   * So many connections at a time; default: as many as come. Who comes beyond them waits in the system's queue; servers of HTTP and
   * WebSockets close the connection at once.
   */
  maxConnections?: number;
}

export interface ServeOptions extends ConnectionOptions {
  /** Length of the queue of those who wait to be accepted. */
  backlog?: number;
}

export interface WebSocketOptions extends ConnectionOptions {
  /** The most bytes of one message (default 16 MB); the connection of a longer one is closed with 1009. */
  maxMessage?: number;
}

/**
 * Starts a server in the background and returns at once.
 *
 * Each connection is handed to `handler` and closed when that returns; several are served at once. What the handler
 * prints stands under the cell that started the server. The server is closed by `close()`, when its cell runs again, and
 * when the kernel restarts. A port that an earlier `serve` of this notebook holds is taken over.
 *
 * @param port 0: any free one
 * @throws OSError EADDRINUSE (says who holds the port), EACCES
 */
export async function serve(
  port: number,
  handler: Handler,
  options: ServeOptions = {},
): Promise<SocketServer> {
  checkHandler("serve(port, handler)", handler, "(connection, address)");
  const { address = LOOPBACK, backlog = 128, name = "" } = options;
  const maxConnections = mostOf(options);
  const listening = await opened(port, address, "tcp", async (at) => {
    const one = socket(familyOf(at));
    if (process.platform !== "win32") one.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    await closedOnFailure(one, async () => {
      await one.bind([at, port]);
      await one.listen(backlog);
    });
    return one;
  });
  return running(new SocketServer(listening, handler, { concurrent: true, name, maxConnections }));
}

/**
 * The endless loop of a server, in the background: accepts on a listening socket, one connection after another, and calls
 * the handler with each. Returns at once, so that the next cell can run.
 */
export function serveForever(
  listening: Socket,
  handler: Handler,
  { concurrent = false, name = "" }: { concurrent?: boolean; name?: string } = {},
): SocketServer {
  const maxConnections = Number.POSITIVE_INFINITY;
  return running(new SocketServer(listening, handler, { concurrent, name, maxConnections }));
}

/**
 * Starts a server of datagrams (UDP) in the background: `handler` gets each, with the address that it came from; text or bytes
 * that it returns are sent back there. In all else as {@link serve}.
 * @throws OSError EADDRINUSE, EACCES
 */
export async function serveDatagrams(
  port: number,
  handler: DatagramHandler,
  { address = LOOPBACK, name = "" }: BackgroundOptions = {},
): Promise<DatagramServer> {
  checkHandler("serveDatagrams(port, handler)", handler, "(data, address, socket)");
  const bound = await opened(port, address, "udp", async (at) => {
    const one = socket(familyOf(at), SOCK_DGRAM);
    await closedOnFailure(one, () => one.bind([at, port]));
    return one;
  });
  return running(new DatagramServer(bound, handler, name));
}

/**
 * Starts an HTTP server in the background. In all else as {@link serve}; a handler that fails answers 500.
 * @throws OSError EADDRINUSE, EACCES
 */
export async function serveHttp(
  port: number,
  handler: RequestHandler,
  options: ConnectionOptions = {},
): Promise<HttpServer> {
  checkHandler("serveHttp(port, handler)", handler, "(request, response)");
  const { address = LOOPBACK, name = "" } = options;
  const most = mostOf(options);
  const server = running(
    new HttpServer(await opened(port, address, "tcp", (at) => listen(at, port, most)), name),
  );
  server.answer(handler);
  return server;
}

/**
 * Starts a WebSocket server in the background. In all else as {@link serve}.
 * @throws OSError EADDRINUSE, EACCES
 */
export async function serveWebSocket(
  port: number,
  handler: WebSocketHandler,
  options: WebSocketOptions = {},
): Promise<WebSocketServer> {
  checkHandler("serveWebSocket(port, handler)", handler, "(connection, address)");
  const { address = LOOPBACK, name = "", maxMessage = LONGEST_MESSAGE } = options;
  const most = mostOf(options);
  const server = running(
    new WebSocketServer(await opened(port, address, "tcp", (at) => listen(at, port, most)), name),
  );
  await server.accept(handler, maxMessage);
  return server;
}

const LOOPBACK = "127.0.0.1";
const LONGEST_MESSAGE = 16 * 1024 * 1024;

function mostOf({ maxConnections = Number.POSITIVE_INFINITY }: ConnectionOptions): number {
  if (maxConnections >= 1) return maxConnections;
  throw new RangeError(`maxConnections is a number from 1 on, not ${maxConnections}`);
}

function checkHandler(call: string, handler: unknown, takes: string): void {
  if (typeof handler !== "function") throw new TypeError(`${call}: the handler is a function of ${takes}`);
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}

function familyOf(address: string): number {
  return address.includes(":") ? AF_INET6 : AF_INET;
}

async function closedOnFailure(one: Socket, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await one.close();
    throw error;
  }
}

/** Opens a port that an earlier server of this notebook may hold. @throws OSError, in more words */
async function opened<T>(
  port: number,
  address: string,
  kind: "tcp" | "udp",
  open: (address: string) => Promise<T>,
): Promise<T> {
  for (const earlier of runningServers()) {
    if (port === 0 || earlier.port !== port || (earlier.protocol === "udp") !== (kind === "udp")) continue;
    console.log(
      `Port ${port} was held by this notebook's earlier ${earlier.name}${earlier.cell ? ` (${earlier.cell.label})` : ""}: closed it.`,
    );
    await earlier.close();
  }
  try {
    return await open(address || "0.0.0.0");
  } catch (error) {
    throw explained(error, address || "0.0.0.0", port);
  }
}

/** Says who can reach it, if others can. */
function running<T extends Server>(server: T): T {
  const { address, port } = server;
  if (address === "0.0.0.0" || address === "::")
    console.log(`${server.name} listens on ${reach([address, port], familyOf(address))}`);
  else if (!isLoopback(address))
    console.log(`${server.name} listens on ${address}: other computers on that network can reach it.`);
  tapOutput();
  const withdraw = announce(server);
  void server.closed.then(withdraw);
  return server;
}

function explained(error: unknown, address: string, port: number): unknown {
  if (!(error instanceof OSError)) return error;
  if (error.code === "EADDRINUSE") {
    const neighbour = neighbours().find((other) => other.port === port);
    const holder = neighbour ? `the notebook ${neighbour.notebook}` : whoHolds(port);
    const advice = neighbour
      ? `Close its server there or here, with servers({ everywhere: true }), or choose another port`
      : "Choose another port, or 0 for any free one";
    return describe(error, `${address}:${port} is in use${holder ? ` by ${holder}` : ""}. ${advice}.`);
  }
  if (error.code === "EACCES" && port < 1024)
    return describe(
      error,
      `port ${port} is below 1024, which this system keeps for its administrator. Choose one above.`,
    );
  return error;
}

function describe(error: OSError, words: string): OSError {
  const better = osError(error.code ?? "EIO");
  better.message = `${better.message}: ${words}`;
  return better;
}

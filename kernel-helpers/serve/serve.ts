// Starting servers: on a port, or on a socket that listens already.
import * as socketConstants from "../socket/constants.js";
import { OSError, osError } from "../socket/errors.js";
import { type Socket, socket } from "../socket/socket.js";
import { tapOutput } from "./journal.js";
import { announce, neighbours } from "./neighbours.js";
import { whoHolds } from "./port-holder.js";
import { type Handler, runningServers, Server } from "./server.js";

export interface ServeOptions {
  /** Where to listen: `127.0.0.1` (this machine only) unless something else is asked for. */
  address?: string;
  /** Length of the queue of those who wait to be accepted. */
  backlog?: number;
  /** How it is called in tables and lines. */
  name?: string;
  /** So many connections at a time; who comes beyond them waits in the system's queue. Default: as many as come. */
  maxConnections?: number;
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
export async function serve(port: number, handler: Handler, options: ServeOptions = {}): Promise<Server> {
  if (typeof handler !== "function")
    throw new TypeError("serve(port, handler): the handler is a function of (connection, address)");
  const { address = "127.0.0.1", backlog = 128, name = "", maxConnections } = options;
  if (maxConnections !== undefined && !(maxConnections >= 1))
    throw new RangeError(`maxConnections is a number from 1 on, not ${maxConnections}`);
  for (const earlier of runningServers()) {
    if (port === 0 || earlier.port !== port) continue;
    console.log(
      `Port ${port} was held by this notebook's earlier ${earlier.name}${earlier.cell ? ` (${earlier.cell.label})` : ""}: closed it.`,
    );
    await earlier.close();
  }
  const listening = socket(address.includes(":") ? socketConstants.AF_INET6 : socketConstants.AF_INET);
  if (process.platform !== "win32")
    listening.setsockopt(socketConstants.SOL_SOCKET, socketConstants.SO_REUSEADDR, 1);
  try {
    await listening.bind([address, port]);
    await listening.listen(backlog);
  } catch (error) {
    await listening.close();
    throw explained(error, address, port);
  }
  if (
    address !== "127.0.0.1" &&
    address !== "::1" &&
    address !== "localhost" &&
    address !== "" &&
    address !== "0.0.0.0" &&
    address !== "::"
  ) {
    console.log(`This server listens on ${address}: other computers on that network can reach it.`);
  }
  return start(listening, handler, { concurrent: true, name, maxConnections });
}

/**
 * The endless loop of a server, in the background: accepts on a listening socket, one connection after another, and calls
 * the handler with each. Returns at once, so that the next cell can run.
 */
export function serveForever(
  listening: Socket,
  handler: Handler,
  options: { concurrent?: boolean; name?: string } = {},
): Server {
  return start(listening, handler, { concurrent: options.concurrent ?? false, name: options.name ?? "" });
}

function start(
  listening: Socket,
  handler: Handler,
  { concurrent, name, maxConnections }: { concurrent: boolean; name: string; maxConnections?: number | undefined },
): Server {
  tapOutput();
  const server = new Server(listening, handler, {
    concurrent,
    name,
    maxConnections: maxConnections ?? Number.POSITIVE_INFINITY,
  });
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

/**
 * `wirebook/serve`: servers in the background of a notebook.
 *
 * ```ts
 * import { serve, servers } from 'wirebook/serve';
 * const server = await serve(12345, async (conn, addr) => {
 *   console.log('Got connection from', addr);
 *   await conn.sendall('Thank you for connecting');
 * });
 * ```
 * @module
 */

import { type Row, type TableDisplay, table, tableBundle } from "../host/table.js";
import { host, type MimeBundle } from "../host-contract.js";
import { LiveOutput } from "./live-output.js";
import { type Neighbour, neighbours } from "./neighbours.js";
import { runningServers, type Server, watchServers } from "./server.js";

export type { HttpServer, RequestHandler } from "./http-server.js";
export type { Neighbour } from "./neighbours.js";
export {
  type BackgroundOptions,
  type ConnectionOptions,
  type ServeOptions,
  serve,
  serveDatagrams,
  serveForever,
  serveHttp,
  serveWebSocket,
  type WebSocketOptions,
} from "./serve.js";
export type { Server } from "./server.js";
export type { DatagramHandler, DatagramServer, Handler, SocketServer } from "./socket-server.js";
export type { Visit } from "./visits.js";
export {
  type Closed,
  type ConnectOptions,
  connectWebSocket,
  type WebSocketConnection,
  type WebSocketHandler,
  type WebSocketServer,
} from "./websocket.js";

/**
 * The servers of this notebook that run: an array, shown as a table that renews itself until its cell runs again. With
 * `everywhere` also those of this user's other notebooks, after them, in a table that does not:
 * `await servers({ everywhere: true }).at(-1).close()` closes the last one.
 */
export function servers(options?: { everywhere?: false }): Server[] & TableDisplay;
export function servers(options: { everywhere: boolean }): (Server | Neighbour)[] & TableDisplay;
export function servers({ everywhere = false } = {}): (Server | Neighbour)[] & TableDisplay {
  const own = runningServers();
  if (everywhere)
    return table<Server | Neighbour>([...own, ...neighbours()], (server) => ({
      name: server.name,
      address: `${server.address}:${server.port}`,
      notebook: "notebook" in server ? server.notebook : "this one",
    }));
  return table(own, toRow, () => (host() ? liveTable() : tableBundle(own.map(toRow))));
}

function toRow(server: Server): Row {
  const { received, sent } = server.bytes;
  return {
    name: server.name,
    protocol: server.protocol,
    address: `${server.address}:${server.port}`,
    state: server.state,
    open: server.connections,
    accepted: server.accepted,
    failed: server.failed,
    received,
    sent,
    cell: server.cell?.label ?? "",
  };
}

/** Bytes flow without anybody being told. */
const LOOK_MS = 500;

/** Shows it, and goes on showing it. */
function liveTable(): undefined {
  const make = (): MimeBundle => tableBundle(runningServers().map(toRow));
  const output = new LiveOutput(make, { "text/plain": "(none: the engine has ended)" });
  output.show();
  const update = (): void => output.update();
  const unwatch = watchServers(update);
  const timer = setInterval(update, LOOK_MS).unref();
  const stop = (): void => {
    unwatch();
    clearInterval(timer);
  };
  host()?.own({ [Symbol.dispose]: stop }, { name: "a live table" });
}

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

import { type TableDisplay, table } from "../host/table.js";
import { runningServers, type Server } from "./server.js";

export { type ServeOptions, serve, serveForever } from "./serve.js";
export type { Handler, Server } from "./server.js";

/** The servers of this notebook that run: an array, shown as a table. */
export function servers(): Server[] & TableDisplay {
  return table(runningServers(), (server) => ({
    name: server.name,
    address: `${server.address}:${server.port}`,
    state: server.state,
    open: server.connections,
    accepted: server.accepted,
    failed: server.failed,
    cell: server.cell?.label ?? "",
  }));
}

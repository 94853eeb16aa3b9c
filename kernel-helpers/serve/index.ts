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
import { type Neighbour, neighbours } from "./neighbours.js";
import { runningServers, type Server } from "./server.js";

export type { Neighbour } from "./neighbours.js";
export { type ServeOptions, serve, serveForever } from "./serve.js";
export type { Handler, Server } from "./server.js";
export type { Visit } from "./visits.js";

/**
 * The servers of this notebook that run: an array, shown as a table. With `everywhere` also those of this user's other
 * notebooks, after them: `await servers({ everywhere: true }).at(-1).close()` closes the last one.
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
  return table(own, (server) => ({
    name: server.name,
    address: `${server.address}:${server.port}`,
    state: server.state,
    open: server.connections,
    accepted: server.accepted,
    failed: server.failed,
    cell: server.cell?.label ?? "",
  }));
}

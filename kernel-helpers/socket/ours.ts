// What the socket opens of Node's (servers, streams, processes) is its own business: the host sees the socket alone.
import { host } from "../host-contract.js";

/** Runs `fn` outside all cells, so that the host leaves what opens in it to us. */
export function ours<T>(fn: () => T): T {
  const here = host();
  return here ? here.run(undefined, fn) : fn();
}

/**
 * `wirebook/socket`: network sockets by the names of Python's module `socket`, over Node's own.
 *
 * ```ts
 * import * as socket from 'wirebook/socket';
 * const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
 * await s.connect(['127.0.0.1', 12345]);
 * ```
 *
 * What waits for the network is a promise; what does not is synchronous. Names of several words are written as in
 * TypeScript (`connectEx`, `createServer`); Python's own (`connect_ex`, `create_server`) work too.
 * @module
 */
import { chooseBackend } from "./backends/choose.js";
import type { Capabilities } from "./socket.js";

export type { Address } from "./address.js";
export {
  type CreateConnectionOptions,
  type CreateServerOptions,
  createConnection,
  createConnection as create_connection,
  createServer,
  createServer as create_server,
} from "./composed.js";
export * from "./constants.js";
export {
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileNotFoundError,
  gaierror,
  herror,
  InterruptedError,
  NotSupported,
  OSError,
  OSError as error,
  OverflowError,
  PermissionError,
  TimeoutError,
  TimeoutError as timeout,
  ValueError,
} from "./errors.js";
export { type AddressInfo, getaddrinfo, gethostbyname, gethostname } from "./names.js";
export type { OptionValue } from "./options.js";
export { type Accepted, type Capabilities, Socket, socket } from "./socket.js";
export { getdefaulttimeout, setdefaulttimeout } from "./timeouts.js";

/** What the sockets of this machine can show. */
export const capabilities: Capabilities = {
  get backlog() {
    return chooseBackend().backlog;
  },
  get backend() {
    return chooseBackend().name;
  },
};

/**
 * `wirebook/socket`: network sockets by the names of Python's module `socket`, over Node's own.
 *
 * ```ts
 * import * as socket from 'wirebook/socket';
 * const s = socket.socket(socket.AF_INET, socket.SOCK_STREAM);
 * await s.connect(['127.0.0.1', 12345]);
 * ```
 *
 * What waits for the network is a promise; what does not is synchronous. Python's `connect_ex` is `connectEx`, and so on.
 * @module
 */
import { chooseBackend } from "./backends/choose.js";
import { OSError, TimeoutError } from "./errors.js";

export type { Address } from "./address.js";
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
  OverflowError,
  PermissionError,
  TimeoutError,
} from "./errors.js";
export { type AddressInfo, type CreateConnectionOptions, type CreateServerOptions, createConnection, createServer, getaddrinfo, gethostbyname, gethostname } from "./names.js";
export { type Sendable, Socket, socket } from "./socket.js";

/** Python's old name of OSError: the two are one. */
export const error: typeof OSError = OSError;
/** Python's old name of TimeoutError: the two are one. */
export const timeout: typeof TimeoutError = TimeoutError;

export interface Capabilities {
  /** Is the queue of `listen` the system's own, or emulated in JavaScript? */
  readonly backlog: "kernel" | "emulated";
  /** The back-end that serves listening sockets: `koffi`, `doorman` or `eager`. */
  readonly backend: string;
}

/** What this machine lets the module do. */
export const capabilities: Capabilities = {
  get backlog() {
    return chooseBackend().backlog;
  },
  get backend() {
    return chooseBackend().name;
  },
};

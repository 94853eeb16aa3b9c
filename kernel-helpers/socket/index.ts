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
import { errnoOf } from "./constants.js";
import type { Capabilities } from "./socket.js";

export type { Address } from "./address.js";
export {
  type CreateConnectionOptions,
  type CreateServerOptions,
  createConnection,
  createConnection as create_connection,
  createServer,
  createServer as create_server,
  hasDualstackIpv6,
  hasDualstackIpv6 as has_dualstack_ipv6,
} from "./composed.js";
export * from "./constants.js";
export * from "./constants-linux.js";
export type { WaitOptions } from "./deadline.js";
export { close, dup, fromfd, socketpair } from "./descriptors.js";
export {
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionRefusedError,
  ConnectionResetError,
  EOFError,
  FileNotFoundError,
  gaierror,
  herror,
  IncompleteReadError,
  InterruptedError,
  LimitOverrunError,
  NotSupported,
  OSError,
  OSError as error,
  OverflowError,
  PermissionError,
  TimeoutError,
  TimeoutError as timeout,
  ValueError,
} from "./errors.js";
export { type FileOptions, SocketFile } from "./file.js";
export {
  getfqdn,
  gethostbyaddr,
  gethostbyname_ex,
  gethostbyname_ex as gethostbynameEx,
  getnameinfo,
  type HostEntry,
} from "./hosts.js";
export { htonl, htons, inet_aton, inet_ntoa, inet_ntop, inet_pton, ntohl, ntohs } from "./inet.js";
export { if_indextoname, if_nameindex, if_nametoindex } from "./interfaces.js";
export { type AddressInfo, getaddrinfo, gethostbyname, gethostname } from "./names.js";
export type { OptionValue } from "./options.js";
export { select } from "./select.js";
export { getprotobyname, getservbyname, getservbyport } from "./services.js";
export { type Accepted, type Capabilities, Socket, Socket as SocketType, socket } from "./socket.js";
export { getdefaulttimeout, setdefaulttimeout } from "./timeouts.js";
export type { Data, Received } from "./transfer.js";

/** What the sockets of this machine can show. */
export const capabilities: Capabilities = {
  get backlog() {
    return chooseBackend().backlog;
  },
  get backend() {
    return chooseBackend().name;
  },
};

/** Error numbers of this machine, as Python's module has them. */
export const EBADF: number = errnoOf.EBADF as number;
export const EAGAIN: number = errnoOf.EAGAIN as number;
export const EWOULDBLOCK: number = errnoOf.EWOULDBLOCK as number;
/** Can sockets of IPv6 be made? @see Python `socket.has_ipv6` */
export const has_ipv6: boolean = true;

// Python's exceptions for sockets: `OSError` with its subclasses by errno (PEP 3151), `gaierror`, `timeout`.
import { getSystemErrorMap } from "node:util";
import * as constants from "./constants.js";

/**
 * A failed system call, as Python's `OSError` (of which `socket.error` is another name).
 * Printed as Python prints it: `[Errno 111] Connection refused`.
 */
export class OSError extends Error {
  /** Number of the error on this machine, as in errno(3); `undefined` where there is none. */
  readonly errno: number | undefined;
  /** The system's words for it. */
  readonly strerror: string | undefined;
  /** Its symbol, as Node says it: `ECONNREFUSED`. */
  readonly code: string | undefined;
  /** What Python's exception was made with: `[errno, strerror]`. */
  readonly args: readonly unknown[];

  constructor(errno?: number | string, strerror?: string, options?: ErrorOptions) {
    super(typeof errno === "number" ? `[Errno ${errno}] ${strerror ?? ""}` : (errno ?? ""), options);
    this.errno = typeof errno === "number" ? errno : undefined;
    this.strerror = typeof errno === "number" ? strerror : undefined;
    this.code = typeof errno === "number" ? symbolOf(errno) : undefined;
    this.args = errno === undefined ? [] : typeof errno === "number" ? [errno, strerror] : [errno];
    Object.defineProperty(this, "args", { enumerable: false });
    Object.defineProperty(this, "name", { value: new.target.name, configurable: true, writable: true });
  }
}

export class BlockingIOError extends OSError {}
export class BrokenPipeError extends OSError {}
export class ConnectionAbortedError extends OSError {}
export class ConnectionRefusedError extends OSError {}
export class ConnectionResetError extends OSError {}
export class FileNotFoundError extends OSError {}
export class InterruptedError extends OSError {}
/** Python's PermissionError: EACCES and EPERM. */
export class PermissionError extends OSError {}
/** A deadline set with `settimeout` (or the system's own) went by. `socket.timeout` is another name. */
export class TimeoutError extends OSError {}
/** A failed name resolution; its numbers are getaddrinfo(3)'s `EAI_*`. */
export class gaierror extends OSError {}
/** A failed look-up of the old kind (gethostbyaddr(3)). */
export class herror extends OSError {}
/** What this back-end cannot do, and what would. Nothing is made up instead. */
export class NotSupported extends OSError {}
/** Python's ValueError: right kind of argument, wrong value. */
export class ValueError extends RangeError {
  override readonly name: string = "ValueError";
}
/** Python's OverflowError: a number outside the range that the call takes. */
export class OverflowError extends RangeError {
  override readonly name: string = "OverflowError";
}

/** Python's EOFError: the stream ended where more was needed. */
export class EOFError extends Error {
  override readonly name: string = "EOFError";
}
/** As asyncio's: what had come is in `partial`. */
export class IncompleteReadError extends EOFError {
  override readonly name: string = "IncompleteReadError";
  /** What came before the end. */
  readonly partial: Buffer;
  /** How many bytes were asked for; `undefined` where it was a separator. */
  readonly expected: number | undefined;

  constructor(partial: Buffer, expected: number | undefined) {
    super(`${partial.length} bytes read on a total of ${expected} expected bytes`);
    this.partial = partial;
    this.expected = expected;
  }
}
/** As asyncio's: no separator in so many bytes. What had come is in `partial`. */
export class LimitOverrunError extends Error {
  override readonly name: string = "LimitOverrunError";
  readonly partial: Buffer;

  constructor(partial: Buffer, limit: number) {
    super(`Separator is not found, and chunk exceed the limit (${limit} bytes)`);
    this.partial = partial;
  }
}

const CLASSES: Record<string, typeof OSError> = {
  EAGAIN: BlockingIOError,
  EWOULDBLOCK: BlockingIOError,
  EALREADY: BlockingIOError,
  EINPROGRESS: BlockingIOError,
  EPIPE: BrokenPipeError,
  ESHUTDOWN: BrokenPipeError,
  ECONNABORTED: ConnectionAbortedError,
  ECONNREFUSED: ConnectionRefusedError,
  ECONNRESET: ConnectionResetError,
  ENOENT: FileNotFoundError,
  EINTR: InterruptedError,
  EACCES: PermissionError,
  EPERM: PermissionError,
  ETIMEDOUT: TimeoutError,
};

/** The C library's words, where they differ from libuv's. */
const WORDS: Record<string, string> = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAFNOSUPPORT: "Address family not supported by protocol",
  EAGAIN: "Resource temporarily unavailable",
  EALREADY: "Operation already in progress",
  EBADF: "Bad file descriptor",
  ECONNABORTED: "Software caused connection abort",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EDESTADDRREQ: "Destination address required",
  EHOSTUNREACH: "No route to host",
  EINPROGRESS: "Operation now in progress",
  EINVAL: "Invalid argument",
  EISCONN: "Transport endpoint is already connected",
  EDOM: "Numerical argument out of domain",
  EMFILE: "Too many open files",
  EMSGSIZE: "Message too long",
  ENETUNREACH: "Network is unreachable",
  ENOENT: "No such file or directory",
  ENOPROTOOPT: "Protocol not available",
  ENOTSUP: "Operation not supported",
  ENOTCONN: "Transport endpoint is not connected",
  ENOTSOCK: "Socket operation on non-socket",
  EOPNOTSUPP: "Operation not supported",
  EPERM: "Operation not permitted",
  EPIPE: "Broken pipe",
  EPROTONOSUPPORT: "Protocol not supported",
  ESOCKTNOSUPPORT: "Socket type not supported",
  ETIMEDOUT: "Connection timed out",
};

function symbolOf(errno: number): string | undefined {
  return Object.keys(constants.errnoOf).find((name) => constants.errnoOf[name] === errno);
}

/** The error of a system call, by its number; `words` instead of the system's own. */
export function errorOf(errno: number, words: string): OSError {
  return new (CLASSES[symbolOf(errno) ?? ""] ?? OSError)(errno, words);
}

/** The error of a system call, by its symbol (`ECONNREFUSED`). */
export function osError(code: string, options?: ErrorOptions): OSError {
  const errno = constants.errnoOf[code];
  const known = errno === undefined ? undefined : getSystemErrorMap().get(-errno)?.[1];
  const words = WORDS[code] ?? (known ? known.charAt(0).toUpperCase() + known.slice(1) : code);
  const Class = CLASSES[code] ?? OSError;
  return errno === undefined
    ? new Class(`${code}: ${words}`, undefined, options)
    : new Class(errno, words, options);
}

const RESOLUTION: Record<number, [number, string]> = {
  [-3000]: [-9, "Address family for hostname not supported"],
  [-3001]: [-3, "Temporary failure in name resolution"],
  [-3002]: [-1, "Bad value for ai_flags"],
  [-3004]: [-4, "Non-recoverable failure in name resolution"],
  [-3005]: [-6, "ai_family not supported"],
  [-3006]: [-10, "Memory allocation failure"],
  [-3007]: [-5, "No address associated with hostname"],
  [-3008]: [-2, "Name or service not known"],
  [-3010]: [-8, "Servname not supported for ai_socktype"],
  [-3011]: [-7, "ai_socktype not supported"],
};

/** What Node throws → what Python raises. */
export function toOSError(error: unknown): Error {
  if (!(error instanceof Error) || error instanceof OSError) return error as Error;
  const { code, errno, syscall } = error as NodeJS.ErrnoException;
  if (syscall === "getaddrinfo" || syscall === "getnameinfo") {
    const [number, words] =
      RESOLUTION[errno ?? 0] ??
      (code === "EAI_AGAIN"
        ? [-3, "Temporary failure in name resolution"]
        : [-2, "Name or service not known"]);
    return new gaierror(number, words, { cause: undefined });
  }
  return code !== undefined && constants.errnoOf[code] !== undefined ? osError(code) : error;
}

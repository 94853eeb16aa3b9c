// The numbers of this machine's own headers, by Python's names: a lab sees what `ss` and `strace` see.
import { constants } from "node:os";

const mac: boolean = process.platform === "darwin";
const windows: boolean = process.platform === "win32";
const linux: boolean = !mac && !windows;

/** Address families (socket(2)). */
export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6: number = windows ? 23 : mac ? 30 : 10;

/** Socket types (socket(2)). */
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;

/** Protocols (protocols(5)). */
export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;

/** Levels and options for `setsockopt` (socket(7)). */
export const SOL_SOCKET: number = linux ? 1 : 0xffff;
export const SOL_TCP = 6;
export const SO_DEBUG = 1;
export const SO_REUSEADDR: number = linux ? 2 : 4;
export const SO_TYPE: number = linux ? 3 : 0x1008;
export const SO_ERROR: number = linux ? 4 : 0x1007;
export const SO_BROADCAST: number = linux ? 6 : 0x20;
export const SO_SNDBUF: number = linux ? 7 : 0x1001;
export const SO_RCVBUF: number = linux ? 8 : 0x1002;
export const SO_KEEPALIVE: number = linux ? 9 : 8;
export const SO_LINGER: number = linux ? 13 : 0x80;
export const SO_REUSEPORT: number = linux ? 15 : 0x200;
export const SO_ACCEPTCONN: number = linux ? 30 : 2;
/** tcp(7). */
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE: number = mac ? 0x10 : windows ? 3 : 4;

export const TCP_KEEPINTVL: number = mac ? 0x101 : windows ? 17 : 5;
export const TCP_KEEPCNT: number = mac ? 0x102 : windows ? 16 : 6;
/** ipv6(7). */
export const IPV6_V6ONLY: number = linux ? 26 : 27;

/** How much of a connection `shutdown` closes (shutdown(2)). */
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

/** Flags of `recv` (recv(2)). */
export const MSG_PEEK = 2;

/** The longest queue that `listen` may ask for (listen(2); Linux caps it by net.core.somaxconn). */
export const SOMAXCONN: number = windows ? 0x7fffffff : mac ? 128 : 4096;

/** IPv4 addresses with a meaning (ip(7)). */
export const INADDR_ANY = 0;
export const INADDR_LOOPBACK = 0x7f000001;
export const INADDR_BROADCAST = 0xffffffff;

/** Errors of name resolution (getaddrinfo(3), glibc's numbers). */
export const EAI_BADFLAGS = -1;
export const EAI_NONAME = -2;
export const EAI_AGAIN = -3;
export const EAI_FAIL = -4;
export const EAI_NODATA = -5;
export const EAI_FAMILY = -6;
export const EAI_SOCKTYPE = -7;
export const EAI_SERVICE = -8;
export const EAI_MEMORY = -10;

/** Flags of `getaddrinfo`. */
export const AI_PASSIVE = 1;
export const AI_CANONNAME = 2;
export const AI_NUMERICHOST = 4;

/** Error numbers of this machine (errno(3)). */
export const errnoOf: Readonly<Record<string, number>> = constants.errno;

/** `AF_INET` for 2, and so on; the number where there is no name. */
export function familyName(family: number): string {
  return (
    ({ [AF_UNIX]: "AF_UNIX", [AF_INET]: "AF_INET", [AF_INET6]: "AF_INET6" } as Record<number, string>)[
      family
    ] ?? String(family)
  );
}

/** `SOCK_STREAM` for 1, and so on. */
export function typeName(type: number): string {
  return (
    ({ 1: "SOCK_STREAM", 2: "SOCK_DGRAM", 3: "SOCK_RAW" } as Record<number, string>)[type] ?? String(type)
  );
}

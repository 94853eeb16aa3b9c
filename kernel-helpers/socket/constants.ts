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
export const SOCK_RDM = 4;
export const SOCK_SEQPACKET = 5;

/** Protocols (protocols(5)); the numbers are IANA's. */
export const IPPROTO_IP = 0;
export const IPPROTO_HOPOPTS = 0;
export const IPPROTO_ICMP = 1;
export const IPPROTO_IGMP = 2;
export const IPPROTO_TCP = 6;
export const IPPROTO_EGP = 8;
export const IPPROTO_PUP = 12;
export const IPPROTO_UDP = 17;
export const IPPROTO_IDP = 22;
export const IPPROTO_TP = 29;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_ROUTING = 43;
export const IPPROTO_FRAGMENT = 44;
export const IPPROTO_GRE = 47;
export const IPPROTO_ESP = 50;
export const IPPROTO_AH = 51;
export const IPPROTO_ICMPV6 = 58;
export const IPPROTO_NONE = 59;
export const IPPROTO_DSTOPTS = 60;
export const IPPROTO_PIM = 103;
export const IPPROTO_SCTP = 132;
export const IPPROTO_RAW = 255;

/** Levels and options for `setsockopt` (socket(7)). */
export const SOL_SOCKET: number = linux ? 1 : 0xffff;
export const SOL_IP = 0;
export const SOL_TCP = 6;
export const SOL_UDP = 17;
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
export const SO_DONTROUTE: number = linux ? 5 : 0x10;
export const SO_OOBINLINE: number = linux ? 10 : 0x100;
export const SO_SNDLOWAT: number = linux ? 19 : 0x1003;
export const SO_RCVLOWAT: number = linux ? 18 : 0x1004;
export const SO_SNDTIMEO: number = linux ? 21 : 0x1005;
export const SO_RCVTIMEO: number = linux ? 20 : 0x1006;
/** tcp(7). */
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE: number = mac ? 0x10 : windows ? 3 : 4;

export const TCP_KEEPINTVL: number = mac ? 0x101 : windows ? 17 : 5;
export const TCP_KEEPCNT: number = mac ? 0x102 : windows ? 16 : 6;
export const TCP_MAXSEG: number = windows ? 4 : 2;
export const TCP_FASTOPEN: number = mac ? 0x105 : windows ? 15 : 23;

/** ip(7). */
export const IP_TOS: number = linux ? 1 : 3;
export const IP_TTL: number = linux ? 2 : 4;
export const IP_HDRINCL: number = linux ? 3 : 2;
export const IP_OPTIONS: number = linux ? 4 : 1;
export const IP_MULTICAST_IF: number = linux ? 32 : 9;
export const IP_MULTICAST_TTL: number = linux ? 33 : 10;
export const IP_MULTICAST_LOOP: number = linux ? 34 : 11;
export const IP_ADD_MEMBERSHIP: number = linux ? 35 : 12;
export const IP_DROP_MEMBERSHIP: number = linux ? 36 : 13;
export const IP_DEFAULT_MULTICAST_TTL = 1;
export const IP_DEFAULT_MULTICAST_LOOP = 1;
export const IP_MAX_MEMBERSHIPS: number = mac ? 4095 : 20;

/** ipv6(7). */
export const IPV6_V6ONLY: number = linux ? 26 : 27;
export const IPV6_UNICAST_HOPS: number = linux ? 16 : 4;
export const IPV6_MULTICAST_IF: number = linux ? 17 : 9;
export const IPV6_MULTICAST_HOPS: number = linux ? 18 : 10;
export const IPV6_MULTICAST_LOOP: number = linux ? 19 : 11;
export const IPV6_JOIN_GROUP: number = linux ? 20 : 12;
export const IPV6_LEAVE_GROUP: number = linux ? 21 : 13;

/** How much of a connection `shutdown` closes (shutdown(2)). */
export const SHUT_RD = 0;
export const SHUT_WR = 1;
export const SHUT_RDWR = 2;

/** Flags of `recv` and `send` (recv(2), send(2)). */
export const MSG_OOB = 1;
export const MSG_PEEK = 2;
export const MSG_DONTROUTE = 4;
export const MSG_WAITALL: number = mac ? 0x40 : windows ? 8 : 0x100;
export const MSG_DONTWAIT: number = linux ? 0x40 : 0x80;
export const MSG_NOSIGNAL: number = linux ? 0x4000 : 0x80000;

/** The longest queue that `listen` may ask for (listen(2); Linux caps it by net.core.somaxconn). */
export const SOMAXCONN: number = windows ? 0x7fffffff : mac ? 128 : 4096;

/** IPv4 addresses with a meaning (ip(7)). */
export const INADDR_ANY = 0;
export const INADDR_LOOPBACK = 0x7f000001;
export const INADDR_BROADCAST = 0xffffffff;
export const INADDR_NONE = 0xffffffff;
export const INADDR_UNSPEC_GROUP = 0xe0000000;
export const INADDR_ALLHOSTS_GROUP = 0xe0000001;
export const INADDR_MAX_LOCAL_GROUP = 0xe00000ff;

/** Ports below the first are the administrator's; below the second is where systems once chose their own from. */
export const IPPORT_RESERVED = 1024;
export const IPPORT_USERRESERVED = 5000;

/** Errors of name resolution (getaddrinfo(3), glibc's numbers). */
export const EAI_BADFLAGS = -1;
export const EAI_NONAME = -2;
export const EAI_AGAIN = -3;
export const EAI_FAIL = -4;
export const EAI_NODATA = -5;
export const EAI_FAMILY = -6;
export const EAI_SOCKTYPE = -7;
export const EAI_SERVICE = -8;
export const EAI_ADDRFAMILY = -9;
export const EAI_MEMORY = -10;
export const EAI_SYSTEM = -11;
export const EAI_OVERFLOW = -12;

/** Flags of `getaddrinfo`. */
export const AI_PASSIVE = 1;
export const AI_CANONNAME = 2;
export const AI_NUMERICHOST = 4;
export const AI_V4MAPPED: number = linux ? 8 : 0x800;
export const AI_ALL: number = linux ? 16 : 0x100;
export const AI_ADDRCONFIG: number = linux ? 32 : 0x400;
export const AI_NUMERICSERV: number = mac ? 0x1000 : windows ? 8 : 0x400;

/** Flags of `getnameinfo` (getnameinfo(3)). */
export const NI_NUMERICHOST: number = linux ? 1 : 2;
export const NI_NUMERICSERV: number = linux ? 2 : 8;
export const NI_NOFQDN: number = linux ? 4 : 1;
export const NI_NAMEREQD: number = linux ? 8 : 4;
export const NI_DGRAM = 16;
/** The longest names that it gives. */
export const NI_MAXHOST = 1025;
export const NI_MAXSERV = 32;

/** Error numbers of this machine (errno(3)). */
export const errnoOf: Readonly<Record<string, number>> = {
  ...constants.errno,
  // Node has no name for it.
  ESOCKTNOSUPPORT: mac ? 44 : windows ? 10044 : 94,
};

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

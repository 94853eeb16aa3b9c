// The door to koffi: the few calls of the C library that Node has no name for. Each platform has its own numbers and its
// own layout of addresses; none of the calls blocks.
import { createRequire } from "node:module";
import type { Address } from "../address.js";
import { AF_INET6, AF_UNIX, errnoOf, SO_REUSEADDR, SOL_SOCKET } from "../constants.js";
import { osError } from "../errors.js";
import { toBytes6, toText6 } from "../inet.js";

/** Linux has one of two C libraries. */
export const LINUX_LIBRARIES: string[] = [
  "libc.so.6",
  `libc.musl-${{ x64: "x86_64", arm64: "aarch64" }[process.arch as string] ?? process.arch}.so.1`,
];

interface Platform {
  library: string[];
  nonblocking: number;
  dupCloexec: number;
  /** BSD's addresses begin with their length. */
  lengthByte: boolean;
}

const PLATFORMS: Partial<Record<NodeJS.Platform, Platform>> = {
  linux: {
    library: LINUX_LIBRARIES,
    nonblocking: 0o4000,
    dupCloexec: 1030,
    lengthByte: false,
  },
  darwin: { library: ["/usr/lib/libSystem.B.dylib"], nonblocking: 4, dupCloexec: 67, lengthByte: true },
};
const POLLIN = 1;
const F_GETFL = 3;
const F_SETFL = 4;
const F_GETFD = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Address, family: number): void;
  listen(fd: number, backlog: number): void;
  duplicate(fd: number): number;
  close(fd: number): void;
  setOption(fd: number, level: number, option: number, value: Uint8Array): void;
  getOption(fd: number, level: number, option: number, length: number): Buffer;
  address(fd: number, family: number): Address;
  peer(fd: number, family: number): Address;
  pair(family: number, type: number, protocol: number): [number, number];
  /** poll(2), without waiting. */
  isReadable(fd: number): boolean;
  inheritable(fd: number): boolean;
  setInheritable(fd: number, inheritable: boolean): void;
}

/** @throws where this platform has no such library, or koffi no build for it */
export function openLibc(platform: NodeJS.Platform = process.platform): Libc {
  const own = PLATFORMS[platform];
  if (!own) throw new Error(`no layout of socket addresses is known for ${platform}`);
  const ffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
  const library = own.library.map((name) => attempt(() => ffi.load(name))).find(Boolean);
  if (!library) throw new Error("the C library was not found");
  const c = {
    socket: library.func("int socket(int, int, int)"),
    bind: library.func("int bind(int, const uint8_t*, uint)"),
    listen: library.func("int listen(int, int)"),
    fcntl: library.func("int fcntl(int, int, ...)"),
    close: library.func("int close(int)"),
    setsockopt: library.func("int setsockopt(int, int, int, const uint8_t*, uint)"),
    getsockopt: library.func("int getsockopt(int, int, int, _Out_ uint8_t*, _Inout_ uint*)"),
    getsockname: library.func("int getsockname(int, _Out_ uint8_t*, _Inout_ uint*)"),
    getpeername: library.func("int getpeername(int, _Out_ uint8_t*, _Inout_ uint*)"),
    // The count of descriptors is a long number on Linux and a short one on macOS; passed by value both look the same.
    poll: library.func("int poll(_Inout_ uint8_t*, ulong, int)"),
    socketpair: library.func("int socketpair(int, int, int, _Out_ int*)"),
  };
  const checked = (result: number): number => {
    if (result >= 0) return result;
    const errno = ffi.errno();
    throw osError(Object.keys(errnoOf).find((name) => errnoOf[name] === errno) ?? `errno ${errno}`);
  };
  const prepared = (fd: number): number => {
    c.fcntl(fd, F_SETFD, "int", FD_CLOEXEC);
    c.fcntl(fd, F_SETFL, "int", c.fcntl(fd, F_GETFL, "int", 0) | own.nonblocking);
    return fd;
  };
  const named = (
    call: (fd: number, bytes: Buffer, length: number[]) => number,
    fd: number,
    family: number,
  ): Address => {
    const bytes = Buffer.alloc(112);
    const length = [bytes.length];
    checked(call(fd, bytes, length));
    return unpack(bytes.subarray(0, length[0]), family);
  };
  return {
    socket: (family, type, protocol) => prepared(checked(c.socket(family, type, protocol))),
    bind(fd, address, family) {
      const bytes = pack(address, family, own.lengthByte);
      checked(c.bind(fd, bytes, bytes.length));
    },
    listen: (fd, backlog) => void checked(c.listen(fd, backlog)),
    duplicate: (fd) => checked(c.fcntl(fd, own.dupCloexec, "int", 0)),
    close: (fd) => void checked(c.close(fd)),
    setOption: (fd, level, option, value) =>
      void checked(c.setsockopt(fd, level, option, value, value.length)),
    getOption(fd, level, option, length) {
      const value = Buffer.alloc(length);
      const size = [length];
      checked(c.getsockopt(fd, level, option, value, size));
      return value.subarray(0, size[0]);
    },
    address: (fd, family) => named(c.getsockname, fd, family),
    peer: (fd, family) => named(c.getpeername, fd, family),
    isReadable(fd) {
      const entry = Buffer.alloc(8);
      entry.writeInt32LE(fd, 0);
      entry.writeInt16LE(POLLIN, 4);
      return checked(c.poll(entry, 1, 0)) > 0;
    },
    pair(family, type, protocol) {
      const pair = [0, 0];
      checked(c.socketpair(family, type, protocol, pair));
      return [prepared(pair[0] as number), prepared(pair[1] as number)];
    },
    inheritable: (fd) => (checked(c.fcntl(fd, F_GETFD, "int", 0)) & FD_CLOEXEC) === 0,
    setInheritable: (fd, inheritable) =>
      void checked(c.fcntl(fd, F_SETFD, "int", inheritable ? 0 : FD_CLOEXEC)),
  };
}

function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

/** An address as the kernel reads it: ip(7), ipv6(7), unix(7). */
export function pack(address: Address, family: number, lengthByte: boolean): Buffer {
  const head = (bytes: Buffer): Buffer => {
    if (lengthByte) bytes.set([bytes.length, family]);
    else bytes.writeUInt16LE(family, 0);
    return bytes;
  };
  if (family === AF_UNIX)
    return head(Buffer.concat([Buffer.alloc(2), Buffer.from(address as string), Buffer.alloc(1)]));
  const [host, port, flow = 0, scope = 0] = address as [string, number, number?, number?];
  const bytes = head(Buffer.alloc(family === AF_INET6 ? 28 : 16));
  bytes.writeUInt16BE(port, 2);
  if (family !== AF_INET6) {
    bytes.set(host.split(".").map(Number), 4);
    return bytes;
  }
  bytes.writeUInt32BE(flow, 4);
  bytes.set(toBytes6(host), 8);
  bytes.writeUInt32LE(scope, 24);
  return bytes;
}

export function unpack(bytes: Buffer, family: number): Address {
  if (family === AF_UNIX) return bytes.toString("utf8", 2).replace(/\0.*$/s, "");
  const port = bytes.readUInt16BE(2);
  if (family !== AF_INET6) return [bytes.subarray(4, 8).join("."), port];
  return [toText6(bytes.subarray(8, 24)), port, bytes.readUInt32BE(4), bytes.readUInt32LE(24)];
}

export function reuseAddress(libc: Libc, fd: number): void {
  libc.setOption(fd, SOL_SOCKET, SO_REUSEADDR, Buffer.from([1, 0, 0, 0]));
}

// Socket options. Where the back-end reaches the descriptor they are the kernel's own; elsewhere only what Node itself can
// set works, and the rest says what would. Nothing is made up.
import type { Socket as NetSocket } from "node:net";
import type { Backend } from "./backends/backend.js";
import {
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_REUSEADDR,
  SO_TYPE,
  SOL_SOCKET,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from "./constants.js";
import { NotSupported } from "./errors.js";

/** A number, bytes as the system lays them out, or `[onoff, seconds]` for `SO_LINGER`. */
export type OptionValue = number | boolean | Uint8Array | readonly [onoff: number, seconds: number];

interface Setting {
  level: number;
  option: number;
  bytes: Buffer;
}

export class Options {
  readonly #backend: Backend;
  readonly #settings = new Map<string, Setting>();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  bytes(level: number, option: number): Buffer | undefined {
    return this.#settings.get(`${level} ${option}`)?.bytes;
  }

  flag(level: number, option: number): boolean {
    return (this.bytes(level, option)?.readInt32LE(0) ?? 0) !== 0;
  }

  set(
    level: number,
    option: number,
    value: OptionValue,
    fd: number | undefined,
    stream: NetSocket | undefined,
  ): void {
    const bytes = toBytes(value);
    const system = this.#backend.options;
    if (system && fd !== undefined) system.set(fd, level, option, bytes);
    else if (!nodeCan(level, option)) throw this.needsDescriptor(`setsockopt(${level}, ${option})`);
    this.#settings.set(`${level} ${option}`, { level, option, bytes });
    if (!system && stream) this.applyTo(stream);
  }

  get(
    level: number,
    option: number,
    length: number | undefined,
    fd: number | undefined,
    type: number,
  ): number | Buffer {
    const system = this.#backend.options;
    if (system && fd !== undefined) {
      const bytes = system.get(fd, level, option, length ?? 4);
      return length === undefined ? bytes.readInt32LE(0) : bytes;
    }
    if (level === SOL_SOCKET && option === SO_TYPE && length === undefined) return type;
    const known = nodeCan(level, option) ? this.bytes(level, option) : undefined;
    if (!known) throw this.needsDescriptor(`getsockopt(${level}, ${option})`);
    return length === undefined ? known.readInt32LE(0) : known.subarray(0, length);
  }

  /** What Node sets by itself, on a stream that a back-end without descriptors opened. */
  applyTo(stream: NetSocket): void {
    if (this.#backend.options) return;
    if (this.bytes(IPPROTO_TCP, TCP_NODELAY)) stream.setNoDelay(this.flag(IPPROTO_TCP, TCP_NODELAY));
    const idle = this.bytes(IPPROTO_TCP, TCP_KEEPIDLE)?.readInt32LE(0) ?? 0;
    if (this.bytes(SOL_SOCKET, SO_KEEPALIVE))
      stream.setKeepAlive(this.flag(SOL_SOCKET, SO_KEEPALIVE), idle * 1000);
  }

  /** A new descriptor for the same socket gets what was set. */
  reapply(fd: number): void {
    for (const { level, option, bytes } of this.#settings.values())
      this.#backend.options?.set(fd, level, option, bytes);
  }

  /** For what only a descriptor can do. */
  needsDescriptor(call: string): NotSupported {
    return new NotSupported(
      `${call} needs the socket's descriptor, which the back-end "${this.#backend.name}" does not have; ` +
        "the back-end koffi has it (WIREBOOK_SOCKETS=koffi, on Linux and macOS)",
    );
  }
}

function nodeCan(level: number, option: number): boolean {
  return level === SOL_SOCKET
    ? [SO_REUSEADDR, SO_KEEPALIVE, SO_LINGER].includes(option)
    : level === IPPROTO_TCP && [TCP_NODELAY, TCP_KEEPIDLE].includes(option);
}

function toBytes(value: OptionValue): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  const numbers = Array.isArray(value) ? (value as number[]) : [Number(value)];
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [index, number] of numbers.entries()) bytes.writeInt32LE(Math.trunc(number), 4 * index);
  return bytes;
}

// Socket options. Where the back-end reaches the descriptor they are the kernel's own; elsewhere only what Node itself can
// set works, and the rest says what would. Nothing is made up.
import type { Backend } from "./backends/backend.js";
import {
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_REUSEADDR,
  SO_TYPE,
  SOCK_DGRAM,
  SOL_SOCKET,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from "./constants.js";
import { canSetOnDatagrams } from "./datagram-options.js";
import { NotSupported } from "./errors.js";

/** A number, bytes as the system lays them out, or `[onoff, seconds]` for `SO_LINGER`. */
export type OptionValue = number | boolean | Uint8Array | readonly [onoff: number, seconds: number];

export interface Setting {
  level: number;
  option: number;
  bytes: Buffer;
}

/** Something of Node's own, which can set some options itself. */
export interface Settable {
  set(setting: Setting): void;
}

export class Options {
  readonly #backend: Backend;
  readonly #type: number;
  readonly #settings = new Map<string, Setting>();

  constructor(backend: Backend, type: number) {
    this.#backend = backend;
    this.#type = type;
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
    target: Settable | undefined,
  ): void {
    const bytes = toBytes(value);
    const system = this.#backend.options;
    if (system && fd !== undefined) system.set(fd, level, option, bytes);
    else if (!nodeCan(this.#type, level, option))
      throw this.needsDescriptor(`setsockopt(${level}, ${option})`);
    const setting = { level, option, bytes };
    this.#settings.set(`${level} ${option}`, setting);
    if (!system) target?.set(setting);
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
    const known = nodeCan(this.#type, level, option) ? this.bytes(level, option) : undefined;
    if (!known) throw this.needsDescriptor(`getsockopt(${level}, ${option})`);
    return length === undefined ? known.readInt32LE(0) : known.subarray(0, length);
  }

  /** What was set before, on what a back-end without descriptors has opened since. */
  applyTo(target: Settable | undefined): void {
    if (!this.#backend.options) for (const setting of this.#settings.values()) target?.set(setting);
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

function nodeCan(type: number, level: number, option: number): boolean {
  if (type === SOCK_DGRAM) return canSetOnDatagrams(level, option);
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

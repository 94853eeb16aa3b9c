// The door to koffi in another thread: connect(2), once a port and blocking, which takes a quarter of what a connection of
// Node's costs. Only for addresses of this machine, whose answer is there when the call returns. After a refusal Linux lets the
// same descriptor be used again (elsewhere it is spent).
import { createRequire } from "node:module";
import { AF_INET, AF_INET6, errnoOf, SO_SNDTIMEO, SOCK_STREAM, SOL_SOCKET } from "../constants.js";
import { if_nametoindex } from "../interfaces.js";
import { LINUX_LIBRARIES, pack } from "./libc.js";

/** What threads share: a mark for each probe, and counts. */
export interface Board {
  /** 0: not known yet. */
  marks: Uint8Array;
  /** See {@link COUNT}. */
  counts: Int32Array;
}

/** Places in `counts`. `next`: which of the probes is taken next; `stop`: 1, when all is to end. */
export const COUNT = { next: 0, done: 1, open: 2, stop: 3, silent: 4 } as const;
export const MARK = { unknown: 0, open: 1, closed: 2, filtered: 3, openOrFiltered: 4 } as const;

/** What every thread that probes is told. Probe number `i` is port `i % ports.length` of target `i / ports.length`. */
export interface Probes extends Board {
  ports: Uint16Array;
  /** The numbers of those to make. */
  todo: Int32Array;
  count: typeof COUNT;
  mark: typeof MARK;
}

export interface ConnectJob extends Probes {
  /** Where koffi is: the thread's code has no place of its own. */
  koffi: string;
  libraries: string[];
  /** A sockaddr for each target, its port left open. */
  addresses: Uint8Array[];
  families: number[];
  numbers: { type: number; level: number; sendTimeout: number; refused: number };
  /** A timeval: who does not answer within it is left to those who can wait. */
  patience: Uint8Array;
  /** So many that do not answer, and the rest is left, too. */
  most: number;
}

const PATIENCE_US = 50_000;
const SOCK_CLOEXEC = 0o2000000;

/** @throws where koffi is missing, or descriptors are not known to survive a refusal */
export function connectJob(
  probes: Probes,
  targets: readonly { address: string; family: 4 | 6 }[],
  platform: NodeJS.Platform = process.platform,
): ConnectJob {
  if (platform !== "linux") throw new Error("only Linux lets a descriptor be used again after a refusal");
  const families = targets.map(({ family }) => (family === 6 ? AF_INET6 : AF_INET));
  const addresses = targets.map(({ address }, at) => {
    const [host = "", zone] = address.split("%");
    const scope = zone === undefined ? 0 : Number(zone) || if_nametoindex(zone);
    return pack([host, 0, 0, scope], families[at] as number, false);
  });
  const short = ["arm", "ia32", "mipsel"].includes(process.arch);
  const timeval = short ? new Int32Array([0, PATIENCE_US]) : new BigInt64Array([0n, BigInt(PATIENCE_US)]);
  return {
    ...probes,
    koffi: createRequire(import.meta.url).resolve("koffi"),
    libraries: LINUX_LIBRARIES,
    addresses,
    families,
    numbers: {
      type: SOCK_STREAM | SOCK_CLOEXEC,
      level: SOL_SOCKET,
      sendTimeout: SO_SNDTIMEO,
      refused: errnoOf.ECONNREFUSED as number,
    },
    patience: new Uint8Array(timeval.buffer),
    most: 16,
  };
}

/** What the thread does. It travels there as the text of one function, so it uses nothing from outside. */
export function connectThread(require: NodeJS.Require, job: ConnectJob): void {
  const { ports, todo, marks, counts, count, mark, numbers, patience } = job;
  const ffi = require(job.koffi) as typeof import("koffi");
  let library: ReturnType<typeof ffi.load> | undefined;
  for (const name of job.libraries)
    try {
      library ??= ffi.load(name);
    } catch {
      // The other C library.
    }
  if (!library) throw new Error("the C library was not found");
  const socket = library.func("int socket(int, int, int)");
  const bind = library.func("int bind(int, const uint8_t*, uint)");
  const connect = library.func("int connect(int, const uint8_t*, uint)");
  const setsockopt = library.func("int setsockopt(int, int, int, const uint8_t*, uint)");
  const close = library.func("int close(int)");
  let fd = -1;
  let target = -1;
  let address = Buffer.alloc(0);
  /** The port that the descriptor is bound to: one that the system chose might be the one that is asked, and connect to itself. */
  let source = 0;

  const shut = (): void => {
    if (fd >= 0) close(fd);
    fd = -1;
  };
  const open = (): void => {
    address = Buffer.from(job.addresses[target] as Uint8Array);
    for (let tries = 0; tries < 100; tries++) {
      fd = socket(job.families[target], numbers.type, 0);
      if (fd < 0) throw new Error(`socket(2) failed with errno ${ffi.errno()}`);
      setsockopt(fd, numbers.level, numbers.sendTimeout, patience, patience.length);
      source = 32768 + Math.floor(Math.random() * 28000);
      address.writeUInt16BE(source, 2);
      if (bind(fd, address, address.length) === 0) return;
      shut();
    }
    throw new Error("no port is free to connect from");
  };
  const probe = (index: number): void => {
    const wanted = Math.floor(index / ports.length);
    const port = ports[index % ports.length] as number;
    if (wanted !== target) {
      shut();
      target = wanted;
    }
    while (fd < 0 || port === source) {
      shut();
      open();
    }
    address.writeUInt16BE(port, 2);
    if (connect(fd, address, address.length) === 0) {
      marks[index] = mark.open;
      Atomics.add(counts, count.open, 1);
      shut();
    } else if (ffi.errno() === numbers.refused) marks[index] = mark.closed;
    else {
      Atomics.add(counts, count.silent, 1);
      shut();
    }
  };

  const chunk = 256;
  try {
    while (Atomics.load(counts, count.stop) === 0 && Atomics.load(counts, count.silent) < job.most) {
      const first = Atomics.add(counts, count.next, chunk);
      if (first >= todo.length) break;
      const last = Math.min(first + chunk, todo.length);
      for (let at = first; at < last && Atomics.load(counts, count.silent) < job.most; at++)
        probe(todo[at] as number);
      Atomics.add(counts, count.done, last - first);
    }
  } finally {
    shut();
  }
}

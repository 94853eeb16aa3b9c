// Sockets for descriptors that are open already, and pairs of sockets.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Descriptors } from "./backends/backend.js";
import { chooseBackend } from "./backends/choose.js";
import { checkInteger } from "./checks.js";
import { AF_INET, AF_UNIX, SOCK_STREAM } from "./constants.js";
import { NotSupported, osError } from "./errors.js";
import { adopt, type Socket, socket } from "./socket.js";

function descriptorsFor(call: string): Descriptors {
  const { descriptors, name } = chooseBackend();
  if (descriptors) return descriptors;
  throw new NotSupported(
    `${call} needs descriptors, which the back-end "${name}" does not have; the back-end koffi has them (WIREBOOK_SOCKETS=koffi, on Linux and macOS)`,
  );
}

/**
 * A socket on a duplicate of a descriptor that is open already.
 * @throws TypeError; OSError EBADF, ENOTSOCK; NotSupported where the back-end has no descriptors
 * @see Python `socket.fromfd`
 */
export function fromfd(fd: number, family: number, type: number, proto: number = 0): Socket {
  for (const number of [fd, family, type, proto]) checkInteger(number);
  const ways = chooseBackend();
  return adopt(ways, descriptorsFor("fromfd()").duplicate(fd), family, type, proto);
}

/** A duplicate of a descriptor, not inherited by other programs. @throws OSError EBADF @see Python `socket.dup`, dup(2) */
export function dup(fd: number): number {
  checkInteger(fd);
  return descriptorsFor("dup()").duplicate(fd);
}

/** Closes a descriptor that belongs to no socket. @throws OSError EBADF @see Python `socket.close`, close(2) */
export function close(fd: number): void {
  checkInteger(fd);
  descriptorsFor("close()").close(fd);
}

/**
 * Two sockets that are connected with each other.
 * @param family `AF_UNIX`; on Windows `AF_INET`
 * @throws OSError EOPNOTSUPP for another family
 * @see Python `socket.socketpair`, socketpair(2)
 */
export async function socketpair(
  family: number = process.platform === "win32" ? AF_INET : AF_UNIX,
  type: number = SOCK_STREAM,
  proto: number = 0,
): Promise<[Socket, Socket]> {
  for (const number of [family, type, proto]) checkInteger(number);
  const ways = chooseBackend();
  if (ways.descriptors) {
    const [one, other] = ways.descriptors.pair(family, type, proto);
    return [adopt(ways, one, family, type, proto), adopt(ways, other, family, type, proto)];
  }
  if (family !== (process.platform === "win32" ? AF_INET : AF_UNIX)) throw osError("EOPNOTSUPP");
  const folder = family === AF_UNIX ? mkdtempSync(join(tmpdir(), "wirebook-pair-")) : undefined;
  await using listener = socket(family, type, proto);
  try {
    await listener.bind(folder ? join(folder, "pair") : ["127.0.0.1", 0]);
    await listener.listen(1);
    const one = socket(family, type, proto);
    const [[other, address]] = await Promise.all([listener.accept(), one.connect(listener.getsockname())]);
    // On loopback somebody else might have been faster.
    if (!folder && (address as [string, number])[1] !== (one.getsockname() as [string, number])[1])
      throw osError("ECONNABORTED");
    return [one, other];
  } finally {
    if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

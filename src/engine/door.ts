// Where the engine comes in: a local socket that nobody else finds or may use. Its control worker comes first, and its main thread
// with a way of its own, so that a cell need not wait for the worker to wake.
import { randomBytes, timingSafeEqual } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export type Who = "worker" | "main";

/** What the engine has to know to come in: hex, a blank, a path. */
export type Invitation = string;

export interface Door {
  readonly invitation: Invitation;
  /** Where the socket lies; on Windows nowhere. */
  readonly folder: string;
  close(): void;
}

const TOKEN_BYTES = 32;
const SIGNS: Record<Who, number> = { worker: 0, main: 1 };

/** A name for the local socket that nobody else can take: a 0700 directory, on Windows an unguessable pipe. */
export function localAddress(platform: NodeJS.Platform = process.platform): { path: string; remove(): void } {
  if (platform === "win32")
    return { path: `\\\\.\\pipe\\wirebook-${randomBytes(16).toString("hex")}`, remove() {} };
  const directory = mkdtempSync(join(tmpdir(), "wirebook-"));
  return {
    path: join(directory, "engine"),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Lets both threads of one engine in, each once, and closes behind them. */
export function openDoor(onEntered: (who: Who, socket: Socket) => void): Door {
  const address = localAddress();
  const token = randomBytes(TOKEN_BYTES);
  const missing = new Set<Who>(["worker", "main"]);
  const server = createServer((candidate) => {
    candidate.once("error", () => candidate.destroy());
    candidate.once("readable", () => {
      const first = candidate.read(TOKEN_BYTES + 1) as Buffer | null;
      const known = first && timingSafeEqual(first.subarray(0, TOKEN_BYTES), token);
      const who = [...missing].find((one) => SIGNS[one] === first?.[TOKEN_BYTES]);
      if (!known || who === undefined) {
        candidate.destroy();
        return;
      }
      missing.delete(who);
      if (missing.size === 0) close();
      onEntered(who, candidate);
    });
  });
  const close = (): void => {
    server.close();
    address.remove();
    process.off("exit", address.remove);
  };
  // Where the kernel has to end before its engine came in.
  process.once("exit", address.remove);
  server.listen(address.path);
  return { invitation: `${token.toString("hex")} ${address.path}`, folder: dirname(address.path), close };
}

/** The engine's side of it. */
export function enterBy(invitation: Invitation, who: Who): Socket {
  const [token = "", ...path] = invitation.split(" ");
  const socket = connect(path.join(" "));
  socket.write(Buffer.from(`${token}0${SIGNS[who]}`, "hex"));
  return socket;
}

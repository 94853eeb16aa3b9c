// What leaves the engine, through one socket that two threads write to, one at a time. The control worker sends whatever the main
// thread has committed to the ring, and its own words between. The answer of a cell the main thread sends itself: to wake the
// worker for it would take longer than the cell.
import { writeSync } from "node:fs";
import type { Socket } from "node:net";
import type { Event } from "../flow.js";
import { toChunk } from "./frames.js";
import { committed, copyCommitted, Sender, type Shared, taken, Word } from "./ring.js";

/** Linux takes as many bytes as this whole or not at all, so a termination leaves nothing half sent. */
const most = 16 * 1024;
/** Cells may replace it. */
const write = writeSync;

/** What another thread can write to the socket by; 0: on this platform it cannot. */
export function descriptorOf(socket: Socket, platform: NodeJS.Platform = process.platform): number {
  if (platform !== "linux") return 0;
  const { fd } = (socket as Socket & { _handle?: { fd?: unknown } })._handle ?? {};
  return typeof fd === "number" && fd > 0 ? fd : 0;
}

/**
 * The main thread sends what is committed. A termination may hit it anywhere: it is still the sender then, and what has been sent
 * already is sent again when it next comes here.
 * @returns `false`: the worker has to do it
 */
export function sendCommitted(shared: Shared): boolean {
  const { words } = shared;
  if (Atomics.compareExchange(words, Word.sender as number, Sender.none, Sender.main) === Sender.worker)
    return false;
  const socket = Atomics.load(words, Word.socket as number);
  const chunk = socket > 0 && committed(shared) <= most ? copyCommitted(shared) : undefined;
  let sent = false;
  try {
    if (chunk && write(socket, chunk) === chunk.length) {
      taken(shared, chunk);
      sent = true;
    }
  } catch {
    // The supervisor does not read for now, or is gone.
  }
  Atomics.store(words, Word.sender as number, Sender.none);
  return sent;
}

/** The worker's end. */
export interface Outgoing {
  /** Sends what is committed, no faster than the supervisor reads. */
  drain(): void;
  /** Sends this behind what is committed. */
  say(event: Event): void;
  /** Lets what is committed leave, and closes the socket. */
  end(then: () => void): void;
}

export function createOutgoing(shared: Shared, socket: Socket): Outgoing {
  const { words } = shared;
  /** Its own words, while the main thread sends. */
  const own: Buffer[] = [];
  /** Chunks that the socket has not done with. */
  let sending = 0;
  let blocked = false;
  let waiting: NodeJS.Timeout | undefined;

  const sent = (): void => {
    if (--sending > 0) return;
    Atomics.store(words, Word.sender as number, Sender.none);
    // The main thread may have found this one sending, and left it to it.
    drain();
  };
  const send = (chunk: Buffer): void => {
    sending++;
    blocked = !socket.write(chunk, sent);
  };
  const drain = (): void => {
    Atomics.store(words, Word.wake as number, 0);
    if (own.length === 0 && (blocked || committed(shared) === 0)) return;
    if (Atomics.compareExchange(words, Word.sender as number, Sender.none, Sender.worker) === Sender.main) {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        drain();
      }, 1);
      return;
    }
    for (let chunk = next(); chunk; chunk = next()) {
      taken(shared, chunk);
      send(chunk);
    }
    // Not even a flood of output keeps them waiting.
    for (const chunk of own.splice(0)) send(chunk);
    if (sending === 0) Atomics.store(words, Word.sender as number, Sender.none);
  };
  const next = (): Buffer | undefined => (blocked ? undefined : copyCommitted(shared));
  const end = (then: () => void): void => {
    drain();
    if (blocked || waiting) setTimeout(end, 1, then);
    else socket.end(then);
  };
  socket.on("drain", () => {
    blocked = false;
    drain();
  });
  return {
    drain,
    say(event) {
      own.push(toChunk(JSON.stringify(event)));
      drain();
    },
    end,
  };
}

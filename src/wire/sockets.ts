// The five sockets of a kernel. The only file that knows ZeroMQ.
//
// Shell, control and stdin are Routers, iopub is an XPublisher that tells of every subscription (the second client
// must hear `iopub_welcome` too), and the heartbeat is a Router as well: a Reply socket dies of stray bytes.

import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Router, Socket, XPublisher } from "zeromq";
import type { Channel, Frames } from "../flow.js";
import { bind } from "./bind.js";
import type { Connection, Ports } from "./connection-file.js";
import { sizeOf } from "./frames.js";
import { ConnectionProblem } from "./problem.js";

/** What the sockets report. */
export interface WireHandlers {
  onFrames(channel: Exclude<Channel, "iopub">, frames: Frames): void;
  /** A client subscribed to this topic. */
  onSubscribe(topic: Uint8Array): void;
  /** A client read nothing for so long that it was left behind from this message (of so many bytes) on. */
  onLost(bytes: number): void;
}

export interface WireOptions {
  /** How long one subscriber that does not read may hold up the others, in milliseconds. */
  patience?: number;
}

/** The open sockets. */
export interface Wire {
  /** Where the sockets are bound. */
  readonly ports: Ports;
  /**
   * Resolves when the message is in ZeroMQ's hands. Messages of one channel leave in the order of the calls.
   * A question on stdin waits a little for an asker who is not there yet, and rejects if nobody comes.
   */
  send(channel: Channel, frames: Frames): Promise<void>;
  /** Resolves when every request that had arrived on this channel has been handed to `onFrames`. */
  drained(channel: Exclude<Channel, "iopub">): Promise<void>;
  /** Lets what was sent reach its readers (≤ 1 s), closes the sockets and removes their files. */
  close(): Promise<void>;
  /** Closes everything at once. */
  release(): void;
}

/** Whoever was left behind is not waited for as long once more within this time, in milliseconds. */
const relapse = 60_000;

/** How long a question waits for its asker to connect, in milliseconds. */
const arrival = 5000;

/** Larger frames are cut off before they are buffered: a stranger could announce any size. What the kernel sends has no such limit. */
const maxMessageSize = 64 * 1024 * 1024 - 1;
/** Beats are a few bytes, and a subscription is a topic. */
const maxSmallMessage = 1024 * 1024;

/**
 * Binds the five sockets, exactly where the connection file says.
 * @throws {ConnectionProblem} an address cannot be bound
 */
export async function openWire(
  connection: Connection,
  handlers: WireHandlers,
  options: WireOptions = {},
): Promise<Wire> {
  const { patience = 10_000 } = options;
  // Loaded here and not at the top, so that the engine can be on its way before.
  const zmq = createRequire(import.meta.url)("zeromq") as typeof import("zeromq");
  const { curve } = connection;
  if (curve && !zmq.capability.curve) {
    throw new ConnectionProblem(
      "the connection file asks for CurveZMQ encryption, which this build of ZeroMQ cannot do; nothing is sent in plain instead",
    );
  }
  const common = {
    linger: 1000,
    maxMessageSize,
    ipv6: connection.ip.includes(":"),
    // Set before bind, so not even one stranger gets through in plain.
    ...(curve && { curveServer: true, curvePublicKey: curve.publicKey, curveSecretKey: curve.secretKey }),
  };
  const router = (): Router => new zmq.Router({ ...common, handover: true, sendHighWaterMark: 100_000 });
  const shell = router();
  const control = router();
  const stdin = router();
  // Replies to a client that has gone may vanish; a question must not, or its cell would wait for ever.
  stdin.mandatory = true;
  const heartbeat = router();
  heartbeat.maxMessageSize = maxSmallMessage;
  // Without `noDrop` a slow reader loses messages silently. The mark is low because one message may be 2 MB.
  const iopub = new zmq.XPublisher({
    ...common,
    maxMessageSize: maxSmallMessage,
    sendHighWaterMark: 6,
    noDrop: true,
  });
  iopub.verbosity = "allSubs";
  const sockets = { shell, control, stdin, iopub, heartbeat };

  const files: string[] = [];
  const ports: Ports = { ...connection.ports };
  const release = (): void => {
    for (const socket of Object.values(sockets)) socket.close();
    for (const file of files) rmSync(file, { force: true });
  };
  try {
    for (const [name, socket] of Object.entries(sockets) as [keyof typeof sockets, Socket & Router][]) {
      ports[name] = await bind(socket, connection, name, files);
    }
  } catch (error) {
    release();
    throw error;
  }

  let open = true;
  /** How many messages were read. */
  const taken = { shell: 0, control: 0, stdin: 0 };
  const read = async (channel: Exclude<Channel, "iopub">, socket: Router): Promise<void> => {
    for await (const frames of socket) {
      taken[channel]++;
      handlers.onFrames(channel, frames);
    }
  };
  const reading = [
    read("shell", shell),
    read("control", control),
    read("stdin", stdin),
    echo(heartbeat),
    (async () => {
      for await (const [event] of iopub) if (event?.[0] === 1) handlers.onSubscribe(event.subarray(1));
    })(),
  ].map((loop) => loop.catch((error) => report(error, open)));

  /** Until then somebody who was left behind may have come back only to stop again. */
  let impatient = 0;
  const publish = async (frames: Frames): Promise<void> => {
    // XPUB says EAGAIN at once where a subscriber's queue is full, so the waiting is done here.
    const now = performance.now();
    const until = now + (now < impatient ? patience / 2 : patience);
    for (let pause = 0; ; pause = Math.min(pause + 1, 20)) {
      try {
        return await iopub.send(frames);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
        if (performance.now() >= until || !open) break;
        // Who does read has usually done so within the turn.
        await (pause < 8 ? nextTurn() : sleep(pause - 7));
      }
    }
    // libzmq takes a subscriber that lost one message off its list until it reads again, so one lossy send is enough.
    setNoDrop(iopub, false);
    await iopub.send(frames).finally(() => setNoDrop(iopub, true));
    impatient = performance.now() + relapse;
    handlers.onLost(sizeOf(frames));
  };

  /** A client's stdin socket may connect later than the one on which it sent the cell. */
  const ask = async (frames: Frames): Promise<void> => {
    for (const until = performance.now() + arrival; ; await sleep(20)) {
      try {
        return await stdin.send(frames);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EHOSTUNREACH") throw error;
        if (performance.now() >= until || !open)
          throw new Error("the front end that runs this cell does not listen for questions");
      }
    }
  };

  // One send at a time on each socket: zeromq throws EBUSY on the 513th that is not awaited.
  const tails: Record<Channel, Promise<void>> = {
    shell: Promise.resolve(),
    control: Promise.resolve(),
    stdin: Promise.resolve(),
    iopub: Promise.resolve(),
  };
  return {
    ports,
    send(channel, frames) {
      const sent = tails[channel].then(async () => {
        if (!open) return;
        if (channel === "iopub") await publish(frames);
        else if (channel === "stdin") await ask(frames);
        else await sockets[channel].send(frames);
      });
      tails[channel] = sent.catch((error) => report(error, open));
      return sent;
    },
    async drained(channel) {
      // Nobody asks the socket itself whether there is more: that question would take away the signal for which the loop
      // above waits. It has read all there was once a few turns bring nothing new; who sends without end is not waited for.
      for (let quiet = 0, turns = 0; open && quiet < 3 && turns < 1000; turns++) {
        const before = taken[channel];
        await nextTurn();
        quiet = taken[channel] === before ? quiet + 1 : 0;
      }
    },
    async close() {
      if (!open) return;
      await Promise.race([Promise.all(Object.values(tails)), sleep(1000)]);
      open = false;
      release();
      await Promise.race([Promise.all(reading), sleep(1000)]);
    },
    release() {
      open = false;
      release();
    },
  };
}

/** Beats come back as they are, whatever else happens; what cannot be answered is no reason to stop. */
async function echo(heartbeat: Router): Promise<void> {
  for await (const frames of heartbeat) {
    try {
      await heartbeat.send(frames);
    } catch {
      // The asker has gone.
    }
  }
}

/** ZMQ_XPUB_NODROP works at once, although zeromq warns of every option that is set after bind. */
function setNoDrop(socket: XPublisher, value: boolean): void {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    socket.noDrop = value;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function report(error: unknown, open: boolean): void {
  if (open) console.error(`wirebook: ${error instanceof Error ? error.message : String(error)}`);
}

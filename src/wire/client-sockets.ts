// The other end of a kernel's sockets: what a client holds. Beside `sockets.ts` the only file that knows ZeroMQ.
import { createRequire } from "node:module";
import type { Channel, Frames } from "../flow.js";
import type { Connection } from "./connection-file.js";
import type { CurveKeys } from "./curve.js";

export interface ClientSockets {
  send(channel: Exclude<Channel, "iopub">, frames: Frames): Promise<void>;
  close(): void;
}

/**
 * Connects to a kernel.
 * @param identity names this client on all its sockets, so that input is asked of it
 */
export function openClientSockets(
  connection: Connection,
  identity: string,
  onFrames: (channel: Channel, frames: Frames) => void,
): ClientSockets {
  const zmq = createRequire(import.meta.url)("zeromq") as typeof import("zeromq");
  const { transport, ip, curve } = connection;
  const host = ip.includes(":") && !ip.startsWith("[") ? `[${ip}]` : ip;
  const at = (port: number): string =>
    transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${host}:${port}`;
  // The kernel may still be starting: ZeroMQ's own interval of 100 ms would be most of the wait for it.
  const options = {
    linger: 0,
    receiveHighWaterMark: 0,
    reconnectInterval: 5,
    ipv6: ip.includes(":"),
    ...(curve && curveOf(zmq, curve)),
  };
  const dealer = (): InstanceType<typeof zmq.Dealer> =>
    new zmq.Dealer({ ...options, routingId: identity, sendHighWaterMark: 0 });
  const dealers = { shell: dealer(), control: dealer(), stdin: dealer() };
  const iopub = new zmq.Subscriber(options);
  iopub.connect(at(connection.ports.iopub));
  iopub.subscribe();
  for (const channel of ["shell", "control", "stdin"] as const)
    dealers[channel].connect(at(connection.ports[channel]));

  let open = true;
  const listen = async (channel: Channel, socket: AsyncIterable<Buffer[]>): Promise<void> => {
    try {
      for await (const frames of socket) onFrames(channel, frames);
    } catch (error) {
      if (open) throw error;
    }
  };
  for (const channel of ["shell", "control", "stdin"] as const) void listen(channel, dealers[channel]);
  void listen("iopub", iopub);

  // One message at a time: a socket refuses a second send while the first is under way.
  const queues = new Map<string, Promise<void>>();
  return {
    send(channel, frames) {
      const next = (queues.get(channel) ?? Promise.resolve()).then(() =>
        dealers[channel].send(frames as Buffer[]),
      );
      queues.set(
        channel,
        next.catch(() => {}),
      );
      return next;
    },
    close() {
      open = false;
      for (const socket of [...Object.values(dealers), iopub]) socket.close();
    },
  };
}

/** Keys for a kernel's connection file. */
export function newCurveKeys(): CurveKeys {
  return (createRequire(import.meta.url)("zeromq") as typeof import("zeromq")).curveKeyPair();
}

/** A client has a pair of its own; the kernel is known by its public key. */
function curveOf(
  zmq: typeof import("zeromq"),
  { publicKey }: CurveKeys,
): { curveServerKey: string; curvePublicKey: string; curveSecretKey: string } {
  const own = zmq.curveKeyPair();
  return { curveServerKey: publicKey, curvePublicKey: own.publicKey, curveSecretKey: own.secretKey };
}

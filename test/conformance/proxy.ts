// Stands between a kernel and its clients, and can break one rule at a time: with the key it signs anew what it changed.
// Without a mutation every frame passes as it is.
import { Dealer, Router, XPublisher, XSubscriber } from "zeromq";
import { freePorts } from "../../src/client/free-ports.js";
import {
  type Channel,
  type ConnectionFile,
  type Content,
  decode,
  encode,
  endpoint,
  nameOf,
  sign,
  split,
} from "./wire.js";

/** A message on its way that a mutation may change. */
export interface Draft {
  channel: Channel;
  /** Whose connection it came by or goes to; empty on iopub. */
  peer: Buffer;
  identities: Buffer[];
  header: Content;
  parent: Content;
  metadata: Content;
  content: Content;
  buffers: Buffer[];
  name: string;
  /** As it came. */
  signature: Buffer;
  /** Written instead of what would be. */
  bytes?: { content?: Buffer; signature?: Buffer };
}

/** What passes: `undefined` as it came, else these instead. */
export type Passed = Draft[] | undefined;

/** One rule broken, in whatever way. */
export interface Mutation {
  toClient?(draft: Draft): Passed;
  toKernel?(draft: Draft): Passed;
  /**
   * Frames that are no message, or a message that is not signed rightly.
   * @returns true: they pass; false: they vanish; or others pass instead
   */
  strangerToKernel?(
    channel: Channel,
    frames: Buffer[],
    signed: (parts: Buffer[]) => Buffer,
  ): boolean | Buffer[];
  /** @returns false: it vanishes */
  heartbeat?(): boolean;
  /** Another client with the same identity is turned away. */
  keepsFirstPeer?: boolean;
}

export interface KernelProxy {
  /** Where clients find it. */
  connection: ConnectionFile;
  mutation: Mutation | undefined;
  /** How often the mutation has changed something. */
  hits: number;
  close(): void;
}

type Routed = "shell" | "control" | "stdin";
const portOf = (connection: ConnectionFile, channel: Channel | "heartbeat"): number =>
  connection[`${channel === "heartbeat" ? "hb" : channel}_port`];

export async function startProxy(kernel: ConnectionFile): Promise<KernelProxy> {
  const [shell_port, control_port, stdin_port, iopub_port, hb_port] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const connection: ConnectionFile = {
    ...kernel,
    transport: "tcp",
    ip: "127.0.0.1",
    ...{ shell_port, control_port, stdin_port, iopub_port, hb_port },
  };
  const queues = new Map<object, Promise<void>>();
  const closers: (() => void)[] = [];
  let open = true;
  /** One message at a time, in order. */
  const send = (socket: { send(frames: Buffer[]): Promise<void> }, frames: Buffer[]): void => {
    const next = (queues.get(socket) ?? Promise.resolve()).then(() =>
      open ? socket.send(frames) : undefined,
    );
    queues.set(
      socket,
      next.catch(() => {}),
    );
  };
  const pass = async (from: AsyncIterable<Buffer[]>, onFrames: (frames: Buffer[]) => void): Promise<void> => {
    try {
      for await (const frames of from) onFrames(frames);
    } catch (error) {
      if (open) throw error;
    }
  };

  const options = { linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0, reconnectInterval: 5 };
  const routers = {} as Record<Routed | "heartbeat", Router>;
  const backs = new Map<string, Dealer>();

  const proxy: KernelProxy = {
    connection,
    hits: 0,
    get mutation() {
      return mutation;
    },
    set mutation(next) {
      if (mutation?.keepsFirstPeer !== next?.keepsFirstPeer)
        for (const channel of ["shell", "control", "stdin"] as const)
          routers[channel].handover = !next?.keepsFirstPeer;
      mutation = next;
      proxy.hits = 0;
    },
    close() {
      open = false;
      for (const close of closers) close();
    },
  };
  let mutation: Mutation | undefined;

  const signed = (parts: Buffer[]): Buffer => sign(kernel, parts);
  const emit = (draft: Draft, toKernel: boolean): void => {
    const { channel, peer } = draft;
    const frames = encode(kernel, draft, draft.bytes);
    if (toKernel) send(back(channel as Routed, peer), frames);
    else if (channel === "iopub") send(publisher, frames);
    else send(routers[channel], [peer, ...frames]);
  };
  const draftOf = (channel: Channel, peer: Buffer, frames: Buffer[]): Draft => {
    const message = decode(kernel, channel, frames);
    return { ...message, peer, name: nameOf(message), signature: split(frames).signature };
  };

  /** The proxy's connection to the kernel for one client's socket, under that client's identity. */
  const back = (channel: Routed | "heartbeat", peer: Buffer): Dealer => {
    const key = `${channel} ${peer.toString("hex")}`;
    let dealer = backs.get(key);
    if (!dealer) {
      dealer = new Dealer({
        ...options,
        ...(channel !== "heartbeat" && { routingId: peer.toString("latin1") }),
      });
      dealer.connect(endpoint(kernel, portOf(kernel, channel)));
      backs.set(key, dealer);
      const socket = dealer;
      closers.push(() => socket.close());
      void pass(dealer, (frames) => fromKernel(channel, peer, frames));
      // A client says nothing on stdin until it is asked, and the kernel can only ask who is there.
      if (channel === "shell") back("stdin", peer);
    }
    return dealer;
  };

  const fromKernel = (channel: Channel | "heartbeat", peer: Buffer, frames: Buffer[]): void => {
    if (channel !== "heartbeat" && mutation?.toClient) {
      const passed = mutation.toClient(draftOf(channel, peer, frames));
      if (passed) {
        proxy.hits++;
        for (const draft of passed) emit(draft, false);
        return;
      }
    }
    if (channel === "iopub") send(publisher, frames);
    else send(routers[channel], [peer, ...frames]);
  };

  const fromClient = (channel: Routed | "heartbeat", [peer, ...frames]: [Buffer, ...Buffer[]]): void => {
    if (channel === "heartbeat") {
      if (mutation?.heartbeat?.() === false) proxy.hits++;
      else send(back(channel, peer), frames);
      return;
    }
    let draft: Draft | undefined;
    if (mutation) {
      try {
        draft = draftOf(channel, peer, frames);
      } catch {
        const verdict = mutation.strangerToKernel?.(channel, frames, signed) ?? true;
        if (verdict !== true) proxy.hits++;
        if (verdict !== false) send(back(channel, peer), verdict === true ? frames : verdict);
        return;
      }
    }
    const passed = draft && mutation?.toKernel?.(draft);
    if (passed) {
      proxy.hits++;
      for (const one of passed) emit(one, true);
    } else send(back(channel, peer), frames);
  };

  for (const channel of ["shell", "control", "stdin", "heartbeat"] as const) {
    const router = new Router({ ...options, handover: true });
    await router.bind(endpoint(connection, portOf(connection, channel)));
    routers[channel] = router;
    closers.push(() => router.close());
    void pass(router, (frames) => fromClient(channel, frames as [Buffer, ...Buffer[]]));
  }
  const publisher = new XPublisher({ linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0 });
  publisher.verbosity = "allSubs";
  await publisher.bind(endpoint(connection, iopub_port));
  const subscriber = new XSubscriber(options);
  subscriber.connect(endpoint(kernel, kernel.iopub_port));
  closers.push(
    () => publisher.close(),
    () => subscriber.close(),
  );
  void pass(publisher, (frames) => send(subscriber, frames));
  void pass(subscriber, (frames) => fromKernel("iopub", Buffer.alloc(0), frames));
  return proxy;
}

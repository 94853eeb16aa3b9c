// A client over real ZeroMQ sockets that looks at every message it receives, whatever it waits for.
import { randomUUID } from "node:crypto";
import { Dealer, Subscriber } from "zeromq";
import { type KernelRecord, Watch } from "./record.js";
import {
  type Channel,
  type ConnectionFile,
  type Content,
  decode,
  encode,
  endpoint,
  type Message,
  nameOf,
  WireProblem,
} from "./wire.js";

export interface Seen extends Message {
  name: string;
}

/** A request with its reply and all that was published for it. */
export interface Exchange {
  id: string;
  reply: Seen;
  published: Seen[];
  /** Names of what was published. */
  names: string[];
  /** Text of a stream. */
  text(name?: "stdout" | "stderr"): string;
  /** The published messages of a type. */
  of(name: string): Seen[];
}

export interface Sending {
  header?: Content;
  parent?: Content;
  metadata?: Content;
  buffers?: Buffer[];
  identities?: Buffer[];
  /** Its output may come after idle. */
  late?: boolean;
}

export interface ClientOptions {
  identity?: string;
  /** How long anything may take, in milliseconds. */
  patience: number;
  topic?: string;
  /** The keys with which this client encrypts, and the kernel's public one. */
  curve?: { serverKey: string; publicKey: string; secretKey: string };
}

export const executeDefaults = {
  silent: false,
  store_history: true,
  user_expressions: {},
  allow_stdin: false,
  stop_on_error: true,
};

export class Client {
  readonly seen: Seen[] = [];
  readonly session: string = randomUUID();
  readonly identity: string;
  readonly connection: ConnectionFile;
  readonly record: KernelRecord;
  readonly beats: Buffer[] = [];
  readonly #options: ClientOptions;
  readonly #watch: Watch;
  readonly #sockets: { shell: Dealer; control: Dealer; stdin: Dealer; iopub: Subscriber; heartbeat: Dealer };
  readonly #listeners = new Set<() => void>();
  readonly #queues = new Map<string, Promise<void>>();
  #closed = false;

  constructor(connection: ConnectionFile, record: KernelRecord, options: ClientOptions) {
    this.connection = connection;
    this.record = record;
    this.identity = options.identity ?? this.session;
    this.#options = options;
    this.#watch = new Watch(record);
    record.clientSessions.add(this.session);
    const { curve } = options;
    const common = {
      linger: 0,
      reconnectInterval: 5,
      receiveHighWaterMark: 0,
      ...(curve && {
        curveServerKey: curve.serverKey,
        curvePublicKey: curve.publicKey,
        curveSecretKey: curve.secretKey,
      }),
    };
    const dealer = (port: number): Dealer => {
      const socket = new Dealer({
        ...common,
        sendHighWaterMark: 0,
        // Where no connection comes about, sending would wait for ever.
        sendTimeout: options.patience,
        routingId: this.identity,
      });
      socket.connect(endpoint(connection, port));
      return socket;
    };
    const iopub = new Subscriber(common);
    iopub.connect(endpoint(connection, connection.iopub_port));
    iopub.subscribe(options.topic ?? "");
    this.#sockets = {
      iopub,
      shell: dealer(connection.shell_port),
      control: dealer(connection.control_port),
      stdin: dealer(connection.stdin_port),
      heartbeat: dealer(connection.hb_port),
    };
    for (const [channel, socket] of Object.entries(this.#sockets))
      void (async () => {
        for await (const frames of socket) {
          if (channel === "heartbeat") this.#beat(frames);
          else this.#receive(channel as Channel, frames);
        }
      })().catch((error: unknown) => {
        if (!this.#closed) throw error;
      });
  }

  /** Asks until both the reply and what is published come: the kernel may still be starting, the subscription be on its way. */
  async join(hasEnded: () => boolean): Promise<void> {
    const until = performance.now() + Math.max(this.#options.patience, 15_000);
    while (performance.now() < until && !hasEnded()) {
      const id = await this.send("shell", "kernel_info_request", {});
      const here = (): true | undefined =>
        this.replies(id).length > 0 && this.of(id).some(({ name }) => name === "idle") ? true : undefined;
      if (await this.#until(here, "the first answer", 1000).catch(() => undefined)) return;
    }
    throw new Error(hasEnded() ? "its process has ended." : "it does not answer.");
  }

  /** Sends a request; resolves with its message id. */
  async send(
    channel: Exclude<Channel, "iopub">,
    type: string,
    content: Content,
    sending: Sending = {},
  ): Promise<string> {
    const header = {
      msg_id: randomUUID(),
      session: this.session,
      username: "conformance",
      date: new Date().toISOString(),
      msg_type: type,
      version: "5.5",
      ...sending.header,
    };
    const { parent = {}, metadata = {}, buffers = [], identities = [] } = sending;
    if (channel !== "stdin") {
      const request = this.record.sent(channel, header, identities);
      if (sending.late) request.late = true;
    }
    await this.sendFrames(
      channel,
      encode(this.connection, { identities, header, parent, metadata, content, buffers }),
    );
    return header.msg_id;
  }

  /** Sends frames as they are. */
  async sendFrames(channel: Exclude<Channel, "iopub"> | "heartbeat", frames: Buffer[]): Promise<void> {
    const next = (this.#queues.get(channel) ?? Promise.resolve()).then(() =>
      this.#sockets[channel].send(frames),
    );
    this.#queues.set(
      channel,
      next.catch(() => {}),
    );
    await next;
  }

  /** On control the reply is all that is waited for: whether idle comes as well is a check of its own. */
  async request(
    type: string,
    content: Content = {},
    options: Sending & { channel?: "shell" | "control" } = {},
  ): Promise<Exchange> {
    const { channel = "shell" } = options;
    return await this.answered(await this.send(channel, type, content, options), {
      idle: channel === "shell",
    });
  }

  async execute(code: string, content: Content = {}, sending: Sending = {}): Promise<Exchange> {
    return await this.request("execute_request", { code, ...executeDefaults, ...content }, sending);
  }

  /** Sends a cell without waiting for it. */
  async start(code: string, content: Content = {}, sending: Sending = {}): Promise<string> {
    return await this.send("shell", "execute_request", { code, ...executeDefaults, ...content }, sending);
  }

  /** Waits for the reply and the idle of a request that was sent. */
  async answered(id: string, { idle = true }: { idle?: boolean } = {}): Promise<Exchange> {
    const type = this.record.requests.get(id)?.type;
    const reply = await this.wait((m) => isReply(m) && m.parent.msg_id === id, `the reply to ${type}`);
    if (idle) await this.idle(id);
    const published = this.of(id);
    return {
      id,
      reply,
      published,
      names: published.map(({ name }) => name),
      text: (name = "stdout") => textOf(published, name),
      of: (name) => published.filter((m) => m.name === name),
    };
  }

  subscribe(topic: string | Buffer): void {
    this.#sockets.iopub.subscribe(topic);
  }

  unsubscribe(topic: string): void {
    this.#sockets.iopub.unsubscribe(topic);
  }

  async idle(id: string): Promise<void> {
    const type = this.record.requests.get(id)?.type;
    await this.wait((m) => m.name === "idle" && m.parent.msg_id === id, `idle of ${type}`);
  }

  /** When this has come back, all that shell was sent before has been served, and all that was published been seen. */
  async fence(channel: "shell" | "control" = "shell"): Promise<void> {
    await this.request("kernel_info_request", {}, { channel });
  }

  /** All that was published for a request so far. */
  of(id: string): Seen[] {
    return this.seen.filter((m) => m.channel === "iopub" && m.parent.msg_id === id);
  }

  replies(id: string): Seen[] {
    return this.seen.filter((m) => isReply(m) && m.parent.msg_id === id);
  }

  /** The first message that fits, seen already or to come. */
  async wait(fits: (message: Seen) => boolean, what: string): Promise<Seen> {
    let seen = 0;
    return await this.#until(() => {
      for (; seen < this.seen.length; seen++) {
        const message = this.seen[seen] as Seen;
        if (fits(message)) return message;
      }
      return undefined;
    }, what);
  }

  async print(id: string, text: string): Promise<void> {
    await this.#until(() => (textOf(this.of(id)).includes(text) ? true : undefined), `the cell's "${text}"`);
  }

  /** Sends a beat and waits until it comes back. */
  async beat(bytes: Buffer): Promise<void> {
    await this.sendFrames("heartbeat", [Buffer.alloc(0), bytes]);
    await this.#until(
      () => (this.beats.some((beat) => beat.equals(bytes)) ? true : undefined),
      "the heartbeat's echo",
    );
  }

  close(): void {
    this.#closed = true;
    for (const socket of Object.values(this.#sockets)) socket.close();
  }

  async #until<T>(
    look: () => T | undefined,
    what: string,
    patience: number = this.#options.patience,
  ): Promise<T> {
    const until = performance.now() + patience;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = until - performance.now();
      if (left <= 0) {
        const last = this.seen.slice(-6).map((m) => `${m.channel}:${m.name}`);
        throw new Error(
          `${what} did not come within ${patience} ms; last came ${last.join(", ") || "nothing"}`,
        );
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#listeners.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#listeners.add(wake);
      });
    }
  }

  #beat(frames: Buffer[]): void {
    this.beats.push(Buffer.concat(frames));
    for (const listener of [...this.#listeners]) listener();
  }

  #receive(channel: Channel, frames: Buffer[]): void {
    try {
      const message = decode(this.connection, channel, frames);
      const seen = { ...message, name: nameOf(message) };
      // Published for a subscription, so from here on nothing is missed; kernels without it are taken at their first idle.
      if (seen.name === "iopub_welcome" || seen.name === "idle") this.#watch.ready();
      this.#watch.see(message);
      this.seen.push(seen);
    } catch (error) {
      if (!(error instanceof WireProblem)) throw error;
      this.record.report(error.item, `a message on ${channel}: ${error.message}`);
    }
    for (const listener of [...this.#listeners]) listener();
  }
}

function isReply({ channel }: Seen): boolean {
  return channel === "shell" || channel === "control";
}

/** All text of a stream, joined. */
export function textOf(messages: Seen[], name: "stdout" | "stderr" = "stdout"): string {
  return messages
    .filter((m) => m.name === "stream" && m.content.name === name)
    .map((m) => m.content.text)
    .join("");
}

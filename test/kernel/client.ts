// A Jupyter client with nothing between it and the kernel: five ZeroMQ sockets, own framing and own signatures, so that
// the kernel's mistakes are not also the test's.

import { createHmac, randomUUID } from "node:crypto";
import { curveKeyPair, Dealer, Subscriber } from "zeromq";
import { freePorts } from "../../src/client/free-ports.js";

/** Whatever a message holds: a test that expects the wrong thing fails anyway. */
// biome-ignore lint/suspicious/noExplicitAny: narrowing every field would hide what a test says
export type Content = Record<string, any>;

export interface Received {
  channel: "shell" | "control" | "stdin" | "iopub";
  topic: string;
  header: Content;
  parent: Content;
  metadata: Content;
  content: Content;
  buffers: Buffer[];
  type: string;
}

export interface ConnectionFile {
  transport: "tcp" | "ipc";
  ip: string;
  shell_port: number;
  control_port: number;
  stdin_port: number;
  iopub_port: number;
  hb_port: number;
  key: string;
  signature_scheme: string;
  curve_publickey?: string;
  curve_secretkey?: string;
}

/** The keys of a connection file that asks for encryption. */
export function newCurve(): { curve_publickey: string; curve_secretkey: string } {
  const { publicKey, secretKey } = curveKeyPair();
  return { curve_publickey: publicKey, curve_secretkey: secretKey };
}

/** How a client's socket gets through to a kernel that encrypts. */
export function curveOptions({ curve_publickey: serverKey }: Partial<ConnectionFile>): object {
  if (serverKey === undefined) return {};
  const own = curveKeyPair();
  return { curveServerKey: serverKey, curvePublicKey: own.publicKey, curveSecretKey: own.secretKey };
}

/** A connection file's contents with five free ports. */
export async function newConnection(fields: Partial<ConnectionFile> = {}): Promise<ConnectionFile> {
  const [shell_port, control_port, stdin_port, iopub_port, hb_port] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port,
    control_port,
    stdin_port,
    iopub_port,
    hb_port,
    key: randomUUID(),
    signature_scheme: "hmac-sha256",
    ...fields,
  };
}

export interface RequestOptions {
  channel?: "shell" | "control";
  metadata?: Content;
  header?: Content;
  /** Milliseconds to wait for the reply and the idle. */
  timeout?: number;
}

/** A reply with all that was published for its request. */
export interface Answered {
  reply: Received;
  iopub: Received[];
  /** Types of the published messages, statuses as `busy` and `idle`. */
  types: string[];
}

export class Client {
  readonly received: Received[] = [];
  readonly session: string = randomUUID();
  readonly connection: ConnectionFile;
  readonly identity: string;
  readonly #sockets: { shell: Dealer; control: Dealer; stdin: Dealer; iopub: Subscriber };
  readonly #listeners = new Set<() => void>();

  /** @param options.eager looks for a kernel that is still to come a thousand times a second */
  constructor(connection: ConnectionFile, options: { identity?: string; eager?: boolean } = {}) {
    this.connection = connection;
    this.identity = options.identity ?? this.session;
    const curve = { ...curveOptions(connection), ...(options.eager && { reconnectInterval: 1 }) };
    const dealer = (port: number): Dealer => {
      const socket = new Dealer({ routingId: this.identity, linger: 0, ...curve });
      socket.connect(address(connection, port));
      return socket;
    };
    const iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0, ...curve });
    iopub.connect(address(connection, connection.iopub_port));
    iopub.subscribe("");
    this.#sockets = {
      shell: dealer(connection.shell_port),
      control: dealer(connection.control_port),
      stdin: dealer(connection.stdin_port),
      iopub,
    };
    for (const [channel, socket] of Object.entries(this.#sockets)) {
      void (async () => {
        for await (const frames of socket) this.#receive(channel as Received["channel"], frames);
      })().catch(() => {});
    }
  }

  /** Sends a request; resolves with its message id. */
  async send(
    channel: "shell" | "control" | "stdin",
    type: string,
    content: Content,
    options: { metadata?: Content; header?: Content; parent?: Content; buffers?: Uint8Array[] } = {},
  ): Promise<string> {
    const header = {
      msg_id: randomUUID(),
      session: this.session,
      username: "tester",
      date: new Date().toISOString(),
      msg_type: type,
      version: "5.4",
      ...options.header,
    };
    const parts = [header, options.parent ?? {}, options.metadata ?? {}, content].map((part) =>
      Buffer.from(JSON.stringify(part)),
    );
    await this.sendFrames(channel, [
      Buffer.from("<IDS|MSG>"),
      this.sign(parts),
      ...parts,
      ...(options.buffers ?? []),
    ]);
    return header.msg_id;
  }

  /** Sends frames as they are. */
  async sendFrames(channel: "shell" | "control" | "stdin", frames: Uint8Array[]): Promise<void> {
    await this.#sockets[channel].send(frames);
  }

  sign(parts: Uint8Array[]): Buffer {
    if (this.connection.key === "") return Buffer.alloc(0);
    const hmac = createHmac(this.connection.signature_scheme.slice(5), this.connection.key);
    for (const part of parts) hmac.update(part);
    return Buffer.from(hmac.digest("hex"));
  }

  /** Sends a request and waits for its reply and its idle. */
  async request(type: string, content: Content = {}, options: RequestOptions = {}): Promise<Answered> {
    const channel = options.channel ?? "shell";
    const id = await this.send(channel, type, content, {
      ...(options.metadata && { metadata: options.metadata }),
      ...(options.header && { header: options.header }),
    });
    return await this.answered(id, options.timeout);
  }

  /** Waits for the reply and the idle of a request that was sent. */
  async answered(id: string, timeout?: number): Promise<Answered> {
    const reply = await this.wait(
      (m) => m.channel !== "iopub" && m.channel !== "stdin" && m.parent.msg_id === id,
      {
        what: "a reply",
        ...(timeout !== undefined && { timeout }),
      },
    );
    await this.wait((m) => m.parent.msg_id === id && m.content.execution_state === "idle", {
      what: "idle",
      ...(timeout !== undefined && { timeout }),
    });
    const iopub = this.of(id);
    return { reply, iopub, types: iopub.map(typeOf) };
  }

  async execute(code: string, content: Content = {}, options: RequestOptions = {}): Promise<Answered> {
    return await this.request(
      "execute_request",
      {
        code,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
        ...content,
      },
      options,
    );
  }

  /** All that was published for a request so far. */
  of(id: string): Received[] {
    return this.received.filter((m) => m.channel === "iopub" && m.parent.msg_id === id);
  }

  /** The first message that fits, received already or to come. */
  async wait(
    fits: (message: Received) => boolean,
    options: { timeout?: number; what?: string } = {},
  ): Promise<Received> {
    const { timeout = 15_000, what = "a message" } = options;
    const until = performance.now() + timeout;
    let seen = 0;
    for (;;) {
      for (; seen < this.received.length; seen++) {
        const message = this.received[seen] as Received;
        if (fits(message)) return message;
      }
      const left = until - performance.now();
      if (left <= 0) {
        const last = this.received.slice(-8).map((m) => `${m.channel}:${typeOf(m)}`);
        throw new Error(`${what} did not come within ${timeout} ms; last were ${last.join(", ")}`);
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

  close(): void {
    for (const socket of Object.values(this.#sockets)) socket.close();
  }

  #receive(channel: Received["channel"], frames: Buffer[]): void {
    const at = frames.findIndex((frame) => frame.toString() === "<IDS|MSG>");
    const [signature, ...parts] = frames.slice(at + 1, at + 6) as [Buffer, ...Buffer[]];
    if (!this.sign(parts).equals(signature)) throw new Error("the kernel's signature is wrong");
    const [header, parent, metadata, content] = parts.map(
      (part) => JSON.parse(part.toString()) as Content,
    ) as [Content, Content, Content, Content];
    const topic = frames.slice(0, at).join(" ");
    const buffers = frames.slice(at + 6);
    this.received.push({ channel, topic, header, parent, metadata, content, buffers, type: header.msg_type });
    for (const listener of [...this.#listeners]) listener();
  }
}

export function address({ transport, ip }: ConnectionFile, port: number): string {
  return transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`;
}

/** `busy` and `idle` by their names, other messages by their type. */
export function typeOf(message: Received): string {
  return message.type === "status" ? String(message.content.execution_state) : message.type;
}

/** All text of a stream, joined. */
export function textOf(messages: Received[], name = "stdout"): string {
  return messages
    .filter((m) => m.type === "stream" && m.content.name === name)
    .map((m) => m.content.text)
    .join("");
}

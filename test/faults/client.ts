// A client that is light enough for a million requests, and keeps watch: what belongs to no request, comes twice or comes
// out of order is a violation.
import { randomUUID } from "node:crypto";
import type { Channel, Json, Message } from "../../src/flow.js";
import { decodeMessage } from "../../src/message/decode.js";
import { encodeMessage } from "../../src/message/encode.js";
import { type ClientSockets, openClientSockets } from "../../src/wire/client-sockets.js";
import type { Connection } from "../../src/wire/connection-file.js";
import { joinFrames, splitFrames } from "../../src/wire/frames.js";
import { createSigner } from "../../src/wire/sign.js";

export interface Answer {
  reply: Json;
  /** What was published for the request up to its `idle`, statuses left out. */
  outputs: Message[];
  /** Milliseconds to the reply. */
  ms: number;
}

interface Pending {
  began: number;
  outputs: Message[];
  reply?: Json;
  ms: number;
  state: "sent" | "busy" | "idle";
  resolve(answer: Answer): void;
  timer: NodeJS.Timeout;
}

export interface SendOptions {
  header?: Json;
  metadata?: Json;
  parent?: Json;
  buffers?: Uint8Array[];
}

export interface RequestOptions {
  channel?: "shell" | "control";
  header?: Json;
  metadata?: Json;
  /** Milliseconds after which it counts as lost. */
  patience?: number;
  /** The message's id is told before the answer comes. */
  onSent?(id: string): void;
}

/**
 * So many requests that were answered are remembered, to notice a second answer. Not more: what is measured here must not wait for
 * this process to clear its own memory.
 */
const REMEMBERED = 2000;

export class Client {
  readonly session: string = randomUUID();
  /** In words, the first hundred. */
  readonly violations: string[] = [];
  /** Everything that arrives, late output and questions too. */
  onMessage: ((message: Message) => void) | undefined;
  /** Frames of what is sent, for who wants to send them again. */
  onFrames: ((channel: "shell" | "control" | "stdin", frames: Uint8Array[]) => void) | undefined;
  readonly #sockets: ClientSockets;
  readonly #signer: ReturnType<typeof createSigner>;
  readonly #pending = new Map<string, Pending>();
  readonly #answered = new Set<string>();
  /** The last that was published is an idle. */
  #idleLast = false;

  constructor(connection: Connection, options: { identity?: string } = {}) {
    this.#signer = createSigner(connection.key, connection.hash, { remember: 0 });
    this.#sockets = openClientSockets(connection, options.identity ?? this.session, (channel, frames) =>
      this.#receive(channel, frames),
    );
  }

  async send(
    channel: "shell" | "control" | "stdin",
    type: string,
    content: Json,
    { header = {}, metadata = {}, parent = {}, buffers = [] }: SendOptions = {},
  ): Promise<string> {
    const id = randomUUID();
    const parts = encodeMessage({
      channel,
      identities: [],
      header: {
        msg_id: id,
        session: this.session,
        username: "faults",
        date: new Date().toISOString(),
        msg_type: type,
        version: "5.4",
        ...header,
      },
      parent_header: parent as Message["parent_header"],
      metadata,
      content,
      buffers,
    });
    const frames = joinFrames({ identities: [], signature: this.#signer.sign(parts), parts, buffers });
    this.onFrames?.(channel, frames);
    await this.#sockets.send(channel, frames);
    return id;
  }

  sendFrames(channel: "shell" | "control" | "stdin", frames: Uint8Array[]): Promise<void> {
    return this.#sockets.send(channel, frames);
  }

  /** Resolves when both the reply and `idle` are there. @throws Error where they do not come in time */
  request(type: string, content: Json = {}, options: RequestOptions = {}): Promise<Answer> {
    const { channel = "shell", patience = 30_000, header = {}, metadata = {}, onSent } = options;
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const { reply, state } = this.#pending.get(id) as Pending;
        this.#pending.delete(id);
        const missing = reply ? "idle" : "a reply";
        reject(
          new Error(
            `no ${missing} to ${type} within ${patience} ms (its status: ${state}): ${JSON.stringify(content).slice(0, 120)}`,
          ),
        );
      }, patience);
      this.#pending.set(id, { began: performance.now(), outputs: [], ms: 0, state: "sent", resolve, timer });
      onSent?.(id);
      this.send(channel, type, content, { header: { ...header, msg_id: id }, metadata }).catch(reject);
    });
  }

  execute(code: string, content: Json = {}, options: RequestOptions = {}): Promise<Answer> {
    return this.request(
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

  /** The value of a cell as it is shown. */
  async valueOf(code: string, options: RequestOptions = {}): Promise<string> {
    return shownIn(await this.execute(code, {}, options));
  }

  get waiting(): number {
    return this.#pending.size;
  }

  close(): void {
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    this.#sockets.close();
  }

  #violation(what: string): void {
    if (this.violations.length < 100) this.violations.push(what);
  }

  #receive(channel: Channel, frames: Uint8Array[]): void {
    const envelope = splitFrames(frames);
    if (!envelope || !this.#signer.verify(envelope.signature, envelope.parts)) {
      this.#violation(`${channel}: ${envelope ? "not signed with the kernel's key" : "no message"}`);
      return;
    }
    const message = decodeMessage(channel, envelope);
    this.onMessage?.(message);
    if (channel === "stdin") return;
    const id = String(message.parent_header.msg_id ?? "");
    const type = message.header.msg_type;
    const afterIdle = this.#idleLast;
    if (channel === "iopub") this.#idleLast = message.content.execution_state === "idle";
    const entry = this.#pending.get(id);
    if (!entry) {
      // Late output is as it should be; a second answer is not.
      if (this.#answered.has(id) && (channel !== "iopub" || type === "status"))
        this.#violation(`${type} for a request that had been answered`);
      return;
    }
    if (channel !== "iopub") {
      if (entry.reply) this.#violation(`a second ${type}`);
      entry.reply = message.content;
      entry.ms = performance.now() - entry.began;
    } else if (type === "status")
      this.#status(entry, String(message.content.execution_state), {
        // A cell that goes on says so once more, right behind the idle of what was answered beside it.
        again: afterIdle && message.parent_header.msg_type === "execute_request",
      });
    else {
      if (entry.state === "sent") this.#violation(`${type} before its request was busy`);
      // What comes after `idle` came late, as output of callbacks does.
      if (entry.state === "busy") entry.outputs.push(message);
    }
    if (entry.reply && entry.state === "idle") this.#settle(id, entry);
  }

  #status(entry: Pending, state: string, { again }: { again: boolean }): void {
    if (state === "busy" && (entry.state === "sent" || (entry.state === "busy" && again)))
      entry.state = "busy";
    else if (state === "idle" && entry.state === "busy") entry.state = "idle";
    else this.#violation(`${state} while its request was ${entry.state}`);
  }

  #settle(id: string, entry: Pending): void {
    this.#pending.delete(id);
    clearTimeout(entry.timer);
    this.#answered.add(id);
    if (this.#answered.size > REMEMBERED)
      for (const oldest of this.#answered) if (this.#answered.delete(oldest)) break;
    entry.resolve({ reply: entry.reply as Json, outputs: entry.outputs, ms: entry.ms });
  }
}

/** The result of an answer, as text; empty where there is none. */
export function shownIn({ outputs }: Answer): string {
  const result = outputs.find((message) => message.header.msg_type === "execute_result");
  return String((result?.content.data as Json | undefined)?.["text/plain"] ?? "");
}

/** All that was printed. */
export function printedIn(outputs: readonly Message[], name = "stdout"): string {
  return outputs
    .filter(({ header, content }) => header.msg_type === "stream" && content.name === name)
    .map(({ content }) => String(content.text))
    .join("");
}

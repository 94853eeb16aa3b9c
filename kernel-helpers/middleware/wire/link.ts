// A session between two nodes that survives its socket. Every message has a number; what the other side has not acknowledged is kept, and
// sent again over the next socket, and what came twice is dropped. A session that cannot be continued says so: there is no silent gap.
//
//   hello    ["hello", session, received, from, life]   the first word on a socket, by who has dialed
//   welcome  ["welcome", received, life]                 or ["lost"]: that session is not known (any more)
//   message  [number, received, type, …]                 `received` acknowledges everything up to it
//   ["ack", received]  ["ping"]  ["pong"]
import { type Forbidden, SessionLost } from "../errors.js";
import type { Body, Pipe, World } from "../flow.js";
import { type Debtor, owe } from "./acks.js";
import { Attention } from "./attention.js";
import { Suspicion } from "./suspicion.js";

export interface LinkOptions {
  world: World;
  /** Milliseconds without a socket until the session is given up. */
  patience?: number;
  /** Milliseconds between two questions whether the other side is there, while somebody waits for it. */
  beat?: number;
}

/** Acknowledged at once after so many messages, otherwise with the next message or, if there is none, a moment later. */
const ACK_AFTER = 64;
/** Messages, and their characters, that may wait for being acknowledged before senders are to wait. */
const MOST_WAITING = 10_000;
const FULL_LENGTH = 8 * 1024 * 1024;
/** Characters that may wait in all: whoever reads nothing is not answered for ever. */
const MOST_LENGTH = 64 * 1024 * 1024;

export abstract class Link {
  /** Where the other side is, or what it said of itself. */
  abstract readonly peer: string;
  onBody: (body: Body) => void = () => {};
  /** Once. */
  onLost: (reason: SessionLost) => void = () => {};
  /** The other side is silent for longer than usual; told once each time. */
  onSuspect: () => void = () => {};
  /** Does anybody wait for the other side? If not, silence is no matter. */
  isWaitedFor: () => boolean = () => false;
  readonly world: World;
  protected readonly patience: number;
  readonly #beat: number;
  #state: "down" | "up" | "lost" = "down";
  #pipe: Pipe | undefined;
  #sent = 0;
  /** The last number that was ever given to a socket. */
  #written = 0;
  #acked = 0;
  #unacked: string[] = [];
  /** Characters of these. */
  #length = 0;
  #received = 0;
  #acknowledged = 0;
  #outbox: string[] = [];
  #isOwing = false;
  /** What had been received at the last look. */
  #owed = 0;
  readonly #suspicion: Suspicion;
  readonly #attention: Attention;
  #isWatching = false;
  #isSuspect = false;
  #asked = false;
  /** Since when there is no socket. */
  protected downSince: number;

  constructor({ world, patience = 10_000, beat = 200 }: LinkOptions) {
    this.world = world;
    this.patience = patience;
    this.#beat = beat;
    this.downSince = world.now();
    this.#attention = new Attention(world);
    this.#suspicion = new Suspicion(world.now(), { least: 3 * beat });
  }

  get state(): "down" | "up" | "lost" {
    return this.#state;
  }

  get isSuspect(): boolean {
    return this.#isSuspect;
  }

  /** Too much waits for being acknowledged. */
  get isFull(): boolean {
    return this.#unacked.length >= MOST_WAITING || this.#length >= FULL_LENGTH;
  }

  protected get received(): number {
    return this.#received;
  }

  /** Sends, now or over the next socket. @param body as JSON, without the brackets @returns its number */
  post(body: string): number {
    const number = ++this.#sent;
    const text = `[${number},${this.#received},${body}]`;
    if (this.#state === "lost") return number;
    // Whoever says this has to know its number before he hears of its end.
    if (this.#length > MOST_LENGTH)
      queueMicrotask(() =>
        this.lose(
          `it does not read: ${Math.round(this.#length / 1024 / 1024)} MB wait for it. Send less at once, or look what keeps it busy`,
        ),
      );
    this.#unacked.push(text);
    this.#length += text.length;
    if (this.#pipe) {
      this.#write(text, number);
      this.#attention.said();
    }
    return number;
  }

  /** Takes a message back. @returns false: the other side may have it */
  withdraw(number: number): boolean {
    if (number <= this.#written) return false;
    const at = number - this.#acked - 1;
    const text = this.#unacked[at];
    if (text !== undefined) {
      const empty = `[${number},0,"void"]`;
      this.#unacked[at] = empty;
      this.#length += empty.length - text.length;
    }
    return true;
  }

  /** Somebody waits for an answer now. */
  expect(): void {
    if (this.#isWatching || this.#state === "lost") return;
    this.#isWatching = true;
    this.world.after(this.#beat, () => this.#watch());
  }

  #watch(): void {
    this.#isWatching = false;
    if (this.#state === "lost" || !this.isWaitedFor()) {
      this.#asked = false;
      return;
    }
    const now = this.world.now();
    if (!this.#isSuspect && this.#suspicion.suspects(now)) {
      this.#isSuspect = true;
      this.onSuspect();
    }
    // The socket may be open to nobody; another one may find its way.
    if (this.#pipe && this.#suspicion.silence(now) > 15 * this.#beat) this.#pipe.close();
    else if (this.#pipe && this.#suspicion.silence(now) >= this.#beat) {
      this.#asked = true;
      this.#send('["ping"]');
    }
    this.expect();
  }

  /** Ends the session. */
  close(): void {
    this.lose("it was closed here");
  }

  /** @param cause it will be the same the next time */
  protected lose(reason: string, cause?: Forbidden): void {
    if (this.#state === "lost") return;
    this.#state = "lost";
    const pipe = this.#pipe;
    this.#pipe = undefined;
    this.#unacked = [];
    this.#length = 0;
    this.#outbox = [];
    pipe?.close();
    this.onLost(new SessionLost(`the session with ${this.peer} is lost: ${reason}`, cause && { cause }));
  }

  /** There is a socket again. @param reached the last message that the other side has */
  protected attach(pipe: Pipe, reached: number): void {
    const old = this.#pipe;
    this.#pipe = pipe;
    this.#outbox = [];
    old?.close();
    this.#state = "up";
    pipe.onClose = () => {
      if (this.#pipe !== pipe) return;
      this.#pipe = undefined;
      this.#outbox = [];
      if (this.#state === "lost") return;
      this.#state = "down";
      this.downSince = this.world.now();
      this.down();
    };
    pipe.onMessage = (text) => {
      if (this.#pipe === pipe) this.#read(text, pipe);
    };
    this.#hear();
    this.#acknowledge(reached);
    for (const [at, text] of this.#unacked.entries()) this.#write(text, this.#acked + at + 1);
  }

  /** The socket is gone. */
  protected abstract down(): void;

  #read(text: string, pipe: Pipe): void {
    this.#hear();
    try {
      if (text.includes("\n")) for (const line of text.split("\n")) this.#take(JSON.parse(line));
      else this.#take(JSON.parse(text));
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof Garbled)) throw error;
      pipe.close();
    }
  }

  #take(frame: unknown): void {
    if (!Array.isArray(frame)) throw new Garbled();
    const [first, second] = frame;
    if (typeof first === "number") {
      this.#acknowledge(second);
      if (first <= this.#received) return;
      if (first !== this.#received + 1) throw new Garbled();
      this.#received = first;
      this.#oweAck();
      if (frame[2] !== "void") this.onBody(frame.slice(2) as Body);
    } else if (first === "ack") this.#acknowledge(second);
    else if (first === "ping") this.#send('["pong"]');
    else if (first !== "pong") throw new Garbled();
  }

  #hear(): void {
    const now = this.world.now();
    this.#attention.heard(now);
    this.#suspicion.heard(now, this.#asked);
    this.#asked = false;
    this.#isSuspect = false;
  }

  #acknowledge(reached: unknown): void {
    if (typeof reached !== "number") throw new Garbled();
    if (!(reached > this.#acked && reached <= this.#sent)) return;
    for (const { length } of this.#unacked.splice(0, reached - this.#acked)) this.#length -= length;
    this.#acked = reached;
  }

  #oweAck(): void {
    if (this.#received - this.#acknowledged >= ACK_AFTER) this.#ack();
    else if (!this.#isOwing) {
      this.#isOwing = true;
      owe(this.world, this.#debtor);
    }
  }

  readonly #debtor: Debtor = {
    settle: () => {
      // Messages that go that way take it along; they may take the newest as well.
      if (this.#owed > this.#acknowledged && this.#state !== "lost") this.#ack();
      this.#owed = this.#received;
      this.#isOwing = this.#received > this.#acknowledged && this.#state !== "lost";
      return this.#isOwing;
    },
  };

  #ack(): void {
    this.#acknowledged = this.#received;
    this.#send(`["ack",${this.#received}]`);
  }

  #write(text: string, number: number): void {
    if (number > this.#written) this.#written = number;
    this.#acknowledged = this.#received;
    this.#send(text);
  }

  /** All that is said in one turn goes as one message. */
  #send(text: string): void {
    if (!this.#pipe) return;
    this.#outbox.push(text);
    if (this.#outbox.length > 1) return;
    queueMicrotask(() => {
      const [first = ""] = this.#outbox;
      const all = this.#outbox.length > 1 ? this.#outbox.join("\n") : first;
      this.#outbox = [];
      if (all !== "") this.#pipe?.send(all);
    });
  }
}

class Garbled extends Error {}

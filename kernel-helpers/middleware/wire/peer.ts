// Questions and answers over a session, both ways at once.
//
//   [type, id, …]  →  ["ok", id, …]  ["err", id, error]  or another answer that the type has
import { SessionLost } from "../errors.js";
import type { Body, Granted, Packed } from "../flow.js";
import { Lending, stays } from "./lending.js";
import type { Link } from "./link.js";
import { type Parcel, pack, packPlainly, toWire, unpack } from "./values.js";

/** What came of a question: `lost` is the session's end. */
export type Answer = [type: "ok" | "err" | "moved", ...rest: unknown[]] | [type: "lost", reason: SessionLost];

/** A question on its way. */
export interface Question {
  readonly id: number;
  /** The number of its message. */
  readonly number: number;
}

/** Answers questions of one type. */
export type Handler = (rest: unknown[], reply: Reply, peer: Peer, id: number) => void;
/** @param rest as JSON, the parts parted by commas */
export type Reply = (type: "ok" | "err" | "moved", rest?: string) => void;

/** The parts of a message, as JSON. */
export const json = (...parts: unknown[]): string => JSON.stringify(parts).slice(1, -1);

export interface PeerOptions {
  /** Finds a named object that the other side speaks of. */
  bind?(name: string): unknown;
  /** What the other side may call, where it is none of us. */
  granted?: Granted | undefined;
  /** Without access transparency. */
  plainly?: boolean;
}

export class Peer {
  readonly link: Link;
  readonly bind: (name: string) => unknown;
  readonly #plainly: boolean;
  /** What the other side may call; `undefined`: it is one of us. */
  readonly granted: Granted | undefined;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #open = new Map<number, (answer: Answer) => void>();
  readonly lending: Lending;
  #count = 0;
  /** Told when the session is over, after all open questions. */
  onLost: (reason: SessionLost) => void = () => {};

  /** @param handlers what the other side may ask */
  constructor(
    link: Link,
    handlers: ReadonlyMap<string, Handler>,
    { bind = (name) => name, granted, plainly = false }: PeerOptions = {},
  ) {
    this.link = link;
    this.bind = bind;
    this.#plainly = plainly;
    this.granted = granted;
    this.#handlers = handlers;
    this.lending = new Lending(this);
    link.isWaitedFor = () => this.#open.size > 0;
    link.onBody = (body) => this.#take(body);
    link.onLost = (reason) => {
      const open = [...this.#open.values()];
      this.#open.clear();
      for (const settle of open) settle(["lost", reason]);
      this.lending.lost();
      this.onLost(reason);
    };
  }

  get isLost(): boolean {
    return this.link.state === "lost";
  }

  /** Asks; `settle` is called once. @param rest as JSON, the parts parted by commas */
  ask(type: string, rest: string, settle: (answer: Answer) => void): Question {
    const id = ++this.#count;
    if (this.isLost) queueMicrotask(() => settle(["lost", this.gone()]));
    else this.#open.set(id, settle);
    const number = this.link.post(`"${type}",${id},${rest}`);
    this.link.expect();
    return { id, number };
  }

  /** Asks, and gives what the answer holds. @throws what the other side threw; SessionLost */
  request(type: string, rest: string): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      if (this.isLost) {
        reject(this.gone());
        return;
      }
      this.ask(type, rest, ([kind, ...answer]) => {
        if (kind === "ok") resolve(answer);
        else if (kind === "lost") reject(answer[0]);
        else reject(this.unpack(answer[0] as Packed));
      });
    });
  }

  /** Nobody waits for the answer any more. */
  forget({ id }: Question): void {
    this.#open.delete(id);
  }

  /** Says what needs no answer. */
  say(type: string, rest: string): void {
    this.link.post(`"${type}",0,${rest}`);
  }

  /** As JSON. @throws TypeError for what cannot be sent */
  pack(value: unknown): string {
    return this.toWire(this.#plainly ? packPlainly(value) : pack(value, stays));
  }

  toWire(parcel: Parcel): string {
    return toWire(parcel, this.#lend);
  }

  unpack(packed: Packed): unknown {
    return unpack(packed, this.#borrow);
  }

  readonly #lend = (target: object): unknown => this.lending.lend(target);
  readonly #borrow = (lent: unknown): unknown => this.lending.borrow(lent);

  gone(): SessionLost {
    return new SessionLost(`the session with ${this.link.peer} is over`);
  }

  #take(body: Body): void {
    const [type, id] = body as [string, number, ...unknown[]];
    const rest = body.slice(2);
    // Nothing that follows can be trusted.
    if (typeof type !== "string" || !Number.isSafeInteger(id)) {
      this.link.close();
      return;
    }
    if (type === "ok" || type === "err" || type === "moved") {
      const settle = this.#open.get(id);
      this.#open.delete(id);
      settle?.([type, ...rest]);
      return;
    }
    const reply: Reply = (kind, answer) => {
      if (id !== 0) this.link.post(answer ? `"${kind}",${id},${answer}` : `"${kind}",${id}`);
    };
    const handler = this.#handlers.get(type) ?? this.lending.handlers.get(type);
    try {
      if (!handler) throw new Error(`${type} is not known here`);
      handler(rest, reply, this, id);
    } catch (error) {
      reply("err", this.pack(error));
    }
  }
}

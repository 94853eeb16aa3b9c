// Where calls are sent: a node over a session, or a node of this process without one.
import type { SessionLost } from "../errors.js";
import type { Deed, Packed, Where, World } from "../flow.js";
import { json, type Peer } from "../wire/peer.js";
import type { CopyWanted, Done, Incoming } from "./activation.js";
import { CallContext, telling } from "./context.js";
import type { Pending } from "./pending.js";
import type { Answered } from "./results.js";

/** What came of it. */
export type Settled =
  | { type: "ok"; value: unknown; version?: number | undefined }
  | { type: "err"; error: unknown }
  /** It was not run: the object is somewhere else. */
  | { type: "moved"; where: Where | undefined; ran: boolean }
  /** Whether it was run is not known. */
  | { type: "lost"; reason: SessionLost };

/** What most calls do not need to say. */
export interface More {
  chain?: readonly string[] | undefined;
  copy?: CopyWanted | undefined;
  /** Milliseconds: it may have run before, since so long ago. */
  age?: number | undefined;
  /** The caller wants to know what is done with it. */
  tell?: true | undefined;
}

export interface Place {
  readonly where: Where;
  /** Sends a call. @param below what the caller has the answers of @throws TypeError for what cannot be sent */
  send(call: Pending, below: Answered, settle: (settled: Settled) => void): void;
  readonly isFull: boolean;
  readonly isSuspect: boolean;
  readonly isLost: boolean;
  /** Calls under way. */
  readonly load: number;
  /** Tells when the node has been silent for too long. @returns ends it */
  watch(look: () => void): () => void;
  close(): void;
}

export class RemotePlace implements Place {
  readonly where: Where;
  readonly peer: Peer;
  readonly #world: World;
  readonly #watching = new Set<() => void>();
  load = 0;

  constructor(where: Where, peer: Peer, world: World) {
    this.where = where;
    this.peer = peer;
    this.#world = world;
    peer.link.onSuspect = () => {
      for (const look of [...this.#watching]) look();
    };
  }

  get isFull(): boolean {
    return this.peer.link.isFull;
  }

  get isSuspect(): boolean {
    return this.peer.link.isSuspect || this.isLost;
  }

  get isLost(): boolean {
    return this.peer.isLost;
  }

  watch(look: () => void): () => void {
    this.#watching.add(look);
    if (this.isSuspect) look();
    return () => void this.#watching.delete(look);
  }

  close(): void {
    this.peer.link.close();
  }

  send(call: Pending, below: Answered, settle: (settled: Settled) => void): void {
    const { peer } = this;
    const left = Math.max(1, Math.round(call.deadline - this.#world.now()));
    const { target, method, key, chain, copy, since } = call;
    const tell = call.asksOwner || undefined;
    const isMore = chain.length > 0 || copy || since !== undefined || tell;
    const age = since === undefined ? undefined : Math.ceil(this.#world.now() - since);
    const more = isMore ? `,${json({ chain, copy, age, tell } satisfies More)}` : "";
    const rest = `${json(target, method, key, below, left)},${peer.toWire(call.pack())}${more}`;
    this.load++;
    const question = peer.ask("call", rest, ([type, ...answer]) => {
      this.load--;
      if (tell && (type === "ok" || type === "err"))
        call.told(this.where, Array.isArray(answer[2]) ? (answer[2] as Deed[]) : []);
      if (type === "lost") settle({ type, reason: answer[0] as SessionLost });
      else if (type === "moved")
        settle({ type, where: (answer[0] as Where | null) ?? undefined, ran: answer[1] === true });
      else if (type === "ok")
        settle({
          type,
          value: peer.unpack(answer[0] as Packed),
          version: (answer[1] as number | null) ?? undefined,
        });
      else settle({ type, error: peer.unpack(answer[0] as Packed) });
    });
    call.note("sent", this.where);
    call.sent = {
      where: this.where,
      withdraw: () => peer.link.withdraw(question.number),
      cancel: () => {
        this.load--;
        peer.forget(question);
        if (!peer.isLost) peer.say("cancel", json(question.id));
      },
    };
  }
}

/** A node of this process. */
export interface Receiver {
  readonly where: Where;
  receive(target: string, incoming: Incoming): void;
  movedTo(target: string, key: string | undefined): Where | undefined;
}

export class LocalPlace implements Place {
  readonly where: Where;
  readonly isFull = false;
  readonly isSuspect = false;
  readonly isLost = false;
  load = 0;
  readonly #node: Receiver;

  constructor(node: Receiver) {
    this.#node = node;
    this.where = node.where;
  }

  watch(): () => void {
    return () => {};
  }

  close(): void {}

  send(call: Pending, below: Answered, settle: (settled: Settled) => void): void {
    const { target, key, method, deadline, chain, since } = call;
    const context = new CallContext({ target, key, deadline, chain, since });
    this.load++;
    const deeds = call.asksOwner ? telling(context, call.now) : undefined;
    let isOver = false;
    const over = (done: Done): void => {
      if (isOver) return;
      isOver = true;
      this.load--;
      context.tell?.("answers");
      if (deeds && done.type !== "moved") call.told(this.where, deeds);
      if (done.type !== "moved") settle(done);
      else {
        const where = this.#node.movedTo(target, call.copy ? undefined : key);
        settle({ type: "moved", where, ran: done.ran === true });
      }
    };
    call.note("sent", this.where);
    call.sent = {
      where: this.where,
      withdraw: () => false,
      cancel: () => {
        context.giveUp();
        if (!isOver) this.load--;
        isOver = true;
      },
    };
    const { args, copy } = call;
    this.#node.receive(target, { key, method, args, context, below, copy, settle: over });
  }
}

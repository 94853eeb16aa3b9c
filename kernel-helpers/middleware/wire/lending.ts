// What does not travel stays where it is, and is lent: functions, objects that were put by reference, and streams. Each is a number that
// the other side calls. What it lets go of is forgotten here; with the session everything is.
//
//   ["use", id, lent, method, arguments]  →  ok, err         a method of it; "" calls the function itself
//   ["pull", id, lent, most]              →  ok items, done  the next of a stream
//   ["drop", 0, lent]
import { SessionLost } from "../errors.js";
import type { Packed } from "../flow.js";
import { type Handler, json, type Peer } from "./peer.js";

const referred = new WeakSet<object>();

/** Leaves this object where it is: wherever it is sent, its methods are called here. */
export function byReference<T extends object>(object: T): T {
  referred.add(object);
  return object;
}

/** @internal Which named object a proxy stands for: told by those who make such proxies. Sent elsewhere it is bound there anew. */
export const named: { of(value: object): string | undefined } = { of: () => undefined };

/** Does it stay where it is? */
export function stays(value: unknown): boolean {
  if (typeof value === "function") return true;
  return (
    typeof value === "object" &&
    value !== null &&
    (named.of(value) !== undefined ||
      borrowed.has(value) ||
      referred.has(value) ||
      Symbol.asyncIterator in value)
  );
}
/** Objects of other nodes. */
const borrowed = new WeakSet<object>();

/** As it travels. */
type Lent =
  | { function: number }
  | { object: number }
  | { stream: number }
  /** It comes home. */
  | { home: number }
  | { name: string };

/** Items of a stream that are made ahead. */
const AHEAD = 32;

export class Lending {
  readonly #peer: Peer;
  readonly #lent = new Map<number, { target: object; times: number }>();
  readonly #numbers = new Map<object, number>();
  readonly #streams = new Map<number, Producer>();
  /** What the other side lent: kept as long as somebody here has it. */
  readonly #borrowed = new Map<number, WeakRef<object>>();
  readonly #origins = new WeakMap<object, number>();
  #count = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  lend(value: object): Lent {
    const name = named.of(value);
    if (name !== undefined) return { name };
    const home = this.#origins.get(value);
    if (home !== undefined) return { home };
    if (typeof value === "function") return { function: this.#number(value) };
    if (referred.has(value)) return { object: this.#number(value) };
    const id = ++this.#count;
    this.#streams.set(id, new Producer(value as AsyncIterable<unknown>));
    return { stream: id };
  }

  #number(target: object): number {
    let id = this.#numbers.get(target);
    if (id === undefined) {
      id = ++this.#count;
      this.#numbers.set(target, id);
      this.#lent.set(id, { target, times: 0 });
    }
    (this.#lent.get(id) as { times: number }).times++;
    return id;
  }

  borrow(lent: unknown): unknown {
    const one = lent as Partial<Record<"function" | "object" | "stream" | "home", number>> & {
      name?: string;
    };
    if (one.name !== undefined) return this.#peer.bind(one.name);
    if (one.home !== undefined) return this.#lent.get(one.home)?.target;
    if (one.stream !== undefined) return this.#consume(one.stream);
    if (one.function !== undefined) {
      const id = one.function;
      return this.#known(
        id,
        () =>
          (...args: unknown[]) =>
            this.#use(id, "", args),
      );
    }
    const id = one.object as number;
    return this.#known(
      id,
      () =>
        new Proxy(Object.create(null) as object, {
          get: (_, method) =>
            typeof method === "string" && method !== "then"
              ? (...args: unknown[]) => this.#use(id, method, args)
              : undefined,
        }),
    );
  }

  #known(id: number, make: () => object): object {
    const known = this.#borrowed.get(id)?.deref();
    if (known) {
      // Lent once more; one letting go is enough.
      this.#peer.say("drop", json(id));
      return known;
    }
    const made = make();
    this.#borrowed.set(id, new WeakRef(made));
    this.#origins.set(made, id);
    borrowed.add(made);
    const { world } = this.#peer.link;
    world.collected?.(made, () => {
      if (this.#borrowed.get(id)?.deref() === undefined) this.#borrowed.delete(id);
      if (!this.#peer.isLost) this.#peer.say("drop", json(id));
    });
    return made;
  }

  async #use(id: number, method: string, args: unknown[]): Promise<unknown> {
    const [packed] = await this.#peer.request("use", `${json(id, method)},${this.#peer.pack(args)}`);
    return this.#peer.unpack(packed as Packed);
  }

  async *#consume(id: number): AsyncGenerator<unknown, void, undefined> {
    let done = false;
    try {
      while (!done) {
        const [items, ended] = await this.#peer.request("pull", json(id, AHEAD));
        done = ended as boolean;
        yield* this.#peer.unpack(items as Packed) as unknown[];
      }
    } finally {
      if (!done && !this.#peer.isLost) this.#peer.say("drop", json(id));
    }
  }

  readonly handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    [
      "use",
      ([id, method, args], reply) => {
        const target = this.#lent.get(id as number)?.target as Record<string, unknown> | undefined;
        const called = method === "" ? target : own(target, method as string);
        if (typeof called !== "function")
          throw new SessionLost(`there is no ${method || "function"} any more`);
        const all = this.#peer.unpack(args as Packed) as unknown[];
        new Promise((resolve) => resolve(Reflect.apply(called, method === "" ? undefined : target, all)))
          .then((value) => reply("ok", this.#peer.pack(value)))
          .catch((error: unknown) => reply("err", this.#peer.pack(error)));
      },
    ],
    [
      "pull",
      ([id, most], reply) => {
        const stream = this.#streams.get(id as number);
        if (!stream) throw new SessionLost("this stream is over");
        stream.take(Math.min(AHEAD, Number(most))).then(
          ({ items, done }) => {
            if (done) this.#streams.delete(id as number);
            reply("ok", `${this.#peer.pack(items)},${done}`);
          },
          (error: unknown) => {
            this.#streams.delete(id as number);
            reply("err", this.#peer.pack(error));
          },
        );
      },
    ],
    [
      "drop",
      ([id]) => {
        const lent = this.#lent.get(id as number);
        if (lent && --lent.times <= 0) {
          this.#lent.delete(id as number);
          this.#numbers.delete(lent.target);
        }
        this.#streams.get(id as number)?.end();
        this.#streams.delete(id as number);
      },
    ],
  ]);

  lost(): void {
    for (const stream of this.#streams.values()) stream.end();
    this.#streams.clear();
    this.#lent.clear();
    this.#numbers.clear();
  }
}

/** A method that the object has, or its class; not what every object has. */
export function own(target: object | undefined, method: string): unknown {
  if (!target || method === "constructor") return undefined;
  if (method in Object.prototype) return undefined;
  return (target as Record<string, unknown>)[method];
}

/** Runs a little ahead of who reads. */
class Producer {
  readonly #iterator: AsyncIterator<unknown>;
  #made: Promise<IteratorResult<unknown>>[] = [];

  constructor(iterable: AsyncIterable<unknown>) {
    this.#iterator = iterable[Symbol.asyncIterator]();
  }

  /** The next, and what else is there at once. */
  async take(most: number): Promise<{ items: unknown[]; done: boolean }> {
    const items: unknown[] = [];
    while (items.length < most) {
      const next = this.#made.shift() ?? this.#iterator.next();
      // What is not there yet does not keep back what is.
      const result = items.length === 0 ? await next : await Promise.race([next, SOON()]);
      if (result === undefined) {
        this.#made.unshift(next);
        break;
      }
      if (result.done) return { items, done: true };
      items.push(result.value);
    }
    return { items, done: false };
  }

  end(): void {
    void Promise.resolve(this.#iterator.return?.()).catch(() => {});
  }
}

/** A few turns of promises later. */
const SOON = async (): Promise<undefined> => {
  for (let turn = 0; turn < 8; turn++) await undefined;
  return undefined;
};

// A copy of an object with a state, for those who only read: made of its record, and renewed with each change of that. How old it may be is said
// by who reads; what a caller has seen once it never sees older.
import { MiddlewareError, Stale } from "../errors.js";
import type { Entry, Store, World } from "../flow.js";
import type { Stateful } from "../remote.js";
import { own } from "../wire/lending.js";
import type { Incoming } from "./activation.js";
import { within } from "./context.js";
import { fromKept, type ObjectRecord, recordKey } from "./record.js";

export interface CopyOptions {
  name: string;
  factory: (name: string) => object;
  store: Store;
  world: World;
}

export class Copy {
  readonly #options: CopyOptions;
  #object: Record<string, unknown> | undefined;
  #version = 0;
  /** When the registry was asked for what is here. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #unwatch: () => void = () => {};
  /** When it was last read. */
  usedAt: number;

  constructor(options: CopyOptions) {
    this.#options = options;
    this.usedAt = options.world.now();
  }

  /** @throws what the registry does */
  async open(): Promise<void> {
    const { store, name } = this.#options;
    this.#unwatch = await store.watch(recordKey(name), (entry) => this.#take(entry));
    await this.#ask();
  }

  close(): void {
    this.#unwatch();
  }

  #take(entry: Entry | undefined): void {
    if (!entry || entry.revision <= this.#version) return;
    const { name, factory } = this.#options;
    const { state } = JSON.parse(entry.value) as ObjectRecord;
    const object = factory(name);
    if (state) (object as Stateful).rehydrate(fromKept(state));
    this.#object = object as Record<string, unknown>;
    this.#version = entry.revision;
  }

  /** Several who want to know ask once. */
  #ask(): Promise<void> {
    const { store, world, name } = this.#options;
    this.#asking ??= (async () => {
      const asked = world.now();
      try {
        this.#take(await store.get(recordKey(name)));
        this.#askedAt = asked;
      } finally {
        this.#asking = undefined;
      }
    })();
    return this.#asking;
  }

  async read(
    incoming: Incoming,
    { seen, fresh }: { seen: number; fresh: number | undefined },
  ): Promise<void> {
    const { world, name } = this.#options;
    this.usedAt = world.now();
    const oldest = fresh === undefined ? Number.NEGATIVE_INFINITY : world.now() - fresh;
    try {
      // One that was under way before is no older than that either.
      if (this.#askedAt < oldest || this.#version < seen) await this.#ask();
      if (this.#askedAt < oldest) await this.#ask();
    } catch (error) {
      if (!(error instanceof MiddlewareError)) throw error;
      const age = Math.round(world.now() - this.#askedAt);
      const what = `the copy of ${name} here was last known to be true ${age} ms ago, and the registry cannot be asked`;
      incoming.settle({ type: "err", error: new Stale(what, { cause: error }) });
      return;
    }
    const object = this.#object;
    if (!object || this.#version < seen) return incoming.settle({ type: "moved" });
    const version = this.#version;
    incoming.context.tell?.("begins");
    try {
      const called = own(object, incoming.method);
      if (typeof called !== "function") throw new TypeError(`${name} has no method ${incoming.method}`);
      const value = await within(
        incoming.context,
        () => Reflect.apply(called, object, incoming.args) as unknown,
      );
      incoming.context.tell?.("ends");
      incoming.settle({ type: "ok", value, version });
    } catch (error) {
      incoming.settle({ type: "err", error });
    }
  }
}

// What a node calls: proxies, and the way of their calls to wherever the objects are.
import { MiddlewareError } from "../errors.js";
import type { Transparency, Where, World } from "../flow.js";
import { pause } from "../pause.js";
import type { Call, Remote } from "../remote.js";
import { named } from "../wire/lending.js";
import { type CallContext, context } from "./context.js";
import { type Host, type Names, nobody } from "./directory.js";
import { Expiry } from "./expiry.js";
import { Pending } from "./pending.js";
import type { Place } from "./place.js";
import { Pool } from "./pool.js";
import { Route, type Surroundings } from "./route.js";

export interface BindOptions {
  /** Milliseconds that each of its calls may take. */
  timeout?: number;
  signal?: AbortSignal;
  /**
   * Where calls that only read may be answered.
   * - `leader` (default): by who has the object. What they tell is true at some moment of the call (linearizable).
   * - `any`: also by copies on other nodes that export it. Never older than what this node has seen or made before.
   * - `{ fresh: ms }`: as `any`, by copies that were true not longer ago than so many milliseconds.
   */
  reads?: "leader" | "any" | { fresh: number };
  /** `explain(call)` shows as well what the object's node did with a call, and when. */
  explain?: boolean;
}

export interface CallingParts {
  world: World;
  directory: Names;
  /** Milliseconds that a call may take where nothing else is said. */
  timeout: number;
  /** What is not hidden. */
  without: ReadonlySet<Transparency>;
  /** A way to a node. */
  open(where: Where): Place;
}

/** The way to one name. */
interface Binding {
  info: Host | undefined;
  way: Route | Pool | undefined;
  /** The way of calls that a copy may answer. */
  copies: Pool | undefined;
  /** The newest state that anything here has been told of. */
  seen: number;
  /** Calls that came before anything was known of it. */
  early: Pending[];
  ended(call: Pending): void;
}

const names = new WeakMap<object, string>();
named.of = (value) => names.get(value);

const NO_CHAIN: readonly string[] = [];
/** Milliseconds between two looks at the registry. */
const PAUSE = 100;

export class Calling implements Surroundings {
  readonly directory: Names;
  readonly without: ReadonlySet<Transparency>;
  readonly #parts: CallingParts;
  readonly #expiry: Expiry;
  readonly #bindings = new Map<string, Binding>();
  readonly #places = new Map<Where, Place>();
  /** By pattern: of objects without a state, and of copies. */
  readonly #pools = new Map<string, Pool>();
  readonly #copies = new Map<string, Pool>();
  /** Names this caller in the keys of its calls. */
  readonly #caller: string;
  #count = 0;
  #isClosed = false;

  constructor(parts: CallingParts) {
    this.#parts = parts;
    this.directory = parts.directory;
    this.without = parts.without;
    this.#expiry = new Expiry(parts.world);
    this.#caller = parts.world.id();
  }

  readonly now = (): number => this.#parts.world.now();

  pause(ms: number): Promise<void> {
    return pause(this.#parts.world, ms);
  }

  place(where: Where): Place {
    const known = this.#places.get(where);
    if (known && !known.isLost) return known;
    // Nodes come and go, each at another place.
    for (const [other, place] of this.#places) if (place.isLost) this.#places.delete(other);
    const made = this.#parts.open(where);
    this.#places.set(where, made);
    return made;
  }

  /** The object of that name, wherever it is. Nothing is sent before its first call. */
  bind<I>(
    name: string,
    { timeout = this.#parts.timeout, signal, reads = "leader", explain = false }: BindOptions = {},
  ): Remote<I> {
    const methods: Record<string, (...args: unknown[]) => Call<unknown>> = Object.create(null);
    const proxy = new Proxy(methods, {
      get: (known, method) => {
        // Whoever awaits the proxy itself asks for `then`.
        if (typeof method !== "string" || method === "then") return undefined;
        known[method] ??= (...args) => this.#call(name, { method, args, timeout, signal, reads, explain });
        return known[method];
      },
    });
    names.set(proxy, name);
    return proxy as unknown as Remote<I>;
  }

  #call(
    target: string,
    {
      method,
      args,
      timeout,
      signal,
      reads,
      explain,
    }: Required<Omit<BindOptions, "signal">> & {
      method: string;
      args: unknown[];
      signal: AbortSignal | undefined;
    },
  ): Call<unknown> {
    const outer = context();
    const count = ++this.#count;
    const own = this.now() + timeout;
    const call = new Pending({
      ...{ target, method, args, count },
      // A method that runs once more makes the same calls.
      key: outer ? `${outer.key}/${++outer.calls}:0` : `${this.#caller}:${count}`,
      deadline: outer ? Math.min(own, outer.deadline) : own,
      chain: outer ? [...outer.chain, outer.target] : NO_CHAIN,
      since: outer?.since,
      now: this.now,
    });
    call.note("made");
    call.plainly = this.without.has("access");
    call.asksOwner = explain;
    if (this.#isClosed) {
      call.fail("this node is closed");
      return call.promise;
    }
    if (reads !== "leader" && !this.without.has("replication"))
      call.copy = { seen: 0, fresh: reads === "any" ? undefined : reads.fresh };
    if (signal || outer) abortable(call, signal, outer);
    const binding = this.#binding(target);
    call.onOver = binding.ended;
    try {
      this.#submit(binding, call);
    } catch (error) {
      call.reject(error);
    }
    // Within this process it may be over already.
    if (!call.isOver) this.#expiry.add(call);
    return call.promise;
  }

  #submit(binding: Binding, call: Pending): void {
    if (call.isOver) return;
    const { info, way } = binding;
    if (info && way) {
      call.semantics = info.semantics[call.method] ?? "at-most-once";
      if (!info.isStateful || call.semantics !== "reads") call.copy = undefined;
      if (call.copy) {
        call.copy.seen = binding.seen;
        binding.copies ??= this.#copiesOf(info.pattern);
        binding.copies.submit(call);
      } else way.submit(call);
      return;
    }
    call.pack();
    binding.early.push(call);
    if (binding.early.length === 1) void this.#learn(call.target, binding);
  }

  #copiesOf(pattern: string): Pool {
    const known = this.#copies.get(pattern);
    if (known) return known;
    const otherwise = (call: Pending): void => {
      call.copy = undefined;
      this.#submit(this.#binding(call.target), call);
    };
    const made = new Pool(this, { pattern, otherwise, nobody: otherwise, changed: () => {} });
    this.#copies.set(pattern, made);
    return made;
  }

  /** Of objects without a state. */
  #poolOf(pattern: string): Pool {
    const known = this.#pools.get(pattern);
    if (known) return known;
    const made: Pool = new Pool(this, {
      pattern,
      nobody: (call) => {
        const binding = this.#binding(call.target);
        forget(binding, made);
        this.#submit(binding, call);
      },
      changed: (name) => {
        for (const binding of name === undefined ? this.#bindings.values() : [this.#bindings.get(name)])
          if (binding) forget(binding, made);
      },
    });
    this.#pools.set(pattern, made);
    return made;
  }

  #binding(name: string): Binding {
    const known = this.#bindings.get(name);
    if (known) return known;
    const made: Binding = {
      ...{ info: undefined, way: undefined, copies: undefined, seen: 0, early: [] },
      ended: (call) => {
        this.#expiry.delete(call);
        made.seen = Math.max(made.seen, call.version);
        made.way?.ended(call);
        made.copies?.ended(call);
      },
    };
    this.#bindings.set(name, made);
    return made;
  }

  /** What do its methods promise? */
  async #learn(name: string, binding: Binding): Promise<void> {
    while (binding.early.length > 0 && !binding.way) {
      try {
        const [info] = await this.directory.hosts(name);
        if (info) {
          binding.info = info;
          binding.way = info.isStateful ? new Route(name, this) : this.#poolOf(info.pattern);
        } else if (await this.directory.owner(name)) await this.pause(PAUSE);
        else for (const call of binding.early.splice(0)) call.reject(nobody(name));
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
        await this.pause(PAUSE);
      }
      binding.early = binding.early.filter(({ isOver }) => !isOver);
    }
    for (const call of binding.early.splice(0)) this.#submit(binding, call);
  }

  close(): void {
    this.#isClosed = true;
    this.#expiry.close();
    for (const place of this.#places.values()) place.close();
  }
}

/** It may go another way by now: whoever calls next asks. */
function forget(binding: Binding, way: Pool): void {
  if (binding.way === way) binding.way = binding.info = undefined;
}

function abortable(call: Pending, signal: AbortSignal | undefined, outer: CallContext | undefined): void {
  for (const one of [signal, outer?.signal]) {
    if (!one) continue;
    const giveUp = (): void => call.giveUp(one.reason);
    if (one.aborted) giveUp();
    else {
      one.addEventListener("abort", giveUp, { once: true });
      const forget = (): void => one.removeEventListener("abort", giveUp);
      call.promise.then(forget, forget);
    }
  }
}

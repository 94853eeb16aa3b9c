// A node: what it exports, what it has, and the ways to what others have.
import { Conflict, MiddlewareError, type Uncertain, Unreachable } from "../errors.js";
import type { Listening, Packed, Semantics, Store, Where, World } from "../flow.js";
import type { Call, Local, Remote, SemanticsOf, Stateful } from "../remote.js";
import { named } from "../wire/lending.js";
import { type Handler, json, Peer, type Reply } from "../wire/peer.js";
import type { Link } from "../wire/link.js";
import { DialedLink, Sessions } from "../wire/sessions.js";
import { Activation, type Done, type Incoming, type Keeping } from "./activation.js";
import { CallContext, context } from "./context.js";
import { Directory, type Export, exportKey, nobody, patternsOf } from "./directory.js";
import { Expiry } from "./expiry.js";
import { type Member, Membership } from "./membership.js";
import { Pending } from "./pending.js";
import { LocalPlace, type Place, type Receiver, RemotePlace } from "./place.js";
import { Pool } from "./pool.js";
import { change, type ObjectRecord, recordKey } from "./record.js";
import { Route, type Surroundings } from "./route.js";

export interface NodeOptions {
  world: World;
  store: Store;
  /** Milliseconds that a call may take where nothing else is said. */
  timeout?: number;
  /** Milliseconds after which the others take over what this node has, when nothing is heard of it. */
  lease?: number;
  /** Calls within this process go over the wire, too. */
  strict?: boolean;
  /** How it belongs to the others; left out, it renews its lease itself. */
  member?(options: { where: Where; lease: number; onRejoined(): void }): Member;
}

export interface ExportOptions<I> {
  /** What its methods promise; those that are left out: at most once. */
  semantics: SemanticsOf<I>;
  /** Milliseconds without a call after which an object with a state sleeps until the next. */
  idle?: number;
  /** A chain of calls may come back to it. */
  reentrant?: boolean;
  /** Calls of an object without a state do not wait for one another. */
  together?: boolean;
}

export interface BindOptions {
  /** Milliseconds that each of its calls may take. */
  timeout?: number;
  signal?: AbortSignal;
}

interface Exported {
  factory: (name: string) => object;
  semantics: Readonly<Record<string, Semantics>>;
  isStateful: boolean;
  idle: number;
  reentrant: boolean;
  together: boolean;
}

/** The way to one name. */
interface Binding {
  info: Export | undefined;
  way: Route | Pool | undefined;
  early: Pending[];
  ended(call: Pending): void;
}

/** Nodes of this process, by where they are. */
const here = new Map<Where, Node>();

export class Node implements Surroundings, Receiver, AsyncDisposable {
  readonly directory: Directory;
  readonly #world: World;
  readonly #store: Store;
  readonly #timeout: number;
  readonly #strict: boolean;
  readonly #expiry: Expiry;
  readonly #sessions: Sessions;
  readonly #exports = new Map<string, Exported>();
  readonly #active = new Map<string, Activation>();
  readonly #activating = new Map<string, Promise<Activation | undefined>>();
  /** Where what was here went. */
  readonly #sentOn = new Map<string, Where>();
  readonly #bindings = new Map<string, Binding>();
  readonly #places = new Map<Where, Place>();
  readonly #caller: string;
  #membership!: Member;
  #listening!: Listening;
  #count = 0;
  #closed = false;

  /** @internal */
  static async start(options: NodeOptions): Promise<Node> {
    const node = new Node(options);
    await node.#join(options);
    return node;
  }

  private constructor({ world, store, timeout = 10_000, strict = false }: NodeOptions) {
    this.#world = world;
    this.#store = store;
    this.#timeout = timeout;
    this.#strict = strict;
    this.#expiry = new Expiry(world);
    this.directory = new Directory(store);
    this.#caller = world.id();
    this.#sessions = new Sessions({ world }, (link) => this.#peer(link));
  }

  async #join({ lease = 1000, member }: NodeOptions): Promise<void> {
    this.#listening = await this.#world.listen((pipe) => this.#sessions.accept(pipe));
    const options = { where: this.where, lease, onRejoined: () => void this.#exportAgain() };
    this.#membership =
      member?.(options) ?? new Membership({ world: this.#world, store: this.#store, ...options });
    await this.#membership.join();
    here.set(this.where, this);
  }

  get where(): Where {
    return this.#listening.where;
  }

  /** This node, as long as its lease lives. */
  get id(): string {
    return this.#membership.id;
  }

  now(): number {
    return this.#world.now();
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.after(ms, resolve));
  }

  // --- what it exports

  /**
   * Offers an object under a name, or one under each name `folder/*`. It is made at its first call, and is on one node at a time, its state
   * with it (`dehydrate`, `rehydrate`); of a stateless one each node has its own.
   * @param factory makes one, given its name
   * @throws TypeError where what the methods promise cannot be kept; Unreachable
   */
  async export<I>(
    name: string,
    factory: (name: string) => Local<I> & Stateful,
    options: ExportOptions<I>,
  ): Promise<void>;
  async export<I>(
    name: string,
    factory: (name: string) => Local<I>,
    options: ExportOptions<I> & { stateless: true },
  ): Promise<void>;
  async export<I>(
    name: string,
    factory: (name: string) => Local<I>,
    options: ExportOptions<I> & { stateless?: boolean },
  ): Promise<void> {
    const { semantics, stateless = false, idle = 60_000, reentrant = false, together = false } = options;
    const isStateful = !stateless;
    const promises = semantics as Readonly<Record<string, Semantics>>;
    const once = Object.entries(promises).find(([, promise]) => promise === "exactly-once");
    if (once && !isStateful)
      throw new TypeError(
        `${name}.${once[0]} cannot have its effect exactly once: a stateless object remembers no call. Say at-least-once, or give it dehydrate() and rehydrate(state)`,
      );
    if (isStateful && together) throw new TypeError(`${name} has a state: its calls have to wait for one another`);
    this.#exports.set(name, { factory, semantics: promises, isStateful, idle, reentrant, together });
    await this.#publish(name);
  }

  async #publish(name: string): Promise<void> {
    const { semantics, isStateful } = this.#exports.get(name) as Exported;
    const entry: Export = { where: this.where, semantics, isStateful };
    try {
      await this.#store.put(exportKey(name, this.id), JSON.stringify(entry), 0, { lease: this.id });
    } catch (error) {
      // It is there already: nobody was told that it had been written.
      if (!(error instanceof Conflict)) throw error;
    }
  }

  async #exportAgain(): Promise<void> {
    for (const activation of [...this.#active.values()]) if (this.#isStateful(activation.name)) activation.leave();
    for (const name of this.#exports.keys()) {
      for (let isDone = false; !isDone && !this.#closed; ) {
        try {
          await this.#publish(name);
          isDone = true;
        } catch (error) {
          if (!(error instanceof MiddlewareError)) throw error;
          await this.pause(100);
        }
      }
    }
  }

  #exported(name: string): Exported | undefined {
    for (const pattern of patternsOf(name)) {
      const found = this.#exports.get(pattern);
      if (found) return found;
    }
    return undefined;
  }

  #isStateful(name: string): boolean {
    return this.#exported(name)?.isStateful ?? false;
  }

  // --- what it has

  /** @internal A call has arrived. */
  receive(target: string, incoming: Incoming): void {
    const activation = this.#active.get(target);
    if (activation) {
      activation.usedAt = this.#world.now();
      activation.call(incoming);
      return;
    }
    void this.#activate(target).then((one) => {
      if (one) one.call(incoming);
      else incoming.settle({ type: "moved" });
    });
  }

  /** @internal */
  movedTo(target: string): Where | undefined {
    return this.#sentOn.get(target);
  }

  #activate(name: string): Promise<Activation | undefined> {
    const known = this.#activating.get(name);
    if (known) return known;
    const made = this.#make(name).catch((error: unknown) => {
      if (error instanceof MiddlewareError) return undefined;
      throw error;
    });
    this.#activating.set(name, made);
    void made.finally(() => this.#activating.delete(name)).catch(() => {});
    return made;
  }

  async #make(name: string): Promise<Activation | undefined> {
    const exported = this.#exported(name);
    if (!exported || this.#closed) return undefined;
    const kept = exported.isStateful ? await this.#take(name) : undefined;
    if (exported.isStateful && !kept) return undefined;
    const activation: Activation = new Activation({
      ...exported,
      name,
      object: exported.factory(name),
      kept,
      holds: () => !exported.isStateful || this.#membership.holds,
      onGone: () => {
        if (this.#active.get(name) === activation) this.#active.delete(name);
      },
    });
    activation.usedAt = this.#world.now();
    this.#sentOn.delete(name);
    this.#active.set(name, activation);
    if (exported.isStateful) this.#sleepLater(activation, exported.idle);
    return activation;
  }

  /** Takes an object that nobody has. @returns undefined: somebody has it */
  async #take(name: string): Promise<Keeping | undefined> {
    const [store, world] = [this.#store, this.#world];
    for (;;) {
      const entry = await store.get(recordKey(name));
      const found = entry && (JSON.parse(entry.value) as ObjectRecord);
      if (found && found.owner !== "" && found.owner !== this.id && (await this.directory.isAlive(found.owner))) {
        this.#sentOn.set(name, found.where);
        return undefined;
      }
      const revision = entry?.revision ?? 0;
      if (found?.owner === this.id) return { store, world, record: found, revision };
      const record = {
        ...(found ?? { state: null, results: [] }),
        ...{ owner: this.id, where: this.where, epoch: (found?.epoch ?? 0) + 1 },
      };
      try {
        const isOver = (): boolean => this.#closed;
        const next = await change({ store, world, isOver }, name, { record, revision });
        return { store, world, record: { ...record, change: "" }, revision: next };
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
      }
    }
  }

  #sleepLater(activation: Activation, idle: number): void {
    const left = activation.usedAt + idle - this.#world.now();
    this.#world.after(Math.max(1, left), () => {
      if (activation.isGone || this.#closed) return;
      if (this.#world.now() - activation.usedAt >= idle && activation.isIdle) activation.leave();
      else this.#sleepLater(activation, Math.max(idle / 2, idle - (this.#world.now() - activation.usedAt)));
    });
  }

  /** Names of what is active here. */
  get active(): string[] {
    return [...this.#active.keys()];
  }

  /**
   * Moves an object with a state, with its state, to another node, during whatever calls.
   * @param to the other node, by its `id`
   * @throws Unreachable where that node is gone, or does not export the name
   */
  async migrate(name: string, to: string): Promise<void> {
    const where = await this.directory.where(to);
    const hosts = await this.directory.hosts(name);
    if (where === undefined || !hosts.some(({ node }) => node === to))
      throw new Unreachable(`${to} does not export ${JSON.stringify(name)}`);
    const owner = await this.directory.owner(name);
    if (owner && owner.node !== this.id) {
      const place = this.place(owner.where);
      if (place instanceof RemotePlace) await place.peer.request("migrate", json(name, to));
      else await here.get(owner.where)?.migrate(name, to);
      return;
    }
    const activation = this.#active.get(name) ?? (await this.#activate(name));
    if (!activation) throw new Unreachable(`${name} has moved meanwhile`);
    if (to === this.id) return;
    this.#sentOn.set(name, where);
    await activation.give({ owner: to, where });
  }

  // --- what others have

  /** The object of that name, wherever it is. Nothing is sent before its first call. */
  bind<I>(name: string, { timeout = this.#timeout, signal }: BindOptions = {}): Remote<I> {
    const methods: Record<string, (...args: unknown[]) => Call<unknown>> = Object.create(null);
    const proxy = new Proxy(methods, {
      get: (known, method) => {
        // Whoever awaits the proxy itself asks for `then`.
        if (typeof method !== "string" || method === "then") return undefined;
        known[method] ??= (...args) => this.#call(name, { method, args, timeout, signal });
        return known[method];
      },
    });
    names.set(proxy, name);
    return proxy as unknown as Remote<I>;
  }

  #call(
    target: string,
    { method, args, timeout, signal }: { method: string; args: unknown[]; timeout: number; signal?: AbortSignal | undefined },
  ): Call<unknown> {
    const outer = context();
    const count = ++this.#count;
    const own = this.#world.now() + timeout;
    const call = new Pending({
      ...{ target, method, args, count },
      key: outer ? `${outer.key}/${++outer.calls}:0` : `${this.#caller}:${count}`,
      deadline: outer ? Math.min(own, outer.deadline) : own,
      chain: outer ? [...outer.chain, outer.target] : NO_CHAIN,
    });
    if (this.#closed) {
      call.fail("this node is closed");
      return call.promise;
    }
    if (signal || outer) this.#abortable(call, signal, outer);
    this.#expiry.add(call);
    const binding = this.#binding(target);
    call.onOver = binding.ended;
    try {
      this.#submit(binding, call);
    } catch (error) {
      call.reject(error);
    }
    return call.promise;
  }

  #abortable(call: Pending, signal: AbortSignal | undefined, outer: CallContext | undefined): void {
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

  #submit(binding: Binding, call: Pending): void {
    if (call.isOver) return;
    const { info, way } = binding;
    if (info && way) {
      call.semantics = info.semantics[call.method] ?? "at-most-once";
      way.submit(call);
      return;
    }
    call.pack();
    binding.early.push(call);
    if (binding.early.length === 1) void this.#learn(call.target, binding);
  }

  #binding(name: string): Binding {
    const known = this.#bindings.get(name);
    if (known) return known;
    const made: Binding = {
      ...{ info: undefined, way: undefined, early: [] },
      ended: (call) => {
        this.#expiry.delete(call);
        made.way?.ended(call);
      },
    };
    this.#bindings.set(name, made);
    return made;
  }

  /** What do its methods promise? */
  async #learn(name: string, binding: Binding): Promise<void> {
    while (!binding.way) {
      try {
        const [info] = await this.directory.hosts(name);
        if (info) {
          binding.info = info;
          binding.way = info.isStateful ? new Route(name, this) : new Pool(name, this);
        } else if (await this.directory.owner(name)) await this.pause(100);
        else for (const call of binding.early.splice(0)) call.reject(nobody(name));
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
        await this.pause(100);
      }
      binding.early = binding.early.filter(({ isOver }) => !isOver);
      if (binding.early.length === 0) break;
    }
    if (binding.way) for (const call of binding.early.splice(0)) this.#submit(binding, call);
  }

  /** @internal */
  place(where: Where): Place {
    const known = this.#places.get(where);
    if (known && !known.isLost) return known;
    const local = this.#strict ? undefined : here.get(where);
    const made = local ? new LocalPlace(local) : this.#dial(where);
    this.#places.set(where, made);
    return made;
  }

  #dial(where: Where): RemotePlace {
    const world = this.#world;
    const link = new DialedLink({ world, where, from: this.where });
    return new RemotePlace(where, this.#peer(link), world);
  }

  #peer(link: Link): Peer {
    return new Peer(link, this.#handlers, (name) => this.bind(name));
  }

  /**
   * What a call came to whose outcome was uncertain. If it never had its effect, it never will have.
   * @throws Unreachable where who knows cannot be asked
   */
  async outcome({ target, key }: Uncertain): Promise<{ state: "done"; value: unknown } | { state: "failed"; error: unknown } | { state: "never" }> {
    const until = this.#world.now() + this.#timeout;
    do {
      const owner = await this.directory.owner(target);
      const where = owner?.isAlive ? owner.where : (await this.directory.hosts(target))[0]?.where;
      try {
        const place = where === undefined ? undefined : this.place(where);
        const answer =
          place instanceof RemotePlace
            ? await place.peer.request("outcome", json(target, key)).then(([type, packed]) => ({
                type,
                value: packed && place.peer.unpack(packed as Packed),
              }))
            : where !== undefined && (await here.get(where)?.whatBecameOf(target, key));
        if (answer) {
          if (answer.type === "never") return { state: "never" };
          if (answer.type === "ok") return { state: "done", value: answer.value };
          if (answer.type === "err") return { state: "failed", error: answer.value };
        }
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
      }
      await this.pause(50);
    } while (this.#world.now() < until);
    throw new Unreachable(`nobody who knows what became of ${key} can be reached`);
  }

  /** @internal */
  async whatBecameOf(target: string, key: string): Promise<{ type: string; value: unknown }> {
    const activation = this.#active.get(target) ?? (await this.#activate(target));
    const found = activation ? await activation.outcome(key) : ({ type: "moved" } as Done);
    if (found === "never") return { type: "never", value: undefined };
    return { type: found.type, value: found.type === "ok" ? found.value : found.type === "err" ? found.error : undefined };
  }

  // --- what others ask

  readonly #running = new Map<Peer, Map<number, CallContext>>();

  readonly #handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    ["call", (rest, reply, peer, id) => this.#called(rest, reply, peer, id)],
    ["cancel", ([id], _, peer) => this.#running.get(peer)?.get(id as number)?.giveUp(CANCELLED)],
    [
      "migrate",
      ([name, to], reply, peer) => {
        this.migrate(name as string, to as string).then(
          () => reply("ok"),
          (error: unknown) => reply("err", peer.pack(error)),
        );
      },
    ],
    [
      "outcome",
      ([target, key], reply, peer) => {
        void this.whatBecameOf(target as string, key as string).then(({ type, value }) =>
          reply("ok", `${json(type)},${peer.pack(value)}`),
        );
      },
    ],
  ]);

  #called(rest: unknown[], reply: Reply, peer: Peer, id: number): void {
    const [target, method, key, below, left, packed, chain = NO_CHAIN] = rest as [
      ...[string, string, string, number, number, Packed],
      string[]?,
    ];
    const incoming = new CallContext({ target, key, deadline: this.#world.now() + left, chain });
    const running = this.#running.get(peer) ?? new Map<number, CallContext>();
    this.#running.set(peer, running.set(id, incoming));
    const settle = (done: Done): void => {
      running.delete(id);
      if (running.size === 0) this.#running.delete(peer);
      if (peer.isLost) return;
      if (done.type === "moved") reply("moved", json(this.movedTo(target) ?? null));
      else {
        let answer: string;
        try {
          answer = done.kept ?? peer.pack(done.type === "ok" ? done.value : done.error);
        } catch (error) {
          reply("err", peer.pack(error));
          return;
        }
        reply(done.type, answer);
      }
    };
    const args = peer.unpack(packed) as unknown[];
    this.receive(target, { key, method, args, context: incoming, below, settle });
  }

  /** Gives back what it has, at once, and ends. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    here.delete(this.where);
    for (const activation of [...this.#active.values()]) activation.leave();
    this.#expiry.close();
    await this.#membership.leave();
    for (const place of this.#places.values()) if (place instanceof RemotePlace) place.peer.link.close();
    this.#sessions.close();
    await this.#listening.close();
    this.#store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const names = new WeakMap<object, string>();
named.of = (value) => names.get(value);

const NO_CHAIN: readonly string[] = [];
const CANCELLED = new DOMException("nobody waits for it any more", "AbortError");

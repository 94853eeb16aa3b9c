// A node: joins what it exports with what it calls, and answers the others.
import { Forbidden, MiddlewareError, type Uncertain, Unreachable } from "../errors.js";
import type { Listening, Packed, Store, Transparency, Where, World } from "../flow.js";
import type { Local, Remote } from "../remote.js";
import type { Link } from "../wire/link.js";
import { type Handler, json, Peer, type Reply } from "../wire/peer.js";
import { DialedLink, Sessions } from "../wire/sessions.js";
import type { Done, Incoming } from "./activation.js";
import { type BindOptions, Calling, type CallingParts } from "./calling.js";
import { CallContext, telling } from "./context.js";
import { Directory, type Host, nobody } from "./directory.js";
import { checkGranted, GrantedNames, readGrant, toGrant } from "./grant.js";
import { type ExportOptions, type Factory, Hosting, type StatefulFactory } from "./hosting.js";
import { type Member, Membership } from "./membership.js";
import { LocalPlace, type More, type Place, type Receiver, RemotePlace } from "./place.js";
import type { Answered } from "./results.js";

export interface NodeOptions {
  world: World;
  store: Store;
  /** Milliseconds that a call may take where nothing else is said. */
  timeout?: number;
  /** Milliseconds after which the others take over what this node has, when nothing is heard of it. */
  lease?: number;
  /** Calls within this process go over the wire, too. */
  strict?: boolean;
  /** What shall not be hidden from who calls, to see what hides it otherwise. */
  without?: readonly Transparency[];
  /** What its namespace signs its grants with. */
  secret?: string;
  /** How it belongs to the others; left out, it renews its lease itself. */
  member?(options: { where: Where; lease: number; onRejoined(): void }): Member;
}

/** What became of a call. */
export type Became =
  | { state: "done"; value: unknown }
  | { state: "failed"; error: unknown }
  /** It had no effect, and never will have one. */
  | { state: "never" };

/** Characters: each call within another one adds some. */
const LONGEST_KEY = 1000;

/** Nodes of this process, by where they are. */
const here = new Map<Where, Node>();

export class Node implements Receiver, AsyncDisposable {
  readonly #world: World;
  readonly #store: Store;
  readonly #timeout: number;
  readonly #strict: boolean;
  readonly #directory: Directory;
  readonly #sessions: Sessions;
  readonly #calling: Calling;
  /** Ways that do not go by the registry, by grant or place. */
  readonly #besides = new Map<string, Calling>();
  readonly #secret: string | undefined;
  readonly #without: ReadonlySet<Transparency>;
  #hosting!: Hosting;
  #member!: Member;
  #listening!: Listening;
  #isClosed = false;
  /** Calls of others that run here, by their questions. */
  readonly #running = new Map<Peer, Map<number, CallContext>>();

  /** @internal */
  static async start(options: NodeOptions): Promise<Node> {
    const node = new Node(options);
    await node.#join(options);
    return node;
  }

  private constructor({ world, store, timeout = 10_000, strict = false, secret, without = [] }: NodeOptions) {
    this.#world = world;
    this.#secret = secret;
    this.#without = new Set(without);
    this.#store = store;
    this.#timeout = timeout;
    this.#strict = strict;
    this.#directory = new Directory(store);
    this.#sessions = new Sessions({ world }, (link, grant) => this.#peer(link, grant));
    this.#calling = new Calling({
      without: this.#without,
      world,
      timeout,
      directory: this.#directory,
      open: (where) => this.#open(where),
    });
  }

  async #join({ lease = 1000, member }: NodeOptions): Promise<void> {
    const [world, store, directory] = [this.#world, this.#store, this.#directory];
    this.#listening = await world.listen((pipe, grant) => this.#sessions.accept(pipe, grant), {
      grants: true,
    });
    const { where } = this;
    const options = { where, lease, onRejoined: () => void this.#hosting.exportAgain() };
    this.#member = member?.(options) ?? new Membership({ world, store, ...options });
    this.#hosting = new Hosting({
      without: this.#without,
      world,
      store,
      directory,
      where,
      member: this.#member,
    });
    await this.#member.join();
    here.set(where, this);
  }

  get where(): Where {
    return this.#listening.where;
  }

  /** Names this node, as long as its lease lives. */
  get id(): string {
    return this.#member.id;
  }

  /** Names of the objects that are active here. */
  get active(): string[] {
    return this.#hosting.active;
  }

  /**
   * Offers an object under a name, or one under each name `folder/*`. It is made at its first call, and is on one node at a time, its state
   * with it (`dehydrate`, `rehydrate`); of a stateless one each node has its own.
   * @param factory makes one, given its name
   * @throws TypeError where what the methods promise cannot be kept; Unreachable
   */
  export<I>(name: string, factory: StatefulFactory<I>, options: ExportOptions<I>): Promise<void>;
  export<I>(
    name: string,
    factory: Factory<Local<I>>,
    options: ExportOptions<I> & { stateless: true },
  ): Promise<void>;
  export<I>(
    name: string,
    factory: Factory<object>,
    options: ExportOptions<I> & { stateless?: boolean },
  ): Promise<void> {
    return this.#hosting.export(name, factory, options);
  }

  /** The object of that name, wherever it is. Nothing is sent before its first call. */
  bind<I>(
    name: string,
    { grant, at, ...options }: BindOptions & { grant?: string; at?: Where } = {},
  ): Remote<I> {
    if (typeof name !== "string" || name === "")
      throw new TypeError(`bind() takes the name of an object, as "counter" (got ${JSON.stringify(name)})`);
    if (at !== undefined) {
      // It is known where the object is, and nothing of what its methods promise.
      const place = { where: at, node: at, pattern: "*", semantics: {}, isStateful: true, isAlive: true };
      const hosts = async (): Promise<Host[]> => [place];
      return this.#callingBy(at, () => ({
        directory: { hosts, exporters: hosts, owner: async () => place, follow: async () => () => {} },
        open: (where) => this.#open(where),
      })).bind(name, options);
    }
    if (this.#without.has("location"))
      throw new TypeError(
        `without location transparency a name is not enough: bind(${JSON.stringify(name)}, { at: "ws://…" }), as the other node says in its where`,
      );
    if (grant === undefined) return this.#calling.bind(name, options);
    return this.#callingBy(grant, () => ({
      directory: new GrantedNames(readGrant(grant)),
      open: (where) => this.#dial(where, grant),
    })).bind(name, options);
  }

  /** Without the registry: by a grant, or by what the caller says himself. */
  #callingBy(key: string, make: () => Pick<CallingParts, "directory" | "open">): Calling {
    const known = this.#besides.get(key);
    if (known) return known;
    const [world, timeout, without] = [this.#world, this.#timeout, this.#without];
    const made = new Calling({ world, timeout, without, ...make() });
    this.#besides.set(key, made);
    return made;
  }

  /**
   * Gives others, of any namespace, the right to call an object: a text, to be handed to them.
   * @param name an object, or `folder/*`
   * @param options.methods only these
   * @param options.seconds for so long; for ever where it is left out
   * @throws NoSuchName where nobody exports it; TypeError where this node knows no secret to sign with
   */
  async grant(
    name: string,
    { methods, seconds }: { methods?: string[]; seconds?: number } = {},
  ): Promise<string> {
    if (this.#secret === undefined) throw new TypeError("this node has no secret to sign a grant with");
    const hosts = await this.#directory.hosts(name);
    const [first] = hosts;
    if (!first) throw nobody(name);
    const { semantics, isStateful } = first;
    const until = seconds === undefined ? undefined : Date.now() + seconds * 1000;
    return toGrant(
      { name, methods, until, semantics, isStateful, wheres: hosts.map(({ where }) => where) },
      this.#secret,
    );
  }

  /**
   * Moves an object with a state, with its state, to another node, during whatever calls.
   * @param to the other node, by its `id`
   * @throws Unreachable where that node is gone, or does not export the name
   */
  async migrate(name: string, to: string): Promise<void> {
    const host = await this.#directory.host(name, to);
    if (!host) throw new Unreachable(`${to} does not export ${JSON.stringify(name)}`);
    const owner = await this.#directory.owner(name);
    if (!owner?.isAlive || owner.node === this.id)
      await this.#hosting.give(name, { owner: to, where: host.where });
    else {
      const place = this.#calling.place(owner.where);
      if (place instanceof RemotePlace) await place.peer.request("migrate", json(name, to));
      else await here.get(owner.where)?.migrate(name, to);
    }
  }

  /**
   * What a call came to whose outcome was uncertain. If it never had its effect, it never will have.
   * @throws Unreachable where who knows cannot be asked
   */
  async outcome({ target, key }: Pick<Uncertain, "target" | "key">): Promise<Became> {
    const until = this.#world.now() + this.#timeout;
    do {
      try {
        const answer = await this.#ask(target, key);
        if (answer?.type === "never") return { state: "never" };
        if (answer?.type === "ok") return { state: "done", value: answer.value };
        if (answer?.type === "err") return { state: "failed", error: answer.error };
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
      }
      await this.#calling.pause(50);
    } while (this.#world.now() < until);
    throw new Unreachable(`nobody who knows what became of ${key} can be reached`);
  }

  async #ask(target: string, key: string): Promise<Done | { type: "never" } | undefined> {
    const owner = await this.#directory.owner(target);
    const where = owner?.isAlive ? owner.where : (await this.#directory.hosts(target))[0]?.where;
    if (where === undefined) return undefined;
    const place = this.#calling.place(where);
    if (!(place instanceof RemotePlace)) return await here.get(where)?.whatBecameOf(target, key);
    const [type, packed] = await place.peer.request("outcome", json(target, key));
    const value = packed && place.peer.unpack(packed as Packed);
    return (type === "err" ? { type, error: value } : { type, value }) as Done;
  }

  /** @internal */
  whatBecameOf(target: string, key: string): Promise<Done | { type: "never" }> {
    return this.#hosting.outcome(target, key);
  }

  /** @internal */
  receive(target: string, incoming: Incoming): void {
    this.#hosting.receive(target, incoming);
  }

  /** @internal */
  movedTo(target: string, key: string | undefined): Where | undefined {
    return this.#hosting.movedTo(target, key);
  }

  #open(where: Where): Place {
    const local = this.#strict ? undefined : here.get(where);
    return local ? new LocalPlace(local) : this.#dial(where);
  }

  #dial(where: Where, grant?: string): Place {
    const world = this.#world;
    const link = new DialedLink({
      ...{ world, where, from: this.where, dial: () => world.dial(where, grant) },
      ...(this.#without.has("failure") && { patience: 0 }),
    });
    return new RemotePlace(where, this.#peer(link), world);
  }

  #peer(link: Link, grant?: string): Peer {
    return new Peer(link, this.#handlers, {
      ...{
        granted: grant === undefined ? undefined : readGrant(grant),
        plainly: this.#without.has("access"),
      },
      bind: (name) => this.bind(name),
    });
  }

  readonly #handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    ["call", (rest, reply, peer, id) => this.#called(rest, reply, { peer, id })],
    [
      "cancel",
      ([id], _, peer) =>
        this.#running
          .get(peer)
          ?.get(id as number)
          ?.giveUp(),
    ],
    [
      "migrate",
      ([name, to], reply, peer) => {
        if (peer.granted) throw new Forbidden("to move an object was not given");
        this.migrate(name as string, to as string).then(
          () => reply("ok"),
          (error: unknown) => reply("err", peer.pack(error)),
        );
      },
    ],
    [
      "outcome",
      ([target, key], reply, peer) => {
        if (peer.granted) throw new Forbidden("what became of a call only its own namespace is told");
        this.whatBecameOf(target as string, key as string).then(
          (found) => {
            const value = found.type === "ok" ? found.value : found.type === "err" ? found.error : null;
            reply("ok", `${json(found.type)},${peer.pack(value)}`);
          },
          (error: unknown) => reply("err", peer.pack(error)),
        );
      },
    ],
  ]);

  #called(rest: unknown[], reply: Reply, { peer, id }: { peer: Peer; id: number }): void {
    const [target, method, key, below, left, packed, more = {}] = rest as [
      ...[string, string, string, Answered, number, Packed],
      More?,
    ];
    if (![target, method, key].every((one) => typeof one === "string") || !(left > 0))
      throw new TypeError("this is no call");
    if (key.length > LONGEST_KEY) throw new TypeError(`calls are nested too deeply: ${key.slice(0, 100)}…`);
    if (peer.granted) checkGranted(peer.granted, target, method);
    const { chain = [], copy, age, tell } = more;
    const now = this.#world.now();
    const since = age === undefined ? undefined : now - age;
    const context = new CallContext({ target, key, deadline: now + left, chain, since });
    const deeds = tell ? telling(context, () => this.#world.now()) : undefined;
    const running = this.#running.get(peer) ?? new Map<number, CallContext>();
    this.#running.set(peer, running.set(id, context));
    const settle = (done: Done): void => {
      running.delete(id);
      if (running.size === 0) this.#running.delete(peer);
      if (peer.isLost) return;
      if (done.type === "moved") {
        const where = this.movedTo(target, more.copy ? undefined : key) ?? null;
        reply("moved", json(where, done.ran === true));
      } else {
        try {
          const answer = done.kept ?? peer.pack(done.type === "ok" ? done.value : done.error);
          const version = done.type === "ok" ? done.version : undefined;
          context.tell?.("answers");
          if (deeds) reply(done.type, `${answer},${json(version ?? null, deeds)}`);
          else reply(done.type, version === undefined ? answer : `${answer},${version}`);
        } catch (error) {
          reply("err", peer.pack(error));
        }
      }
    };
    const args = peer.unpack(packed) as unknown[];
    this.receive(target, { key, method, args, context, below, copy, settle });
  }

  /** Gives back what it has, at once, and ends. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    here.delete(this.where);
    this.#hosting.close();
    await this.#member.leave();
    for (const calling of [this.#calling, ...this.#besides.values()]) calling.close();
    this.#sessions.close();
    await this.#listening.close();
    this.#store.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

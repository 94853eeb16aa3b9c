// What a node exports, and what of it is active here.
import { Conflict, MiddlewareError, Unreachable } from "../errors.js";
import type { Semantics, Store, Transparency, Where, World } from "../flow.js";
import { pause } from "../pause.js";
import type { Local, SemanticsOf, Stateful } from "../remote.js";
import { Activation, type CopyWanted, type Done, type Incoming, type Keeping } from "./activation.js";
import { Copy } from "./copy.js";
import { type Directory, type Export, exportKey, patternsOf } from "./directory.js";
import type { Member } from "./membership.js";
import { change, type ObjectRecord, recordKey } from "./record.js";
import { SentBack } from "./sent-back.js";

export interface ExportOptions<I> {
  /** What its methods promise; those that are left out: at most once. */
  semantics: SemanticsOf<I>;
  /** Milliseconds without a call after which an object with a state sleeps until the next (default a minute). */
  idle?: number;
  /** A chain of calls may come back to it. */
  reentrant?: boolean;
  /** Calls of a stateless object do not wait for one another. */
  together?: boolean;
}

/** How objects are made. */
export type Factory<I> = (name: string) => I;
export type StatefulFactory<I> = Factory<Local<I> & Stateful>;

interface Exported extends Required<Omit<ExportOptions<unknown>, "semantics">> {
  factory: Factory<object>;
  semantics: Readonly<Record<string, Semantics>>;
  isStateful: boolean;
}

/** Of more names it is not remembered where they went: who asks is told to look in the registry. */
const MOST_SENT_ON = 10_000;

export interface HostingParts {
  world: World;
  /** What is not hidden. */
  without: ReadonlySet<Transparency>;
  store: Store;
  directory: Directory;
  member: Member;
  where: Where;
}

export class Hosting {
  readonly #parts: HostingParts;
  readonly #exports = new Map<string, Exported>();
  readonly #active = new Map<string, Activation>();
  readonly #activating = new Map<string, Promise<Activation | undefined>>();
  /** Copies of what others have. */
  readonly #copies = new Map<string, Promise<Copy>>();
  /** Where what was here went. */
  readonly #sentOn = new Map<string, Where>();
  readonly #sentBack = new SentBack();
  #isClosed = false;

  constructor(parts: HostingParts) {
    this.#parts = parts;
  }

  /** Names of what is active here. */
  get active(): string[] {
    return [...this.#active.keys()];
  }

  /** @throws TypeError where what the methods promise cannot be kept; Unreachable */
  async export<I>(
    name: string,
    factory: Factory<object>,
    options: ExportOptions<I> & { stateless?: boolean },
  ): Promise<void> {
    const { semantics, stateless = false, idle = 60_000, reentrant = false, together = false } = options;
    const promises = semantics as Readonly<Record<string, Semantics>>;
    const once = Object.entries(promises).find(([, promise]) => promise === "exactly-once");
    if (stateless && once)
      throw new TypeError(
        `${name}.${once[0]} cannot have its effect exactly once: a stateless object remembers no call. Say at-least-once, or give it dehydrate() and rehydrate(state)`,
      );
    if (!stateless && together)
      throw new TypeError(`${name} has a state: its calls have to wait for one another`);
    const rest = { idle, reentrant, together };
    this.#exports.set(name, { factory, semantics: promises, isStateful: !stateless, ...rest });
    await this.#publish(name);
  }

  async #publish(name: string): Promise<void> {
    const { store, where, member } = this.#parts;
    const { semantics, isStateful } = this.#exports.get(name) as Exported;
    const entry: Export = { where, semantics, isStateful };
    try {
      await store.put(exportKey(name, member.id), JSON.stringify(entry), 0, { lease: member.id });
    } catch (error) {
      // It is there already: nobody was told that it had been written.
      if (!(error instanceof Conflict)) throw error;
    }
  }

  /** The lease that all of it went with has ended, and there is another. */
  async exportAgain(): Promise<void> {
    for (const activation of [...this.#active.values()])
      if (this.#exported(activation.name)?.isStateful) activation.leave();
    for (const name of this.#exports.keys()) {
      for (let isDone = false; !isDone && !this.#isClosed; ) {
        try {
          await this.#publish(name);
          isDone = true;
        } catch (error) {
          if (!(error instanceof MiddlewareError)) throw error;
          await pause(this.#parts.world, 100);
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

  /** A call has arrived. */
  receive(target: string, incoming: Incoming): void {
    const activation = this.#active.get(target);
    if (activation) {
      activation.usedAt = this.#parts.world.now();
      activation.call(incoming);
      return;
    }
    const begun = incoming.copy
      ? this.#read(target, incoming, incoming.copy)
      : this.#activate(target).then((one) => {
          if (!one) return incoming.settle({ type: "moved" });
          incoming.context.tell?.("woken");
          one.call(incoming);
        });
    begun.catch((error: unknown) => incoming.settle({ type: "err", error }));
  }

  async #read(name: string, incoming: Incoming, wanted: CopyWanted): Promise<void> {
    const exported = this.#exported(name);
    if (!exported || this.#isClosed) return incoming.settle({ type: "moved" });
    let copy = this.#copies.get(name);
    if (!copy) {
      const { store, world } = this.#parts;
      const made = new Copy({ name, factory: exported.factory, store, world });
      copy = made.open().then(() => made);
      this.#copies.set(name, copy);
      copy.then(
        () =>
          this.#whenUnused(made, exported.idle, () => {
            this.#copies.delete(name);
            made.close();
            return true;
          }),
        () => this.#copies.delete(name),
      );
    }
    let opened: Copy;
    try {
      opened = await copy;
    } catch (error) {
      if (!(error instanceof MiddlewareError)) throw error;
      return incoming.settle({ type: "moved" });
    }
    await opened.read(incoming, wanted);
  }

  /** Ends what nobody has used for so many milliseconds. @param end returns false: not yet */
  #whenUnused(one: { readonly usedAt: number }, idle: number, end: () => boolean): void {
    const { world } = this.#parts;
    world.after(Math.max(1, one.usedAt + idle - world.now()), () => {
      const isUnused = this.#isClosed || world.now() - one.usedAt >= idle;
      if (!isUnused || !end()) this.#whenUnused(one, idle, end);
    });
  }

  #sendOn(name: string, where: Where): void {
    this.#sentOn.delete(name);
    this.#sentOn.set(name, where);
    const [oldest] = this.#sentOn.keys();
    if (this.#sentOn.size > MOST_SENT_ON) this.#sentOn.delete(oldest as string);
  }

  /** Where to, if that is known, a call is sent back. @param key of the call, where its caller's others must not come before it */
  movedTo(target: string, key: string | undefined): Where | undefined {
    if (key !== undefined) this.#sentBack.add(target, key);
    return this.#sentOn.get(target);
  }

  /** @returns undefined: it is somewhere else @throws what its factory throws */
  async #activate(name: string): Promise<Activation | undefined> {
    const active = this.#active.get(name);
    if (active) return active;
    const known = this.#activating.get(name);
    if (known) return await known;
    const made = this.#make(name).finally(() => this.#activating.delete(name));
    this.#activating.set(name, made);
    return await made;
  }

  async #make(name: string): Promise<Activation | undefined> {
    const exported = this.#exported(name);
    if (!exported || this.#isClosed) return undefined;
    const { world, member } = this.#parts;
    const kept = exported.isStateful ? await this.#take(name) : undefined;
    if (exported.isStateful && kept?.record.owner !== member.id) return undefined;
    const { without } = this.#parts;
    if (kept && without.has("persistence")) kept.record = { ...kept.record, state: null, results: [] };
    const activation: Activation = new Activation({
      ...exported,
      together: exported.together || without.has("concurrency"),
      name,
      object: exported.factory(name),
      kept,
      // With another lease it is another node.
      holds: () => !kept || (member.holds && member.id === kept.record.owner),
      isOvertaking: ({ key, below }) => exported.isStateful && this.#sentBack.isBefore(name, key, below),
      onGone: () => {
        if (this.#active.get(name) === activation) this.#active.delete(name);
      },
    });
    activation.usedAt = world.now();
    this.#sentOn.delete(name);
    this.#active.set(name, activation);
    if (exported.isStateful)
      this.#whenUnused(activation, exported.idle, () => {
        if (activation.isGone || this.#isClosed) return true;
        // It is busy with the last call.
        if (!activation.isIdle) activation.usedAt = world.now();
        else activation.leave();
        return activation.isGone;
      });
    return activation;
  }

  /** Takes an object that nobody has. @returns undefined: somebody has it, or nobody can tell */
  async #take(name: string): Promise<Keeping | undefined> {
    const { store, world, directory, member, where } = this.#parts;
    for (;;) {
      try {
        const entry = await store.get(recordKey(name));
        const found = entry && (JSON.parse(entry.value) as ObjectRecord);
        const { owner = "" } = found ?? {};
        const revision = entry?.revision ?? 0;
        if (found && owner === member.id) return { store, world, record: found, revision };
        if (found && owner !== "" && (await directory.isAlive(owner))) {
          this.#sendOn(name, found.where);
          return undefined;
        }
        const kept = found ?? { state: null, results: [] };
        const record = { ...kept, owner: member.id, where };
        const isOver = (): boolean => this.#isClosed;
        const next = await change({ store, world, isOver }, name, { record, revision });
        return { store, world, record: { ...record, change: "" }, revision: next };
      } catch (error) {
        if (error instanceof Conflict) continue;
        if (error instanceof MiddlewareError) return undefined;
        throw error;
      }
    }
  }

  /** Gives an object that is here, or that nobody has, to another node. @throws Unreachable where it is somewhere else */
  async give(name: string, to: { owner: string; where: Where }): Promise<void> {
    const activation = await this.#activate(name);
    if (!activation) throw new Unreachable(`${name} has moved meanwhile`);
    if (to.owner === this.#parts.member.id) return;
    this.#sendOn(name, to.where);
    await activation.give(to);
  }

  /** What a call came to that its caller has no answer of. */
  async outcome(target: string, key: string): Promise<Done | { type: "never" }> {
    const activation = await this.#activate(target);
    const found = activation ? await activation.outcome(key) : ({ type: "moved" } as const);
    return found === "never" ? { type: "never" } : found;
  }

  close(): void {
    this.#isClosed = true;
    for (const activation of [...this.#active.values()]) activation.leave();
  }
}

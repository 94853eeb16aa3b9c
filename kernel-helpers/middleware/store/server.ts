// The store of the embedded engine, in one process for all nodes: everything in memory, every change in a journal before anybody hears of
// it. What is asked in one turn is one entry of the journal, so many writes share one wait for the disk.
import { Conflict } from "../errors.js";
import type { World } from "../flow.js";
import { type Handler, json, type Peer, type Reply } from "../wire/peer.js";
import { Leases } from "./leases.js";
import { placesOf } from "./places.js";

/** A change of one key; without a value it is removed. */
export interface Change {
  key: string;
  value: string | undefined;
  revision: number;
  lease?: string | undefined;
}

/** What outlives the process. */
export interface Journal {
  /** Everything that was committed, by whoever. */
  load(): Change[];
  /** All of it or nothing; when this is through it survives a power cut. */
  commit(changes: Change[]): Promise<void> | void;
  close(): void;
}

interface Batch {
  changes: Change[];
  waiting: (() => void)[];
}

interface Kept {
  value: string;
  revision: number;
  lease: string | undefined;
}

export class StoreServer {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #keys = new Map<string, Kept>();
  /** Folder → keys right in it. */
  readonly #folders = new Map<string, Set<string>>();
  /** Lease → what goes with it. */
  readonly #leased = new Map<string, Set<string>>();
  /** Key, or folder → who wants to be told. */
  readonly #watches = new Map<string, Set<Peer>>();
  readonly #leases: Leases;
  #revision = 0;
  /** Changes that are not being written yet, and those that are; each with whoever waits for them. */
  #batch: Batch | undefined;
  #writing: Batch | undefined;
  /** It could not write its journal, and knows more than that now. */
  onBroken: (error: unknown) => void = () => {};
  /** Answers given. */
  asked = 0;

  constructor(world: World, journal: Journal) {
    this.#world = world;
    this.#journal = journal;
    for (const { key, value, revision, lease } of journal.load()) {
      this.#revision = Math.max(this.#revision, revision);
      if (value !== undefined) this.#set(key, { value, revision, lease });
    }
    this.#leases = new Leases(world, (lease) => this.#end(lease));
    for (const [key, { value }] of this.#keys)
      if (key.startsWith(LEASES)) this.#leases.begin(key.slice(LEASES.length), Number(value));
  }

  /** What a session may ask. */
  get handlers(): ReadonlyMap<string, Handler> {
    return handlers(this);
  }

  get(key: string): [value: string, revision: number] | [] {
    const kept = this.#keys.get(key);
    return kept ? [kept.value, kept.revision] : [];
  }

  /** @param most of more than that, as many from a place where chance begins */
  list(
    folder: string,
    most: number = Number.POSITIVE_INFINITY,
  ): [key: string, value: string, revision: number][] {
    let keys = [...(this.#folders.get(folder) ?? [])];
    if (keys.length > most) {
      const from = Math.floor(this.#world.random() * keys.length);
      keys = [...keys.slice(from), ...keys.slice(0, from)].slice(0, most);
    }
    return keys.map((key) => {
      const { value, revision } = this.#keys.get(key) as Kept;
      return [key, value, revision];
    });
  }

  /** @throws Conflict */
  put(key: string, value: string, expected: number, lease?: string): number {
    const { revision = 0 } = this.#keys.get(key) ?? {};
    if (revision !== expected) throw new Conflict(`${key} is at ${revision}, not at ${expected}`);
    if (lease !== undefined && !this.#leases.has(lease)) throw new Conflict(`the lease ${lease} has ended`);
    return this.#change(key, value, lease);
  }

  remove(key: string, expected: number): void {
    const kept = this.#keys.get(key);
    if (!kept) return;
    if (kept.revision !== expected) throw new Conflict(`${key} is at ${kept.revision}, not at ${expected}`);
    this.#change(key, undefined);
  }

  lease(ms: number): string {
    const lease = String(this.#change(`${LEASES}next`, ""));
    this.#change(LEASES + lease, String(ms));
    this.#leases.begin(lease, ms);
    return lease;
  }

  renew(lease: string): boolean {
    return this.#leases.renew(lease);
  }

  release(lease: string): void {
    if (this.#leases.has(lease)) this.#end(lease);
  }

  /** @param place a key, or a folder with all that is below it */
  watch(place: string, peer: Peer): void {
    this.#watches.set(place, (this.#watches.get(place) ?? new Set<Peer>()).add(peer));
  }

  unwatch(place: string, peer: Peer): void {
    const peers = this.#watches.get(place);
    peers?.delete(peer);
    if (peers?.size === 0) this.#watches.delete(place);
  }

  /** The other side is gone. */
  left(peer: Peer): void {
    for (const place of [...this.#watches.keys()]) this.unwatch(place, peer);
  }

  /** Calls back when everything that has been said so far is in the journal. */
  settled(then: () => void): void {
    const last = this.#batch ?? this.#writing;
    if (last) last.waiting.push(then);
    else then();
  }

  #end(lease: string): void {
    this.#leases.end(lease);
    for (const key of [...(this.#leased.get(lease) ?? [])]) this.#change(key, undefined);
    this.#change(LEASES + lease, undefined);
  }

  #change(key: string, value: string | undefined, lease?: string): number {
    const revision = ++this.#revision;
    if (value === undefined) this.#unset(key);
    else this.#set(key, { value, revision, lease });
    if (!this.#batch) {
      this.#batch = { changes: [], waiting: [] };
      if (!this.#writing) this.#world.after(0, () => void this.#write());
    }
    this.#batch.changes.push({ key, value, revision, lease });
    this.settled(() => {
      const entry = value === undefined ? [] : [value, revision];
      const peers = new Set(placesOf(key).flatMap((place) => [...(this.#watches.get(place) ?? [])]));
      for (const peer of peers) peer.say("changed", json(key, ...entry));
    });
    return revision;
  }

  async #write(): Promise<void> {
    for (let batch = this.#batch; batch; batch = this.#batch) {
      this.#batch = undefined;
      this.#writing = batch;
      try {
        await this.#journal.commit(batch.changes);
      } catch (error) {
        // Whoever waits for this waits for ever: what was said to nobody was not done.
        this.onBroken(error);
        return;
      }
      this.#writing = undefined;
      for (const then of batch.waiting) then();
    }
  }

  #set(key: string, kept: Kept): void {
    this.#unlease(key);
    this.#keys.set(key, kept);
    if (kept.lease !== undefined)
      this.#leased.set(kept.lease, (this.#leased.get(kept.lease) ?? new Set<string>()).add(key));
    const folder = folderOf(key);
    const keys = this.#folders.get(folder) ?? new Set<string>();
    this.#folders.set(folder, keys.add(key));
  }

  #unlease(key: string): void {
    const lease = this.#keys.get(key)?.lease;
    if (lease === undefined) return;
    const keys = this.#leased.get(lease);
    keys?.delete(key);
    if (keys?.size === 0) this.#leased.delete(lease);
  }

  #unset(key: string): void {
    this.#unlease(key);
    this.#keys.delete(key);
    const folder = folderOf(key);
    const keys = this.#folders.get(folder);
    keys?.delete(key);
    if (keys?.size === 0) this.#folders.delete(folder);
  }

  close(): void {
    this.#leases.close();
    this.#journal.close();
  }
}

const LEASES = "lease/";

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf("/") + 1);

/** What may be asked over a session. Every answer waits for the journal: nobody hears of what a crash could take back. */
function handlers(server: StoreServer): ReadonlyMap<string, Handler> {
  const answering =
    (work: (rest: unknown[], peer: Peer) => unknown[]): Handler =>
    (rest, reply: Reply, peer) => {
      let answer: unknown[];
      try {
        answer = work(rest, peer);
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        // Nor of a conflict with it.
        server.settled(() => reply("ok", json("conflict", error.message)));
        return;
      }
      server.asked++;
      server.settled(() => reply("ok", json(...answer)));
    };
  return new Map<string, Handler>([
    ["get", answering(([key]) => server.get(key as string))],
    ["list", answering(([folder, most]) => server.list(folder as string, most as number | undefined))],
    [
      "put",
      answering(([key, value, expected, lease]) => [
        server.put(key as string, value as string, expected as number, (lease as string | null) ?? undefined),
      ]),
    ],
    [
      "remove",
      answering(([key, expected]) => {
        server.remove(key as string, expected as number);
        return [];
      }),
    ],
    ["lease", answering(([ms]) => [server.lease(ms as number)])],
    ["renew", answering(([leases]) => (leases as string[]).map((lease) => server.renew(lease)))],
    [
      "release",
      answering(([lease]) => {
        server.release(lease as string);
        return [];
      }),
    ],
    [
      "watch",
      answering(([place], peer) => {
        server.watch(place as string, peer);
        return server.get(place as string);
      }),
    ],
    [
      "unwatch",
      answering(([place], peer) => {
        server.unwatch(place as string, peer);
        return [];
      }),
    ],
  ]);
}

// The store of the embedded engine, seen from a node. It finds whoever has the store now; what was on its way when that changed is
// told as lost, and whoever wrote looks again.
import { Conflict, MiddlewareError, SessionLost, TooLarge, Unreachable } from "../errors.js";
import type { Entry, Packed, Store, World } from "../flow.js";
import { pause } from "../pause.js";
import type { Link } from "../wire/link.js";
import { type Handler, json, Peer } from "../wire/peer.js";
import { placesOf } from "./places.js";

export interface StoreClientOptions {
  world: World;
  /** A session with whoever has the store now. */
  dial(): Link;
  /** Milliseconds that a question may take in all. */
  patience?: number;
}

/** Bytes of one value. */
const LARGEST = 16 * 1024 * 1024;
/** Milliseconds between two tries. */
const PAUSE = 20;

/** Without a key: something may have been missed. */
type Look = (key: string | undefined, entry: Entry | undefined) => void;

export class StoreClient implements Store {
  readonly #world: World;
  readonly #dial: () => Link;
  readonly #patience: number;
  /** By key, or folder. */
  readonly #watches = new Map<string, Set<Look>>();
  /** Those that are to begin anew. */
  readonly #gaps = new Set<string>();
  #isMending = false;
  #peer: Peer | undefined;
  #closed = false;

  constructor({ world, dial, patience = 5000 }: StoreClientOptions) {
    this.#world = world;
    this.#dial = dial;
    this.#patience = patience;
  }

  /** Is there a socket to whoever has the store? */
  get isConnected(): boolean {
    return this.#peer?.link.state === "up";
  }

  async get(key: string): Promise<Entry | undefined> {
    return toEntry(await this.#read("get", key));
  }

  async list(folder: string, most?: number): Promise<Map<string, Entry>> {
    const all = (await this.#read("list", folder, ...(most === undefined ? [] : [most]))) as [
      string,
      string,
      number,
    ][];
    return new Map(all.map(([key, value, revision]) => [key, { value, revision }]));
  }

  async put(
    key: string,
    value: string,
    expected: number,
    { lease }: { lease?: string } = {},
  ): Promise<number> {
    const bytes = Buffer.byteLength(value);
    if (bytes > LARGEST) throw new TooLarge(key, { bytes, limit: LARGEST });
    const [revision, message] = await this.#ask("put", key, value, expected, lease ?? null);
    if (revision === "conflict") throw new Conflict(message as string);
    return revision as number;
  }

  async remove(key: string, expected: number): Promise<void> {
    const [conflict, message] = await this.#ask("remove", key, expected);
    if (conflict === "conflict") throw new Conflict(message as string);
  }

  watch(key: string, look: (entry: Entry | undefined) => void): Promise<() => void> {
    return this.#watch(key, (_, entry) => look(entry));
  }

  follow(folder: string, look: (key: string | undefined) => void): Promise<() => void> {
    return this.#watch(folder, look);
  }

  async #watch(place: string, look: Look): Promise<() => void> {
    const looks = this.#watches.get(place) ?? new Set<Look>();
    this.#watches.set(place, looks.add(look));
    const end = (): void => {
      looks.delete(look);
      if (looks.size > 0 || this.#watches.get(place) !== looks) return;
      this.#watches.delete(place);
      if (this.#peer && !this.#peer.isLost) this.#peer.request("unwatch", json(place)).catch(() => {});
    };
    try {
      await this.#read("watch", place);
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  async lease(ms: number): Promise<string> {
    return (await this.#ask("lease", ms))[0] as string;
  }

  async renew(leases: readonly string[]): Promise<boolean[]> {
    return (await this.#read("renew", leases)) as boolean[];
  }

  async release(lease: string): Promise<void> {
    await this.#read("release", lease);
  }

  close(): void {
    this.#closed = true;
    this.#peer?.link.close();
  }

  /** Asked again where nobody can tell whether it was heard: it changes nothing, or nothing twice. */
  async #read(type: string, ...rest: unknown[]): Promise<unknown[]> {
    const until = this.#world.now() + this.#patience;
    for (;;) {
      try {
        return await this.#ask(type, ...rest);
      } catch (error) {
        if (!(error instanceof SessionLost) || this.#closed || this.#world.now() >= until) throw error;
        await pause(this.#world, PAUSE);
      }
    }
  }

  /** @throws SessionLost where nobody can tell whether it was heard; Unreachable where it was not */
  #ask(type: string, ...rest: unknown[]): Promise<unknown[]> {
    if (this.#closed) return Promise.reject(new Unreachable("this node is closed"));
    return new Promise((resolve, reject) => {
      const peer = this.#connected();
      const question = peer.ask(type, json(...rest), ([kind, ...answer]) => {
        late();
        if (kind === "ok") resolve(answer);
        else if (kind === "lost") reject(answer[0]);
        else reject(peer.unpack(answer[0] as Packed));
      });
      const late = this.#world.after(this.#patience, () => {
        peer.forget(question);
        reject(
          peer.link.withdraw(question.number)
            ? new Unreachable("the registry cannot be reached")
            : new SessionLost("the registry does not answer"),
        );
      });
    });
  }

  #connected(): Peer {
    if (this.#peer && !this.#peer.isLost) return this.#peer;
    const peer = new Peer(this.#dial(), this.#handlers);
    this.#peer = peer;
    peer.onLost = () => {
      // Whoever watches must not miss what happens meanwhile.
      for (const place of this.#watches.keys()) this.#gaps.add(place);
      if (!this.#isMending) void this.#mend();
    };
    return peer;
  }

  async #mend(): Promise<void> {
    this.#isMending = true;
    while (this.#gaps.size > 0 && !this.#closed) {
      await pause(this.#world, PAUSE);
      const places = [...this.#gaps].filter((place) => this.#watches.has(place));
      this.#gaps.clear();
      await Promise.all(
        places.map(async (place) => {
          try {
            this.#tell(place, undefined, toEntry(await this.#read("watch", place)));
          } catch (error) {
            if (!(error instanceof MiddlewareError)) throw error;
            this.#gaps.add(place);
          }
        }),
      );
    }
    this.#isMending = false;
  }

  #tell(place: string, key: string | undefined, entry: Entry | undefined): void {
    for (const look of [...(this.#watches.get(place) ?? [])]) look(key, entry);
  }

  readonly #handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
    [
      "changed",
      ([key, ...entry]) => {
        for (const place of placesOf(key as string)) this.#tell(place, key as string, toEntry(entry));
      },
    ],
  ]);
}

function toEntry(found: unknown[]): Entry | undefined {
  return found.length === 0 ? undefined : { value: found[0] as string, revision: found[1] as number };
}

// The store of the second engine: a bucket of NATS, for many machines. A lease is a key with a time to live. What goes with it says so, and
// counts as long as the lease is there; whoever finds it without removes it. Revisions are sequences of the bucket's stream.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Conflict, MiddlewareError, SessionLost, TooLarge, Unreachable } from "../../errors.js";
import type { Entry, Store } from "../../flow.js";
import { Bucket, type Message } from "./bucket.js";
import type { Connection, ConnectionOptions } from "./connection.js";
import { bucketOf, fromToken, isHash, toKey, toSubject, toToken } from "./keys.js";
import { Watches } from "./watches.js";

export interface NatsPlace extends ConnectionOptions {
  namespace: string;
}

/** Milliseconds that a question may take in all. */
const PATIENCE = 5000;
const PAUSE = 50;
/** Bytes that what goes with a value may take. */
const HEADERS = 4096;
/** More than so many are not read at once. */
const TOGETHER = 50;

const leaseSubject = (lease: string): string => toSubject(`lease/${lease}`);

export class NatsStore implements Store {
  readonly #place: NatsPlace;
  readonly #watches: Watches;
  /** What is known of leases that were taken here. */
  readonly #leases = new Map<string, { seq: number; ttl: number }>();
  /** What was put here to go with a lease. */
  readonly #goods = new Map<string, Map<string, number>>();
  #bucket: Bucket | undefined;
  #opening: Promise<Bucket> | undefined;
  /** When the bucket was made: another one of that name knows nothing of what was acknowledged. */
  #created: string | undefined;
  /** All servers that were heard of; the first one is what we were told. */
  readonly #servers: Set<string>;
  #closed = false;

  /** Connects when it is first asked. */
  constructor(place: NatsPlace) {
    this.#place = place;
    this.#servers = new Set(place.servers.split(","));
    this.#watches = new Watches({
      asking: (work) => this.#asking(work, { repeatable: true }),
      counts: (bucket, message) => this.#counts(bucket, message),
      leaseSubject,
    });
  }

  get(key: string): Promise<Entry | undefined> {
    const subject = toSubject(key);
    return this.#asking(
      async (bucket) => {
        const message = await bucket.read(subject);
        return message && (await this.#counts(bucket, message)) ? toEntry(message) : undefined;
      },
      { repeatable: true },
    );
  }

  list(folder: string, most: number = Number.POSITIVE_INFINITY): Promise<Map<string, Entry>> {
    return this.#asking(
      async (bucket) => {
        const all = await bucket.subjects(`${toSubject(folder).slice(0, -1)}*`);
        // Of more than that, as many from a place where chance begins.
        const from = all.length > most ? Math.floor(Math.random() * all.length) : 0;
        const subjects = [...all.slice(from), ...all.slice(0, from)].slice(0, most);
        const found = new Map<string, Entry>();
        const leases = new Map<string, Promise<boolean>>();
        while (subjects.length > 0) {
          const some = await Promise.all(
            subjects.splice(0, TOGETHER).map(async (subject) => {
              const message = await bucket.read(subject);
              return message && (await this.#counts(bucket, message, leases)) ? message : undefined;
            }),
          );
          for (const message of some) if (message) found.set(folder + nameOf(message), toEntry(message));
        }
        return found;
      },
      { repeatable: true },
    );
  }

  put(key: string, value: string, expected: number, { lease }: { lease?: string } = {}): Promise<number> {
    const subject = toSubject(key);
    const name = key.slice(key.lastIndexOf("/") + 1);
    const more = { lease, ...(isHash(toToken(name)) && { name }) };
    return this.#asking(async (bucket) => {
      const [bytes, limit] = [Buffer.byteLength(value), bucket.connection.mostBytes - HEADERS];
      if (bytes > limit) throw new TooLarge(key, { bytes, limit });
      if (lease !== undefined && !(await isAlive(bucket, lease)))
        throw new Conflict(`the lease ${lease} has ended`);
      let last = expected;
      for (let tries = 0; ; tries++) {
        try {
          const seq = await bucket.write(subject, value, { ...more, expected: last });
          if (lease !== undefined) this.#goods.get(lease)?.set(subject, seq);
          return seq;
        } catch (error) {
          if (!(error instanceof Conflict)) throw error;
          const conflict = new Conflict(`${key} is not at ${expected} any more`, { cause: error });
          if (expected !== 0 || tries === 3) throw conflict;
          // A removal is said of a key, too; and what has lost its lease is not there.
          const found = await bucket.read(subject);
          if (found && !found.isMarker && (found.lease === undefined || (await isAlive(bucket, found.lease))))
            throw conflict;
          last = found?.seq ?? 0;
        }
      }
    });
  }

  remove(key: string, expected: number): Promise<void> {
    const subject = toSubject(key);
    return this.#asking(async (bucket) => {
      try {
        await bucket.write(subject, "", { expected, isMarker: true });
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
        const found = await bucket.read(subject);
        if (found && (await this.#counts(bucket, found)))
          throw new Conflict(`${key} is at ${found.seq}, not at ${expected}`, { cause: error });
      }
    });
  }

  watch(key: string, look: (entry: Entry | undefined) => void): Promise<() => void> {
    return this.#watches.add(toSubject(key), (message) => look(message && toEntry(message)));
  }

  follow(folder: string, look: (key: string | undefined) => void): Promise<() => void> {
    return this.#watches.follow(toSubject(folder).slice(0, -1), (subject) =>
      look(subject === undefined ? undefined : toKey(subject)),
    );
  }

  async lease(ms: number): Promise<string> {
    const lease = randomBytes(9).toString("base64url");
    // NATS counts whole seconds.
    const ttl = Math.max(1, Math.ceil(ms / 1000));
    const seq = await this.#asking((bucket) =>
      bucket.write(leaseSubject(lease), String(ttl), { expected: 0, ttl }),
    );
    this.#leases.set(lease, { seq, ttl });
    this.#goods.set(lease, new Map());
    return lease;
  }

  async renew(leases: readonly string[]): Promise<(boolean | undefined)[]> {
    const all = await Promise.allSettled(leases.map((lease) => this.#renew(lease)));
    const failed = all.find(({ status }) => status === "rejected") as PromiseRejectedResult | undefined;
    if (failed && all.every(({ status }) => status === "rejected")) throw failed.reason;
    return all.map((one) => (one.status === "fulfilled" ? one.value : undefined));
  }

  #renew(lease: string): Promise<boolean> {
    return this.#asking(
      async (bucket) => {
        const known = this.#leases.get(lease) ?? (await readLease(bucket, lease));
        if (!known) {
          this.#goods.delete(lease);
          return false;
        }
        const { seq, ttl } = known;
        // What comes of it is not known until it is.
        this.#leases.delete(lease);
        try {
          const next = await bucket.write(leaseSubject(lease), String(ttl), {
            ...{ expected: seq, ttl },
            // Soon enough that there is time for another.
            patience: Math.max(250, ttl * 250),
          });
          this.#leases.set(lease, { seq: next, ttl });
          return true;
        } catch (error) {
          if (error instanceof Conflict) throw new Unreachable(`the lease ${lease} is at another sequence`);
          throw error;
        }
      },
      { repeatable: true },
    );
  }

  async release(lease: string): Promise<void> {
    this.#leases.delete(lease);
    const goods = this.#goods.get(lease) ?? new Map<string, number>();
    this.#goods.delete(lease);
    await this.#asking(
      async (bucket) => {
        const known = await readLease(bucket, lease);
        if (known) await bucket.write(leaseSubject(lease), "", { expected: known.seq, isMarker: true });
        for (const [subject, seq] of goods) bury(bucket, { subject, seq });
      },
      { repeatable: true },
    );
  }

  /** What it is on, for others who speak NATS. */
  async connected(): Promise<Connection> {
    return (await this.#opened()).connection;
  }

  close(): void {
    this.#closed = true;
    this.#watches.close();
    this.#bucket?.connection.close();
  }

  /** Is it there? What has lost its lease is not, and goes. */
  async #counts(
    bucket: Bucket,
    message: Message,
    leases: Map<string, Promise<boolean>> = new Map(),
  ): Promise<boolean> {
    const { isMarker, lease } = message;
    if (isMarker || lease === undefined) return !isMarker;
    const alive = leases.get(lease) ?? isAlive(bucket, lease);
    leases.set(lease, alive);
    if (await alive) return true;
    bury(bucket, message);
    return false;
  }

  /**
   * Asks, again where that was surely not heard, until there is no patience left.
   * @param options.repeatable again also where nobody can tell
   */
  async #asking<T>(
    work: (bucket: Bucket) => Promise<T>,
    { repeatable = false }: { repeatable?: boolean } = {},
  ): Promise<T> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      try {
        return await work(await this.#opened());
      } catch (error) {
        const again = error instanceof Unreachable || (repeatable && error instanceof SessionLost);
        if (!again || this.#closed || performance.now() >= until) throw error;
      }
      await sleep(PAUSE);
    }
  }

  async #opened(): Promise<Bucket> {
    if (this.#closed) throw new Unreachable("this node is closed");
    if (this.#bucket && !this.#bucket.connection.isClosed) return this.#bucket;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return await this.#opening;
  }

  async #open(): Promise<Bucket> {
    const bucket = await Bucket.open({
      ...this.#place,
      servers: [...this.#servers].join(","),
      bucket: bucketOf(this.#place.namespace),
      create: this.#created === undefined,
    });
    this.#created ??= bucket.created;
    if (this.#closed || bucket.created !== this.#created) {
      bucket.connection.close();
      throw this.#closed
        ? new Unreachable("this node is closed")
        : new MiddlewareError(
            `the bucket of ${this.#place.namespace} was made anew: what was acknowledged is gone. Start this node again`,
          );
    }
    const { connection } = bucket;
    void connection.closed.then(() => {
      for (const server of connection.servers) this.#servers.add(server);
    });
    this.#bucket = bucket;
    return bucket;
  }
}

function toEntry({ value, seq }: Message): Entry {
  return { value, revision: seq };
}

const nameOf = ({ subject, name }: Message): string =>
  name ?? fromToken(subject.slice(subject.lastIndexOf(".") + 1));

async function isAlive(bucket: Bucket, lease: string): Promise<boolean> {
  return (await readLease(bucket, lease)) !== undefined;
}

async function readLease(bucket: Bucket, lease: string): Promise<{ seq: number; ttl: number } | undefined> {
  const found = await bucket.read(leaseSubject(lease));
  return found && !found.isMarker ? { seq: found.seq, ttl: Number(found.value) } : undefined;
}

/** Unless it has changed meanwhile. Nobody waits for it: it does not count as it is. */
function bury(bucket: Bucket, { subject, seq }: Pick<Message, "subject" | "seq">): void {
  bucket.write(subject, "", { expected: seq, isMarker: true }).catch(() => {});
}

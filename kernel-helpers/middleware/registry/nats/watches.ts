// All that one store watches, by one consumer. Whenever that begins anew, because something else is to be watched or something may have been
// missed, everything is read again.
import { setTimeout as sleep } from "node:timers/promises";
import { MiddlewareError, Unreachable } from "../../errors.js";
import type { Bucket, Message } from "./bucket.js";

interface Watch {
  readonly subject: string;
  look(message: Message | undefined): void;
  /** The last sequence that was heard of. */
  last: number;
  /** What is there now. */
  there: Message | undefined;
  isNew: boolean;
}

export interface WatchesParts {
  asking<T>(work: (bucket: Bucket) => Promise<T>): Promise<T>;
  /** Is it there? */
  counts(bucket: Bucket, message: Message): Promise<boolean>;
  leaseSubject(lease: string): string;
}

/** Of all below a folder. */
interface Following {
  /** Subjects begin with this. */
  readonly folder: string;
  look(subject: string | undefined): void;
  isNew: boolean;
}

/** Milliseconds in which a new watch has to begin. */
const PATIENCE = 5000;
const PAUSE = 50;

export class Watches {
  readonly #parts: WatchesParts;
  readonly #all = new Set<Watch>();
  readonly #folders = new Set<Following>();
  /** What is followed, and what is to be followed: grows whenever that has to begin anew. */
  #served = 0;
  #wanted = 0;
  #followed = new Set<string>();
  #isBusy = false;
  #closed = false;
  #unfollow: () => void = () => {};

  constructor(parts: WatchesParts) {
    this.#parts = parts;
  }

  /** @throws Unreachable */
  async add(subject: string, look: (message: Message | undefined) => void): Promise<() => void> {
    const watch: Watch = { subject, look, last: 0, there: undefined, isNew: true };
    return await this.#begun(watch, this.#all);
  }

  /** @param folder with a dot at its end @throws Unreachable */
  async follow(folder: string, look: (subject: string | undefined) => void): Promise<() => void> {
    return await this.#begun({ folder, look, isNew: true }, this.#folders);
  }

  async #begun<T extends { isNew: boolean }>(watch: T, among: Set<T>): Promise<() => void> {
    among.add(watch);
    this.#again();
    const until = performance.now() + PATIENCE;
    while (watch.isNew) {
      if (this.#closed || performance.now() >= until) {
        among.delete(watch);
        throw new Unreachable("NATS cannot be asked to tell of changes");
      }
      await sleep(5);
    }
    return () => {
      among.delete(watch);
      if (this.#isEmpty) this.#again();
    };
  }

  get #isEmpty(): boolean {
    return this.#all.size + this.#folders.size === 0;
  }

  close(): void {
    this.#closed = true;
    this.#unfollow();
  }

  #again(): void {
    this.#wanted++;
    if (!this.#isBusy) void this.#follow();
  }

  async #follow(): Promise<void> {
    this.#isBusy = true;
    while (this.#served !== this.#wanted && !this.#closed) {
      const wanted = this.#wanted;
      this.#unfollow();
      this.#unfollow = () => {};
      try {
        if (!this.#isEmpty) await this.#parts.asking((bucket) => this.#begin(bucket));
        this.#served = wanted;
      } catch (error) {
        if (!(error instanceof MiddlewareError)) throw error;
        await sleep(PAUSE);
      }
    }
    this.#isBusy = false;
  }

  async #begin(bucket: Bucket): Promise<void> {
    this.#unfollow();
    const leases = [...this.#all].flatMap(({ there }) => there?.lease ?? []);
    this.#followed = new Set([...this.#all].map(({ subject }) => subject));
    for (const lease of leases) this.#followed.add(this.#parts.leaseSubject(lease));
    const followings = [...this.#folders];
    this.#unfollow = await bucket.follow(withFolders(this.#followed, followings), {
      onMessage: (message) => this.#came(message),
      onOver: () => this.#again(),
    });
    await Promise.all([...this.#all].map((watch) => this.#read(bucket, watch)));
    for (const following of followings) {
      if (!following.isNew) following.look(undefined);
      following.isNew = false;
    }
  }

  #came(message: Message): void {
    for (const { folder, look } of [...this.#folders])
      if (message.subject.startsWith(folder)) look(message.subject);
    for (const watch of [...this.#all]) {
      if (message.seq <= watch.last) continue;
      const lease = watch.there?.lease;
      if (watch.subject === message.subject)
        this.#tell(watch, message.seq, message.isMarker ? undefined : message);
      else if (message.isMarker && lease !== undefined && message.subject === this.#parts.leaseSubject(lease))
        this.#tell(watch, message.seq, undefined);
    }
  }

  async #read(bucket: Bucket, watch: Watch): Promise<void> {
    const { last } = watch;
    const message = await bucket.read(watch.subject);
    const counts = message !== undefined && (await this.#parts.counts(bucket, message));
    // There is later news than this.
    if (watch.last !== last) return;
    if (watch.isNew) {
      watch.isNew = false;
      watch.there = counts ? message : undefined;
      watch.last = message?.seq ?? 0;
      this.#followLease(watch);
    } else this.#tell(watch, message?.seq ?? last, counts ? message : undefined);
  }

  #tell(watch: Watch, seq: number, there: Message | undefined): void {
    const isNews = watch.there?.seq !== there?.seq;
    watch.isNew = false;
    watch.last = Math.max(watch.last, seq);
    watch.there = there;
    this.#followLease(watch);
    if (isNews) watch.look(there);
  }

  /** What goes with a lease ends with it: that has to be heard of, too. */
  #followLease({ there }: Watch): void {
    if (there?.lease !== undefined && !this.#followed.has(this.#parts.leaseSubject(there.lease)))
      this.#again();
  }
}

/** All filters of a consumer: none of them may cover another. */
function withFolders(subjects: ReadonlySet<string>, followings: readonly Following[]): string[] {
  const all = [...new Set(followings.map(({ folder }) => folder))];
  const isCovered = (subject: string): boolean =>
    all.some((folder) => subject !== folder && subject.startsWith(folder));
  return [...subjects, ...all]
    .filter((subject) => !isCovered(subject))
    .map((subject) => (subject.endsWith(".") ? `${subject}>` : subject));
}

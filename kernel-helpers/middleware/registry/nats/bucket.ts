// A bucket of NATS (KV), on a connection of its own, read from its leader only; the one door to JetStream.
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from "@nats-io/jetstream";
import { Conflict, MiddlewareError, Unreachable } from "../../errors.js";
import { Connection, type ConnectionOptions, failure, toHeaders } from "./connection.js";

export interface BucketOptions extends ConnectionOptions {
  bucket: string;
  /** Make it where it is not there. */
  create: boolean;
}

/** The last that was said of a key. */
export interface Message {
  /** Without the bucket's part. */
  subject: string;
  seq: number;
  value: string;
  /** The key was removed, or its time is up. */
  isMarker: boolean;
  lease: string | undefined;
  /** The last part of its key, where the subject has only its hash. */
  name: string | undefined;
}

export interface Writing extends Partial<Pick<Message, "isMarker" | "lease" | "name">> {
  /** The sequence that the key has now; 0: nothing was ever said of it. */
  expected: number;
  /** Seconds after which it is gone. */
  ttl?: number;
  /** Milliseconds that the answer may take. */
  patience?: number;
}

/** Milliseconds that a question may take, and a change. */
const ASK_MS = 1500;
const CHANGE_MS = 5000;
/** Seconds for which it is remembered that a key is gone. */
const MARKER_S = 60;
/** In a millisecond. */
const NANOS = 1e6;
/** Between two signs of life of a {@link Bucket.follow}, in milliseconds; without one for three of these it is over. */
const BEAT_MS = 1000;

const LEASE = "Wirebook-Lease";
const NAME = "Wirebook-Name";

export class Bucket {
  readonly connection: Connection;
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #prefix: string;
  readonly #stream: string;
  /** When it was made, by the server's clock: names it. */
  readonly created: string;

  private constructor(connection: Connection, manager: JetStreamManager, { config, created }: StreamInfo) {
    this.connection = connection;
    this.#client = jetstream(connection.raw);
    this.#manager = manager;
    this.#stream = config.name;
    this.#prefix = `$KV.${config.name.slice("KV_".length)}.`;
    this.created = String(created);
  }

  /**
   * @throws what {@link Connection.open} throws; MiddlewareError where what is in the bucket's place is none of ours, or nothing where it
   *   should be
   */
  static async open(options: BucketOptions): Promise<Bucket> {
    const connection = await Connection.open(options);
    try {
      const manager = await jetstreamManager(connection.raw, { timeout: ASK_MS, checkAPI: false });
      return new Bucket(connection, manager, await streamOf(manager, options));
    } catch (error) {
      connection.close();
      throw toOurs(error, `the bucket ${options.bucket}`);
    }
  }

  /** @throws Unreachable; SessionLost where there was no answer */
  async read(subject: string): Promise<Message | undefined> {
    const found = await this.#told(
      () => this.#manager.streams.getMessage(this.#stream, { last_by_subj: this.#prefix + subject }),
      subject,
    );
    return found ? toMessage(subject, found.seq, { data: found.data, headers: found.header }) : undefined;
  }

  /** Subjects that match, `*` for any one part. */
  async subjects(filter: string): Promise<string[]> {
    const subjects_filter = this.#prefix + filter;
    const { state } = await this.#told(
      () => this.#manager.streams.info(this.#stream, { subjects_filter }),
      filter,
    );
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(this.#prefix.length));
  }

  /**
   * @returns its sequence
   * @throws Conflict; Unreachable where it was surely not done; SessionLost where nobody can tell
   */
  async write(subject: string, value: string, writing: Writing): Promise<number> {
    const { expected, isMarker, lease, name, patience = CHANGE_MS } = writing;
    const ttl = writing.ttl ?? (isMarker ? MARKER_S : undefined);
    const more = toHeaders({
      "KV-Operation": isMarker ? "DEL" : undefined,
      [LEASE]: lease,
      [NAME]: name && encodeURIComponent(name),
    });
    const { seq } = await this.#told(
      () =>
        this.#client.publish(this.#prefix + subject, value, {
          ...{ headers: more, timeout: patience, expect: { lastSubjectSequence: expected } },
          ...(ttl !== undefined && { ttl: `${ttl}s` }),
        }),
      subject,
    );
    return seq;
  }

  /**
   * Hears of every change of these subjects from now on.
   * @param onOver once: something may have been missed, and nothing more will be heard
   * @returns ends it
   */
  async follow(
    subjects: string[],
    { onMessage, onOver }: { onMessage(message: Message): void; onOver(): void },
  ): Promise<() => void> {
    const inbox = `_INBOX.${crypto.randomUUID()}`;
    let count = 0;
    let heard = performance.now();
    const end = (): void => {
      clearInterval(watchdog);
      subscription.unsubscribe();
    };
    const over = (): void => {
      end();
      onOver();
    };
    const subscription = this.connection.raw.subscribe(inbox, {
      callback: (error, message) => {
        heard = performance.now();
        // A sign of life.
        if (!error && message.headers?.code === 100) return;
        // `$JS.ACK.…`: newer servers have four parts more, two of them before these.
        const parts = (message.reply ?? "").split(".");
        const [seq, delivered] = parts.slice(parts.length === 9 ? 5 : 7).map(Number);
        if (error || seq === undefined || delivered !== ++count) over();
        else onMessage(toMessage(message.subject.slice(this.#prefix.length), seq, message));
      },
    });
    const watchdog = setInterval(() => {
      if (performance.now() - heard > 3 * BEAT_MS || this.connection.isClosed) over();
    }, BEAT_MS).unref();
    try {
      const consumer = await this.#told(
        () =>
          this.#manager.consumers.add(this.#stream, {
            ...{ deliver_subject: inbox, deliver_policy: DeliverPolicy.New, ack_policy: AckPolicy.None },
            filter_subjects: subjects.map((subject) => this.#prefix + subject),
            ...{ idle_heartbeat: NANOS * BEAT_MS, inactive_threshold: NANOS * 10 * BEAT_MS },
            ...{ mem_storage: true, num_replicas: 1 },
          }),
        "a consumer",
      );
      return () => {
        end();
        if (!this.connection.isClosed)
          this.#manager.consumers.delete(this.#stream, consumer.name).catch(() => {});
      };
    } catch (error) {
      end();
      throw error;
    }
  }

  async #told<T>(work: () => Promise<T>, what: string): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toOurs(error, what);
    }
  }
}

async function streamOf(
  manager: JetStreamManager,
  { bucket, create, replicas = 1 }: BucketOptions,
): Promise<StreamInfo> {
  const name = `KV_${bucket}`;
  let found = await infoOf(manager, name);
  if (!found) {
    if (!create)
      throw new MiddlewareError(`the bucket ${bucket} is gone, and with it everything that was kept`);
    try {
      found = await manager.streams.add({
        ...{ name, subjects: [`$KV.${bucket}.>`], max_msgs_per_subject: 1, num_replicas: replicas },
        ...{
          allow_msg_ttl: true,
          subject_delete_marker_ttl: NANOS * 1000 * MARKER_S,
          allow_rollup_hdrs: true,
        },
        ...{ storage: StorageType.File, retention: RetentionPolicy.Limits, discard: DiscardPolicy.New },
        // Replicas would answer for the leader, and may be behind.
        allow_direct: false,
      });
    } catch (error) {
      // Somebody else was quicker.
      found = await infoOf(manager, name);
      if (!found) throw error;
    }
  }
  const { allow_msg_ttl, subject_delete_marker_ttl, max_msgs_per_subject } = found.config;
  if (!allow_msg_ttl || !subject_delete_marker_ttl || max_msgs_per_subject !== 1)
    throw new MiddlewareError(
      `there is a bucket ${bucket} that was not made for this: it needs history 1, TTLs for keys and markers. Choose another namespace, or delete it`,
    );
  return found;
}

async function infoOf(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === NO_STREAM) return undefined;
    throw error;
  }
}

const NO_STREAM = 10059;
/** The last sequence is another one. */
const WRONG_LAST = [10071, 10164];

function toOurs(error: unknown, what: string): Error {
  if (!(error instanceof JetStreamApiError)) return failure(error, what);
  return WRONG_LAST.includes(error.code)
    ? new Conflict(`${what}: ${error.message}`, { cause: error })
    : new Unreachable(`NATS refuses ${what}: ${error.message}`, { cause: error });
}

function toMessage(
  subject: string,
  seq: number,
  { data, headers: more }: { data: Uint8Array; headers?: ReturnType<typeof toHeaders> },
): Message {
  const of = (name: string): string | undefined => (more?.has(name) ? more.get(name) : undefined);
  const name = of(NAME);
  return {
    ...{ subject, seq, value: Buffer.from(data).toString() },
    isMarker: of("Nats-Marker-Reason") !== undefined || of("KV-Operation") !== undefined,
    lease: of(LEASE),
    name: name === undefined ? undefined : decodeURIComponent(name),
  };
}

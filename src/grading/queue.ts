// The door to NATS for grading: a work queue of JetStream. A job leaves it only when its result is kept, so a worker may die at any
// moment: another one gets the job. A result that comes twice has the same key, and counts once.

import { randomUUID } from "node:crypto";
import {
  AckPolicy,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";

export interface Job<T> {
  key: string;
  /** Of the marking that it is to be done by. */
  digest: string;
  work: T;
}

/** What a result left beside it, in so many messages. */
export interface Beside {
  /** Of the run that made it: another one of the same job has its own. */
  run: string;
  parts: number;
}

export type JobResult<T> = { key: string; result: T } | { key: string; failed: string };

const jobs = "WIREBOOK_GRADE_JOBS";
const results = "WIREBOOK_GRADE_RESULTS";
const markings = "WIREBOOK_GRADE_MARKINGS";
const besides = "WIREBOOK_GRADE_EXECUTED";
const subject = (stream: string, ...parts: string[]): string => [stream.toLowerCase(), ...parts].join(".");
const nanos = 1_000_000;
/** Who says nothing for so long has died. */
const silenceMs = 20_000;
/** A job that so many have died of is given up. */
const mostTries = 10;
const weekMs = 7 * 24 * 3600 * 1000;

export class GradeQueue {
  readonly #connection: NatsConnection;
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;

  private constructor(connection: NatsConnection, manager: JetStreamManager) {
    this.#connection = connection;
    this.#client = jetstream(connection);
    this.#manager = manager;
  }

  /** @throws where nobody answers there, or there is no JetStream */
  static async open(url: string): Promise<GradeQueue> {
    const connection = await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 500 });
    const manager = await jetstreamManager(connection);
    const common = { storage: StorageType.File, duplicate_window: 120_000 * nanos };
    await manager.streams.add({
      ...common,
      name: jobs,
      subjects: [subject(jobs, ">")],
      retention: RetentionPolicy.Workqueue,
    });
    for (const name of [results, markings, besides])
      await manager.streams.add({
        ...common,
        name,
        subjects: [subject(name, ">")],
        max_age: weekMs * nanos,
        max_msgs_per_subject: 1,
      });
    await manager.consumers.add(jobs, {
      durable_name: "workers",
      ack_policy: AckPolicy.Explicit,
      ack_wait: silenceMs * nanos,
      max_ack_pending: 10_000,
    });
    return new GradeQueue(connection, manager);
  }

  /** Bytes that one message may have. */
  get largest(): number {
    return this.#connection.info?.max_payload ?? 1024 * 1024;
  }

  async putMarking(digest: string, marking: Uint8Array): Promise<void> {
    await this.#client.publish(subject(markings, digest), marking);
  }

  async marking(digest: string): Promise<Uint8Array> {
    const message = await this.#manager.streams.getMessage(markings, {
      last_by_subj: subject(markings, digest),
    });
    if (!message)
      throw new Error(`what jobs are marked by (${digest.slice(0, 8)}) is not in the queue any more`);
    return message.data;
  }

  /** Keeps what is too large for a result. It is there when this resolves, so the result that names it may follow. */
  async putBeside({ digest, key }: Pick<Job<unknown>, "digest" | "key">, bytes: Uint8Array): Promise<Beside> {
    const run = randomUUID();
    const size = Math.floor(this.largest / 2);
    const parts = Math.ceil(bytes.length / size);
    for (let part = 0; part < parts; part++)
      await this.#client.publish(
        subject(besides, digest, key, run, String(part)),
        bytes.subarray(part * size, (part + 1) * size),
      );
    return { run, parts };
  }

  /** @throws where it is not in the queue any more */
  async beside(
    { digest, key }: Pick<Job<unknown>, "digest" | "key">,
    { run, parts }: Beside,
  ): Promise<Uint8Array> {
    const all: Uint8Array[] = [];
    for (let part = 0; part < parts; part++) {
      const last_by_subj = subject(besides, digest, key, run, String(part));
      const message = await this.#manager.streams.getMessage(besides, { last_by_subj });
      if (!message) throw new Error("the queue has forgotten them");
      all.push(message.data);
    }
    return Buffer.concat(all);
  }

  /** When it resolves the server has it on disk. The same job put again soon is the same job. */
  async putJob(job: Job<unknown>): Promise<void> {
    await this.#client.publish(subject(jobs, job.digest), JSON.stringify(job), { msgID: job.key });
  }

  /** Results for jobs of this digest, those first that are there already. Ends with `signal`. */
  async *results<T>(digest: string, signal: AbortSignal): AsyncGenerator<JobResult<T>> {
    const consumer = await this.#client.consumers.get(results, {
      filter_subjects: [subject(results, digest, "*")],
      deliver_policy: DeliverPolicy.All,
    });
    const messages = await consumer.consume();
    signal.addEventListener("abort", () => messages.stop(), { once: true });
    for await (const message of messages) yield message.json<JobResult<T>>();
  }

  /**
   * Takes jobs until `signal`, one at a time.
   * @param work makes the result; what it throws is a job that failed, in words
   */
  async work<T, R>(work: (job: Job<T>) => Promise<R>, signal: AbortSignal): Promise<void> {
    const consumer = await this.#client.consumers.get(jobs, "workers");
    while (!signal.aborted) {
      const message = await consumer.next({ expires: 2000 }).catch(() => null);
      if (message) await this.#one(message, work, signal);
    }
  }

  async #one<T, R>(message: JsMsg, work: (job: Job<T>) => Promise<R>, signal: AbortSignal): Promise<void> {
    const alive = setInterval(() => message.working(), silenceMs / 4);
    try {
      const job = message.json<Job<T>>();
      const { key, digest } = job;
      let outcome: JobResult<R>;
      if (message.info.deliveryCount > mostTries)
        outcome = { key, failed: `${mostTries} workers have died of it` };
      else
        try {
          outcome = { key, result: await work(job) };
        } catch (error) {
          outcome = { key, failed: (error as Error).message };
        }
      // Somebody else begins it anew.
      if (signal.aborted) return message.nak();
      await this.#client.publish(subject(results, digest, key), JSON.stringify(outcome), { msgID: key });
      await message.ackAck();
    } finally {
      clearInterval(alive);
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

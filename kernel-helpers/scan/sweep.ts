// Asks many ports, in threads of their own: what the notebook does meanwhile makes no answer late, and an interrupt ends it at once.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { COUNT, connectJob, connectThread, MARK, type Probes } from "../socket/backends/connect-thread.js";
import { ours } from "../socket/ours.js";
import type { Protocol } from "./ports.js";
import { type ProbeJob, probeThread } from "./probe-thread.js";
import { ScanError } from "./problem.js";
import type { Target } from "./target.js";

/** `koffi`: calls of the C library, for addresses of this machine on Linux; `net`: Node's own sockets. */
export type BackendName = "koffi" | "net";

export interface SweepOptions {
  targets: Target[];
  ports: Uint16Array;
  protocol: Protocol;
  /** Which one has to do it; otherwise the fastest that works. */
  backend: BackendName | undefined;
  /** Connections that are awaited at a time. */
  concurrency: number | undefined;
  /** Seconds. */
  timeout: number | undefined;
  signal: AbortSignal | undefined;
}

/** Probes a second to other machines. */
export const RATE = 100;
/** Seconds. Windows takes two to tell that a port is closed: it asks again when it is refused. */
export const TIMEOUT: number = process.platform === "win32" ? 3 : 1;
/** So few that a second thread would begin when they are done. */
const FEW = 4096;
const newCounts = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * Object.keys(COUNT).length));
const GRACE_MS = 150;
const CONCURRENCY = 256;

/** How to say something that a service answers (RFC 1035, 5905, 8489); the others get a word. */
const PAYLOADS: Readonly<Record<number, string>> = {
  53: "\x12\x34\x01\0\0\x01\0\0\0\0\0\0\0\0\x02\0\x01",
  123: `\x23${"\0".repeat(47)}`,
  3478: "\0\x01\0\0\x21\x12\xa4\x42wirebook-udp",
};

export class Sweep {
  readonly targets: Target[];
  readonly ports: Uint16Array;
  readonly protocol: Protocol;
  /** Of the answers; the plain one where something was left to it. */
  backend: BackendName = "net";
  readonly #options: SweepOptions;
  #probes: Probes;

  constructor(options: SweepOptions) {
    this.#options = options;
    this.targets = options.targets;
    this.ports = options.ports;
    this.protocol = options.protocol;
    const total = options.targets.length * options.ports.length;
    this.#probes = {
      marks: new Uint8Array(new SharedArrayBuffer(total)),
      counts: newCounts(),
      ports: options.ports,
      todo: new Int32Array(0),
      count: COUNT,
      mark: MARK,
    };
  }

  get total(): number {
    return this.#probes.marks.length;
  }

  /** How many have an answer, or none in time. */
  get done(): number {
    return Math.min(this.total, Atomics.load(this.#probes.counts, COUNT.done));
  }

  get open(): number {
    return Atomics.load(this.#probes.counts, COUNT.open);
  }

  /** One of {@link MARK}, by target and port, in that order. */
  get marks(): Uint8Array {
    return this.#probes.marks;
  }

  /** @throws ScanError where a back-end that has to do it does not work; the signal's reason */
  async run(): Promise<void> {
    const { backend, targets, protocol } = this.#options;
    const quick = protocol === "tcp" && targets.every(({ own }) => own);
    if (backend === "koffi" && !quick)
      throw new ScanError('the back-end "koffi" asks TCP ports of this machine only; leave the choice open.');
    if (quick && backend !== "net") {
      try {
        await this.#connect();
        this.backend = "koffi";
      } catch (error) {
        this.#options.signal?.throwIfAborted();
        if (backend === "koffi")
          throw new ScanError(`the back-end "koffi" does not work here: ${(error as Error).message}`, {
            cause: error,
          });
      }
    }
    await this.#ask();
  }

  async #connect(): Promise<void> {
    const probes = this.#take();
    const threads = Math.min(2, availableParallelism(), Math.ceil(probes.todo.length / FEW));
    await this.#threads(connectThread, connectJob(probes, this.targets), threads);
  }

  /** What is not known yet. */
  async #ask(): Promise<void> {
    const probes = this.#take();
    if (probes.todo.length === 0) return;
    const { targets, protocol, concurrency = CONCURRENCY, timeout = TIMEOUT } = this.#options;
    const own = targets.every((target) => target.own);
    const job: ProbeJob = {
      ...probes,
      udp: protocol === "udp",
      targets: targets.map(({ address, family }) => ({ address, family })),
      window: concurrency,
      rate: own ? 0 : RATE,
      timeout: timeout * 1000,
      tries: 2,
      payloads: PAYLOADS,
      payload: "wirebook\n",
    };
    await this.#threads(probeThread, job, 1);
  }

  /** Those without a mark, as the next work. */
  #take(): Probes {
    const { marks } = this.#probes;
    const unknown = marks.reduce((sum, mark) => sum + (mark === MARK.unknown ? 1 : 0), 0);
    const todo = new Int32Array(new SharedArrayBuffer(4 * unknown));
    let at = 0;
    for (let index = 0; index < marks.length; index++) if (marks[index] === MARK.unknown) todo[at++] = index;
    // Threads that failed may not have ended yet; they keep theirs.
    const counts = newCounts();
    counts[COUNT.done] = marks.length - todo.length;
    counts[COUNT.open] = this.open;
    this.#probes = { ...this.#probes, counts, todo };
    return this.#probes;
  }

  async #threads<Job>(
    work: (require: NodeJS.Require, job: Job) => void,
    job: Job,
    count: number,
  ): Promise<void> {
    const { signal, concurrency = CONCURRENCY } = this.#options;
    signal?.throwIfAborted();
    // What connections leave behind is garbage at once; V8 would let much of it gather first.
    const resourceLimits = {
      maxYoungGenerationSizeMb: 1,
      maxOldGenerationSizeMb: 16 + Math.ceil(concurrency / 64),
    };
    const code = `(${work.toString()})(require, require("node:worker_threads").workerData)`;
    const workers = Array.from({ length: count }, () =>
      ours(
        () =>
          new Worker(code, {
            eval: true,
            workerData: job,
            execArgv: [],
            name: "wirebook scan",
            resourceLimits,
          }),
      ),
    );
    const stop = (): void => {
      Atomics.store(this.#probes.counts, COUNT.stop, 1);
      // One that waits for answers does not look; one that has descriptors of its own closes them first.
      ours(() => setTimeout(() => workers.map((worker) => worker.terminate()), GRACE_MS).unref());
    };
    const ended = workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.once("error", reject);
          worker.once("exit", () => resolve());
        }),
    );
    let interrupt = (): void => {};
    const interrupted = new Promise<never>((_, reject) => {
      interrupt = () => reject(signal?.reason);
      signal?.addEventListener("abort", interrupt, { once: true });
    });
    try {
      await Promise.race([Promise.all(ended), interrupted]);
    } catch (error) {
      stop();
      for (const end of ended) end.catch(() => {});
      throw error;
    } finally {
      signal?.removeEventListener("abort", interrupt);
    }
  }
}

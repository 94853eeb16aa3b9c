// Which run does the code that is running now belong to? AsyncLocalStorage carries the answer through promises, timers,
// emitters and the callbacks of sockets. One hole: the sockets that a server accepts are made by nobody's code, so
// their events are bound to the context in which the server began to listen.
import asyncHooks, { AsyncLocalStorage } from "node:async_hooks";
import type { EventEmitter } from "node:events";
import net from "node:net";
import type { Job } from "../flow.js";

/** So often may an interrupted run still await, in its `finally` blocks for instance; then it rests for good. */
const MOST_REFUSED = 1000;

/** Cells may replace them. */
const { then } = Promise.prototype;
const { apply } = Reflect;
const resolved: PromiseConstructor["resolve"] = Promise.resolve.bind(Promise);

/** One execution, as long as anything of it is alive. */
export class RunState {
  readonly run: number;
  readonly label: string;
  readonly cellId: string | undefined;
  readonly silent: boolean;
  readonly allowStdin: boolean;
  readonly controller: AbortController = new AbortController();
  /** Rejecters of the top-level awaits that are pending. */
  readonly waiting: Set<(reason: unknown) => void> = new Set();
  /** True between its start and its `done`. */
  active = true;
  /** How many of its program's marks it has come past. */
  passed = 0;
  /** Which of its program's detours it took. */
  readonly detours: Set<number> = new Set();
  /** Where its newest top-level await stands. */
  awaiting: object | undefined;
  /** Where calls stand, at its top level, whose promises nobody took. */
  readonly dropped: object[] = [];
  /** What has to settle before it is over. */
  readonly held: Promise<unknown>[] = [];
  /** Where promises became text. */
  readonly texts: object[] = [];

  /** How often it awaited although it was interrupted. */
  #refused = 0;

  constructor(job: Job) {
    this.run = job.run;
    this.label = job.label;
    this.cellId = job.cellId;
    this.silent = job.silent;
    this.allowStdin = job.allowStdin;
  }

  get interrupted(): boolean {
    return this.controller.signal.aborted;
  }

  /** Ends the run at its top-level awaits, and tells everyone who holds its signal. */
  interrupt(reason: unknown): void {
    if (!this.interrupted) within(this, () => this.controller.abort(reason));
    for (const reject of this.waiting) reject(reason);
    this.waiting.clear();
  }

  /** What `value` gives, unless the run is interrupted before. Leaves nothing behind: a cell may await 100,000 times. */
  until<T>(value: T): Promise<Awaited<T>> {
    if (this.interrupted) {
      // A loop that catches everything would spin here for ever, and keep the thread from all others.
      if (++this.#refused > MOST_REFUSED) return new Promise(() => {});
      return Promise.reject(this.controller.signal.reason);
    }
    return new Promise((resolve, reject) => {
      this.waiting.add(reject);
      apply(then, resolved(value), [
        (result: Awaited<T>) => {
          this.waiting.delete(reject);
          resolve(result);
        },
        (error: unknown) => {
          this.waiting.delete(reject);
          reject(error);
        },
      ]);
    });
  }
}

/** What the store holds: the run, and whether what opens now is the cell's own or belongs to the session. */
export interface Context {
  run: RunState;
  session: boolean;
}

const storage = new AsyncLocalStorage<Context>();

export function current(): Context | undefined {
  return storage.getStore();
}

export function currentRun(): RunState | undefined {
  return storage.getStore()?.run;
}

export function within<T>(run: RunState | undefined, fn: () => T): T {
  return run ? storage.run({ run, session: false }, fn) : storage.exit(fn);
}

/** What opens in here lives as long as the session: modules are evaluated once, not once a cell. */
export function forSession<T>(fn: () => T): T {
  const run = currentRun();
  return run ? storage.run({ run, session: true }, fn) : fn();
}

/** What was thrown in a bound context has left it by the time it is caught. */
const thrownIn = new WeakMap<object, RunState>();

/** The run that an exception belongs to which nobody has caught. */
export function runOfUncaught(error: unknown): RunState | undefined {
  return currentRun() ?? (typeof error === "object" && error !== null ? thrownIn.get(error) : undefined);
}

/** Events of `emitter` run in the context in which this is called. */
export function bindEvents(emitter: EventEmitter): void {
  const inContext = AsyncLocalStorage.snapshot();
  const run = currentRun();
  const emit = emitter.emit;
  Object.defineProperty(emitter, "emit", {
    configurable: true,
    writable: true,
    value(this: EventEmitter, ...args: Parameters<EventEmitter["emit"]>): boolean {
      try {
        return inContext(() => emit.apply(this, args));
      } catch (error) {
        if (run && typeof error === "object" && error !== null) thrownIn.set(error, run);
        throw error;
      }
    },
  });
}

/** From now on servers bind what they accept. http, https, http2 and ws build on `net.Server`. */
export function bindAcceptedSockets(): void {
  const listen = net.Server.prototype.listen;
  const bound = new WeakSet<net.Server>();
  net.Server.prototype.listen = function (this: net.Server, ...args: unknown[]): net.Server {
    if (!bound.has(this) && current()) {
      bound.add(this);
      const inContext = AsyncLocalStorage.snapshot();
      // The last two are HTTP/2's.
      for (const event of ["connection", "secureConnection", "session", "stream"]) {
        this.prependListener(event, (socket: net.Socket) => inContext(() => bindEvents(socket)));
      }
      bindEvents(this);
    }
    return Reflect.apply(listen, this, args) as net.Server;
  } as typeof listen;
}

let replaced = false;

/**
 * Once a debugger asks for asynchronous stacks, Node adds timers and sockets to them by a hook of its own. Under async
 * hooks Node does not survive that a callback is terminated, so of the two halves of such stacks only V8's own stays:
 * promises and awaits. To be called right before the first such request.
 */
export function withoutInspectorHook(): void {
  if (replaced) return;
  replaced = true;
  const { createHook } = asyncHooks;
  asyncHooks.createHook = (callbacks) => {
    if (!String(callbacks.init).includes("inspector.asyncTaskScheduled")) return createHook(callbacks);
    asyncHooks.createHook = createHook;
    const none: ReturnType<typeof createHook> = { enable: () => none, disable: () => none };
    return none;
  };
}

// What a method that runs may ask of its call.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Deed } from "../flow.js";

/** @internal What makes one. */
export interface ContextOptions {
  target: string;
  key: string;
  deadline: number;
  chain: readonly string[];
  since?: number | undefined;
}

/** The call that a method runs for. */
export class CallContext {
  /** The object that is called. */
  readonly target: string;
  /** Names the call. */
  readonly key: string;
  /** On the clock of the node that runs it, in milliseconds: who calls waits until then. */
  readonly deadline: number;
  /** Objects whose methods wait for this one's end, the first first. */
  readonly chain: readonly string[];
  /** @internal On this node's clock: it may have run before, since then. Left out: it surely has not. */
  readonly since: number | undefined;
  /** @internal For a caller who wants to know what is done with his call. */
  tell: ((what: Deed[0]) => void) | undefined;
  /** @internal Calls that it has made itself. */
  calls = 0;
  #controller: AbortController | undefined;
  #reason: unknown;

  /** @internal */
  constructor({ target, key, deadline, chain, since }: ContextOptions) {
    this.target = target;
    this.key = key;
    this.deadline = deadline;
    this.chain = chain;
    this.since = since;
  }

  /** Aborted when nobody waits for the answer any more. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** @internal Why nobody waits any more. */
  get givenUp(): unknown {
    return this.#reason;
  }

  /** @internal Nobody waits any more. */
  giveUp(): void {
    this.#reason = new DOMException("nobody waits for it any more", "AbortError");
    this.#controller?.abort(this.#reason);
  }
}

/** @internal Writes down what is done with a call from now on. */
export function telling(call: CallContext, now: () => number): Deed[] {
  const deeds: Deed[] = [];
  const arrived = now();
  call.tell = (what) => void deeds.push([what, now() - arrived]);
  return deeds;
}

const running = new AsyncLocalStorage<CallContext>();

/** The call that is running here; `undefined` outside of all. */
export function context(): CallContext | undefined {
  return running.getStore();
}

/** @internal */
export function within<T>(call: CallContext, work: () => T): T {
  return running.run(call, work);
}

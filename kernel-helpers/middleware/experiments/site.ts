// Where one experiment with one design takes place: its hosts, clients and objects. Every wait has an end, and what goes wrong in the design is told by
// the step in which it did.
import { host as kernel } from "../../host-contract.js";
import type { Call, Design, Host, Service, Step } from "./design.js";
import type { Network } from "./network.js";

/** Milliseconds after which a call is given up, and any other step. */
const PATIENCE = { call: 2000, other: 4000 };
const TICK = 100;
/** After so many calls without an end nobody waits for another one. */
const MOST_HUNG = 2;

/** A step of the design failed where nothing should. */
export class DesignFailed extends Error {
  override readonly name: string = "DesignFailed";
}

/** How a call ended. */
export interface Attempt {
  value: unknown;
  /** Undefined: it was answered. */
  why: string | undefined;
  ms: number;
}

/** An error in one line: `TypeError: x is not a function`. */
export function inLine(error: unknown): string {
  if (!(error instanceof Error))
    return `something that is no Error was thrown: ${String(error).slice(0, 100)}`;
  const message = error.message.replace(/\s+/g, " ");
  const text = error.name === "Error" ? message : `${error.name}: ${message}`;
  return short(text, 130);
}

/** As much of a text as there is room for, in quotation marks or not. */
export const short = (text: string, most: number = 48): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** @throws DesignFailed after {@link PATIENCE} */
async function bounded<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  const patience = what.startsWith("call") ? PATIENCE.call : PATIENCE.other;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // Counted, not measured: while the whole machine stands still nothing is the design's fault.
    let left = patience / TICK;
    timer = setInterval(() => {
      if (--left <= 0) reject(new DesignFailed(`${what} came to no end within ${patience / 1000} s`));
    }, TICK);
  });
  try {
    return await Promise.race([late, work()]);
  } finally {
    clearInterval(timer);
  }
}

/** As {@link bounded}, and errors say in which step they came. */
async function step<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await bounded(what, work);
  } catch (error) {
    if (error instanceof DesignFailed) throw error;
    throw new DesignFailed(`${what}: ${inLine(error)}`, { cause: error });
  }
}

export class Site implements AsyncDisposable {
  readonly network: Network;
  readonly #design: Design;
  readonly #hosts: Host[] = [];
  readonly #forget: (() => void) | undefined;
  #hung = 0;
  #ended: Promise<string[]> | undefined;

  constructor(design: Design, network: Network) {
    this.#design = design;
    this.network = network;
    // An interrupt takes away the timers of its cell: whatever would have closed this would never come.
    this.#forget = kernel()?.own(this, { name: "an experiment" });
  }

  async host(): Promise<Host> {
    if (this.#ended) throw new DesignFailed("the experiments were interrupted");
    const host = await step("startHost()", () => this.#design.startHost());
    if (typeof host?.offer !== "function" || typeof host.stop !== "function")
      throw new DesignFailed("startHost() gave no host: it needs offer(name, make) and stop()");
    this.#hosts.push(host);
    // It came too late.
    if (this.#ended) await this.stop(host);
    return host;
  }

  async offer(host: Host, name: string, make: () => Service): Promise<void> {
    await step(`offer("${name}")`, () => host.offer(name, make));
  }

  /** To another host; who asks has seen that there is a way. */
  async move(from: Host, name: string, to: Host): Promise<void> {
    await step("move()", () => from.move?.(name, to));
  }

  async stop(host: Host): Promise<void> {
    await step("stop()", () => host.stop());
  }

  /** @param host whose address the client is given */
  async client(name: string, host?: Host): Promise<Call> {
    if (this.#ended) throw new DesignFailed("the experiments were interrupted");
    const what = `connect("${name}")${host ? "" : " without an address"}`;
    const call = await step(what, () =>
      host?.address === undefined ? this.#design.connect(name) : this.#design.connect(name, host.address),
    );
    if (typeof call !== "function")
      throw new DesignFailed(`${what} gave no function: it has to give call(method, ...args)`);
    return call;
  }

  /** A call that may fail: what it came to. */
  async attempt(call: Call, method: string, ...args: unknown[]): Promise<Attempt> {
    return await this.#timed(`call("${method}")`, () => call(method, ...args));
  }

  async #timed(what: string, work: () => Promise<unknown>): Promise<Attempt> {
    const began = performance.now();
    const ended = await bounded(what, work).then(
      (value) => ({ value, why: undefined }),
      (error: unknown) => {
        if (!(error instanceof DesignFailed)) return { value: error, why: inLine(error) };
        if (++this.#hung > MOST_HUNG) throw error;
        return { value: error, why: error.message };
      },
    );
    return { ...ended, ms: performance.now() - began };
  }

  /** A call that has to be answered. @throws DesignFailed */
  async answer(call: Call, method: string, ...args: unknown[]): Promise<unknown> {
    return await step(`call("${method}")`, () => call(method, ...args));
  }

  /** @returns undefined: the design has no transactions */
  async transaction(steps: Step[]): Promise<Attempt | undefined> {
    const { transaction } = this.#design;
    return transaction && (await this.#timed("transaction()", () => transaction.call(this.#design, steps)));
  }

  /** Ends everything, once. @returns what did not end by itself, in words */
  end(): Promise<string[]> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #end(): Promise<string[]> {
    this.#forget?.();
    const troubles: string[] = [];
    const trouble = (error: unknown): unknown => troubles.push((error as Error).message);
    await Promise.all(this.#hosts.map((host) => this.stop(host).catch(trouble)));
    await step("close()", () => this.#design.close?.()).catch(trouble);
    const left = this.network.clear();
    if (left > 0)
      troubles.push(
        `${left} ${left === 1 ? "socket" : "sockets"} still listened after stop() and close(), and had to be closed`,
      );
    return [...new Set(troubles)];
  }
}

// One who calls: several calls at once, of all kinds, and every word of what it was told is written down.
import { openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type * as Middleware from "../../../kernel-helpers/middleware/index.js";
import type { Counter } from "../../middleware/simulation/counter.js";
import type { Register } from "../../middleware/simulation/register.js";
import { type Begun, type Fate, type Line, now } from "./calls.js";
import { type Ledger, METHODS, type Method } from "./ledger.js";

/** Names that are called for a while. */
export interface Names {
  counters: string[];
  registers: string[];
  ledgers: string[];
}

export interface CallerOptions {
  node: Middleware.Node;
  /** Its name, in what ledgers write down. */
  name: string;
  /** Where its lines go. */
  file: string;
  random(): number;
  Uncertain: typeof Middleware.Uncertain;
}

/** Calls under way at once. */
const TOGETHER = 4;
/** Milliseconds that most calls may take, and from when to when the others. */
const PATIENCE = 20_000;
const [SHORT, NOT_SO_SHORT] = [200, 1500] as const;
/** So often what became of a call is asked for. */
const ASKED = 4;

export class Caller {
  readonly #options: CallerOptions;
  readonly #file: number;
  /** Names that it only reads: whoever also writes waits for that where the registry is out of reach. */
  readonly #looks = new Map<string, boolean>();
  /** How often each method of each ledger was called. */
  readonly #numbers = new Map<string, number>();
  #count = 0;
  #isPaused = true;
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#file = openSync(options.file, "a");
  }

  start(names: Names): void {
    this.#isPaused = false;
    this.#work = Promise.all(Array.from({ length: TOGETHER }, () => this.#converse(names)));
  }

  /** Waits for all calls. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#work;
  }

  async #converse(names: Names): Promise<void> {
    const { random } = this.#options;
    while (!this.#isPaused) {
      await this.#some(names);
      await sleep(random() < 0.1 ? 200 * random() : 30 * random());
    }
  }

  #some({ counters, registers, ledgers }: Names): Promise<Fate> {
    const { random } = this.#options;
    const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] as string;
    const timeout = random() < 0.25 ? SHORT + random() * (NOT_SO_SHORT - SHORT) : PATIENCE;
    const kind = random();
    if (kind < 0.45) return this.mark(pick(ledgers), METHODS[Math.floor(random() * 5)] ?? "once", timeout);
    if (kind < 0.7) return this.count(...this.#reads(pick(counters)), timeout);
    if (kind < 0.75) return this.glance(pick(counters), timeout);
    return this.register(...this.#reads(pick(registers)), timeout);
  }

  /** A name, and what to do with it. */
  #reads(name: string): [name: string, kind: number] {
    const { random } = this.#options;
    // Of every two names one is mostly looked at.
    const looks = this.#looks.get(name) ?? random() < (name.endsWith("b") ? 0.6 : 0.2);
    this.#looks.set(name, looks);
    return [name, looks ? 0 : random()];
  }

  mark(name: string, what: Method, timeout: number): Promise<Fate> {
    const ledger = this.#options.node.bind<Ledger>(name, { timeout });
    const n = (this.#numbers.get(`${what} ${name}`) ?? 0) + 1;
    this.#numbers.set(`${what} ${name}`, n);
    return this.#note({ name, what, n }, () => ledger[what](this.#options.name, n));
  }

  /** @param kind below 0.4: reads */
  count(name: string, kind: number, timeout: number): Promise<Fate> {
    const counter = this.#options.node.bind<Counter>(name, { timeout });
    if (kind < 0.4) return this.#note({ name, what: "read" }, () => counter.value());
    return this.#note({ name, what: "add", a: 1 }, () => (kind < 0.9 ? counter.add(1) : counter.bump()));
  }

  glance(name: string, timeout: number): Promise<Fate> {
    const copies = this.#options.node.bind<Counter>(name, { timeout, reads: "any" });
    return this.#note({ name, what: "glance" }, () => copies.value());
  }

  /** @param kind below 0.4: reads */
  register(name: string, kind: number, timeout: number): Promise<Fate> {
    const register = this.#options.node.bind<Register>(name, { timeout });
    const [a, b] = [1, 2].map(() => Math.floor(this.#options.random() * 5)) as [number, number];
    if (kind < 0.4) return this.#note({ name, what: "read" }, () => register.read());
    if (kind < 0.7) return this.#note({ name, what: "write", a }, () => register.write(a));
    return this.#note({ name, what: "exchange", a, b }, () => register.exchange(a, b));
  }

  async #note(
    begun: Omit<Begun, "i" | "from">,
    make: () => {
      key: string;
      outcome(): Promise<{ ok: true; value: number } | { ok: false; error: Error }>;
    },
  ): Promise<Fate> {
    const i = ++this.#count;
    this.#write({ i, ...begun, from: now() });
    const call = make();
    this.#write({ i, key: call.key });
    const outcome = await call.outcome();
    const fate = this.#fateOf(outcome.ok ? { state: "done", ...outcome } : { state: "failed", ...outcome });
    this.#write({ i, fate });
    if (fate.fate !== "uncertain") return fate;
    // At once, or later.
    await sleep(this.#options.random() * 1500);
    const later = await this.became({ target: begun.name, key: call.key });
    if (later.fate !== "uncertain") this.#write({ i, later });
    return later;
  }

  /** What became of a call of anybody's; bounded by the patience of `outcome` itself. */
  async became(call: { target: string; key: string }): Promise<Fate> {
    let why = "";
    for (let tries = 0; tries < ASKED; tries++) {
      try {
        return this.#fateOf(await this.#options.node.outcome(call));
      } catch (error) {
        why = String(error);
      }
    }
    return { fate: "uncertain", why };
  }

  #fateOf(became: Middleware.Became): Fate {
    if (became.state === "done") return { fate: "done", to: now(), value: became.value as number };
    if (became.state === "never") return { fate: "refused", why: "never" };
    const why = String(became.error);
    return { fate: became.error instanceof this.#options.Uncertain ? "uncertain" : "refused", why };
  }

  #write(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`);
  }
}

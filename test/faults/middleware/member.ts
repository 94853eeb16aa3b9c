// A process of a cluster: a node that hosts everything, or one that calls.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type * as Middleware from "../../../kernel-helpers/middleware/index.js";
import * as counter from "../../middleware/simulation/counter.js";
import * as register from "../../middleware/simulation/register.js";
import { createDice } from "../scenario.js";
import { Caller, type Names } from "./caller.js";
import { type Fate, now } from "./calls.js";
import * as ledger from "./ledger.js";
import { obey, over } from "./program.js";

/** What a process is told when it begins. */
export interface MemberOptions {
  /** The build. */
  dist: string;
  start: Middleware.StartOptions;
  name: string;
  seed: number;
  /** Where a caller's lines go. */
  file: string;
}

const { dist, start, name, seed, file } = JSON.parse(process.argv[2] as string) as MemberOptions;
const dice = createDice(seed);
const random = (): number => dice(1e6) / 1e6;
const middleware = (await import(join(dist, "helpers", "middleware", "index.js"))) as typeof Middleware;
const node = await middleware.startNode(start);
let caller: Caller | undefined;

/** Now and then a call takes a while. */
const pause = (): Promise<void> | undefined => (random() < 0.1 ? sleep(10 * random()) : undefined);

obey({
  where: () => node.where,
  id: () => node.id,
  async host() {
    await node.export<counter.Counter>("counter/*", () => new counter.CounterObject(pause), {
      semantics: counter.semantics,
    });
    await node.export<register.Register>("register/*", () => new register.RegisterObject(pause), {
      semantics: register.semantics,
    });
    await node.export<ledger.Ledger>("ledger/*", () => new ledger.LedgerObject(pause), {
      semantics: ledger.semantics,
    });
  },
  call(names: Names) {
    caller ??= new Caller({ node, name, file, random, Uncertain: middleware.Uncertain });
    caller.start(names);
  },
  pause: () => caller?.pause(),
  /** Calls every name until it has answered. @returns how long each took in milliseconds, or why it did not in that time */
  async probe({ names, timeout }: { names: Names; timeout: number }) {
    const asked = caller as Caller;
    const timed = async (call: (left: number) => Promise<Fate>): Promise<number | string> => {
      const began = now();
      for (;;) {
        const fate = await call(began + timeout - now());
        if (fate.fate === "done") return now() - began;
        if (now() > began + timeout - 1000) return fate.why;
        await sleep(50);
      }
    };
    return await Promise.all([
      ...names.counters.map((one) => timed((left) => asked.count(one, 0.5, left))),
      ...names.registers.map((one) => timed((left) => asked.register(one, 0.5, left))),
      ...names.ledgers.map((one) => timed((left) => asked.mark(one, "once", left))),
    ]);
  },
  /** Reads every name once more. */
  async look({ names: { counters, registers }, timeout }: { names: Names; timeout: number }) {
    await Promise.all([
      ...counters.map((one) => caller?.count(one, 0, timeout)),
      ...registers.map((one) => caller?.register(one, 0, timeout)),
    ]);
  },
  became: (calls: { target: string; key: string }[]) => Promise.all(calls.map((one) => caller?.became(one))),
  marks: (one: string) => node.bind<ledger.Ledger>(one, { timeout: 30_000 }).marks(),
  migrate: ({ name: one, to }: { name: string; to: string }) => node.migrate(one, to),
  /** Busy with something else. */
  block(ms: number) {
    for (const until = now() + ms; now() < until; );
  },
  async end() {
    await node.close();
    over();
  },
});
process.send?.("up");

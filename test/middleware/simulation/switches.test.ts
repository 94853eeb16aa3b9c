// Each transparency is a switch: the same experiment holds with it, and breaks without it.
import { expect, test } from "vitest";
import type { Transparency } from "../../../kernel-helpers/middleware/flow.js";
import type { AtLeastOnce, Reads, Stateful } from "../../../kernel-helpers/middleware/remote.js";
import { Cluster, type Member } from "./cluster.js";

interface Thing {
  add(by: number): Promise<number>;
  again(by: number): AtLeastOnce<number>;
  look(): Reads<number>;
  echo(value: unknown): Reads<unknown>;
  fail(): Reads<never>;
}

class ThingObject implements Stateful<number> {
  #value = 0;
  readonly #pause: () => Promise<void>;
  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }
  async add(by: number): Promise<number> {
    const before = this.#value;
    await this.#pause();
    this.#value = before + by;
    return this.#value;
  }
  again(by: number): Promise<number> {
    return this.add(by);
  }
  async look(): Promise<number> {
    return this.#value;
  }
  async echo(value: unknown): Promise<unknown> {
    return value;
  }
  async fail(): Promise<never> {
    throw new RangeError("out of range");
  }
  dehydrate(): number {
    return this.#value;
  }
  rehydrate(state: number): void {
    this.#value = state;
  }
}

interface Site {
  cluster: Cluster;
  hosts: [Member, Member];
  /** The host that has the object. */
  holder(): Member;
  caller: Member;
  thing: ReturnType<Member["node"]["bind"]> & Record<keyof Thing, (...args: never[]) => Promise<never>>;
}

async function site(without: Transparency[], { stateless = false } = {}): Promise<Site> {
  const cluster = new Cluster(9);
  const { simulation } = cluster;
  const options = { without, timeout: 5000 };
  const make = async (): Promise<Omit<Site, "cluster" | "thing">> => {
    await cluster.openRegistry();
    const hosts = [await cluster.join(options), await cluster.join(options)] as [Member, Member];
    for (const { node } of hosts) {
      const factory = (): ThingObject => new ThingObject(() => simulation.sleep(20));
      const semantics = { again: "at-least-once", look: "reads", echo: "reads", fail: "reads" } as const;
      if (stateless) await node.export<Thing>("thing", factory as never, { semantics, stateless: true });
      else await node.export<Thing>("thing", factory, { semantics, idle: 500 });
    }
    const holder = (): Member => hosts.find(({ node }) => node.active.length > 0) ?? hosts[0];
    return { hosts, holder, caller: await cluster.join(options) };
  };
  const made = await simulation.run(make());
  const at = without.includes("location") ? { at: made.hosts[0].node.where } : {};
  return { cluster, ...made, thing: made.caller.node.bind<Thing>("thing", at) as never };
}

const run = async <T>({ cluster }: Site, work: () => Promise<T>): Promise<T | string> =>
  await cluster.simulation.run(
    work().catch((error: unknown) => `${(error as Error).name ?? JSON.stringify(error)}`),
  );

/** What is done, what it comes to with everything, and without one of it. */
const experiments: [Transparency, (site: Site) => Promise<unknown>, unknown, unknown][] = [
  [
    "access",
    async ({ thing }) => {
      const date = await thing.echo(new Date(0) as never);
      const error: unknown = await thing.fail().catch((reason: unknown) => reason);
      return [
        (date as unknown) instanceof Date,
        error instanceof RangeError,
        (await thing.echo((() => 1) as never)) === null,
      ];
    },
    [true, true, false],
    [false, false, true],
  ],
  ["location", async ({ caller }) => typeof caller.node.bind<Thing>("thing"), "object", "TypeError"],
  [
    "relocation",
    async ({ thing, holder, hosts }) => {
      await thing.add(1 as never);
      const from = holder();
      await from.node.migrate("thing", (from === hosts[0] ? hosts[1] : hosts[0]).node.id);
      return await thing.add(1 as never);
    },
    2,
    "Unreachable",
  ],
  [
    "failure",
    async ({ thing, caller, cluster }) => {
      await thing.add(1 as never);
      const call = thing.again(1 as never);
      await cluster.simulation.sleep(5);
      caller.computer.breakSome(1);
      return await call;
    },
    2,
    "SessionLost",
  ],
  [
    "persistence",
    async ({ thing, cluster }) => {
      await thing.add(5 as never);
      await cluster.simulation.sleep(2000);
      return await thing.look();
    },
    5,
    0,
  ],
  [
    "concurrency",
    async ({ thing }) => {
      await Promise.all([1, 2, 3, 4, 5].map(() => thing.add(1 as never)));
      return await thing.look();
    },
    5,
    1,
  ],
];

test.each(experiments)(
  "%s: it holds with the transparency, and breaks without",
  async (name, work, held, broken) => {
    const withAll = await site([]);
    expect(await run(withAll, async () => await work(withAll))).toEqual(held);
    const without = await site([name]);
    expect(await run(without, async () => await work(without))).toEqual(broken);
  },
);

test("replication: with it another node answers when the first is gone, without it nobody does", async () => {
  const work = async ({ thing, hosts, cluster }: Site): Promise<unknown> => {
    await thing.look();
    hosts.find(({ node }) => node.active.length > 0)?.computer.kill();
    await cluster.simulation.sleep(100);
    return await thing.look();
  };
  const both = await site([], { stateless: true });
  expect(await run(both, () => work(both))).toBe(0);
  const one = await site(["replication"], { stateless: true });
  expect(await run(one, () => work(one))).not.toBe(0);
});

// What each method promises of its effect, when an answer, or the question, is lost.
import { expect, test } from "vitest";
import {
  Deadlock,
  NoSuchName,
  Stale,
  type Uncertain,
  Unreachable,
} from "../../../kernel-helpers/middleware/errors.js";
import type { AtLeastOnce, Reads, Stateful } from "../../../kernel-helpers/middleware/remote.js";
import { Cluster, type Member } from "./cluster.js";
import { type Counter, CounterObject, semantics } from "./counter.js";

interface Worker {
  once(): number;
  again(): AtLeastOnce<number>;
}

class WorkerObject {
  count = 0;
  readonly wait: () => Promise<void>;
  constructor(wait: () => Promise<void>) {
    this.wait = wait;
  }
  async once(): Promise<number> {
    this.count++;
    await this.wait();
    return this.count;
  }
  again(): Promise<number> {
    return this.once();
  }
}

async function site(nodes: number): Promise<{ cluster: Cluster; members: Member[] }> {
  const cluster = new Cluster(3);
  const members: Member[] = [];
  const make = async (): Promise<void> => {
    await cluster.openRegistry();
    for (let at = 0; at < nodes; at++) members.push(await cluster.join({ timeout: 5000 }));
  };
  await cluster.simulation.run(make());
  return { cluster, members };
}

test("at most once: a call whose answer is lost is uncertain, and is not made again; at least once: it is", async () => {
  const { cluster, members } = await site(3);
  const { simulation } = cluster;
  const [one, two, caller] = members as [Member, Member, Member];
  const made: WorkerObject[] = [];
  for (const member of [one, two])
    await simulation.run(
      member.node.export<Worker>(
        "worker",
        () => {
          const worker = new WorkerObject(() => simulation.sleep(300));
          made.push(worker);
          return worker;
        },
        { semantics: { again: "at-least-once" }, stateless: true },
      ),
    );
  const proxy = caller.node.bind<Worker>("worker");
  const first = proxy.once().outcome();
  await simulation.run(simulation.sleep(100));
  expect(made).toHaveLength(1);
  (one.node.active.length > 0 ? one : two).computer.kill();
  expect(await simulation.run(first)).toMatchObject({
    ok: false,
    error: { name: "Uncertain", target: "worker" },
  });
  expect(await simulation.run(proxy.again())).toBe(1);
});

test("a call that surely was not made says so: nobody exports the name, or nobody can be reached in time", async () => {
  const { cluster, members } = await site(2);
  const { simulation } = cluster;
  const [host, caller] = members as [Member, Member];
  const began = simulation.now;
  await expect(simulation.run(caller.node.bind<Counter>("nobody").value())).rejects.toThrow(NoSuchName);
  expect(simulation.now - began).toBeLessThan(100);
  await simulation.run(host.node.export<Counter>("counter", () => new CounterObject(), { semantics }));
  const counter = caller.node.bind<Counter>("counter");
  await simulation.run(counter.add(1));
  host.computer.kill();
  await simulation.run(simulation.sleep(100));
  await expect(simulation.run(counter.bump())).rejects.toThrow(Unreachable);
});

test("an uncertain outcome can be asked for later; what never ran never will", async () => {
  const { cluster, members } = await site(3);
  const { simulation } = cluster;
  const [one, two, caller] = members as [Member, Member, Member];
  for (const member of [one, two])
    await simulation.run(
      member.node.export<Counter>("counter", () => new CounterObject(() => simulation.sleep(100)), {
        semantics,
      }),
    );
  const counter = caller.node.bind<Counter>("counter", { timeout: 400 });
  await simulation.run(counter.add(1));
  const host = one.node.active.length > 0 ? one : two;
  // The question arrives, the answer does not.
  const outcome = counter.bump().outcome();
  simulation.after(50, () => {
    for (const { computer } of [one, two]) simulation.cut(computer, caller.computer);
  });
  const found = await simulation.run(outcome);
  expect(found).toMatchObject({ ok: false, error: { name: "Uncertain" } });
  simulation.mendAll();
  const error = (found as { error: Uncertain }).error;
  const became = await simulation.run(caller.node.outcome(error));
  const value = await simulation.run(counter.value());
  expect([
    { became: { state: "done", value: 2 }, value: 2 },
    { became: { state: "never" }, value: 1 },
  ]).toContainEqual({ became, value });
  expect(await simulation.run(caller.node.outcome(error))).toEqual(became);
  expect(host.computer.isDown).toBe(false);
});

test("one turn at a time: calls that wait in the middle do not mix, and those that read run together", async () => {
  const { cluster, members } = await site(2);
  const { simulation } = cluster;
  const [host, caller] = members as [Member, Member];
  interface Account {
    add(by: number): Promise<number>;
    look(): Reads<number>;
  }
  let running = 0;
  let most = 0;
  class AccountObject implements Stateful<number> {
    #value = 0;
    async add(by: number): Promise<number> {
      const before = this.#value;
      await simulation.sleep(10);
      this.#value = before + by;
      return this.#value;
    }
    async look(): Promise<number> {
      most = Math.max(most, ++running);
      await simulation.sleep(10);
      running--;
      return this.#value;
    }
    dehydrate(): number {
      return this.#value;
    }
    rehydrate(state: number): void {
      this.#value = state;
    }
  }
  await simulation.run(
    host.node.export<Account>("account", () => new AccountObject(), { semantics: { look: "reads" } }),
  );
  const proxy = caller.node.bind<Account>("account");
  await simulation.run(Promise.all(Array.from({ length: 50 }, () => proxy.add(1))));
  expect(await simulation.run(proxy.look())).toBe(50);
  await simulation.run(Promise.all(Array.from({ length: 5 }, () => proxy.look())));
  expect(most).toBe(5);
});

test("a chain of calls that comes back is told as a deadlock, or let in where that is wanted", async () => {
  const { cluster, members } = await site(2);
  const { simulation } = cluster;
  const [one, two] = members as [Member, Member];
  interface Ping {
    ping(left: number): Promise<number>;
  }
  const make = (member: Member, other: string) => () => ({
    ping: (left: number): Promise<number> =>
      left === 0
        ? Promise.resolve(0)
        : member.node
            .bind<Ping>(other)
            .ping(left - 1)
            .then((n) => n + 1),
  });
  for (const reentrant of [false, true]) {
    const [a, b] = reentrant ? ["c", "d"] : ["a", "b"];
    const options = { semantics: {}, stateless: true, reentrant } as const;
    await simulation.run(one.node.export<Ping>(a, make(one, b), options));
    await simulation.run(two.node.export<Ping>(b, make(two, a), options));
    const call = simulation.run(two.node.bind<Ping>(a).ping(4));
    if (reentrant) expect(await call).toBe(4);
    else await expect(call).rejects.toThrow(Deadlock);
  }
});

test("an object sleeps when nobody calls it, and is there with its state at the next call", async () => {
  const { cluster, members } = await site(2);
  const { simulation } = cluster;
  const [host, caller] = members as [Member, Member];
  let made = 0;
  const factory = (): CounterObject => {
    made++;
    return new CounterObject();
  };
  await simulation.run(host.node.export<Counter>("counter", factory, { semantics, idle: 1000 }));
  const counter = caller.node.bind<Counter>("counter");
  await simulation.run(counter.add(5));
  await simulation.run(simulation.sleep(3000));
  expect(host.node.active).toEqual([]);
  expect(await simulation.run(counter.add(1))).toBe(6);
  expect(made).toBe(2);
});

test("a state that cannot be kept is told to whoever made it so, and the object is as it was before", async () => {
  const { cluster, members } = await site(2);
  const { simulation } = cluster;
  const [host, caller] = members as [Member, Member];
  interface Box {
    put(what: string): Promise<void>;
    size(): Reads<number>;
  }
  class BoxObject implements Stateful<unknown> {
    #value: unknown = "x";
    async put(what: string): Promise<void> {
      this.#value = what === "function" ? () => what : what === "much" ? "x".repeat(20_000_000) : what;
      await simulation.sleep(5);
    }
    size(): number {
      return String(this.#value).length;
    }
    dehydrate(): unknown {
      return this.#value;
    }
    rehydrate(state: unknown): void {
      this.#value = state;
    }
  }
  await simulation.run(host.node.export<Box>("box", () => new BoxObject(), { semantics: { size: "reads" } }));
  const box = caller.node.bind<Box>("box");
  await simulation.run(box.put("four"));
  await expect(simulation.run(box.put("function"))).rejects.toThrow(/cannot be sent/);
  expect(await simulation.run(box.size())).toBe(4);
  await expect(simulation.run(box.put("much"))).rejects.toThrow(
    /has 19\.1 MB, and this registry keeps up to 16\.0 MB/,
  );
  expect(await simulation.run(box.size())).toBe(4);
  // Also among calls that follow each other without a pause.
  const all = ["one", "function", "three"].map((what) => box.put(what).outcome());
  expect((await simulation.run(Promise.all(all))).map(({ ok }) => ok)).toEqual([true, false, true]);
  expect(await simulation.run(box.size())).toBe(5);
});

test("an object moves while it is called, and callers see nothing but time", async () => {
  const { cluster, members } = await site(3);
  const { simulation } = cluster;
  const [one, two, caller] = members as [Member, Member, Member];
  for (const member of [one, two])
    await simulation.run(member.node.export<Counter>("counter", () => new CounterObject(), { semantics }));
  const counter = caller.node.bind<Counter>("counter");
  const answers: number[] = [];
  const work = async (): Promise<void> => {
    await Promise.all(
      Array.from({ length: 200 }, async (_, n) => {
        await simulation.sleep(n);
        answers.push(await counter.bump());
      }),
    );
  };
  const moves = async (): Promise<void> => {
    for (let n = 0; n < 6; n++) {
      await simulation.sleep(30);
      const [from, to] = one.node.active.length > 0 ? [one, two] : [two, one];
      await caller.node.migrate("counter", to.node.id);
      expect(from.node.active).toEqual([]);
    }
  };
  await simulation.run(Promise.all([work(), moves()]));
  // In order, too: they were made in this order.
  expect(answers).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
});

test("copies answer who only reads: never older than what the reader has seen, and as fresh as is asked for", async () => {
  const { cluster, members } = await site(4);
  const { simulation } = cluster;
  const [one, two, three, caller] = members as [Member, Member, Member, Member];
  for (const member of [one, two, three])
    await simulation.run(member.node.export<Counter>("counter", () => new CounterObject(), { semantics }));
  const any = caller.node.bind<Counter>("counter", { reads: "any" });
  await simulation.run(any.add(1));
  const leader = members.find(({ node }) => node.active.includes("counter")) as Member;
  for (let n = 2; n < 30; n++) {
    expect(await simulation.run(any.value())).toBe(n - 1);
    expect(await simulation.run(any.add(1))).toBe(n);
  }
  // Without its leader it can be read, and not changed.
  for (const { computer } of members)
    if (computer !== leader.computer) simulation.cut(leader.computer, computer);
  simulation.cut(leader.computer, (cluster.registry as NonNullable<typeof cluster.registry>).computer);
  expect(await simulation.run(any.value())).toBe(29);
  // Without the registry nobody knows how old a copy is.
  for (const { computer } of members)
    simulation.cut((cluster.registry as NonNullable<typeof cluster.registry>).computer, computer);
  const fresh = caller.node.bind<Counter>("counter", { reads: { fresh: 500 }, timeout: 20_000 });
  expect(await simulation.run(any.value())).toBe(29);
  await simulation.run(simulation.sleep(1000));
  await expect(simulation.run(fresh.value())).rejects.toThrow(Stale);
  simulation.mendAll();
  expect(await simulation.run(fresh.value())).toBe(29);
});

test("a new worker behind a name gets its share, and callers change nothing", async () => {
  const { cluster, members } = await site(4);
  const { simulation } = cluster;
  const caller = members[3] as Member;
  const counts = [0, 0, 0];
  const serve = (at: number): Promise<void> =>
    simulation.run(
      (members[at] as Member).node.export<{ work(): AtLeastOnce<void> }>(
        "worker",
        () => ({
          work: async () => {
            (counts[at] as number)++;
            await simulation.sleep(20);
          },
        }),
        { semantics: { work: "at-least-once" }, stateless: true },
      ),
    );
  await serve(0);
  const proxy = caller.node.bind<{ work(): AtLeastOnce<void> }>("worker");
  const burst = (): Promise<unknown> =>
    simulation.run(Promise.all(Array.from({ length: 30 }, () => proxy.work())));
  const timed = async (): Promise<number> => {
    const began = simulation.now;
    await burst();
    return simulation.now - began;
  };
  const alone = await timed();
  await serve(1);
  await serve(2);
  await simulation.run(simulation.sleep(3000));
  await burst();
  expect(await timed()).toBeLessThan(alone / 2);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(10);
});

// Calls between nodes in a simulated network: what they promise, while computers die, stand still and are cut off.
import { expect, test } from "vitest";
import { Cluster, type Member } from "./cluster.js";
import { type Counter, CounterObject, semantics } from "./counter.js";

const SEEDS = Array.from({ length: 30 }, (_, at) => at + 1);

async function counters(
  seed: number,
  nodes: number,
): Promise<Cluster & { members: Awaited<ReturnType<Cluster["join"]>>[] }> {
  const cluster = new Cluster(seed);
  await cluster.simulation.run(cluster.openRegistry());
  const members = [];
  for (let at = 0; at < nodes; at++) {
    const member = await cluster.simulation.run(cluster.join({ timeout: 30_000 }));
    await cluster.simulation.run(
      member.node.export<Counter>("counter", () => new CounterObject(), { semantics }),
    );
    members.push(member);
  }
  return Object.assign(cluster, { members });
}

test("a name is all that a caller needs, and the object is on one node", async () => {
  const { simulation, members, ...cluster } = await counters(1, 3);
  const proxies = members.map(({ node }) => node.bind<Counter>("counter"));
  const answers = simulation.run(Promise.all(proxies.map((proxy) => proxy.add(1))));
  expect((await answers).sort()).toEqual([1, 2, 3]);
  expect(members.filter(({ node }) => node.active.includes("counter"))).toHaveLength(1);
  void cluster;
});

test.each(SEEDS)(
  "every acknowledged effect is there once, and none twice, whatever dies (seed %i)",
  async (seed) => {
    const cluster = await counters(seed, 4);
    const { simulation, members } = cluster;
    const caller = members[3] as (typeof members)[0];
    const proxy = caller.node.bind<Counter>("counter");
    let acknowledged = 0;
    let refused = 0;
    const work = (async () => {
      for (let n = 0; n < 60; n++) {
        const outcome = await proxy.add(1).outcome();
        if (outcome.ok) acknowledged++;
        else refused++;
        await simulation.sleep(20 * simulation.random());
      }
    })();
    const trouble = (async () => {
      for (let n = 0; n < 3; n++) {
        await simulation.sleep(300 * simulation.random());
        const victim = members[n] as (typeof members)[0];
        const what = Math.floor(simulation.random() * 4);
        if (what === 0 && members.slice(0, 3).filter(({ computer }) => !computer.isDown).length > 1)
          victim.computer.kill();
        else if (what === 1) {
          victim.computer.stop();
          simulation.after(2500, () => victim.computer.go());
        } else if (what === 2) {
          simulation.cut(victim.computer, caller.computer);
          simulation.after(1500, () => simulation.mendAll());
        } else for (const { computer } of members) computer.breakSome(0.5);
      }
    })();
    await simulation.run(Promise.all([work, trouble]));
    const value = await simulation.run(proxy.value());
    expect({ acknowledged, refused }).toEqual({ acknowledged: 60, refused: 0 });
    expect(value).toBe(60);
  },
);

test("calls of one caller have their effect in the order in which they were made, also where a lease is lost and had again meanwhile", async () => {
  const cluster = await counters(3, 1);
  const { simulation } = cluster;
  const [one] = cluster.members as [Member];
  const callers: Member[] = [];
  for (let at = 0; at < 100; at++) callers.push(await simulation.run(cluster.join({ timeout: 20_000 })));
  const registry = cluster.registry?.computer as Member["computer"];
  for (const { node } of callers) await simulation.run(node.bind<Counter>("counter").value());
  simulation.cut(one.computer, registry);
  simulation.after(1500, () => simulation.mendAll());
  // One of them calls in the moment in which it is there again.
  const burst = async ({ node }: Member, at: number): Promise<number[]> => {
    await simulation.sleep(1490 + at);
    const made: Promise<number>[] = [];
    for (let n = 0; n < 20; n++) {
      made.push(node.bind<Counter>("counter").add(1));
      await simulation.sleep(0.3);
    }
    return await Promise.all(made);
  };
  const all = await simulation.run(Promise.all(callers.map(burst)));
  for (const values of all) expect(values).toEqual([...values].sort((a, b) => a - b));
  expect(all.flat()).toHaveLength(2000);
});

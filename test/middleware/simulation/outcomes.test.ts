// What became of calls that were given up.
import { expect, test } from "vitest";
import type { Uncertain } from "../../../kernel-helpers/middleware/errors.js";
import { Cluster, type Member } from "./cluster.js";
import { type Counter, CounterObject, semantics } from "./counter.js";

/** A counter whose calls take a while, and who calls it. */
async function slowly(): Promise<{ simulation: Cluster["simulation"]; node: Member["node"] }> {
  const cluster = new Cluster(3);
  const { simulation } = cluster;
  const make = async (): Promise<Member["node"]> => {
    await cluster.openRegistry();
    const host = await cluster.join();
    const slow = (): CounterObject => new CounterObject(() => simulation.sleep(300));
    await host.node.export<Counter>("counter", slow, { semantics });
    return (await cluster.join({ timeout: 5000 })).node;
  };
  return { simulation, node: await simulation.run(make()) };
}

test("an uncertain outcome can be asked for after later calls were answered, too", async () => {
  const { simulation, node } = await slowly();
  const counter = node.bind<Counter>("counter");
  const hasty = node.bind<Counter>("counter", { timeout: 100 });
  expect(await simulation.run(counter.add(1))).toBe(1);
  // It arrives, and its answer comes too late.
  const found = await simulation.run(hasty.add(1).outcome());
  expect(found).toMatchObject({ ok: false, error: { name: "Uncertain" } });
  for (const value of [3, 4, 5]) expect(await simulation.run(counter.add(1))).toBe(value);
  const { error } = found as { error: Uncertain };
  expect(await simulation.run(node.outcome(error))).toEqual({ state: "done", value: 2 });
});

test("what never ran never will, also when that is asked after later calls", async () => {
  const { simulation, node } = await slowly();
  const counter = node.bind<Counter>("counter");
  expect(await simulation.run(counter.add(1))).toBe(1);
  const running = counter.add(1);
  // It waits for its turn, and nobody waits for it then.
  const found = await simulation.run(node.bind<Counter>("counter", { timeout: 100 }).add(1).outcome());
  expect(found).toMatchObject({ ok: false, error: { name: "Uncertain" } });
  expect(await simulation.run(running)).toBe(2);
  for (const value of [3, 4]) expect(await simulation.run(counter.add(1))).toBe(value);
  const { error } = found as { error: Uncertain };
  expect(await simulation.run(node.outcome(error))).toEqual({ state: "never" });
  expect(await simulation.run(counter.value())).toBe(4);
});

// A call can be asked where it went, what it waited for, and what was tried again.
import { expect, test } from "vitest";
import { explain } from "../../../kernel-helpers/middleware/index.js";
import { Cluster, type Member } from "./cluster.js";
import { type Counter, CounterObject, semantics } from "./counter.js";

async function site(): Promise<{ cluster: Cluster; hosts: Member[]; caller: Member }> {
  const cluster = new Cluster(5);
  const hosts: Member[] = [];
  const make = async (): Promise<Member> => {
    await cluster.openRegistry();
    for (let at = 0; at < 2; at++) {
      const member = await cluster.join({ timeout: 20_000 });
      await member.node.export<Counter>("counter", () => new CounterObject(), { semantics });
      hosts.push(member);
    }
    return await cluster.join({ timeout: 20_000 });
  };
  const caller = await cluster.simulation.run(make());
  return { cluster, hosts, caller };
}

test("a first call asks the registry, the next one goes straight there", async () => {
  const { cluster, caller } = await site();
  const counter = caller.node.bind<Counter>("counter");
  const first = counter.add(1);
  await cluster.simulation.run(first);
  expect(explain(first).steps.map(({ what }) => what)).toEqual(["made", "asks", "found", "sent", "answered"]);
  const second = counter.add(1);
  expect(explain(second).toString()).toContain("under way for");
  await cluster.simulation.run(second);
  const explained = explain(second);
  expect(explained).toMatchObject({ call: "counter.add", key: second.key });
  expect(explained.steps.map(({ what }) => what)).toEqual(["made", "sent", "answered"]);
  expect(explained.ms).toBeGreaterThan(0.4);
  expect(String(explained)).toMatch(/counter\.add \(exactly-once\), key .*: over after \d+\.\d ms/);
});

test("an object that has moved, or whose node is gone, is looked for, and all of it is told", async () => {
  const { cluster, hosts, caller } = await site();
  const { simulation } = cluster;
  const counter = caller.node.bind<Counter>("counter");
  await simulation.run(counter.add(1));
  const [from, to] = (hosts[0]?.node.active.length ? [hosts[0], hosts[1]] : [hosts[1], hosts[0]]) as [
    Member,
    Member,
  ];
  await simulation.run(from.node.migrate("counter", to.node.id));
  const moved = counter.add(1);
  await simulation.run(moved);
  const steps = explain(moved).steps;
  expect(steps.map(({ what }) => what)).toEqual(["made", "sent", "moved", "sent", "answered"]);
  expect(steps.map(({ where }) => where)).toEqual([
    undefined,
    from.node.where,
    from.node.where,
    to.node.where,
    to.node.where,
  ]);
  to.computer.kill();
  const again = counter.add(1);
  expect(await simulation.run(again)).toBe(3);
  const told = explain(again).toString();
  const kinds = explain(again).steps.map(({ what }) => what);
  for (const kind of ["lost", "asks", "found"] as const) expect(kinds).toContain(kind);
  // What was tried again and again is folded.
  expect(told).toMatch(/\d+ × caller → node send, caller → registry send/);
  for (const where of [from.node.where, to.node.where]) expect(told).toContain(where);
  const bundle = (explain(again) as unknown as Record<symbol, () => Record<string, string>>)[
    Symbol.for("Jupyter.display")
  ]?.();
  expect(bundle?.["image/svg+xml"]).toContain("over after");
  expect(bundle?.["text/vnd.mermaid"]).toContain("sequenceDiagram");
});

test("a call that is given up says why, and what is no call says so", async () => {
  const { cluster, hosts, caller } = await site();
  const { simulation } = cluster;
  const counter = caller.node.bind<Counter>("counter", { timeout: 700 });
  await simulation.run(counter.add(1));
  for (const { computer } of hosts) simulation.cut(computer, caller.computer);
  const call = counter.add(1);
  await simulation.run(call.outcome());
  expect(explain(call).toString()).toMatch(/✕ given up: its time is up/);
  expect(() => explain(Promise.resolve(1))).toThrow("explain(call) takes what a method of a proxy gave");
});

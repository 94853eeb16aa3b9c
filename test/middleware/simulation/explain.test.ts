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

test("who asks for it is told what the owner did, and when by its own clock, between what was sent and what came", async () => {
  const cluster = new Cluster(5);
  const { simulation } = cluster;
  const work = async (): Promise<void> => {
    await cluster.openRegistry();
    const host = await cluster.join();
    const caller = await cluster.join();
    await host.node.export<Counter>("counter", () => new CounterObject(() => simulation.sleep(30)), {
      semantics,
    });
    const counter = caller.node.bind<Counter>("counter", { explain: true });
    const first = counter.add(1);
    await first;
    expect(explain(first).steps.map(({ what }) => what)).toEqual([
      ...["made", "asks", "found", "sent", "woken", "begins", "ends", "kept", "answers", "answered"],
    ]);
    // It waits for the one before it.
    const before = counter.add(1);
    const call = counter.add(1);
    await Promise.all([before, call]);
    const { steps, ms } = explain(call);
    expect(steps.map(({ what }) => what)).toEqual([
      "made",
      "sent",
      "begins",
      "ends",
      "kept",
      "answers",
      "answered",
    ]);
    const at = new Map<string, (typeof steps)[0]>(steps.map((step) => [step.what, step]));
    const owner = (what: string): number => at.get(what)?.ms as number;
    expect(owner("begins")).toBeGreaterThanOrEqual(29);
    expect(owner("ends") - owner("begins")).toBeCloseTo(30, 5);
    expect(owner("kept")).toBeGreaterThan(owner("ends"));
    expect(owner("answers")).toBeLessThan(ms);
    const times = steps.map((step) => step.at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const ways = (at.get("answered")?.at as number) - (at.get("sent")?.at as number) - owner("answers");
    expect((at.get("begins")?.at as number) - (at.get("sent")?.at as number)).toBeCloseTo(
      ways / 2 + owner("begins"),
      5,
    );
    const text = String(explain(call));
    expect(text).toMatch(/its turn: \+\d+\.\d ms[\s\S]*has run: \+30\.0 ms[\s\S]*in the journal: \+\d/);
    expect(text).toContain("placed as if the way there and the way back had been equally long");
    // Who only reads has nothing to wait for but what is being written.
    const read = counter.value();
    await read;
    expect(explain(read).steps.map(({ what }) => what)).toEqual([
      ...["made", "sent", "begins", "ends", "answers", "answered"],
    ]);
    // Nobody else is told, and says how to be.
    const plain = caller.node.bind<Counter>("counter").value();
    await plain;
    expect(explain(plain).steps.every((step) => step.ms === undefined)).toBe(true);
    expect(String(explain(plain))).toContain("bind(name, { explain: true })");
  };
  await simulation.run(work());
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

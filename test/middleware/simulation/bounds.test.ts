// What grows with use has an end, and what has to go then is told: no call has its effect twice for that, and nobody who does not read holds what others need.
import { expect, test } from "vitest";
import { Uncertain } from "../../../kernel-helpers/middleware/errors.js";
import { Results } from "../../../kernel-helpers/middleware/node/results.js";
import type { AtLeastOnce, Reads } from "../../../kernel-helpers/middleware/remote.js";
import { Cluster, type Member } from "./cluster.js";
import { type Counter, CounterObject, semantics } from "./counter.js";

async function site(nodes: number, seed = 8): Promise<{ cluster: Cluster; members: Member[] }> {
  const cluster = new Cluster(seed);
  const members: Member[] = [];
  const make = async (): Promise<void> => {
    await cluster.openRegistry();
    for (let at = 0; at < nodes; at++) members.push(await cluster.join({ timeout: 20_000 }));
  };
  await cluster.simulation.run(make());
  return { cluster, members };
}

const sizeOf = (results: Results): number => JSON.stringify(results.plain()).length;

test("results that are kept have a bound in characters, whoever asks and however long they are", () => {
  const now = (): number => 0;
  const few = new Results([], { now });
  for (let count = 0; count < 500; count++)
    few.add(`one:${count}`, JSON.stringify(["ok", ["x".repeat(10_000)]]));
  expect(sizeOf(few)).toBeLessThan(300_000);
  // The newest is there, the oldest is known to have been.
  expect(few.find("one:499")).toContain("xxx");
  expect(few.find("one:0")).toBe("forgotten");
  expect(few.find("one:500")).toBeUndefined();
  const many = new Results([], { now });
  for (let at = 0; at < 5000; at++) many.add(`${"caller".repeat(100)}${at}:1`, '["ok",[1]]');
  expect(sizeOf(many)).toBeLessThan(400_000);
  const long = new Results([], { now });
  long.add("one:1", "x".repeat(1_000_000));
  expect(long.find("one:1")).toBe('["gone"]');
  // Also of keys that nobody makes.
  const odd = new Results([], { now });
  for (const key of ["", ":", "a:", "a:1e308", "a:NaN", "a:-Infinity", "a:0.5", "a:99999999999999999999"]) {
    for (const again of ["", "b", "c"]) odd.add(key + again, "x".repeat(200_000));
    odd.answered("a", Number.POSITIVE_INFINITY);
  }
  expect(sizeOf(odd)).toBeLessThan(300_000);
  expect(new Results(JSON.parse(JSON.stringify(odd.plain())), { now }).plain()).toEqual(odd.plain());
  // What is counted is what is there.
  for (const results of [few, many, long]) {
    const again = new Results(results.plain(), { now, hasForgotten: results.hasForgotten });
    for (let count = 0; count < 2000; count++) again.add("another:1", `["ok",[${count}]]`);
    expect(sizeOf(again)).toBeLessThan(400_000);
  }
});

test("of a caller that was forgotten a call that may have run is not taken for a new one, and a new one is not taken for that", () => {
  let time = 0;
  const results = new Results([], { now: () => time });
  results.add("first:1", '["ok",[1]]');
  time = 100_000;
  // It is not known, and never was.
  expect(results.find("stranger:1", 0)).toBeUndefined();
  for (let at = 0; at < 1000; at++) results.add(`caller ${at}:1`, '["ok",[1]]');
  expect(results.find("first:1", 0)).toBe("forgotten");
  expect(results.find("first:2", 0)).toBe("forgotten");
  expect(results.find("stranger:1", 0)).toBe("forgotten");
  // Made later than anything that was forgotten, or for the first time.
  expect(results.find("stranger:1", 50_000)).toBeUndefined();
  expect(results.find("stranger:1")).toBeUndefined();
  // Whoever has the object next knows no more than that there were such.
  const next = new Results(results.plain(), { now: () => 7, hasForgotten: results.hasForgotten });
  expect(next.find("first:1", 5)).toBe("forgotten");
  expect(next.find("caller 500:1", 5)).toBe('["ok",[1]]');
  expect(next.find("stranger:1")).toBeUndefined();
});

test("a call that is repeated after its result had to go is uncertain, and has no second effect", async () => {
  const { cluster, members } = await site(2);
  const { simulation } = cluster;
  const [host, other] = members as [Member, Member];
  const work = async (): Promise<void> => {
    await host.node.export<Counter>("counter", () => new CounterObject(), { semantics });
    const ask = await stranger(cluster, host);
    const add = (key: string, more?: object): Promise<string> =>
      ask("counter", "add", { key, args: [1], more });
    expect(await add("victim:5")).toMatch(/^ok \[\[1\]/);
    expect(await add("victim:5", { age: 50 })).toMatch(/^ok \[\[1\]/);
    for (let at = 0; at < 1100; at++) await add(`caller${at}:1`);
    expect(await add("victim:5", { age: 5000 })).toMatch(
      /^err .*Uncertain.*what victim:5 came to is forgotten/,
    );
    const counter = other.node.bind<Counter>("counter");
    expect(await counter.value()).toBe(1101);
    // Who has the object next does not know it either.
    const { node } = await cluster.join();
    await node.export<Counter>("counter", () => new CounterObject(), { semantics });
    await other.node.migrate("counter", node.id);
    const again = await stranger(cluster, { node });
    expect(await again("counter", "add", { key: "victim:5", args: [1], more: { age: 5000 } })).toMatch(
      /^err .*Uncertain/,
    );
    // Nor is it told that it never ran.
    const uncertain = new Uncertain("", { target: "counter", key: "victim:5" });
    await expect(other.node.outcome(uncertain)).resolves.toMatchObject({ error: { name: "Uncertain" } });
    expect(await counter.add(1)).toBe(1102);
  };
  await simulation.run(work());
});

test("an object without a state says that it remembers no call, and goes on", async () => {
  const { cluster, members } = await site(2);
  const { simulation } = cluster;
  const [host, caller] = members as [Member, Member];
  const work = async (): Promise<void> => {
    await host.node.export<Big>("big", big, BIG);
    const proxy = caller.node.bind<Big>("big");
    expect(await proxy.take("xyz")).toBe(3);
    const uncertain = new Uncertain("", { target: "big", key: "somebody:1" });
    const became = await caller.node.outcome(uncertain);
    expect(became).toMatchObject({
      state: "failed",
      error: { message: "what somebody:1 came to is forgotten" },
    });
    expect(host.node.active).toEqual(["big"]);
    expect(await proxy.take("xyz")).toBe(3);
  };
  await simulation.run(work());
});

test("a method that runs once more makes the same calls, and they have their effect once", async () => {
  const { cluster, members } = await site(3);
  const { simulation } = cluster;
  const [outer, inner, other] = members as [Member, Member, Member];
  interface Outer {
    both(): AtLeastOnce<number>;
  }
  const work = async (): Promise<void> => {
    await inner.node.export<Counter>("counter", () => new CounterObject(), { semantics });
    const counter = outer.node.bind<Counter>("counter");
    const both = async (): Promise<number> => (await counter.add(1)) + (await counter.add(1));
    const options = { semantics: { both: "at-least-once" }, stateless: true } as const;
    await outer.node.export<Outer>("outer", () => ({ both }), options);
    const ask = await stranger(cluster, outer);
    expect(await ask("outer", "both", { key: "one:1" })).toMatch(/^ok \[\[3\]/);
    expect(await ask("outer", "both", { key: "one:1", more: { age: 100 } })).toMatch(/^ok \[\[3\]/);
    expect(await other.node.bind<Counter>("counter").value()).toBe(2);
    for (let at = 2; at < 600; at++) await ask("outer", "both", { key: `one:${at}` });
    expect(await ask("outer", "both", { key: "one:1", more: { age: 100_000 } })).toMatch(/^err .*Uncertain/);
    expect(await other.node.bind<Counter>("counter").value()).toBe(1198);
  };
  await simulation.run(work());
});

interface Big {
  big(): Reads<string>;
  take(what: string): Reads<number>;
}
const big = (): { big(): string; take(what: string): number } => ({
  big: () => "x".repeat(1_000_000),
  take: ({ length }) => length,
});
const BIG = { semantics: { big: "reads", take: "reads" }, stateless: true } as const;

test("who asks for much and reads nothing is given up, and others are served meanwhile", async () => {
  const { cluster, members } = await site(2);
  const { simulation } = cluster;
  const [host, caller] = members as [Member, Member];
  const work = async (): Promise<void> => {
    await host.node.export<Big>("big", big, BIG);
    const computer = simulation.computer();
    const pipe = await computer.dial(host.node.where);
    let isClosed = false;
    let heard = 0;
    pipe.onClose = () => {
      isClosed = true;
    };
    // It acknowledges nothing.
    pipe.onMessage = (text) => {
      heard += text.length;
    };
    pipe.send(JSON.stringify(["hello", "slow", 0, "a test", ""]));
    for (let at = 1; at <= 200; at++)
      pipe.send(JSON.stringify([at, 0, "call", at, "big", "big", `slow:${at}`, 1, 5000, [[]]]));
    await simulation.sleep(200);
    expect(isClosed).toBe(true);
    expect(heard).toBeGreaterThan(60_000_000);
    expect(heard).toBeLessThan(70_000_000);
    expect((await caller.node.bind<Big>("big").big()).length).toBe(1_000_000);
  };
  await simulation.run(work());
});

test("who calls with more than is read at once waits, and all of it arrives", async () => {
  const { cluster, members } = await site(2);
  const { simulation } = cluster;
  const [host, caller] = members as [Member, Member];
  const work = async (): Promise<void> => {
    await host.node.export<Big>("big", big, BIG);
    const proxy = caller.node.bind<Big>("big");
    // Ten times as much as is given to a session, and more than would end it.
    const all = await Promise.all(
      Array.from({ length: 90 }, (_, at) => proxy.take("x".repeat(1_000_000 + at))),
    );
    expect(all).toEqual(Array.from({ length: 90 }, (_, at) => 1_000_000 + at));
  };
  await simulation.run(work());
});

/** Somebody who speaks for many callers. @returns asks for one call, and gives the answer's type and the rest of it */
async function stranger(
  { simulation }: Cluster,
  { node }: Pick<Member, "node">,
): Promise<
  (
    target: string,
    method: string,
    call: { key: string; args?: unknown[]; more?: object | undefined },
  ) => Promise<string>
> {
  const pipe = await simulation.computer().dial(node.where);
  const waiting = new Map<number, (answer: string) => void>();
  let [count, heard] = [0, 0];
  pipe.onMessage = (text) => {
    for (const line of text.split("\n")) {
      const [number, , type, id, ...rest] = JSON.parse(line) as [
        unknown,
        unknown,
        string,
        number,
        ...unknown[],
      ];
      if (typeof number !== "number" || number <= heard) continue;
      heard = number;
      waiting.get(id)?.(`${type} ${JSON.stringify(rest)}`);
    }
  };
  pipe.send(JSON.stringify(["hello", `stranger of ${node.where}`, 0, "a test", ""]));
  return (target, method, { key, args = [], more }) => {
    const id = ++count;
    const call = [id, heard, "call", id, target, method, key, 0, 20_000, [args], ...(more ? [more] : [])];
    pipe.send(JSON.stringify(call));
    return new Promise((resolve) => waiting.set(id, resolve));
  };
}

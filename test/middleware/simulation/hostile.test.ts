// Whoever speaks to a node does not always say what the protocol has: nothing of it harms the node, or those who speak well.
import { expect, test } from "vitest";
import { dice } from "../../../kernel-helpers/trace/faults-options.js";
import { Cluster } from "./cluster.js";
import { type Counter, CounterObject, semantics } from "./counter.js";

const SEED = 11;
const ROUNDS = 400;

const good: unknown[][] = [
  ["hello", "session", 0, "somebody", ""],
  [1, 0, "call", 1, "counter", "value", "somebody:1", 1, 1000, [[]]],
  [2, 0, "call", 2, "counter", "add", "somebody:2", 1, 1000, [[1]]],
  [3, 0, "use", 3, 1, "", [[]]],
  [4, 0, "pull", 4, 1, 32],
  [5, 0, "drop", 0, 1],
  [6, 0, "cancel", 0, 1],
  [7, 0, "outcome", 5, "counter", "somebody:2"],
  [8, 0, "migrate", 6, "counter", "nobody"],
  ["ack", 3],
  ["ping"],
  ["pong"],
];

test(`${ROUNDS} conversations of nonsense leave a node as it was (seed ${SEED})`, async () => {
  const random = dice(SEED);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const odd: unknown[] = [
    ...[null, true, -1, 0.5, 1e308, "", "x".repeat(5000), [], {}, [[[]]], "__proto__", "constructor"],
    ...["dehydrate", "#1", Number.MAX_SAFE_INTEGER, ["[1]", [null]], ["not devalue", []], { toString: 1 }],
  ];
  const cluster = new Cluster(SEED);
  const { simulation } = cluster;
  const work = async (): Promise<void> => {
    await cluster.openRegistry();
    const { node } = await cluster.join();
    await node.export<Counter>("counter", () => new CounterObject(), { semantics });
    const client = (await cluster.join()).node.bind<Counter>("counter");
    const stranger = simulation.computer();
    await client.add(1);
    let least = 1;
    for (let round = 0; round < ROUNDS; round++) {
      const pipe = await stranger.dial(node.where);
      let number = 0;
      for (let at = 0; at < 6; at++) {
        const frame = [...(at === 0 && random() < 0.8 ? (good[0] as unknown[]) : pick(good))];
        if (frame[0] === "hello") frame[1] = `session ${round}`;
        if (typeof frame[0] === "number") frame[0] = ++number;
        for (let change = 0; change < 2; change++)
          if (random() < 0.5) frame[Math.floor(random() * (frame.length + 1))] = pick(odd);
        const text = JSON.stringify(frame);
        pipe.send(random() < 0.9 ? text : text.slice(0, Math.floor(random() * text.length)));
      }
      await simulation.sleep(10);
      pipe.close();
      if (round % 50 > 0) continue;
      const value = await client.value();
      expect(value).toBeGreaterThanOrEqual(least);
      least = value;
    }
    expect(await client.add(0)).toBeGreaterThanOrEqual(least);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  };
  await simulation.run(work());
});

test("a method is what its class has, and nothing of what every object has", async () => {
  const cluster = new Cluster(1);
  const { simulation } = cluster;
  const work = async (): Promise<void> => {
    await cluster.openRegistry();
    const { node } = await cluster.join();
    await node.export<Counter>("counter", () => new CounterObject(), { semantics });
    const other = (await cluster.join()).node.bind<Record<string, () => Promise<unknown>>>("counter");
    for (const method of [
      "constructor",
      "toString",
      "hasOwnProperty",
      "__defineGetter__",
      "dehydrate",
      "nothing",
    ])
      await expect(other[method]?.()).rejects.toThrow(`counter has no method ${method}`);
  };
  await simulation.run(work());
});

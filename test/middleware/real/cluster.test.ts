// Three servers of NATS that keep everything thrice: the one that leads dies.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type NatsProcess, noNats, skippedNats, startCluster } from "../nats.js";
import type { Counter } from "../simulation/counter.js";
import { leaderOf, united } from "./leader.js";
import { siteOf } from "./processes.js";

test.skipIf(noNats !== undefined)(
  `servers of a cluster are killed, the leader first, and nothing that was acknowledged is lost or doubled${skippedNats}`,
  async () => {
    const servers: NatsProcess[] = await startCluster();
    await using site = await siteOf(
      // The others are heard of.
      { nats: servers[0]?.url as string, natsOptions: { replicas: 3 } },
      {
        killRegistry: async () => {},
        end: async () => void (await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))),
      },
    );
    await united(servers[0]?.url as string);
    await site.host();
    await site.host();
    const node = await site.node({ timeout: 60_000 });
    const counter = node.bind<Counter>("counter");
    let acknowledged = 0;
    const addMany = async (count: number): Promise<void> => {
      for (let added = 0; added < count; added++) {
        await counter.add(1);
        acknowledged++;
      }
    };
    await addMany(50);
    const leader = await leaderOf(servers[0]?.url as string);
    const adding = addMany(50);
    await sleep(20);
    await servers[Number(leader.slice(1))]?.kill();
    await adding;
    await servers[Number(leader.slice(1))]?.start();
    await united(servers[0]?.url as string);
    // The only one that the nodes were told of.
    const more = addMany(50);
    await sleep(20);
    await servers[0]?.kill();
    await more;
    expect(await counter.value()).toBe(acknowledged);
    expect(acknowledged).toBe(150);
  },
  120_000,
);

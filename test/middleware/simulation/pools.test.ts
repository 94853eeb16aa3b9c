// Objects without a state: which node answers, and how often the registry has to be asked for that.
import { expect, test } from "vitest";
import { Membership } from "../../../kernel-helpers/middleware/node/membership.js";
import { Renewals } from "../../../kernel-helpers/middleware/node/renewals.js";
import type { Reads } from "../../../kernel-helpers/middleware/remote.js";
import { StoreClient } from "../../../kernel-helpers/middleware/store/client.js";
import { DialedLink } from "../../../kernel-helpers/middleware/wire/sessions.js";
import { Cluster, type Member } from "./cluster.js";

interface Where {
  where(): Reads<string>;
}

/** So long that nobody renews it meanwhile. */
const LEASE = 600_000;

async function site(nodes: number): Promise<{ cluster: Cluster; members: Member[]; asked(): number }> {
  const cluster = new Cluster(4);
  const members: Member[] = [];
  const make = async (): Promise<void> => {
    await cluster.openRegistry();
    for (let at = 0; at < nodes; at++) members.push(await cluster.join({ timeout: 5000, lease: LEASE }));
  };
  await cluster.simulation.run(make());
  return { cluster, members, asked: () => cluster.registry?.server.asked ?? 0 };
}

const serve = ({ node }: Member, pattern: string): Promise<void> =>
  node.export<Where>(pattern, () => ({ where: () => node.where }), {
    semantics: { where: "reads" },
    stateless: true,
  });

test("while nothing changes the registry is asked for nothing, however many names are called", async () => {
  const { cluster, members, asked } = await site(4);
  const { simulation } = cluster;
  const [one, two, three, caller] = members as [Member, Member, Member, Member];
  const names = Array.from({ length: 50 }, (_, at) => caller.node.bind<Where>(`thing/${at}`));
  const all = (): Promise<string[]> => Promise.all(names.map((name) => name.where()));
  const work = async (): Promise<void> => {
    for (const member of [one, two]) await serve(member, "thing/*");
    await all();
    await all();
    await simulation.sleep(100);
    const before = asked();
    for (let seconds = 0; seconds < 20; seconds++) {
      await all();
      await simulation.sleep(1000);
    }
    expect(asked()).toBe(before);
    // Whoever comes is told of, and gets his share.
    await serve(three, "thing/*");
    await simulation.sleep(20);
    await all();
    await simulation.sleep(20);
    expect(new Set(await all())).toEqual(new Set([one, two, three].map(({ node }) => node.where)));
    expect(asked() - before).toBeLessThan(10);
    // Whoever leaves is asked no more.
    await two.node.close();
    await simulation.sleep(20);
    await all();
    await simulation.sleep(20);
    expect(new Set(await all())).toEqual(new Set([one, three].map(({ node }) => node.where)));
  };
  await simulation.run(work());
});

test("who exports a name itself answers for it instead of who exports its folder, as long as he is there", async () => {
  const { cluster, members } = await site(3);
  const { simulation } = cluster;
  const [folder, own, caller] = members as [Member, Member, Member];
  const work = async (): Promise<void> => {
    await serve(folder, "thing/*");
    const [one, other] = [caller.node.bind<Where>("thing/1"), caller.node.bind<Where>("thing/2")];
    const both = (): Promise<string[]> => Promise.all([one.where(), other.where()]);
    expect(await both()).toEqual([folder.node.where, folder.node.where]);
    await simulation.sleep(100);
    await serve(own, "thing/1");
    await simulation.sleep(100);
    expect(await both()).toEqual([own.node.where, folder.node.where]);
    await own.node.close();
    await simulation.sleep(100);
    expect(await both()).toEqual([folder.node.where, folder.node.where]);
  };
  await simulation.run(work());
});

test("a node that was cut off for long, and is still there, is called again", async () => {
  const { cluster, members } = await site(3);
  const { simulation } = cluster;
  const [one, two, caller] = members as [Member, Member, Member];
  const work = async (): Promise<void> => {
    for (const member of [one, two]) await serve(member, "thing");
    const thing = caller.node.bind<Where>("thing");
    const some = async (): Promise<number> =>
      new Set(await Promise.all(Array.from({ length: 10 }, () => thing.where()))).size;
    await some();
    await simulation.sleep(100);
    expect(await some()).toBe(2);
    simulation.cut(one.computer, caller.computer);
    await some();
    await simulation.sleep(20_000);
    expect(await some()).toBe(1);
    simulation.mendAll();
    await simulation.sleep(5000);
    await some();
    await simulation.sleep(100);
    expect(await some()).toBe(2);
  };
  await simulation.run(work());
});

test("of nodes that came while their caller had no registry he hears when he has one again", async () => {
  const { cluster, members } = await site(3);
  const { simulation } = cluster;
  const [one, two, caller] = members as [Member, Member, Member];
  const work = async (): Promise<void> => {
    await serve(one, "thing/*");
    const thing = caller.node.bind<Where>("thing/1");
    await thing.where();
    await simulation.sleep(100);
    const registry = cluster.registry?.computer as Member["computer"];
    simulation.cut(registry, caller.computer);
    await serve(two, "thing/1");
    await simulation.sleep(20_000);
    expect(await thing.where()).toBe(one.node.where);
    simulation.mend(registry, caller.computer);
    await simulation.sleep(5000);
    await thing.where();
    expect(await thing.where()).toBe(two.node.where);
  };
  await simulation.run(work());
});

test("many nodes of one process renew their leases with one question", async () => {
  const cluster = new Cluster(6);
  const { simulation } = cluster;
  const computer = simulation.computer();
  const dial = (): DialedLink =>
    new DialedLink({ world: computer, where: cluster.registry?.where ?? "sim://nobody", from: "many" });
  const work = async (): Promise<void> => {
    await cluster.openRegistry();
    const store = new StoreClient({ world: computer, dial });
    const renewals = new Renewals(computer, store);
    const rejoined: number[] = [];
    const all = Array.from(
      { length: 20 },
      (_, at) =>
        new Membership({
          ...{ world: computer, store, where: `sim://${at}`, lease: 1000, renewals },
          onRejoined: () => rejoined.push(at),
        }),
    );
    await Promise.all(all.map((one) => one.join()));
    const before = cluster.registry?.server.asked ?? 0;
    await simulation.sleep(10_000);
    expect(all.every(({ holds }) => holds)).toBe(true);
    // Four times a second.
    expect((cluster.registry?.server.asked ?? 0) - before).toBeLessThanOrEqual(40);
    await all[0]?.leave();
    computer.stop();
    await simulation.sleep(3000);
    expect(all.some(({ holds }) => holds)).toBe(false);
    computer.go();
    await simulation.sleep(1000);
    expect(rejoined.sort((a, b) => a - b)).toEqual(Array.from({ length: 19 }, (_, at) => at + 1));
    expect(all.filter(({ holds }) => holds)).toHaveLength(19);
  };
  await simulation.run(work());
});

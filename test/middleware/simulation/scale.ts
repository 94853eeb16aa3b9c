// How it grows: nodes that all export a folder of objects and call each other's, in virtual time. What is counted is what a larger internet would have
// to carry: messages a call, questions to the registry, and the time until everything answers again when nodes have died.
import { Cluster, type Member } from "./cluster.js";
import { type Counter, CounterObject, semantics } from "./counter.js";

export interface ScaleReport {
  nodes: number;
  /** Messages of a call that goes where a call went before, and questions to the registry. */
  warm: { messages: number; asked: number; ms: number };
  /** Of the first call of an object by a node. */
  cold: { messages: number; asked: number; ms: number };
  /** Questions to the registry in a second in which nobody calls anything, of all nodes. */
  idle: number;
  /** A hundredth of the nodes died at once, at least one: milliseconds until the last of their objects answered again. */
  heal: number;
}

/** Calls that are counted. */
const SAMPLE = 300;

export async function scale(nodes: number, seed: number): Promise<ScaleReport> {
  const cluster = new Cluster(seed, { most: 1_000_000 + 20_000 * nodes });
  const { simulation } = cluster;
  const main = async (): Promise<ScaleReport> => {
    await cluster.openRegistry();
    const members: Member[] = [];
    const join = async (): Promise<void> => {
      const member = await cluster.join({ timeout: 60_000 });
      await member.node.export<Counter>("thing/*", () => new CounterObject(), { semantics });
      members.push(member);
    };
    // Not all at the same moment, as computers are switched on.
    for (let at = 0; at < nodes; at += 50)
      await Promise.all(Array.from({ length: Math.min(50, nodes - at) }, join));
    const pick = <T>(list: readonly T[]): T => list[Math.floor(simulation.random() * list.length)] as T;
    const pairs = Array.from({ length: SAMPLE }, () => ({
      counter: pick(members).node.bind<Counter>(`thing/${Math.floor(simulation.random() * nodes)}`),
    }));
    const server = (): { asked: number } => (cluster.registry as NonNullable<typeof cluster.registry>).server;
    const idleFrom = server().asked;
    const messagesFrom = simulation.messages;
    await simulation.sleep(5000);
    const idle = (server().asked - idleFrom) / 5;
    const idleMessages = (simulation.messages - messagesFrom) / 5000;
    const measured = async (): Promise<ScaleReport["cold"]> => {
      const [began, asked, messages] = [simulation.now, server().asked, simulation.messages];
      let waited = 0;
      for (const { counter } of pairs) {
        const from = simulation.now;
        await counter.add(1);
        waited += simulation.now - from;
      }
      const passed = simulation.now - began;
      return {
        messages: (simulation.messages - messages - idleMessages * passed) / SAMPLE,
        asked: (server().asked - asked - (idle * passed) / 1000) / SAMPLE,
        ms: waited / SAMPLE,
      };
    };
    const cold = await measured();
    const warm = await measured();
    const heal = await healing(cluster, members, pick);
    return { nodes, cold, warm, idle, heal };
  };
  return await simulation.run(main(), 3_600_000);
}

async function healing(
  { simulation }: Cluster,
  members: readonly Member[],
  pick: <T>(list: readonly T[]) => T,
): Promise<number> {
  const victims = new Set<Member>();
  while (victims.size < Math.max(1, members.length / 100)) victims.add(pick(members.slice(1)));
  const lost = [...victims].flatMap(({ node }) => node.active);
  for (const { computer } of victims) computer.kill();
  const began = simulation.now;
  const caller = (members[0] as Member).node;
  await Promise.all(lost.map((name) => caller.bind<Counter>(name).value()));
  return simulation.now - began;
}

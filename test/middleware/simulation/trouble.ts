// What happens to a network while it is used.
import type { Cluster, Member } from "./cluster.js";

export interface Scene {
  hosts: Member[];
  callers: Member[];
  /** One more. */
  host(): Promise<void>;
  /** The object that is called. */
  name: string;
}

/** One trouble. @returns which */
export async function disturb(cluster: Cluster, { hosts, callers, host, name }: Scene): Promise<string> {
  const { simulation } = cluster;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(simulation.random() * list.length)] as T;
  const alive = hosts.filter(({ computer }) => !computer.isDown);
  const kind = pick(["kill", "stop", "cut", "break", "registry", "migrate", "join", "island", "half"]);
  switch (kind) {
    case "kill":
      if (alive.length < 2) return "none";
      pick(alive).computer.kill();
      break;
    case "stop": {
      const { computer } = pick(alive);
      computer.stop();
      simulation.after(200 + 3000 * simulation.random(), () => computer.go());
      break;
    }
    case "cut": {
      const [one, other] = [pick(alive).computer, pick(callers).computer];
      simulation.cut(one, other);
      simulation.after(100 + 3000 * simulation.random(), () => simulation.mend(one, other));
      break;
    }
    case "island": {
      // It does not reach the registry any more, but some of its callers.
      const { computer } = pick(alive);
      const registry = cluster.registry?.computer;
      if (!registry) return "none";
      simulation.cut(computer, registry);
      simulation.after(100 + 4000 * simulation.random(), () => simulation.mend(computer, registry));
      break;
    }
    case "half": {
      // Neither the registry nor some callers reach it, and others do.
      const { computer } = pick(alive);
      const others = [cluster.registry?.computer, pick(callers).computer].filter((one) => one !== undefined);
      for (const other of others) simulation.cut(computer, other);
      simulation.after(1000 + 4000 * simulation.random(), () => {
        for (const other of others) simulation.mend(computer, other);
      });
      break;
    }
    case "break":
      for (const { computer } of [...alive, ...callers]) computer.breakSome(0.5);
      break;
    case "registry": {
      if (!cluster.registry) return "none";
      cluster.killRegistry();
      simulation.after(50 + 500 * simulation.random(), () => void cluster.openRegistry());
      break;
    }
    case "migrate": {
      const [by, to] = [pick(alive), pick(alive)];
      await Promise.race([by.node.migrate(name, to.node.id).catch(() => {}), simulation.sleep(500)]);
      break;
    }
    case "join":
      await Promise.race([host().catch(() => {}), simulation.sleep(500)]);
  }
  return kind;
}

// Nodes, callers and trouble, all from one seed.
import { Uncertain } from "../../../kernel-helpers/middleware/errors.js";
import { Cluster, type Member } from "./cluster.js";
import { type Counter, CounterObject, semantics } from "./counter.js";
import { type Seen, violations } from "./history.js";

export interface StormOptions {
  nodes: number;
  callers: number;
  /** Calls of each. */
  calls: number;
  /** Calls of one caller that are under way at once. */
  together: number;
  /** So much trouble. */
  troubles: number;
  /** Milliseconds that a call may take. */
  timeout: number;
}

export interface StormReport {
  violations: string[];
  acknowledged: number;
  uncertain: number;
  refused: number;
  /** Of the simulation. */
  ms: number;
  messages: number;
  /** Kinds of trouble that there were. */
  troubles: Record<string, number>;
}

export const GALE: StormOptions = {
  nodes: 4,
  callers: 3,
  calls: 40,
  together: 4,
  troubles: 10,
  timeout: 60_000,
};

export async function storm(seed: number, options: StormOptions = GALE): Promise<StormReport> {
  const cluster = new Cluster(seed);
  const { simulation } = cluster;
  const main = async (): Promise<StormReport> => {
    await cluster.openRegistry();
    const hosts: Member[] = [];
    const pause = (): Promise<void> | undefined =>
      simulation.random() < 0.3 ? simulation.sleep(5 * simulation.random()) : undefined;
    const host = async (): Promise<void> => {
      const member = await cluster.join({ timeout: options.timeout });
      await member.node.export<Counter>("counter", () => new CounterObject(pause), { semantics });
      hosts.push(member);
    };
    for (let at = 0; at < options.nodes; at++) await host();
    const callers: Member[] = [];
    for (let at = 0; at < options.callers; at++)
      callers.push(await cluster.join({ timeout: options.timeout }));
    const history: Seen[] = [];
    const troubles: Record<string, number> = {};
    let isOver = false;
    const trouble = async (): Promise<void> => {
      for (let at = 0; at < options.troubles && !isOver; at++) {
        await simulation.sleep(500 * simulation.random());
        const what = await disturb(cluster, { hosts, callers, host });
        troubles[what] = (troubles[what] ?? 0) + 1;
      }
      await simulation.sleep(1000);
      simulation.mendAll();
    };
    const troubled = trouble();
    const glances: string[] = [];
    await Promise.all([
      ...callers.map((caller) => converse(caller, cluster, history, options)),
      glance(callers[0] as Member, { cluster, history, glances, calls: options.calls }),
    ]);
    isOver = true;
    await troubled;
    const last = await cluster.join({ timeout: options.timeout });
    const from = simulation.now;
    const value = await last.node.bind<Counter>("counter").value();
    history.push({ what: "read", from, to: simulation.now, value });
    const all = history.filter(({ what }) => what === "add");
    const acknowledged = all.filter((one) => one.value !== undefined).length;
    const refused = all.filter(({ isRefused }) => isRefused).length;
    const uncertain = all.length - acknowledged - refused;
    const found = [...violations(history), ...glances];
    if (value < acknowledged) found.push(`${acknowledged} calls were acknowledged, and it counts ${value}`);
    if (value > acknowledged + uncertain)
      found.push(`it counts ${value}; only ${acknowledged + uncertain} calls can have had an effect`);
    return {
      ...{ violations: found, acknowledged, uncertain, refused },
      ...{ ms: simulation.now, messages: simulation.messages, troubles },
    };
  };
  return await simulation.run(main());
}

/** One caller: several calls at once, of all kinds. */
async function converse(
  { node }: Member,
  { simulation }: Cluster,
  history: Seen[],
  { calls, together }: StormOptions,
): Promise<void> {
  const counter = node.bind<Counter>("counter");
  // Some only look.
  const reads = simulation.random() < 0.5 ? 0.3 : 1;
  let left = calls;
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const kind = simulation.random();
      const seen: Seen = {
        what: kind < reads ? "read" : "add",
        from: simulation.now,
        to: Infinity,
        value: undefined,
      };
      history.push(seen);
      const call = seen.what === "read" ? counter.value() : kind < 0.8 ? counter.add(1) : counter.bump();
      const outcome = await call.outcome();
      if (outcome.ok) {
        seen.to = simulation.now;
        seen.value = outcome.value;
      } else if (!(outcome.error instanceof Uncertain)) seen.isRefused = true;
      else if (simulation.random() < 0.5) await askLater(node, outcome.error, { seen, simulation });
      await simulation.sleep(300 * simulation.random());
    }
  };
  await Promise.all(Array.from({ length: together }, one));
}

/** One caller who is content with copies, and never sees anything older than what it has seen or done. */
async function glance(
  { node }: Member,
  options: { cluster: Cluster; history: Seen[]; glances: string[]; calls: number },
): Promise<void> {
  const { cluster, history, glances, calls } = options;
  const { simulation } = cluster;
  const copies = node.bind<Counter>("counter", { reads: "any" });
  let highest = 0;
  for (let n = 0; n < calls; n++) {
    const before = highest;
    const isAdding = simulation.random() < 0.2;
    const from = simulation.now;
    const outcome = await (isAdding ? copies.add(1) : copies.value()).outcome();
    if (isAdding)
      history.push({
        ...{
          what: "add",
          from,
          to: outcome.ok ? simulation.now : Infinity,
          value: outcome.ok ? outcome.value : undefined,
        },
        isRefused: !outcome.ok && !(outcome.error instanceof Uncertain),
      });
    if (outcome.ok) {
      if (outcome.value < before) glances.push(`a copy told ${outcome.value} to who had seen ${before}`);
      highest = Math.max(highest, outcome.value);
    }
    await simulation.sleep(200 * simulation.random());
  }
}

/** Whoever does not know can ask. */
async function askLater(
  node: Member["node"],
  error: Uncertain,
  { seen, simulation }: { seen: Seen; simulation: Cluster["simulation"] },
): Promise<void> {
  const outcome = await node.outcome(error).catch(() => undefined);
  if (outcome?.state === "never") seen.isRefused = true;
  else if (outcome?.state === "done") {
    seen.value = outcome.value as number;
    seen.to = simulation.now;
  }
}

interface Scene {
  hosts: Member[];
  callers: Member[];
  host(): Promise<void>;
}

async function disturb(cluster: Cluster, { hosts, callers, host }: Scene): Promise<string> {
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
      await Promise.race([by.node.migrate("counter", to.node.id).catch(() => {}), simulation.sleep(500)]);
      break;
    }
    case "join":
      await Promise.race([host().catch(() => {}), simulation.sleep(500)]);
  }
  return kind;
}

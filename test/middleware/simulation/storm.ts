// Nodes, callers and trouble, all from one seed.
import { COUNTER, type ConverseOptions, converse, glance, type Subject } from "./callers.js";
import { Cluster, type Member } from "./cluster.js";
import { type Seen, violations } from "./history.js";
import { disturb } from "./trouble.js";

export interface StormOptions extends ConverseOptions {
  nodes: number;
  callers: number;
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

/** A counter among trouble: what its callers saw, and what of it cannot be. */
export async function storm(seed: number, options: StormOptions = GALE): Promise<StormReport> {
  const glances: string[] = [];
  const { history, value, cluster, troubles } = await weather(seed, options, {
    subject: COUNTER,
    beside: (caller, cluster, history) => glance(caller, { cluster, history, glances, calls: options.calls }),
  });
  const all = history.filter(({ what }) => what === "add");
  const acknowledged = all.filter((one) => one.value !== undefined).length;
  const refused = all.filter(({ isRefused }) => isRefused).length;
  const uncertain = all.length - acknowledged - refused;
  const found = [...violations(history), ...glances];
  if (value < acknowledged) found.push(`${acknowledged} calls were acknowledged, and it counts ${value}`);
  if (value > acknowledged + uncertain)
    found.push(`it counts ${value}; only ${acknowledged + uncertain} calls can have had an effect`);
  const { now: ms, messages } = cluster.simulation;
  return { violations: found, acknowledged, uncertain, refused, ms, messages, troubles };
}

export interface Weather {
  history: Seen[];
  /** What the object holds when all is over. */
  value: number;
  cluster: Cluster;
  troubles: Record<string, number>;
}

/** Any object among trouble. */
export async function weather(
  seed: number,
  options: StormOptions,
  {
    subject,
    beside = async () => {},
  }: {
    subject: Subject;
    /** What the first caller does besides. */
    beside?(caller: Member, cluster: Cluster, history: Seen[]): Promise<void>;
  },
): Promise<Weather> {
  const cluster = new Cluster(seed);
  const { simulation } = cluster;
  const { timeout } = options;
  const main = async (): Promise<Weather> => {
    await cluster.openRegistry();
    const hosts: Member[] = [];
    const pause = (): Promise<void> | undefined =>
      simulation.random() < 0.3 ? simulation.sleep(5 * simulation.random()) : undefined;
    const host = async (): Promise<void> => {
      const member = await cluster.join({ timeout });
      await subject.host(member.node, pause);
      hosts.push(member);
    };
    for (let at = 0; at < options.nodes; at++) await host();
    const callers: Member[] = [];
    for (let at = 0; at < options.callers; at++) callers.push(await cluster.join({ timeout }));
    const history: Seen[] = [];
    const troubles: Record<string, number> = {};
    let isOver = false;
    const trouble = async (): Promise<void> => {
      for (let at = 0; at < options.troubles && !isOver; at++) {
        await simulation.sleep(500 * simulation.random());
        const what = await disturb(cluster, { hosts, callers, host, name: subject.name });
        troubles[what] = (troubles[what] ?? 0) + 1;
      }
      await simulation.sleep(1000);
      simulation.mendAll();
    };
    const troubled = trouble();
    await Promise.all([
      ...callers.map((caller) => converse(caller, cluster, { history, subject, ...options })),
      beside(callers[0] as Member, cluster, history),
    ]);
    isOver = true;
    await troubled;
    const { node } = await cluster.join({ timeout });
    const { call, ...asked } = subject.call(node, simulation.random, 1);
    const from = simulation.now;
    const value = await call;
    history.push({ ...asked, from, to: simulation.now, value });
    return { history, value, cluster, troubles };
  };
  return await simulation.run(main());
}

// Those who call, and write down what they were told.
import { Uncertain } from "../../../kernel-helpers/middleware/errors.js";
import type { Call } from "../../../kernel-helpers/middleware/remote.js";
import type { Cluster, Member } from "./cluster.js";
import * as counter from "./counter.js";
import type { Seen } from "./history.js";
import * as register from "./register.js";

/** An object that is called. */
export interface Subject {
  readonly name: string;
  host(node: Member["node"], pause: () => Promise<void> | undefined): Promise<void>;
  /** One call, by chance. @param reads a share of them only reads */
  call(
    node: Member["node"],
    random: () => number,
    reads: number,
  ): Pick<Seen, "what" | "a" | "b"> & { call: Call<number, unknown> };
}

export const COUNTER: Subject = {
  name: "counter",
  host: (node, pause) =>
    node.export<counter.Counter>("counter", () => new counter.CounterObject(pause), {
      semantics: counter.semantics,
    }),
  call(node, random, reads) {
    const proxy = node.bind<counter.Counter>("counter");
    const kind = random();
    if (kind < reads) return { what: "read", call: proxy.value() };
    return { what: "add", a: 1, call: kind < 0.8 ? proxy.add(1) : proxy.bump() };
  },
};

export const REGISTER: Subject = {
  name: "register",
  host: (node, pause) =>
    node.export<register.Register>("register", () => new register.RegisterObject(pause), {
      semantics: register.semantics,
    }),
  call(node, random, reads) {
    const proxy = node.bind<register.Register>("register");
    const [kind, a, b] = [random(), Math.floor(random() * 5), Math.floor(random() * 5)];
    if (kind < reads) return { what: "read", call: proxy.read() };
    if (kind < 0.65) return { what: "write", a, call: proxy.write(a) };
    return { what: "exchange", a, b, call: proxy.exchange(a, b) };
  },
};

export interface ConverseOptions {
  /** Calls of each. */
  calls: number;
  /** Calls of one caller that are under way at once. */
  together: number;
}

/** One caller: several calls at once, of all kinds. */
export async function converse(
  { node }: Member,
  { simulation }: Cluster,
  { history, subject, calls, together }: ConverseOptions & { history: Seen[]; subject: Subject },
): Promise<void> {
  // Some only look.
  const reads = simulation.random() < 0.5 ? 0.3 : 1;
  let left = calls;
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const { call, ...asked } = subject.call(node, simulation.random, reads);
      const seen: Seen = { ...asked, from: simulation.now, to: Infinity, value: undefined };
      history.push(seen);
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

/** One caller of the counter who is content with copies, and never sees anything older than what it has seen or done. */
export async function glance(
  { node }: Member,
  options: { cluster: Cluster; history: Seen[]; glances: string[]; calls: number },
): Promise<void> {
  const { cluster, history, glances, calls } = options;
  const { simulation } = cluster;
  const copies = node.bind<counter.Counter>("counter", { reads: "any" });
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
          a: 1,
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

// What happens to a cluster while it is used: every kind in turn, in an order and at times that chance chooses.
import { setTimeout as sleep } from "node:timers/promises";
import { type Cluster, LEASE_MS, type Slot } from "./cluster.js";

/** Kinds of trouble, and what a figure calls them. */
export const KINDS: Record<string, string> = {
  kill: "hosts killed",
  killCaller: "callers killed",
  stop: "processes that stood still for longer than a lease, and went on",
  registry: "registries killed, and started again or followed by another",
  registryStop: "registries that stood still",
  cut: "times that all sockets of a node, or its own to the registry, were cut",
  delay: "times of delayed messages",
  twice: "times of messages that came twice",
  lost: "times of lost messages",
  answers: "times of lost answers",
  closed: "times that a node could not be reached, and knew nothing of it",
  island: "times that a node could not reach the registry",
  half: "times that a host could not reach the registry, and half of its callers not the host",
  network: "cables of networks pulled",
  busy: "hosts busy for longer than a lease",
  migrate: "objects moved",
};

/** Those in which somebody else takes over come more often. */
const OFTEN = ["kill", "stop", "half", "half"];

export class Trouble {
  readonly #cluster: Cluster;
  readonly #random: () => number;
  readonly #active = new Set<Promise<void>>();
  /** What is in the way. */
  readonly #resting = new Set<Promise<void>>();
  /** Kinds that have not had their turn. */
  #deck: string[] = [];
  /** How often there was which. */
  readonly counts: Record<string, number> = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, 0]));
  #mended = new AbortController();

  constructor(cluster: Cluster, random: () => number) {
    this.#cluster = cluster;
    this.#random = random;
    if (!cluster.ground.isApart) delete this.counts.network;
  }

  /**
   * Makes trouble for so many milliseconds, or up to twice as many until each kind had its turn. After that nothing is in the way; who was killed
   * is being replaced until {@link settled}.
   */
  async run(ms: number): Promise<void> {
    this.#mended = new AbortController();
    this.#deck = this.#shuffled();
    const began = performance.now();
    let all = this.#deck.length;
    while (performance.now() < began + ms || (all > 0 && performance.now() < began + 2 * ms)) {
      if (this.#deck.length === 0) this.#deck = this.#shuffled();
      all--;
      const kind = this.#deck.pop() as string;
      const active = this.#make(kind).catch((error: unknown) => {
        this.#cluster.complaints.push(`${kind}: ${String(error)}`);
      });
      this.#active.add(active);
      void active.finally(() => this.#active.delete(active));
      await sleep((ms * (0.25 + this.#random() * 0.75)) / Object.keys(this.counts).length);
      // More than that is no more trouble, only nothing that works.
      while (this.#active.size > 3) await Promise.race(this.#active);
    }
    this.#mended.abort();
    await Promise.all(this.#resting);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#active);
  }

  #shuffled(): string[] {
    const kinds = [...Object.keys(this.counts), ...OFTEN];
    for (let at = kinds.length - 1; at > 0; at--) {
      const other = Math.floor(this.#random() * (at + 1));
      [kinds[at], kinds[other]] = [kinds[other] as string, kinds[at] as string];
    }
    return kinds;
  }

  /** So long at least, and up to so long if it is not to be mended before. */
  async #rest(from: number, to: number): Promise<void> {
    const { signal } = this.#mended;
    const more = (to - from) * this.#random();
    const over = sleep(from).then(() => sleep(more, undefined, { signal }).catch(() => {}));
    this.#resting.add(over);
    await over;
    this.#resting.delete(over);
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)];
  }

  async #make(kind: string): Promise<void> {
    const cluster = this.#cluster;
    const all = [...cluster.hosts, ...cluster.callers];
    const [host, caller, any] = [cluster.hosts, cluster.callers, all].map((list) => this.#pick(list));
    if (!host || !caller || !any || !(await this.#happens(kind, { host, caller, any }))) return;
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }

  /** @returns false: there was none now */
  async #happens(
    kind: string,
    { host, caller, any }: { host: Slot; caller: Slot; any: Slot },
  ): Promise<boolean> {
    const cluster = this.#cluster;
    const side = this.#random() < 0.5 ? "node" : "registry";
    switch (kind) {
      case "kill":
        if (cluster.hosts.length < 2) return false;
        await this.#replace(host);
        return true;
      case "killCaller":
        await this.#replace(caller);
        return true;
      case "stop":
        return await this.#stop(this.#random() < 0.7 ? host : any, 1.3 * LEASE_MS, 4 * LEASE_MS);
      case "registry": {
        const keeper = cluster.keeper();
        if (!keeper) return false;
        if ("pid" in keeper) {
          signal(keeper.pid, "SIGKILL");
          await this.#rest(100, 1500);
          await cluster.registry.start();
        } else await this.#replace(keeper);
        return true;
      }
      case "registryStop": {
        const keeper = cluster.keeper();
        if (!keeper) return false;
        if (!("pid" in keeper)) return await this.#stop(keeper, 500, 3000);
        signal(keeper.pid, "SIGSTOP");
        await this.#rest(500, 3000);
        signal(keeper.pid, "SIGCONT");
        return true;
      }
      case "cut":
        await cluster.cut(any, side);
        return true;
      case "delay":
        return await this.#weather(any, side, { delay: 50 + 400 * this.#random() });
      case "twice":
        return await this.#weather(any, cluster.registry.isWeb ? side : "node", { twice: 0.3 });
      case "lost":
        return await this.#weather(any, side, { lost: 0.1 });
      case "answers":
        return await this.#weather(any, side, { answersLost: 0.5 });
      case "closed":
        return await this.#weather(host, "node", { closed: 1 });
      case "island":
        return await this.#weather(this.#random() < 0.8 ? host : any, "registry", { closed: 1 });
      case "half":
        await cluster.weather(host, "node", { closed: 0.5 });
        await cluster.weather(host, "registry", { closed: 1 });
        await this.#rest(2 * LEASE_MS, 5 * LEASE_MS);
        await cluster.weather(host, "registry", {});
        await cluster.weather(host, "node", {});
        return true;
      case "network":
        cluster.ground.plug(any.number, false);
        await this.#rest(500, 4000);
        cluster.ground.plug(any.number, true);
        return true;
      case "busy":
        return await works(host.program?.ask("block", LEASE_MS * (1.2 + this.#random())));
      case "migrate": {
        const { counters, registers, ledgers } = cluster.names;
        const name = this.#pick([...counters, ...registers, ...ledgers]);
        const to = this.#pick(cluster.hosts);
        // By its lease, which may be another one by now.
        const id = await to?.program?.ask<string>("id", undefined, 1000).catch(() => undefined);
        return id !== undefined && (await works(host.program?.ask("migrate", { name, to: id }, 5000)));
      }
    }
    throw new Error(`there is no ${kind}`);
  }

  /** Killed, and after a while there is another. */
  async #replace(slot: Slot): Promise<void> {
    const cluster = this.#cluster;
    await cluster.kill(slot, { isSilent: this.#random() < 0.5 });
    await this.#rest(100, 2000);
    await cluster.start(slot);
  }

  async #stop(slot: Slot, from: number, to: number): Promise<boolean> {
    const { program } = slot;
    if (!program || slot.isStopped) return false;
    slot.isStopped = true;
    program.signal("SIGSTOP");
    await this.#rest(from, to);
    program.signal("SIGCONT");
    slot.isStopped = false;
    return !program.hasEnded;
  }

  async #weather(
    slot: Slot,
    side: "node" | "registry",
    weather: Parameters<Cluster["weather"]>[2],
  ): Promise<boolean> {
    await this.#cluster.weather(slot, side, weather);
    await this.#rest(500, 4000);
    await this.#cluster.weather(slot, side, {});
    return true;
  }
}

/** Among other trouble it may fail: whoever is killed meanwhile does not answer. */
async function works(asked: Promise<unknown> | undefined): Promise<boolean> {
  return await (asked ?? Promise.reject(new Error("it has ended"))).then(
    () => true,
    () => false,
  );
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Another trouble was quicker.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

// Nodes that share a registry, each on a simulated computer of its own.

import type { Where } from "../../../kernel-helpers/middleware/flow.js";
import { Node, type NodeOptions } from "../../../kernel-helpers/middleware/node/node.js";
import { StoreClient } from "../../../kernel-helpers/middleware/store/client.js";
import { StoreServer } from "../../../kernel-helpers/middleware/store/server.js";
import { Peer } from "../../../kernel-helpers/middleware/wire/peer.js";
import { DialedLink, Sessions } from "../../../kernel-helpers/middleware/wire/sessions.js";
import { type Computer, Disk, Simulation } from "./simulation.js";

export interface Member {
  computer: Computer;
  node: Node;
}

export class Cluster {
  readonly simulation: Simulation;
  readonly #disk: Disk;
  registry: { computer: Computer; where: Where; server: StoreServer } | undefined;

  constructor(seed: number, { most }: { most?: number } = {}) {
    this.simulation = new Simulation(seed, most === undefined ? {} : { most });
    this.#disk = new Disk(this.simulation);
  }

  /** A registry, after the last one was killed: it knows what is on the disk. */
  async openRegistry(): Promise<void> {
    const computer = this.simulation.computer();
    const server = new StoreServer(computer, this.#disk.journal(computer));
    const sessions = new Sessions({ world: computer }, (link) => {
      const peer = new Peer(link, server.handlers);
      peer.onLost = () => server.left(peer);
    });
    const { where } = await computer.listen((pipe) => sessions.accept(pipe));
    this.registry = { computer, where, server };
  }

  killRegistry(): void {
    this.registry?.computer.kill();
    this.registry = undefined;
  }

  async join(options: Partial<NodeOptions> = {}): Promise<Member> {
    const computer = this.simulation.computer();
    const store = new StoreClient({
      world: computer,
      dial: () =>
        new DialedLink({
          world: computer,
          where: this.registry?.where ?? "sim://nobody",
          from: String(computer.number),
        }),
    });
    const node = await Node.start({ world: computer, store, strict: true, ...options });
    return { computer, node };
  }
}

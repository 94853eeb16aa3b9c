// `wirebook/middleware` as a design among others: each host a node, and each client.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Node, Transparency } from "../index.js";
import type { Call, Design, Host, Service } from "./design.js";

/** Milliseconds after which a caller is told that there is no answer. */
const TIMEOUT = 1500;
/** Methods of the experiments' objects that change nothing. */
const READING = new Set(["value", "echo", "name", "fail", "append"]);

class OurHost implements Host {
  readonly node: Node;
  readonly #makes = new Map<string, () => Service>();

  constructor(node: Node) {
    this.node = node;
  }

  get address(): string {
    return this.node.where;
  }

  async offer(name: string, make: () => Service): Promise<void> {
    this.#makes.set(name, make);
    const example = make();
    const stateless = example.dehydrate === undefined;
    const changing = stateless ? "at-least-once" : "exactly-once";
    const semantics = Object.fromEntries(
      Object.keys(example).map((method) => [method, READING.has(method) ? "reads" : changing]),
    );
    await this.node.export(name, (() => make()) as never, {
      semantics: semantics as never,
      stateless: stateless as never,
    });
  }

  async move(name: string, to: Host): Promise<void> {
    // It goes to a node that can make it anew.
    await to.offer(name, this.#makes.get(name) as () => Service);
    await this.node.migrate(name, (to as OurHost).node.id);
  }

  async stop(): Promise<void> {
    await this.node.close();
  }
}

/**
 * `wirebook/middleware` as a design. What `connect()` gives returns calls as `explain()` takes them.
 * @param options.without what it shall not hide
 */
export function ours({ without = [] }: { without?: readonly Transparency[] } = {}): Design {
  const folder = mkdtempSync(join(tmpdir(), "wirebook-experiments-"));
  const nodes: Promise<Node>[] = [];
  const start = async (): Promise<Node> => {
    // Only then is it a module of its own in the build, with the program that keeps the registry beside it.
    const { startNode } = await import("../index.js");
    const common = { namespace: "experiments", folder, durability: "memory", strict: true } as const;
    const node = startNode({ ...common, timeout: TIMEOUT, without });
    nodes.push(node);
    return await node;
  };
  return {
    startHost: async (): Promise<Host> => new OurHost(await start()),
    async connect(name: string, address?: string): Promise<Call> {
      const node = await start();
      const at = without.includes("location") && address !== undefined ? { at: address } : {};
      const proxy = node.bind<Record<string, (...args: unknown[]) => unknown>>(name, at);
      return (method, ...args) => (proxy[method] as Call)(...(args as [string, ...unknown[]]));
    },
    async close(): Promise<void> {
      // Also those that nobody has waited for; one that never starts does not keep the others.
      await Promise.allSettled(nodes.map(async (node) => await (await node).close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * `wirebook/middleware`: objects by their names, wherever they are, on WebSockets.
 *
 * ```ts
 * import { startNode, type ExactlyOnce } from 'wirebook/middleware';
 * interface Counter { add(by: number): ExactlyOnce<number> }
 * const node = await startNode();
 * const counter = node.bind<Counter>('counter');
 * await counter.add(1);
 * ```
 * @module
 */
import { join } from "node:path";
import type { Transparency } from "./flow.js";
import { Node } from "./node/node.js";
import { embedded } from "./registry/embedded.js";
import { homeOf, secretOf } from "./registry/home.js";
import type { NatsOptions } from "./registry/nats/options.js";
import { RealWorld, type RealWorldOptions } from "./world/real.js";

export {
  Deadlock,
  Forbidden,
  MiddlewareError,
  NoSuchName,
  SessionLost,
  Stale,
  TooLarge,
  Uncertain,
  Unreachable,
} from "./errors.js";
export { type Explanation, explain } from "./explain.js";
export type { Semantics, Transparency, Where } from "./flow.js";
export type { BindOptions } from "./node/calling.js";
export { type CallContext, context } from "./node/context.js";
export type { ExportOptions } from "./node/hosting.js";
export type { Became, Node } from "./node/node.js";
export type { Step } from "./node/pending.js";
export type {
  AtLeastOnce,
  AtMostOnce,
  Call,
  ExactlyOnce,
  FailureOf,
  Local,
  Outcome,
  Reads,
  Remote,
  SemanticsOf,
  Stateful,
} from "./remote.js";
export { knowError } from "./wire/failures.js";
export { byReference } from "./wire/lending.js";
export type { NatsOptions };

export interface StartOptions extends Omit<RealWorldOptions, "token"> {
  /** Whose names these are: nodes of another namespace see none of them. Default: `WIREBOOK_NAMESPACE`, else `default`. */
  namespace?: string;
  /** Milliseconds that a call may take where nothing else is said (default 10,000). */
  timeout?: number;
  /** Milliseconds after which others take over what this node has, when nothing is heard of it (default 1,000). */
  lease?: number;
  /** Calls within this process go over the wire, too. */
  strict?: boolean;
  /** What shall not be hidden from who calls, to see what hides it otherwise. */
  without?: readonly Transparency[];
  /** `memory`: changes are not waited for on their way to the disk; a power cut may take back what was acknowledged. */
  durability?: "disk" | "memory";
  /** Where the registry keeps its journal; by default in the user's home. */
  folder?: string;
  /**
   * Registry in NATS (2.11 or newer, with JetStream), for nodes on many machines: `nats://127.0.0.1:4222`, `tls:`, `ws:` or `wss:`; several
   * servers of a cluster with commas between them. Leases are then whole seconds; `durability` and `folder` are the server's business. With a
   * server elsewhere, and no `address` where other machines reach this one, or with `address: 'nats'`, calls come through NATS.
   */
  nats?: string;
  /** Who we are to NATS, and how a new namespace is kept there. */
  natsOptions?: NatsOptions;
}

/**
 * Starts a node. The first one of a namespace on this machine keeps the registry for all, unless that is in NATS.
 * @throws Unreachable where the registry cannot be reached; Error where its folder cannot be had; Forbidden where NATS lets nobody in;
 *   MiddlewareError where its server is too old
 */
export async function startNode(options: StartOptions = {}): Promise<Node> {
  const {
    namespace = process.env.WIREBOOK_NAMESPACE ?? "default",
    durability = "disk",
    folder,
    ...rest
  } = options;
  const { address, announce, tls, nats, natsOptions, ...node } = rest;
  const file = join(import.meta.dirname, "keeper.js");
  const reached = {
    tls,
    ...(address !== undefined && { address }),
    ...(announce !== undefined && { announce }),
  };
  if (nats === undefined) {
    const home = homeOf(namespace, folder);
    const secret = secretOf(home);
    const world = new RealWorld({ ...reached, token: secret });
    return await Node.start({ world, secret, ...node, ...embedded(world, { home, durability, file }) });
  }
  // Loaded by who needs it.
  const { onNats } = await import("./registry/nats/nodes.js");
  const place = { ...natsOptions, servers: nats, namespace, file };
  return await Node.start({ ...node, ...(await onNats(place, reached)) });
}

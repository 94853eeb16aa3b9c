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
import { RealWorld, type RealWorldOptions } from "./world/real.js";

export {
  Deadlock,
  Forbidden,
  MiddlewareError,
  NoSuchName,
  SessionLost,
  Stale,
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
}

/**
 * Starts a node. The first one of a namespace on this machine keeps the registry for all.
 * @throws Unreachable where the registry cannot be reached; Error where its folder cannot be had
 */
export async function startNode(options: StartOptions = {}): Promise<Node> {
  const {
    namespace = process.env.WIREBOOK_NAMESPACE ?? "default",
    durability = "disk",
    folder,
    ...rest
  } = options;
  const home = homeOf(namespace, folder);
  const { address, announce, tls, ...node } = rest;
  const secret = secretOf(home);
  const world = new RealWorld({
    token: secret,
    tls,
    ...(address !== undefined && { address }),
    ...(announce !== undefined && { announce }),
  });
  return await Node.start({
    world,
    secret,
    ...node,
    ...embedded(world, { home, durability, file: join(import.meta.dirname, "keeper.js") }),
  });
}

// The engine on NATS, seen from a node: servers that somebody runs, nodes on many machines.
import { randomBytes } from "node:crypto";
import { Conflict, SessionLost, Unreachable } from "../../errors.js";
import type { Store, World } from "../../flow.js";
import type { NodeOptions } from "../../node/node.js";
import { memberIn } from "../thread.js";
import { type NatsPlace, NatsStore } from "./store.js";

/** The key of what all nodes of the namespace know, and who may read it. */
const SECRET = "secret";

/**
 * What a node on NATS is made of.
 * @param options.file the keeper's program
 * @param worldOf the world of nodes that know this secret
 * @throws Unreachable where no server is to be had; Forbidden where it lets nobody in; MiddlewareError where it is too old
 */
export async function onNats(
  { file, ...nats }: NatsPlace & { file: string },
  worldOf: (secret: string) => World,
): Promise<Required<Pick<NodeOptions, "world" | "store" | "member">>> {
  const store = new NatsStore(nats);
  try {
    const world = worldOf(await secretIn(store));
    return { world, store, member: (options) => memberIn(world, { data: { nats }, file }, options) };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** Whoever is first makes it. */
async function secretIn(store: Store): Promise<string> {
  for (let tries = 0; tries < 10; tries++) {
    const found = await store.get(SECRET);
    if (found) return found.value;
    try {
      await store.put(SECRET, randomBytes(24).toString("base64url"), 0);
    } catch (error) {
      if (!(error instanceof Conflict || error instanceof SessionLost)) throw error;
    }
  }
  throw new Unreachable("the namespace's secret can neither be read nor written in NATS");
}

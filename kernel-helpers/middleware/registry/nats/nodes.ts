// The engine on NATS, seen from a node: servers that somebody runs, nodes on many machines.
import { randomBytes } from "node:crypto";
import { Conflict, SessionLost, Unreachable } from "../../errors.js";
import type { Store } from "../../flow.js";
import type { NodeOptions } from "../../node/node.js";
import type { RealWorldOptions } from "../../world/real.js";
import { memberIn } from "../thread.js";
import { NatsWorld } from "./pipes.js";
import { type NatsPlace, NatsStore } from "./store.js";

/** The key of what all nodes of the namespace know, and who may read it. */
const SECRET = "secret";

/** As an address to listen at: none, calls come through NATS. */
const HIDDEN = "nats";

/**
 * What a node on NATS is made of. Where nothing else is said it listens on this machine only, if NATS is there as well; else it is called
 * through NATS.
 * @param options.file the keeper's program
 * @throws Unreachable where no server is to be had; Forbidden where it lets nobody in; MiddlewareError where it is too old
 */
export async function onNats(
  { file, ...nats }: NatsPlace & { file: string },
  { address, ...options }: Omit<RealWorldOptions, "token">,
): Promise<Required<Pick<NodeOptions, "world" | "store" | "secret" | "member">>> {
  const store = new NatsStore(nats);
  try {
    const secret = await secretIn(store);
    const isHidden = address === HIDDEN || (address === undefined && !isHere(nats.servers));
    const world = new NatsWorld(
      { ...options, token: secret, ...(!isHidden && address !== undefined && { address }) },
      { connected: () => store.connected(), isHidden },
    );
    return { world, store, secret, member: (one) => memberIn(world, { data: { nats }, file }, one) };
  } catch (error) {
    store.close();
    throw error;
  }
}

const isHere = (servers: string): boolean =>
  servers
    .split(",")
    .every((server) => /^(localhost|127\.[\d.]+|\[::1\])$/.test(URL.parse(server.trim())?.hostname ?? ""));

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

// The embedded engine, seen from a node: no server to install. The first process of a namespace keeps the registry for all; when it ends,
// another one of them goes on with what is in the journal.
import type { World } from "../flow.js";
import type { NodeOptions } from "../node/node.js";
import { StoreClient } from "../store/client.js";
import { dialRegistry } from "./dial.js";
import { memberIn } from "./thread.js";

export interface EmbeddedOptions {
  home: string;
  durability: "disk" | "memory";
  /** The keeper's program. */
  file: string;
}

/** What a node of the embedded engine is made of. */
export function embedded(
  world: World,
  { file, ...data }: EmbeddedOptions,
): Required<Pick<NodeOptions, "store" | "member">> {
  return {
    store: new StoreClient({ world, dial: () => dialRegistry(world, data.home, "a node") }),
    member: (options) => memberIn(world, { data, file }, options),
  };
}

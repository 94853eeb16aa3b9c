// The embedded engine, seen from a node: no server to install. The first process of a namespace keeps the registry for all; when it ends,
// another one of them goes on with what is in the journal.
import { Worker } from "node:worker_threads";
import { ours } from "../../socket/ours.js";
import type { NodeId, Store, Where, World } from "../flow.js";
import type { Member } from "../node/membership.js";
import { StoreClient } from "../store/client.js";
import { dialRegistry } from "./dial.js";
import type { FromKeeper, KeeperData, ToKeeper } from "./keeper.js";

interface Keeper {
  worker: Worker;
  uses: number;
  /** Told what concerns a member; `undefined`: the thread has ended. */
  members: Map<number, (message: FromKeeper | undefined) => void>;
}

const keepers = new Map<string, Keeper>();
let count = 0;

/** @param file the keeper's program */
function keeperOf(data: KeeperData, file: string): Keeper {
  const known = keepers.get(data.home);
  if (known) return known;
  const worker = ours(
    () => new Worker(file, { workerData: data, execArgv: [], name: "wirebook middleware", stderr: false }),
  );
  worker.unref();
  const keeper: Keeper = { worker, uses: 0, members: new Map() };
  keepers.set(data.home, keeper);
  worker.on("message", (message: FromKeeper) => {
    if (message.type === "failed")
      console.error(`wirebook/middleware: the registry cannot be kept: ${message.message}`);
    else if (message.type !== "keeps") keeper.members.get(message.member)?.(message);
  });
  worker.once("exit", () => {
    // By now there may be another.
    if (keepers.get(data.home) === keeper) keepers.delete(data.home);
    for (const told of keeper.members.values()) told(undefined);
  });
  return keeper;
}

export interface EmbeddedOptions extends KeeperData {
  /** The keeper's program. */
  file: string;
}

/** What a node of the embedded engine is made of. */
export function embedded(
  world: World,
  { file, ...data }: EmbeddedOptions,
): { store: Store; member(options: { where: Where; lease: number; onRejoined(): void }): Member } {
  return {
    store: new StoreClient({ world, dial: () => dialRegistry(world, data.home, "a node") }),
    member: ({ where, lease, onRejoined }) => {
      const keeper = keeperOf(data, file);
      keeper.uses++;
      const member = ++count;
      const until = new BigInt64Array(new SharedArrayBuffer(8));
      let id: NodeId = "";
      let left = (): void => {};
      const tell = (message: ToKeeper): void => keeper.worker.postMessage(message);
      return {
        get id() {
          return id;
        },
        get holds() {
          return world.now() * 1000 < Number(Atomics.load(until, 0));
        },
        join: () =>
          new Promise<void>((resolve, reject) => {
            keeper.members.set(member, (message) => {
              if (!message) reject(new Error("the keeper's thread has ended"));
              if (!message || message.type === "left") return left();
              if (message.type !== "joined") return;
              const isFirst = id === "";
              id = message.id;
              if (isFirst) resolve();
              else onRejoined();
            });
            tell({ type: "join", member, where, lease, until });
          }),
        leave: async () => {
          Atomics.store(until, 0, 0n);
          await new Promise<void>((resolve) => {
            left = resolve;
            tell({ type: "leave", member });
          });
          keeper.members.delete(member);
          if (--keeper.uses > 0) return;
          keepers.delete(data.home);
          await keeper.worker.terminate();
        },
      };
    },
  };
}

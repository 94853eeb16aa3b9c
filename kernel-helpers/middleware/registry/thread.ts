// The keeper's thread, seen from a node: one for all nodes of this process that share a registry. It holds their leases.
import { Worker } from "node:worker_threads";
import { ours } from "../../socket/ours.js";
import type { NodeId, Where, World } from "../flow.js";
import type { Member } from "../node/membership.js";
import type { FromKeeper, KeeperData, ToKeeper } from "./keeper.js";

interface Keeper {
  worker: Worker;
  /** Told what concerns a member; `undefined`: the thread has ended. */
  members: Map<number, (message: FromKeeper | undefined) => void>;
  /** What ended it, where it did not end by itself. */
  reason?: Error;
}

/** Milliseconds until another thread is tried, at first and at most. */
const AGAIN_MS = 200;
const MOST_MS = 30_000;

const keepers = new Map<string, Keeper>();
let count = 0;

/** @param file the keeper's program */
function keeperOf(data: KeeperData, file: string): Keeper {
  const name = JSON.stringify(data);
  const known = keepers.get(name);
  if (known) return known;
  const worker = ours(
    () => new Worker(file, { workerData: data, execArgv: [], name: "wirebook middleware", stderr: false }),
  );
  worker.unref();
  const keeper: Keeper = { worker, members: new Map() };
  keepers.set(name, keeper);
  worker.on("message", (message: FromKeeper) => {
    if (message.type === "failed")
      console.error(`wirebook/middleware: the registry cannot be kept: ${message.message}`);
    else if (message.type !== "keeps") keeper.members.get(message.member)?.(message);
  });
  worker.once("error", (error) => {
    keeper.reason = error as Error;
  });
  worker.once("exit", () => {
    // By now there may be another.
    if (keepers.get(name) === keeper) keepers.delete(name);
    for (const told of keeper.members.values()) told(undefined);
  });
  return keeper;
}

export interface MemberOptions {
  where: Where;
  lease: number;
  onRejoined(): void;
}

/**
 * A member whose lease is held by the keeper's thread.
 * @param file the keeper's program
 */
export function memberIn(
  world: World,
  { data, file }: { data: KeeperData; file: string },
  { where, lease, onRejoined }: MemberOptions,
): Member {
  let keeper: Keeper | undefined;
  const member = ++count;
  const until = new BigInt64Array(new SharedArrayBuffer(8));
  let id: NodeId = "";
  let hasLeft = false;
  let pause = AGAIN_MS;
  let left = (): void => {};
  const enter = (joined: () => void, failed: (error: Error) => void): void => {
    keeper = keeperOf(data, file);
    keeper.members.set(member, (message) => {
      if (message?.type === "left") left();
      else if (message?.type === "joined") {
        id = message.id;
        joined();
      } else if (!message) {
        // The lease has ended with its thread, or will. Another thread begins another one.
        const cause = keeper?.reason;
        keeper = undefined;
        left();
        failed(
          new Error(`the thread that holds this node's lease has ended${cause ? `: ${cause.message}` : ""}`, {
            cause,
          }),
        );
        if (id === "" || hasLeft) return;
        world.after(pause, () => !hasLeft && enter(onRejoined, () => {}));
        pause = Math.min(2 * pause, MOST_MS);
      }
    });
    tell({ type: "join", member, where, lease, until });
  };
  const tell = (message: ToKeeper): void => keeper?.worker.postMessage(message);
  return {
    get id() {
      return id;
    },
    get holds() {
      return world.now() * 1000 < Number(Atomics.load(until, 0));
    },
    join: () =>
      new Promise<void>((resolve, reject) => {
        let isIn = false;
        enter(() => {
          if (isIn) onRejoined();
          isIn = true;
          resolve();
        }, reject);
      }),
    leave: async () => {
      hasLeft = true;
      Atomics.store(until, 0, 0n);
      const old = keeper;
      if (!old) return;
      await new Promise<void>((resolve) => {
        left = resolve;
        tell({ type: "leave", member });
      });
      old.members.delete(member);
      if (old.members.size > 0) return;
      keepers.delete(JSON.stringify(data));
      await old.worker.terminate();
    },
  };
}

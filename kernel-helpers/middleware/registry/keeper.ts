// A thread that goes on whatever the notebook's own is busy with: it renews this process's leases, so that busy is not taken for dead, and keeps the
// registry where no other process does.
import { parentPort, workerData } from "node:worker_threads";
import type { Store } from "../flow.js";
import { Membership } from "../node/membership.js";
import { Renewals } from "../node/renewals.js";
import { StoreClient } from "../store/client.js";
import { StoreServer } from "../store/server.js";
import { Peer } from "../wire/peer.js";
import { Sessions } from "../wire/sessions.js";
import { RealWorld } from "../world/real.js";
import { dialRegistry } from "./dial.js";
import { journalIn, leaveNote, secretOf } from "./home.js";
import type { NatsPlace } from "./nats/store.js";
import { openJournal } from "./sqlite.js";

/** Where the registry is: in a folder of this machine, where one of the keepers keeps it; or in NATS, where none has to. */
export type KeeperData = { home: string; durability: "disk" | "memory" } | { nats: NatsPlace };

export type ToKeeper =
  | { type: "join"; member: number; where: string; lease: number; until: BigInt64Array }
  | { type: "leave"; member: number };

export type FromKeeper =
  /** This process keeps the registry from now on. */
  | { type: "keeps" }
  | { type: "joined"; member: number; id: string }
  | { type: "left"; member: number }
  | { type: "failed"; message: string };

/** Milliseconds between two looks whether the registry has a keeper. */
const LOOK_MS = 100;

const data = workerData as KeeperData;
const port = parentPort as NonNullable<typeof parentPort>;
const say = (message: FromKeeper): void => port.postMessage(message);
const world = new RealWorld({ token: "home" in data ? secretOf(data.home) : "" });
/** One for all members. */
const store = await openStore();
const renewals = new Renewals(world, store);
const members = new Map<number, Membership>();

async function keep({ home, durability }: Extract<KeeperData, { home: string }>): Promise<void> {
  // As long as there is somebody who answers, nobody else can have it.
  const isKept = store instanceof StoreClient && store.isConnected;
  const journal = isKept ? undefined : openJournal(journalIn(home), { durability });
  if (!journal) {
    setTimeout(() => void keep({ home, durability }).catch(fail), LOOK_MS);
    return;
  }
  const server = new StoreServer(world, journal);
  server.onBroken = fail;
  const sessions = new Sessions({ world }, (link) => {
    const peer = new Peer(link, server.handlers);
    peer.onLost = () => server.left(peer);
  });
  const { where } = await world.listen((pipe) => sessions.accept(pipe));
  leaveNote(home, where);
  say({ type: "keeps" });
}

/** Whoever kept the registry must not keep it any longer: another process takes over. */
function fail(error: unknown): void {
  say({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

async function openStore(): Promise<Store> {
  if ("home" in data)
    return new StoreClient({ world, dial: () => dialRegistry(world, data.home, "a keeper") });
  // Loaded by who needs it.
  const { NatsStore } = await import("./nats/store.js");
  return new NatsStore(data.nats);
}

async function join({ member, where, lease, until }: Extract<ToKeeper, { type: "join" }>): Promise<void> {
  const told = (): void => say({ type: "joined", member, id: membership.id });
  const membership: Membership = new Membership({
    ...{ world, store, where, lease, renewals },
    onRejoined: told,
    onExtended: (end) => Atomics.store(until, 0, BigInt(Math.floor(end * 1000))),
  });
  members.set(member, membership);
  await membership.join();
  told();
}

port.on("message", (message: ToKeeper) => {
  if (message.type === "join") void join(message).catch(fail);
  else
    void members
      .get(message.member)
      ?.leave()
      .then(() => say({ type: "left", member: message.member }));
});

if ("home" in data) void keep(data).catch(fail);

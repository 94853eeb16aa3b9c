// The engines, each as a place where stores are and a registry that can be killed and started.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../../../kernel-helpers/middleware/flow.js";
import { dialRegistry } from "../../../kernel-helpers/middleware/registry/dial.js";
import { journalIn, leaveNote } from "../../../kernel-helpers/middleware/registry/home.js";
import { NatsStore } from "../../../kernel-helpers/middleware/registry/nats/store.js";
import { type JournalOptions, openJournal } from "../../../kernel-helpers/middleware/registry/sqlite.js";
import { StoreClient } from "../../../kernel-helpers/middleware/store/client.js";
import { StoreServer } from "../../../kernel-helpers/middleware/store/server.js";
import { Peer } from "../../../kernel-helpers/middleware/wire/peer.js";
import { Sessions } from "../../../kernel-helpers/middleware/wire/sessions.js";
import { RealWorld } from "../../../kernel-helpers/middleware/world/real.js";
import { noNats, skippedNats, startNats } from "../nats.js";

export interface Place extends AsyncDisposable {
  /** A store of its own, as another node has one. */
  store(): Store;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface Engine {
  title: string;
  isMissing: boolean;
  open(): Promise<Place>;
}

const world = new RealWorld({ token: "secret" });

async function embedded(): Promise<Place> {
  const home = mkdtempSync(join(tmpdir(), "wirebook-contract-"));
  const stores: Store[] = [];
  let kill = async (): Promise<void> => {};
  const start = async (): Promise<void> => {
    const options: JournalOptions = { durability: "disk" };
    const server = new StoreServer(
      world,
      openJournal(journalIn(home), options) as NonNullable<ReturnType<typeof openJournal>>,
    );
    const sessions = new Sessions({ world }, (link) => {
      const peer = new Peer(link, server.handlers);
      peer.onLost = () => server.left(peer);
    });
    const listening = await world.listen((pipe) => sessions.accept(pipe));
    leaveNote(home, listening.where);
    kill = async () => {
      server.close();
      sessions.close();
      await listening.close();
    };
  };
  await start();
  return {
    store() {
      const store = new StoreClient({ world, dial: () => dialRegistry(world, home, "a test") });
      stores.push(store);
      return store;
    },
    start,
    kill: () => kill(),
    async [Symbol.asyncDispose]() {
      for (const store of stores) store.close();
      await kill();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function nats({ web = false } = {}): Promise<Place> {
  const server = await startNats({ web });
  const stores: Store[] = [];
  return {
    store() {
      const store = new NatsStore({ servers: web ? server.web : server.url, namespace: "a test" });
      stores.push(store);
      return store;
    },
    start: () => server.start(),
    kill: () => server.kill(),
    async [Symbol.asyncDispose]() {
      for (const store of stores) store.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

export const engines: Engine[] = [
  { title: "the embedded engine", isMissing: false, open: embedded },
  { title: `NATS${skippedNats}`, isMissing: noNats !== undefined, open: () => nats() },
  {
    title: `NATS on WebSockets${skippedNats}`,
    isMissing: noNats !== undefined,
    open: () => nats({ web: true }),
  },
];

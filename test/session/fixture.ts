// A kernel in this process, on real sockets, with an engine that runs no code.

import { startKernel } from "../../src/kernel.js";
import type { Types } from "../../src/session/needs.js";
import type { NotebookTypes } from "../../src/session/notebook-file.js";
import { parseConnection } from "../../src/wire/connection-file.js";
import { Client, newConnection } from "../kernel/client.js";
import { createFakeEngine, type FakeEngine, loadFakeTranslation } from "../kernel/fake-engine.js";

export interface Fixture extends AsyncDisposable {
  client: Client;
  engine: FakeEngine;
  connection: Awaited<ReturnType<typeof newConnection>>;
  kernel: Awaited<ReturnType<typeof startKernel>>;
  /** Another client of the same kernel. */
  join(options?: { identity?: string }): Client;
}

/** Starts a kernel and connects a client that is known to hear iopub. */
export async function startFixture(
  options: {
    paced?: boolean;
    key?: string;
    types?: Types;
    notebook?: NotebookTypes;
    /** The client waits for the kernel already. */
    eager?: boolean;
  } = {},
): Promise<Fixture> {
  const { types, notebook } = options;
  const connection = await newConnection(options.key === undefined ? {} : { key: options.key });
  const engine = createFakeEngine();
  const eager = options.eager ? new Client(connection, { eager: true }) : undefined;
  const kernel = await startKernel({
    connection: parseConnection(connection),
    startEngine: engine.start,
    loadTranslation: loadFakeTranslation,
    paced: options.paced ?? false,
    ...(types && { loadTypes: async () => ({ ...types, stop() {} }) }),
    ...(notebook && { notebook: async () => notebook }),
  });
  const clients: Client[] = [];
  const join = (more: { identity?: string } = {}): Client => {
    const client = new Client(connection, more);
    clients.push(client);
    return client;
  };
  const client = eager ?? join();
  if (eager) clients.push(eager);
  await client.wait((message) => message.type === "iopub_welcome", { what: "the welcome" });
  return {
    client,
    engine,
    connection,
    kernel,
    join,
    async [Symbol.asyncDispose]() {
      for (const each of clients) each.close();
      await kernel.shutdown();
    },
  };
}

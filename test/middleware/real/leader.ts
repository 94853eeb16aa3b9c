// Which server of a cluster leads. The one place in tests that asks NATS itself.
import { setTimeout as sleep } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

/** Waits until the servers have found each other, for 20 seconds at most. */
export async function united(url: string): Promise<void> {
  const connection = await connect({ servers: url });
  try {
    for (let tries = 0; ; tries++) {
      try {
        return void (await jetstreamManager(connection, { timeout: 1000 }));
      } catch (error) {
        if (tries === 20) throw error;
        await sleep(1000);
      }
    }
  } finally {
    await connection.close();
  }
}

/** The name of the server that leads the only bucket. */
export async function leaderOf(url: string): Promise<string> {
  const connection = await connect({ servers: url });
  try {
    const manager = await jetstreamManager(connection);
    for await (const { cluster } of manager.streams.list()) if (cluster?.leader) return cluster.leader;
    throw new Error("no bucket has a leader");
  } finally {
    await connection.close();
  }
}

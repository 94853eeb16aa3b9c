// Which server of a cluster leads. The one place in tests that asks NATS itself.
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";

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

// Two ends of a connection, and the socket that accepted it.
import { type Socket, socket } from "../../../kernel-helpers/socket/index.js";

export async function pair(): Promise<{ listener: Socket; client: Socket; server: Socket; port: number }> {
  const listener = socket();
  await listener.bind(["127.0.0.1", 0]);
  await listener.listen(5);
  const port = (listener.getsockname() as [string, number])[1];
  const client = socket();
  await client.connect(["127.0.0.1", port]);
  const [server] = await listener.accept();
  return { listener, client, server, port };
}

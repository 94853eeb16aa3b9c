// Request and reply through a NATS server, which is a third process.
import { spawn } from "node:child_process";
import { freePort, peer } from "./peer.mjs";

const { connect: dial } = peer("@nats-io/transport-node");

export async function serve() {
  const port = await freePort();
  const server = spawn(process.env.NATS_SERVER, ["-a", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  process.once("exit", () => server.kill());
  const connection = await reached(port);
  connection.subscribe("add", {
    callback: (_, message) => {
      const [a, b] = message.json();
      message.respond(JSON.stringify(a + b));
    },
  });
  await connection.flush();
  return port;
}

/** It takes a moment until it listens. */
const reached = (port) =>
  dial({ port, waitOnFirstConnect: true, reconnectTimeWait: 50, maxReconnectAttempts: 200 });

export async function connect(port) {
  const connection = await reached(port);
  return {
    add: async (a, b) =>
      (await connection.request("add", JSON.stringify([a, b]), { timeout: 10_000 })).json(),
  };
}

// Moleculer's own transporter on TCP, with the other's address instead of a search for it.
import { freePort, peer } from "./peer.mjs";

async function broker(nodeID, urls) {
  const port = await freePort();
  const { ServiceBroker } = peer("moleculer");
  const options = { udpDiscovery: false, useHostname: false, port, urls };
  return { port, made: new ServiceBroker({ nodeID, logger: false, transporter: { type: "TCP", options } }) };
}

export async function serve() {
  const { port, made } = await broker("server", []);
  made.createService({ name: "adder", actions: { add: ({ params: { a, b } }) => a + b } });
  await made.start();
  return port;
}

export async function connect(port) {
  const { made } = await broker("client", [`127.0.0.1:${port}/server`]);
  await made.start();
  await made.waitForServices("adder", 20_000);
  return { add: (a, b) => made.call("adder.add", { a, b }) };
}

// Cap'n Web over the same WebSockets as the others.
import { once } from "node:events";
import { WebSocket, WebSocketServer } from "ws";
import { peer } from "./peer.mjs";

const { newWebSocketRpcSession, RpcTarget } = peer("capnweb");

class Adder extends RpcTarget {
  add(a, b) {
    return a + b;
  }
}

export async function serve() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket) => newWebSocketRpcSession(socket, new Adder()));
  await once(server, "listening");
  return server.address().port;
}

export async function connect(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, "open");
  const adder = newWebSocketRpcSession(socket);
  return { add: (a, b) => adder.add(a, b) };
}

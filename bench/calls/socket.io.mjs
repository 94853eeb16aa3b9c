// Socket.IO, on WebSockets from the start.
import { once } from "node:events";
import { createServer } from "node:http";
import { peer } from "./peer.mjs";

export async function serve() {
  const http = createServer().listen(0, "127.0.0.1");
  const { Server } = peer("socket.io");
  new Server(http, { transports: ["websocket"] }).on("connection", (socket) =>
    socket.on("add", (a, b, answer) => answer(a + b)),
  );
  await once(http, "listening");
  return http.address().port;
}

export async function connect(port) {
  const socket = peer("socket.io-client").io(`http://127.0.0.1:${port}`, { transports: ["websocket"] });
  await new Promise((resolve) => socket.once("connect", resolve));
  return { add: (a, b) => socket.emitWithAck("add", a, b) };
}

// Node's own sockets, in the shortest way to do it.
import net from "node:net";
import { measure } from "./measure.mjs";

const server = net.createServer({ noDelay: true });
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();
const accepted = [];
const waiting = [];
server.on("connection", (socket) => {
  const next = waiting.shift();
  if (next) next(socket);
  else accepted.push(socket);
});
const accept = () =>
  new Promise((resolve) => (accepted.length > 0 ? resolve(accepted.shift()) : waiting.push(resolve)));
const connect = () =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
  });

await measure({
  port,
  connect,
  accept,
  close: (socket) => socket.destroy(),
  echo: (socket) => void socket.on("data", (data) => socket.write(data)),
  /** So many messages there and back, one after another. */
  talk: (socket, message, times) =>
    new Promise((resolve) => {
      let left = times;
      let missing = message.length;
      socket.on("data", function came(data) {
        missing -= data.length;
        if (missing > 0) return;
        missing = message.length;
        if (--left > 0) socket.write(message);
        else {
          socket.off("data", came);
          resolve();
        }
      });
      socket.write(message);
    }),
});
server.close();

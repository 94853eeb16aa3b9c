// Peers as bad as they come: a server whose clients choose its fault, and clients that choose their own.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a client asks for with its first byte. */
export const FAULTS = "srdehfbu";

const NO_TEXT = Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80, 0x0a]);

function misbehave(socket: Socket, fault: string): void {
  const drip = (): void => {
    if (socket.destroyed) return;
    socket.write("x");
    setTimeout(drip, 1000).unref();
  };
  if (fault === "s") return;
  if (fault === "r") socket.resetAndDestroy();
  else if (fault === "d") drip();
  else if (fault === "e") socket.end();
  else if (fault === "h") socket.write("abc");
  else if (fault === "f") socket.write(Buffer.alloc(200_000, "no end of a line "));
  else if (fault === "b") flood(socket, Number.POSITIVE_INFINITY);
  else if (fault === "u") socket.end(NO_TEXT);
}

const BLOCK = Buffer.alloc(64 * 1024, "b");

/** As fast as the other side takes it. */
function flood(socket: Socket, bytes: number): void {
  let left = bytes;
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= BLOCK.length;
      if (!socket.write(BLOCK)) {
        socket.once("drain", more);
        return;
      }
    }
    socket.end();
  };
  more();
}

export interface FaultyServer extends AsyncDisposable {
  port: number;
  open: Set<Socket>;
}

/** @param bytes what it sends to whoever asks for `g` */
export async function faultyServer(bytes: number): Promise<FaultyServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {}).once("close", () => open.delete(socket));
    socket.once("data", (data) => {
      const fault = String.fromCharCode(data[0] ?? 0);
      if (fault === "g") flood(socket, bytes);
      else misbehave(socket, fault);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    open,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Connects, does it wrong in the way of `fault`, and is gone a moment later. */
export async function faultyClient(port: number, fault: string): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const gone = once(socket, "close").catch(() => {});
  await Promise.race([once(socket, "connect"), gone]).catch(() => {});
  socket.resume();
  misbehave(socket, fault);
  setTimeout(() => socket.destroy(), 30 + (fault === "b" ? 20 : 0));
  await gone;
}

// What the doorman does in its own process. It travels there as the text of one function, so it uses nothing from outside.
import type { Socket as NetSocket } from "node:net";

export type ToDoorman =
  | { type: "bind"; where: { path: string } | { host: string; port: number } }
  | { type: "listen"; backlog: number }
  | { type: "cancel" };
export type FromDoorman =
  | { type: "connection" }
  | { type: "error"; code: string }
  | { type: "done"; address?: { address: string; port: number } };

/** Listens, and sleeps wherever nobody waits in `accept`: only its own event loop could take a connection early. */
export function doorman(net: typeof import("node:net"), fs: typeof import("node:fs")): void {
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true });
  let wanted = 0;
  let announced = 0;
  let handled = 0;
  // Nothing is accepted while it reads. A byte wakes it: `a` asks for one connection, `.` announces a message, which may have
  // been read already where it was awake.
  const sleep = (): void => {
    const byte = Buffer.alloc(1);
    while (wanted === 0) {
      if (fs.readSync(0, byte) === 0) process.exit(0);
      if (byte[0] === 97) wanted++;
      else if (++announced > handled) return;
    }
  };
  const say = (message: FromDoorman): void => void process.send?.(message, () => sleep());
  process.on("disconnect", () => process.exit(0));
  server.on("connection", (socket: NetSocket & { _handle?: { close(): void } | null }) => {
    wanted = Math.max(0, wanted - 1);
    const handle = socket._handle;
    let sent = false;
    process.send?.({ type: "connection" } satisfies FromDoorman, socket, () => {
      sent = true;
    });
    // Node keeps its copy until the parent confirms, which cannot be heard asleep; the copy would hold the connection open.
    // On macOS a descriptor that is closed in flight is lost, so there it waits for the confirmation.
    const rest = (): void => {
      if (!sent) {
        setImmediate(rest);
        return;
      }
      if (process.platform !== "darwin") handle?.close();
      sleep();
    };
    process.nextTick(rest);
  });
  const raw = (): { listen(backlog: number): number } =>
    (server as unknown as { _handle: { listen(backlog: number): number } })._handle;
  process.on("message", (message: ToDoorman) => {
    handled++;
    if (message.type === "bind") {
      server.once("error", (error: NodeJS.ErrnoException) =>
        say({ type: "error", code: error.code ?? "EINVAL" }),
      );
      server.listen({ ...message.where, backlog: 1 }, () => {
        const address = server.address();
        say(address === null || typeof address === "string" ? { type: "done" } : { type: "done", address });
      });
    } else if (message.type === "listen") {
      // Asked again, the kernel takes the new length; Node's own names have no way to ask again.
      raw().listen(message.backlog);
      say({ type: "done" });
    } else {
      wanted = Math.max(0, wanted - 1);
      sleep();
    }
  });
  sleep();
}

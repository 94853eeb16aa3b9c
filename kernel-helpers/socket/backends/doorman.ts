// The kernel's own queue without native code: another process listens and sleeps between accepts, so the queue fills as the
// kernel lets it; each connection is handed over as it is. It sleeps in a read of its standard input, which also ends it
// when its parent is gone.
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket as NetSocket } from "node:net";
import { owned } from "../../host-contract.js";
import { type Address, toTuple } from "../address.js";
import { AF_INET6, AF_UNIX } from "../constants.js";
import { osError } from "../errors.js";
import { eagerBackend } from "./eager.js";
import type { Backend, Listener } from "./backend.js";

export function doormanBackend(): Backend {
  // Sockets travel between processes on Unix only with their state as it is.
  if (process.platform === "win32") throw new Error("Windows hands no listening sockets over");
  return {
    name: "doorman",
    backlog: "kernel",
    async bind(address, { family }) {
      const listener = new DoormanListener(family);
      await listener.open(address);
      return listener;
    },
  };
}

/** Runs in the other process. Kept as one function, since it travels as text. */
function doorman(): void {
  const net = process.getBuiltinModule("node:net");
  const fs = process.getBuiltinModule("node:fs");
  const say = (message: object, handle?: NetSocket): void => void process.send?.(message, handle as never);
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true });
  let wanted = 0;
  // Asleep: nothing is accepted. A byte wakes: `a` accept one, `.` look at the messages.
  const sleep = (): void => {
    const byte = Buffer.alloc(1);
    while (wanted === 0) {
      if (fs.readSync(0, byte) === 0) process.exit(0);
      if (byte[0] === 97) wanted++;
      else return;
    }
  };
  server.on("connection", (socket) => {
    wanted = Math.max(0, wanted - 1);
    say({ type: "connection" }, socket);
    // The hand-over is confirmed by message: let it pass, then sleep.
    setImmediate(() => setImmediate(sleep));
  });
  server.on("error", (error: NodeJS.ErrnoException) => say({ type: "error", code: error.code }));
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message: { type: string; where?: object; backlog?: number }) => {
    if (message.type === "listen") {
      server.listen({ ...message.where, backlog: message.backlog }, () => {
        say({ type: "listening", address: server.address() });
        setImmediate(sleep);
      });
    } else if (message.type === "cancel") {
      wanted = Math.max(0, wanted - 1);
      say({ type: "cancelled" });
      setImmediate(sleep);
    }
  });
}

type FromDoorman = { type: "connection" } | { type: "cancelled" } | { type: "error"; code: string } | { type: "listening"; address: { address: string; port: number } | string };

class DoormanListener implements Listener {
  readonly #family: number;
  #child: ChildProcess | undefined;
  #where: object = {};
  #bound: Address = "";
  #backlog: number | undefined;
  readonly fd = undefined;
  readonly #waiting: { resolve: (socket: NetSocket) => void; reject: (error: Error) => void }[] = [];
  readonly #early: NetSocket[] = [];

  constructor(family: number) {
    this.#family = family;
  }

  // A socket that is bound and does not listen has no name in Node. The port is held by listening for a moment, and
  // taken again by the doorman; so a clash is told at `bind`, as it should be.
  async open(address: Address): Promise<void> {
    const probe = await eagerBackend().bind(address, { family: this.#family, reuseAddress: true });
    this.#bound = probe.address();
    await probe.close();
    this.#where = this.#family === AF_UNIX ? { path: address } : { host: this.#bound[0], port: this.#bound[1], ipv6Only: this.#family === AF_INET6 };
  }

  listen(backlog: number): Promise<void> {
    if (this.#child) return Promise.resolve();
    this.#backlog = backlog;
    return new Promise((resolve, reject) => {
      const child = owned(spawn(process.execPath, ["-e", `(${doorman.toString()})()`], { stdio: ["pipe", "ignore", "inherit", "ipc"], env: { ...process.env, NODE_OPTIONS: "" } }));
      this.#child = child;
      child.once("error", () => reject(osError("EAGAIN")));
      child.stdin?.on("error", () => {});
      child.on("message", (message: FromDoorman, handle?: NetSocket) => {
        if (message.type === "listening") {
          if (typeof message.address !== "string") this.#bound = toTuple(message.address.address, message.address.port, this.#family);
          resolve();
        } else if (message.type === "error") {
          reject(osError(message.code));
          for (const { reject: give } of this.#waiting.splice(0)) give(osError(message.code));
        } else if (message.type === "connection" && handle) this.#arrived(handle);
      });
      child.once("exit", () => {
        for (const { reject: give } of this.#waiting.splice(0)) give(osError("EBADF"));
      });
      child.send({ type: "listen", where: this.#where, backlog: Math.max(1, this.#backlog ?? 0) });
    });
  }

  #arrived(socket: NetSocket): void {
    owned(socket).allowHalfOpen = true;
    const next = this.#waiting.shift();
    if (next) next.resolve(socket);
    else this.#early.push(socket);
  }

  accept(resolve: (socket: NetSocket) => void, reject: (error: Error) => void): () => void {
    const early = this.#early.shift();
    if (early) {
      resolve(early);
      return () => {};
    }
    const entry = { resolve, reject };
    this.#waiting.push(entry);
    this.#child?.stdin?.write("a");
    return () => {
      const at = this.#waiting.indexOf(entry);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      if (this.#child?.connected) this.#child.send({ type: "cancel" });
    };
  }

  address(): Address {
    return this.#bound;
  }

  async close(): Promise<void> {
    const child = this.#child;
    for (const socket of this.#early.splice(0)) socket.destroy();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  }
}

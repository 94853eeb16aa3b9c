// The kernel's own queue without native code: another process listens and sleeps between accepts, so the queue fills as the
// kernel lets it; each connection is handed over as it is. It sleeps in a read of its standard input, which also ends it
// when its parent is gone.
import { type ChildProcess, spawn } from "node:child_process";
import type { Socket as NetSocket } from "node:net";
import { type Address, toTuple } from "../address.js";
import { AF_INET6, AF_UNIX } from "../constants.js";
import { NotSupported, osError } from "../errors.js";
import { ours } from "../ours.js";
import type { Backend, Endpoint } from "./backend.js";
import { doorman, type FromDoorman, type ToDoorman } from "./doorman-process.js";
import { plainConnect, whereOf } from "./eager.js";

export function doormanBackend(platform: NodeJS.Platform = process.platform): Backend {
  if (platform === "win32") throw new Error("on Windows a process that sleeps cannot hand connections over");
  return { name: "doorman", backlog: "kernel", patience: 250, open: (family) => new DoormanEndpoint(family) };
}

interface Waiting {
  resolve: (socket: NetSocket) => void;
  reject: (error: Error) => void;
}

class DoormanEndpoint implements Endpoint {
  readonly #family: number;
  readonly #waiting: Waiting[] = [];
  readonly #early: NetSocket[] = [];
  #child: ChildProcess | undefined;
  #bound: Address | undefined;
  /** The answer to what was asked last. */
  #answer: { resolve: () => void; reject: (error: Error) => void } | undefined;
  readonly fd = undefined;

  constructor(family: number) {
    this.#family = family;
  }

  /** Node binds and listens in one: it listens with the shortest queue, and accepts nothing, until `listen` says more. */
  async bind(address: Address): Promise<void> {
    this.#start();
    try {
      await this.#ask({ type: "bind", where: whereOf(address, this.#family) });
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#bound ??= address;
  }

  async listen(backlog: number): Promise<void> {
    if (!this.#child) await this.bind(this.#family === AF_INET6 ? ["::", 0] : ["0.0.0.0", 0]);
    await this.#ask({ type: "listen", backlog });
  }

  #start(): void {
    const child = ours(() => {
      const { NODE_OPTIONS: _, ...env } = process.env;
      return spawn(
        process.execPath,
        ["-e", `(${doorman.toString()})(require("node:net"), require("node:fs"))`],
        {
          stdio: ["pipe", "ignore", "ignore", "ipc"],
          env,
        },
      );
    });
    this.#child = child;
    const gone = (): void => {
      this.#answer?.reject(osError("ECONNABORTED"));
      for (const { reject } of this.#waiting.splice(0)) reject(osError("EBADF"));
    };
    child.once("error", gone);
    child.once("exit", gone);
    child.stdin?.on("error", () => {});
    child.on("message", (message: FromDoorman, handle?: NetSocket) => {
      if (message.type === "connection") {
        if (handle) this.#arrived(handle);
        return;
      }
      if (message.type === "error") this.#answer?.reject(osError(message.code));
      else {
        if (message.address)
          this.#bound = toTuple(message.address.address, message.address.port, this.#family);
        this.#answer?.resolve();
      }
    });
  }

  /** Wakes it, so that it reads its messages. */
  #tell(message: ToDoorman): void {
    const child = this.#child;
    if (child?.connected) child.send(message, () => child.stdin?.write("."));
  }

  async #ask(message: ToDoorman): Promise<void> {
    const answered = new Promise<void>((resolve, reject) => {
      this.#answer = { resolve, reject };
    });
    this.#tell(message);
    try {
      await answered;
    } finally {
      this.#answer = undefined;
    }
  }

  #arrived(socket: NetSocket): void {
    socket.allowHalfOpen = true;
    const next = this.#waiting.shift();
    if (next) next.resolve(socket);
    else this.#early.push(socket.on("error", () => {}));
  }

  isReady(): boolean {
    if (this.#early.length > 0) return true;
    throw new NotSupported(
      'whether a connection waits is known to the sleeping process of the back-end "doorman" only; the back-end koffi can tell (WIREBOOK_SOCKETS=koffi)',
    );
  }

  accept(resolve: (socket: NetSocket) => void, reject: (error: Error) => void): () => void {
    const early = this.#early.shift();
    if (early) {
      early.removeAllListeners("error");
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
      this.#tell({ type: "cancel" });
    };
  }

  async release(): Promise<void> {
    const bound = this.#bound;
    await this.close();
    this.#bound = bound;
  }

  connect(address: Address): NetSocket {
    return plainConnect(
      address,
      this.#family === AF_UNIX ? undefined : (this.#bound as [string, number] | undefined),
    );
  }

  address(): Address | undefined {
    return this.#bound;
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    this.#bound = undefined;
    for (const socket of this.#early.splice(0)) socket.destroy();
    if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  }
}

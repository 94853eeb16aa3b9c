// What a listening socket needs of the system. Node itself accepts eagerly, so the queue of `listen(backlog)` could not be
// seen; two of the back-ends take a connection from the kernel's queue only when `accept` asks for it.
import type { Socket as NetSocket } from "node:net";
import type { Address } from "../address.js";

/** A socket that is bound, and perhaps listens. */
export interface Listener {
  /** Begins to listen, or changes the length of the queue. */
  listen(backlog: number): Promise<void>;
  /** Takes one connection. The returned function gives the wait up, and loses nothing. */
  accept(resolve: (socket: NetSocket) => void, reject: (error: Error) => void): () => void;
  address(): Address;
  close(): Promise<void>;
  readonly fd: number | undefined;
  /** Undefined where the back-end has no way. */
  setOption?(level: number, option: number, value: number): void;
  getOption?(level: number, option: number): number;
}

export interface BindOptions {
  family: number;
  reuseAddress: boolean;
}

export interface Backend {
  readonly name: "koffi" | "doorman" | "eager";
  /** Is the queue of `listen` the kernel's own? */
  readonly backlog: "kernel" | "emulated";
  /** The address is numeric. @throws OSError */
  bind(address: Address, options: BindOptions): Promise<Listener>;
}

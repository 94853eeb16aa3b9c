// What a socket that is not connected yet needs of the system. Node itself accepts eagerly, so the queue of
// `listen(backlog)` could not be seen; two of the back-ends take a connection from the kernel's queue only when `accept` asks.
import type { Socket as NetSocket } from "node:net";
import type { Address } from "../address.js";

/** Of every stream: that the peer has nothing more to say does not end what is said to it. */
export const STREAM: { allowHalfOpen: true } = { allowHalfOpen: true };

/** A socket that may be bound, listen or begin to connect. */
export interface Endpoint {
  /** Its descriptor, where there is one. */
  readonly fd: number | undefined;
  /** The address is numeric. @throws OSError */
  bind(address: Address, reuseAddress: boolean): Promise<void>;
  /** Begins to listen, or changes the length of the queue. @throws OSError */
  listen(backlog: number): Promise<void>;
  /** Does a connection wait to be accepted? @throws NotSupported */
  isReady(): boolean;
  /** Takes one connection. The returned function gives the wait up, and loses nothing. */
  accept(resolve: (socket: NetSocket) => void, reject: (error: Error) => void): () => void;
  /** Comes before `connect`, where another process has to make way first. */
  release?(): Promise<void>;
  /** Begins to connect; from now on the stream owns what was open here. */
  connect(address: Address): NetSocket;
  /** Where it is bound; undefined where it is not. */
  address(): Address | undefined;
  close(): Promise<void>;
}

/** Options as the kernel has them, on any descriptor of this process. */
export interface DescriptorOptions {
  set(fd: number, level: number, option: number, value: Uint8Array): void;
  get(fd: number, level: number, option: number, length: number): Buffer;
}

/** What can be done with descriptors themselves. Every call throws OSError. */
export interface Descriptors {
  duplicate(fd: number): number;
  close(fd: number): void;
  inheritable(fd: number): boolean;
  setInheritable(fd: number, inheritable: boolean): void;
  /** Two that are connected with each other. */
  pair(family: number, type: number, protocol: number): [number, number];
  local(fd: number, family: number): Address;
  /** Whom it is connected to. */
  peer(fd: number, family: number): Address;
  /** One that is not connected, as an endpoint. */
  endpoint(fd: number, family: number): Endpoint;
}

export interface Backend {
  readonly name: "koffi" | "doorman" | "eager";
  /** Is the queue of `listen` the kernel's own? */
  readonly backlog: "kernel" | "emulated";
  /** How long, in milliseconds, a connection that waits in the queue may take to arrive: a socket that does not block waits so long. */
  readonly patience: number;
  readonly options?: DescriptorOptions;
  readonly descriptors?: Descriptors;
  /** @throws OSError */
  open(family: number, type: number, protocol: number): Endpoint;
}

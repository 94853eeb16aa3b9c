// Who wants to know what sockets do (a trace) is told here; while nobody does, it costs one look.
import type { Socket as NetSocket } from "node:net";
import type { Address } from "./address.js";

export interface Watcher {
  bound(socket: object, address: Address): void;
  listening(socket: object, address: Address, backlog: number): void;
  /** `accept` gave this stream. @param path of a listening socket that has one */
  accepted(stream: NetSocket, path: string | undefined): void;
  /** A socket that listened, or was bound, is closed. */
  closed(socket: object): void;
  /** A call took these bytes of a stream. */
  received(stream: NetSocket, bytes: Buffer): void;
  /** A call was given up: its time was over, or its cell was interrupted. */
  failed(socket: object, call: string, error: Error): void;
}

export const watched: { by: Watcher | undefined } = { by: undefined };

/** What stands inside sockets of ours: streams whose bytes are told of when a call takes them, servers that accept once. */
export const inner: WeakSet<object> = new WeakSet();

// Socket options that Node can set on a connected socket. The others are kept until a back-end can apply them.
import type { Socket as NetSocket } from "node:net";
import { IPPROTO_TCP, SO_KEEPALIVE, SO_LINGER, SO_REUSEADDR, SOL_SOCKET, TCP_NODELAY } from "./constants.js";
import { NotSupported } from "./errors.js";

/** `level:option` → value. */
export type SocketOptions = Map<string, number>;

const DEFAULTS: Record<string, number> = {
  [`${SOL_SOCKET}:${SO_REUSEADDR}`]: 0,
  [`${SOL_SOCKET}:${SO_KEEPALIVE}`]: 0,
  [`${IPPROTO_TCP}:${TCP_NODELAY}`]: 0,
};

/** @throws NotSupported */
export function writeOption(socket: NetSocket, option: string, value: number): void {
  switch (option) {
    case `${SOL_SOCKET}:${SO_KEEPALIVE}`:
      socket.setKeepAlive(value !== 0);
      return;
    case `${IPPROTO_TCP}:${TCP_NODELAY}`:
      socket.setNoDelay(value !== 0);
      return;
    case `${SOL_SOCKET}:${SO_LINGER}`:
      if (value > 0) throw new NotSupported("SO_LINGER with a time is not offered by Node; [1, 0] (reset at close) is");
      return;
    case `${SOL_SOCKET}:${SO_REUSEADDR}`:
      return;
    default:
      throw new NotSupported("this option of a connected socket is not offered by Node; SO_KEEPALIVE, TCP_NODELAY and SO_LINGER [1, 0] are");
  }
}

/** What is known without asking the system: what was set here, else the system's default where every system has it. */
export function readOption(options: SocketOptions, option: string): number | undefined {
  return options.get(option) ?? DEFAULTS[option];
}

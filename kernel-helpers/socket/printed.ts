// How a socket looks: in Python's manner, with what shows on this machine.
import type { Address } from "./address.js";
import { familyName, typeName } from "./constants.js";
import type { Socket } from "./socket.js";

interface State {
  closed: boolean;
  local: Address | undefined;
  peer: Address | undefined;
  /** Whose queue it is, where the socket listens. */
  queue: "kernel" | "emulated" | undefined;
}

/** `<socket fd=3, family=AF_INET, type=SOCK_STREAM, proto=0, laddr=('127.0.0.1', 12345), backend=koffi>` */
export function printed(socket: Socket, { closed, local, peer, queue }: State): string {
  const parts = [
    `fd=${socket.fileno()}`,
    `family=${familyName(socket.family)}`,
    `type=${typeName(socket.type)}`,
    `proto=${socket.proto}`,
  ];
  if (local !== undefined) parts.push(`laddr=${tuple(local)}`);
  if (peer !== undefined) parts.push(`raddr=${tuple(peer)}`);
  parts.push(`backend=${socket.backend}`);
  if (queue === "emulated") parts.push("backlog=emulated");
  return `<socket${closed ? " [closed]" : ""} ${parts.join(", ")}>`;
}

/** As Python writes it. */
export function tuple(address: Address): string {
  const text = (value: string): string => `'${value.replace(/['\\]/g, "\\$&")}'`;
  if (typeof address === "string") return text(address);
  return `(${text(address[0])}, ${address.slice(1).join(", ")})`;
}

/** `127.0.0.1:12345`, `[::1]:12345` or a path. */
export function hostPort(address: Address | undefined): string {
  if (!Array.isArray(address)) return address ?? "";
  const [host, port] = address;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

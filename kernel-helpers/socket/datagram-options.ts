// What Node itself can set on datagrams, for the back-ends that have no descriptor: by level and option, as setsockopt(2) has them.
import type { Socket as NodeSocket } from "node:dgram";
import {
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_LOOP,
  IPV6_UNICAST_HOPS,
  IPV6_V6ONLY,
  SO_BROADCAST,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SOL_SOCKET,
} from "./constants.js";
import { toOSError } from "./errors.js";
import { inet_ntoa } from "./inet.js";

type Setter = (node: NodeSocket, bytes: Buffer) => void;

const number = (bytes: Buffer): number => bytes.readInt32LE();
/** A group, and the address of the interface; 0.0.0.0 leaves that to the system (struct ip_mreq, ip(7)). */
const membership = (bytes: Buffer): [group: string, on?: string] => {
  const [group, on] = [inet_ntoa(bytes.subarray(0, 4)), inet_ntoa(bytes.subarray(4, 8))];
  return on === "0.0.0.0" ? [group] : [group, on];
};

const SETTERS: Readonly<Record<string, Setter>> = {
  // These two are said when it is made.
  [`${SOL_SOCKET} ${SO_REUSEADDR}`]: () => {},
  [`${IPPROTO_IPV6} ${IPV6_V6ONLY}`]: () => {},
  [`${SOL_SOCKET} ${SO_BROADCAST}`]: (node, bytes) => node.setBroadcast(number(bytes) !== 0),
  [`${SOL_SOCKET} ${SO_RCVBUF}`]: (node, bytes) => node.setRecvBufferSize(number(bytes)),
  [`${SOL_SOCKET} ${SO_SNDBUF}`]: (node, bytes) => node.setSendBufferSize(number(bytes)),
  [`${IPPROTO_IP} ${IP_TTL}`]: (node, bytes) => void node.setTTL(number(bytes)),
  [`${IPPROTO_IPV6} ${IPV6_UNICAST_HOPS}`]: (node, bytes) => void node.setTTL(number(bytes)),
  [`${IPPROTO_IP} ${IP_MULTICAST_TTL}`]: (node, bytes) => void node.setMulticastTTL(number(bytes)),
  [`${IPPROTO_IPV6} ${IPV6_MULTICAST_HOPS}`]: (node, bytes) => void node.setMulticastTTL(number(bytes)),
  [`${IPPROTO_IP} ${IP_MULTICAST_LOOP}`]: (node, bytes) =>
    void node.setMulticastLoopback(number(bytes) !== 0),
  [`${IPPROTO_IPV6} ${IPV6_MULTICAST_LOOP}`]: (node, bytes) =>
    void node.setMulticastLoopback(number(bytes) !== 0),
  [`${IPPROTO_IP} ${IP_MULTICAST_IF}`]: (node, bytes) => node.setMulticastInterface(inet_ntoa(bytes)),
  [`${IPPROTO_IP} ${IP_ADD_MEMBERSHIP}`]: (node, bytes) => node.addMembership(...membership(bytes)),
  [`${IPPROTO_IP} ${IP_DROP_MEMBERSHIP}`]: (node, bytes) => node.dropMembership(...membership(bytes)),
};

export function canSetOnDatagrams(level: number, option: number): boolean {
  return Object.hasOwn(SETTERS, `${level} ${option}`);
}

/** @throws OSError */
export function setOnDatagrams(node: NodeSocket, level: number, option: number, bytes: Buffer): void {
  try {
    SETTERS[`${level} ${option}`]?.(node, bytes);
  } catch (error) {
    throw toOSError(error);
  }
}

// Where the processes of a cluster stand: beside each other on the loopback interface, or each in a network of its own (namespaces of Linux), with
// a bridge between them whose cables can be pulled. Either way every node has doors in front of it.
import { randomBytes } from "node:crypto";
import { ip, NO_NAMESPACES } from "../../helpers/scan/namespace.js";

export interface Ground extends Disposable {
  /** Are they in networks of their own? */
  readonly isApart: boolean;
  /** What a program of that slot is started by; slot 0 is the middle, where the doors are. */
  by(slot: number): string[];
  /** Where a node of that slot listens. */
  address(slot: number): string;
  /** Its door for other nodes. */
  door(slot: number): string;
  /** Its own door to the registry. */
  registryDoor(slot: number): string;
  /** Pulls its cable, or puts it back. */
  plug(slot: number, isIn: boolean): void;
}

export function loopback(): Ground {
  // Others may test here, too.
  const net = `127.${64 + ((randomBytes(1)[0] as number) % 128)}`;
  return {
    isApart: false,
    by: () => [],
    address: () => "127.0.0.1",
    door: (slot) => `${net}.1.${slot}`,
    registryDoor: (slot) => `${net}.2.${slot}`,
    plug: () => {},
    [Symbol.dispose]: () => {},
  };
}

/** In networks of their own where that can be; says why where it cannot. */
export function apart(slots: number): Ground {
  let why = NO_NAMESPACES;
  try {
    if (why === "") return networks(slots);
  } catch (error) {
    why = String(error);
  }
  console.error(`no cables are pulled: ${why}`);
  return loopback();
}

/** @throws where the system does not let us */
function networks(slots: number): Ground {
  const prefix = `wb-${randomBytes(3).toString("hex")}`;
  const of = (slot: number): string => `${prefix}-${slot}`;
  const made: string[] = [];
  const add = (slot: number): void => {
    ip("netns", "add", of(slot));
    made.push(of(slot));
    ip("-n", of(slot), "link", "set", "lo", "up");
  };
  const end = (): void => {
    for (const name of made.splice(0)) ip("netns", "delete", name);
  };
  try {
    add(0);
    const middle = (...args: string[]): void => ip("-n", of(0), ...args);
    middle("link", "add", "bridge", "type", "bridge");
    middle("addr", "add", "10.77.255.254/16", "dev", "bridge");
    middle("link", "set", "bridge", "up");
    // Every address of the doors is the middle's.
    middle("route", "add", "local", "10.77.128.0/18", "dev", "lo");
    for (let slot = 1; slot <= slots; slot++) {
      add(slot);
      middle("link", "add", `to${slot}`, "type", "veth", "peer", "name", "net", "netns", of(slot));
      middle("link", "set", `to${slot}`, "master", "bridge", "up");
      ip("-n", of(slot), "addr", "add", `10.77.0.${slot}/16`, "dev", "net");
      ip("-n", of(slot), "link", "set", "net", "up");
    }
  } catch (error) {
    end();
    throw error;
  }
  return {
    isApart: true,
    by: (slot) => ["ip", "netns", "exec", of(slot)],
    address: (slot) => `10.77.0.${slot}`,
    door: (slot) => `10.77.129.${slot}`,
    registryDoor: (slot) => `10.77.130.${slot}`,
    plug: (slot, isIn) => ip("-n", of(0), "link", "set", `to${slot}`, isIn ? "up" : "down"),
    [Symbol.dispose]: end,
  };
}

// The registry of a cluster, of either engine: every slot has its own door to it, and whoever keeps it can be killed or stopped.
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as Middleware from "../../../kernel-helpers/middleware/index.js";
import { homeOf, leaveNote, readNote, secretOf } from "../../../kernel-helpers/middleware/registry/home.js";
import { startNats } from "../../middleware/nats.js";
import type { End } from "./door.js";
import type { Ground } from "./ground.js";

export interface Registry extends AsyncDisposable {
  /** Are its doors for WebSockets? */
  readonly isWeb: boolean;
  /** How a node of that slot finds it. */
  options(slot: number): Middleware.StartOptions;
  /** The process that keeps it: one of these, or one of its own. */
  keeper(pids: readonly number[]): number | undefined;
  /** Starts it again, where it is a process of its own that was killed. */
  start(): Promise<void>;
}

export interface RegistryOptions {
  folder: string;
  slots: number;
  ground: Ground;
  /** Opens the doors of all slots to where the registry is now. */
  open(to: End): Promise<void>;
}

const NAMESPACE = "faults";
/** Milliseconds between two looks whether somebody else keeps it. */
const LOOK_MS = 20;

export async function nats({ ground, open }: RegistryOptions): Promise<Registry> {
  const server = await startNats({ by: ground.by(0) });
  const port = Number(new URL(server.url).port);
  await open({ host: "127.0.0.1", port });
  return {
    isWeb: false,
    options: (slot) => ({ namespace: NAMESPACE, nats: `nats://${ground.registryDoor(slot)}:${port}` }),
    keeper: () => {
      const { exitCode, signalCode, pid } = server.process;
      return exitCode === null && signalCode === null ? pid : undefined;
    },
    start: () => server.start(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/**
 * One journal for all, and for each slot a folder of its own that leads there: the note in it says where that slot's door is, whoever keeps the
 * registry.
 */
export async function embedded({ folder, slots, ground, open }: RegistryOptions): Promise<Registry> {
  const base = (slot: number): string => join(folder, `slot-${slot}`);
  const homes = Array.from({ length: slots }, (_, at) => homeOf(NAMESPACE, base(at + 1)));
  const shared = join(folder, "shared");
  mkdirSync(shared);
  writeFileSync(join(shared, "journal.db"), "");
  secretOf(shared);
  for (const home of homes)
    for (const name of ["secret", "journal.db"]) symlinkSync(join(shared, name), join(home, name));
  let real: End | undefined;
  const notes = homes.map(() => "");
  let isOver = false;
  const look = async (): Promise<void> => {
    const found = homes.map(readNote).find((note, at) => note !== undefined && note !== notes[at]);
    if (found !== undefined) {
      const { hostname, port } = new URL(found);
      real = { host: hostname, port: Number(port) };
      await open(real);
      for (const [at, home] of homes.entries()) {
        notes[at] = `ws://${ground.registryDoor(at + 1)}:${port}`;
        leaveNote(home, notes[at]);
      }
    }
    if (!isOver) setTimeout(() => void look(), LOOK_MS);
  };
  await look();
  return {
    isWeb: true,
    options: (slot) => ({ namespace: NAMESPACE, folder: base(slot) }),
    keeper: (pids) => real && pids.find((pid) => listens(pid, (real as End).port)),
    start: async () => {},
    [Symbol.asyncDispose]: async () => {
      isOver = true;
    },
  };
}

/** Does this process listen on that port? @see proc_pid_fd(5), proc_net(5) */
function listens(pid: number, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = readFileSync("/proc/net/tcp", "latin1")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => local.endsWith(`:${hex}`) && state === "0A")
    .map(([, , , , , , , , , inode]) => `socket:[${inode}]`);
  try {
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((fd) => {
      try {
        return inodes.includes(readlinkSync(join(folder, fd)));
      } catch {
        return false;
      }
    });
  } catch {
    // It has just ended.
    return false;
  }
}

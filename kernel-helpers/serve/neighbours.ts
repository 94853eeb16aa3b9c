// The servers of this user's other notebooks. Each server leaves a note in a folder that only the user can read; each
// notebook that serves listens on a local socket beside it, by which another one can close its servers. Notes of
// processes that are gone count for nothing and are taken away.
import { randomBytes } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { host } from "../host-contract.js";

/** A server of another notebook. */
export interface Neighbour {
  name: string;
  address: string;
  port: number;
  /** The notebook's file, or the folder where it runs. */
  notebook: string;
  /** Its kernel's process. */
  pid: number;
  /** Closes it there. Resolves when it is closed; rejects where that notebook does not answer. */
  close(): Promise<void>;
}

interface Own {
  name: string;
  address: string;
  port: number;
  close(): Promise<void>;
}

type Note = Omit<Neighbour, "close"> & { control: string };

const PATIENCE_MS = 3000;
const own = new Map<number, Own>();
let control: string | undefined;

/** @throws where the folder cannot be had, or belongs to somebody else */
function folder(): string {
  // In some containers the user has a number and no name.
  const uid = process.getuid?.();
  const runtime = process.env.XDG_RUNTIME_DIR;
  const path = runtime
    ? join(runtime, "wirebook-servers")
    : join(tmpdir(), `wirebook-servers-${uid ?? userInfo().username}`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (uid !== undefined) {
    // Where everybody may write, somebody else may have been first, with a link to elsewhere.
    const found = lstatSync(path);
    if (!found.isDirectory() || found.uid !== uid) throw new Error(`${path} belongs to another user`);
    chmodSync(path, 0o700);
  }
  return path;
}

/** @returns takes the note away again */
export function announce(server: Own): () => void {
  try {
    const path = join(folder(), `${process.pid}-${server.port}.json`);
    control ??= listen();
    const note: Note = {
      name: server.name,
      address: server.address,
      port: server.port,
      notebook: process.env.JPY_SESSION_NAME ?? process.cwd(),
      pid: process.pid,
      control,
    };
    writeFileSync(path, JSON.stringify(note), { mode: 0o600 });
    own.set(server.port, server);
    return () => {
      own.delete(server.port);
      rmSync(path, { force: true });
    };
  } catch {
    return () => {}; // only the other notebooks know less
  }
}

/** Listens for notebooks that want a server closed: they write its port, and hear the end when it is done. */
function listen(): string {
  const secret = randomBytes(16).toString("hex");
  const path =
    process.platform === "win32"
      ? `\\\\.\\pipe\\wirebook-servers-${secret}`
      : join(folder(), `${process.pid}-${secret.slice(0, 8)}.sock`);
  const server = createServer((caller) => {
    caller.on("error", () => caller.destroy());
    caller.once("data", (port: Buffer) => {
      void own
        .get(Number(port.toString("utf8", 0, 8)))
        ?.close()
        .catch(() => {});
      caller.end();
    });
  });
  server.unref();
  // It belongs to the notebook, not to the cell that happened to serve first.
  const start = (): unknown => server.on("error", () => {}).listen(path);
  host()?.run(undefined, start) ?? start();
  if (process.platform !== "win32") process.once("exit", () => rmSync(path, { force: true }));
  return path;
}

/** The servers of this user's other notebooks, by port. */
export function neighbours(): Neighbour[] {
  let path: string;
  let names: string[];
  try {
    path = folder();
    names = readdirSync(path);
  } catch {
    return [];
  }
  const found: Neighbour[] = [];
  for (const name of names) {
    const [pid] = name.split("-").map(Number);
    if (pid === process.pid) continue;
    if (pid && !alive(pid)) rmSync(join(path, name), { force: true });
    else if (name.endsWith(".json")) {
      try {
        const note = JSON.parse(readFileSync(join(path, name), "utf8")) as Note;
        found.push({ ...note, close: () => closeAt(note) });
      } catch {
        // Half-written or gone.
      }
    }
  }
  return found.sort((a, b) => a.port - b.port);
}

function closeAt({ control: path, port, notebook }: Note): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (why: string): void => {
      caller.destroy();
      reject(new Error(`the notebook ${notebook} did not close its server on port ${port}: ${why}`));
    };
    const caller = connect(path, () => caller.end(String(port)));
    caller.setTimeout(PATIENCE_MS, () => failed("no answer"));
    caller.on("error", (error) => failed(error.message));
    caller.resume().on("close", () => {
      const end = Date.now() + PATIENCE_MS;
      const wait = (): void => {
        if (!neighbours().some((other) => other.notebook === notebook && other.port === port)) resolve();
        else if (Date.now() > end) failed("it is still there");
        else setTimeout(wait, 20);
      };
      wait();
    });
  });
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

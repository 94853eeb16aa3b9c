// Which notebook of this user serves on which port: a note for each server, in a folder that only the user can read. Notes
// of processes that are gone count for nothing.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

interface Note {
  port: number;
  pid: number;
  notebook: string;
}

function folder(): string {
  const runtime = process.env.XDG_RUNTIME_DIR;
  if (runtime) return join(runtime, "wirebook-servers");
  const { uid, username } = userInfo();
  return join(tmpdir(), `wirebook-servers-${uid >= 0 ? uid : username}`);
}

/** @returns takes the note away again */
export function announcePort(port: number): () => void {
  const path = join(folder(), `${process.pid}-${port}.json`);
  try {
    mkdirSync(folder(), { recursive: true, mode: 0o700 });
    const note: Note = { port, pid: process.pid, notebook: process.env.JPY_SESSION_NAME ?? process.cwd() };
    writeFileSync(path, JSON.stringify(note), { mode: 0o600 });
  } catch {
    return () => {}; // only the other notebooks' error messages are poorer for it
  }
  return () => rmSync(path, { force: true });
}

/** The other notebook of this user that serves on a port. */
export function neighbourOn(port: number): Note | undefined {
  let names: string[];
  try {
    names = readdirSync(folder());
  } catch {
    return undefined;
  }
  for (const name of names) {
    const path = join(folder(), name);
    try {
      const note = JSON.parse(readFileSync(path, "utf8")) as Note;
      if (!alive(note.pid)) rmSync(path, { force: true });
      else if (note.port === port && note.pid !== process.pid) return note;
    } catch {
      // Half-written or gone.
    }
  }
  return undefined;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

// Where the registry of a namespace lives: a folder that only the user can read, with the journal, and a note of where to find whoever keeps it.
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Where } from "../flow.js";

/** @throws where the folder cannot be had, or belongs to somebody else */
export function homeOf(namespace: string, folder?: string): string {
  const base = folder ?? join(homedir(), ".wirebook", "middleware");
  const name = namespace.replace(/[^\w.-]/g, "_").slice(0, 40);
  const path = join(base, `${name}-${createHash("sha256").update(namespace).digest("hex").slice(0, 8)}`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const uid = process.getuid?.();
  if (uid !== undefined) {
    const found = lstatSync(path);
    if (!found.isDirectory() || found.uid !== uid) throw new Error(`${path} belongs to another user`);
    chmodSync(path, 0o700);
  }
  return path;
}

export const journalIn = (home: string): string => join(home, "journal.db");

/** This process keeps the registry, there. */
export function leaveNote(home: string, where: Where): void {
  const path = join(home, "registry");
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, where, { mode: 0o600 });
  renameSync(draft, path);
}

/** Where the registry is; `undefined`: nobody has kept it yet. */
export function readNote(home: string): Where | undefined {
  try {
    return readFileSync(join(home, "registry"), "utf8");
  } catch {
    return undefined;
  }
}

/** What all nodes of this namespace know, and nobody else. Whoever is first makes it. */
export function secretOf(home: string): string {
  const path = join(home, "secret");
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  if (!existsSync(path)) {
    writeFileSync(draft, randomBytes(24).toString("base64url"), { mode: 0o600 });
    try {
      // Whole or not at all, and not over another's.
      linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(draft);
    }
  }
  return readFileSync(path, "utf8");
}

// The journal: one file of SQLite's, written ahead and synced before anybody hears of a change. Its lock says who keeps the registry; the
// system gives it back when that process ends, however it ends.
import { DatabaseSync } from "node:sqlite";
import type { Change, Journal } from "../store/server.js";

export interface JournalOptions {
  /** `memory`: a change is not waited for on its way to the disk. A power cut may take back what was acknowledged. */
  durability: "disk" | "memory";
}

/** SQLITE_BUSY: another process has it. */
const BUSY = 5;

/** @returns undefined: another process has it */
export function openJournal(path: string, { durability }: JournalOptions): Journal | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL");
    database.exec(`PRAGMA synchronous = ${durability === "disk" ? "FULL" : "OFF"}`);
    database.exec("BEGIN IMMEDIATE");
    database.exec(
      "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value TEXT, revision INTEGER NOT NULL, lease TEXT) WITHOUT ROWID",
    );
    database.exec("COMMIT");
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === BUSY) return undefined;
    throw error;
  }
  const write = database.prepare(
    "INSERT INTO entries VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision, lease = excluded.lease",
  );
  const remove = database.prepare("DELETE FROM entries WHERE key = ?");
  return {
    load: () =>
      database
        .prepare("SELECT key, value, revision, lease FROM entries")
        .all()
        .map((row) => {
          const { key, value, revision, lease } = row as Record<string, string> & { revision: number };
          return { key, value, revision, lease: lease ?? undefined } as Change;
        }),
    commit: (changes) => {
      database.exec("BEGIN");
      let last = 0;
      for (const { key, value, revision, lease } of changes) {
        last = revision;
        if (value === undefined) remove.run(key);
        else write.run(key, value, revision, lease ?? null);
      }
      // Revisions never come again, also when what had the last one is gone.
      write.run(REVISION, "", last, null);
      database.exec("COMMIT");
    },
    close: () => database.close(),
  };
}

const REVISION = "lease/revision";

// What a cell has left open: servers, sockets, timers, child processes, workers, watchers, and what helpers declare.
// When the cell runs again, or its run is interrupted, they are closed; so nobody meets EADDRINUSE by running a cell
// twice, and an abandoned timer cannot wake up and write over its successor's variables.
import { current, forSession, type RunState } from "./attribution.js";

export interface Openable {
  /** For the line that says what was closed: `a timer`, `server on 127.0.0.1:12345`. */
  name: string | (() => string);
  close(): unknown;
  /** Is there still something to close? Without it: as long as it is not forgotten. */
  open?(): boolean;
}

interface Entry extends Openable {
  run: RunState;
  /** Opened while a module was evaluated: closed at the end of the session only. */
  session: boolean;
  keep: boolean;
}

const CLOSE_MS = 1000;

/** Everything that is open, by the object that is open. */
const entries = new Map<object, Entry>();

/** The running cell opened this. */
export function note(thing: object, openable: Openable): void {
  const context = current();
  if (!context) return;
  entries.set(thing, { ...openable, run: context.run, session: context.session, keep: false });
  // An interrupted run opens nothing any more: what is left of it ends here.
  if (context.run.interrupted && !context.session) {
    queueMicrotask(() => {
      entries.delete(thing);
      void close(openable);
    });
  }
}

export function forget(thing: unknown): void {
  entries.delete(thing as object);
}

/** A helper's own. Returns a function that forgets it. */
export function own(
  closeable: Disposable | AsyncDisposable,
  options: { keep?: boolean; name?: string } = {},
): () => void {
  const dispose =
    (closeable as AsyncDisposable)[Symbol.asyncDispose] ?? (closeable as Disposable)[Symbol.dispose];
  if (typeof dispose !== "function")
    throw new TypeError("what a cell owns must have a [Symbol.dispose] or [Symbol.asyncDispose] method");
  note(closeable, {
    // Asked for when it is needed: a socket is called by what it has become.
    name: () => options.name ?? "something that a helper opened",
    close: () => dispose.call(closeable),
  });
  if (options.keep) keep(closeable);
  return () => forget(closeable);
}

/** This one stays open when its cell runs again. @returns the same */
export function keep<T>(thing: T): T {
  const entry = entries.get(thing as object);
  if (entry) entry.keep = true;
  return thing;
}

/**
 * Closes what these runs left open, the last first, waiting for each at most a second.
 * @returns one line of what was closed, or nothing
 */
export async function disposeOf(
  which: (run: RunState) => boolean,
  options: { all?: boolean } = {},
): Promise<string | undefined> {
  const doomed = [...entries].filter(
    ([, entry]) => which(entry.run) && (options.all || !(entry.keep || entry.session)),
  );
  const closed = new Map<string, number>();
  await Promise.all(
    doomed.reverse().map(async ([thing, entry]) => {
      entries.delete(thing);
      if (entry.open?.() === false) return;
      const name = typeof entry.name === "string" ? entry.name : entry.name();
      closed.set(name, (closed.get(name) ?? 0) + 1);
      await close(entry);
    }),
  );
  const list = [...closed].map(([name, count]) => (count === 1 ? name : `${count} ${plural(name)}`));
  return list.length > 0 ? list.join(", ") : undefined;
}

async function close(openable: Openable): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS);
  });
  const work = (async () => {
    // What closing opens (a timer, a last message) belongs to nobody's cell.
    if (openable.open?.() !== false) await forSession(() => openable.close());
  })();
  await Promise.race([work, late]).catch(() => {});
  clearTimeout(timer);
}

function plural(name: string): string {
  const bare = name.replace(/^an? /, "");
  return bare.includes(" on ") ? `× ${bare}` : bare.replace(/(s|x|ch|sh)$/, "$1e").replace(/$/, "s");
}

// What a cell has left open: servers, sockets, timers, child processes, workers, watchers, and what helpers declare.
// When the cell runs again, or its run is interrupted, they are closed; so nobody meets EADDRINUSE by running a cell
// twice, and an abandoned timer cannot wake up and write over its successor's variables.
import childProcess from "node:child_process";
import dgram from "node:dgram";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import nodeTimers from "node:timers";
import workerThreads from "node:worker_threads";
import { current, type RunState } from "./attribution.js";

interface Entry {
  name: string;
  close(): unknown;
  /** Is there still something to close? Timers that fired and sockets that closed are not. */
  open(): boolean;
}

const CLOSE_MS = 1000;
const timers = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };

/** Everything that is open, by the object that is open. */
const entries = new Map<object, Entry & { run: RunState; keep: boolean }>();

function note(thing: object, entry: Entry): void {
  const context = current();
  if (context && !context.session) entries.set(thing, { ...entry, run: context.run, keep: false });
}

/** A helper's own. Returns a function that forgets it. */
export function own(run: RunState, closeable: Disposable | AsyncDisposable, options: { keep?: boolean; name?: string } = {}): () => void {
  const close = (closeable as AsyncDisposable)[Symbol.asyncDispose] ?? (closeable as Disposable)[Symbol.dispose];
  entries.set(closeable, { name: options.name ?? "a resource", close: () => close.call(closeable), open: () => true, run, keep: options.keep ?? false });
  return () => void entries.delete(closeable);
}

/** This one stays open when its cell runs again. */
export function keep<T extends object>(thing: T): T {
  const entry = entries.get(thing);
  if (entry) entry.keep = true;
  return thing;
}

/** Closes what these runs left open, each within a second. @returns one line of what was closed, or nothing */
export async function disposeOf(which: (run: RunState) => boolean, options: { keepToo?: boolean } = {}): Promise<string | undefined> {
  const doomed = [...entries].filter(([, entry]) => which(entry.run) && (options.keepToo || !entry.keep));
  const closed = new Map<string, number>();
  await Promise.all(
    doomed.reverse().map(async ([thing, entry]) => {
      entries.delete(thing);
      if (!entry.open()) return;
      closed.set(entry.name, (closed.get(entry.name) ?? 0) + 1);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = timers.setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([Promise.resolve().then(() => entry.close()), late]).catch(() => {});
      timers.clearTimeout(timer);
    }),
  );
  const list = [...closed].map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
  return list.length > 0 ? list.join(", ") : undefined;
}

const address = (server: { address(): unknown }): string => {
  const at = server.address() as { address: string; port: number } | string | null;
  return typeof at === "string" ? at : at ? `${at.address.includes(":") ? `[${at.address}]` : at.address}:${at.port}` : "";
};

/** Notices from now on what a cell opens. */
export function watchOpenings(): void {
  const listen = net.Server.prototype.listen;
  net.Server.prototype.listen = function (this: net.Server, ...args: unknown[]): net.Server {
    const server = this;
    const accepted = new Set<net.Socket>();
    this.on("connection", (socket: net.Socket) => {
      accepted.add(socket);
      socket.once("close", () => accepted.delete(socket));
    });
    note(this, {
      get name() {
        return `server on ${address(server)}`;
      },
      open: () => server.listening,
      close: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          for (const socket of accepted) socket.destroy();
        }),
    });
    return Reflect.apply(listen, this, args) as net.Server;
  } as typeof listen;

  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]): net.Socket {
    note(this, { name: "a connection", open: () => !this.destroyed, close: () => this.destroy() });
    this.once("close", () => entries.delete(this));
    return Reflect.apply(connect, this, args) as net.Socket;
  } as typeof connect;

  const bind = dgram.Socket.prototype.bind;
  dgram.Socket.prototype.bind = function (this: dgram.Socket, ...args: unknown[]): dgram.Socket {
    note(this, { name: "a UDP socket", open: () => true, close: () => this.close() });
    this.once("close", () => entries.delete(this));
    return Reflect.apply(bind, this, args) as dgram.Socket;
  } as typeof bind;

  const child = childProcess.ChildProcess.prototype as unknown as { spawn(options: unknown): unknown };
  const spawn = child.spawn;
  child.spawn = function (this: childProcess.ChildProcess, options: unknown): unknown {
    note(this, { name: "a child process", open: () => this.exitCode === null && this.signalCode === null, close: () => this.kill("SIGKILL") });
    this.once("exit", () => entries.delete(this));
    return spawn.call(this, options);
  };

  const Worker = workerThreads.Worker;
  workerThreads.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      note(this, { name: "a worker", open: () => this.threadId !== -1, close: () => this.terminate() });
      this.once("exit", () => entries.delete(this));
    }
  };

  const watch = fs.watch;
  fs.watch = function (...args: unknown[]): fs.FSWatcher {
    const watcher = Reflect.apply(watch, fs, args) as fs.FSWatcher;
    note(watcher, { name: "a file watcher", open: () => true, close: () => watcher.close() });
    watcher.once("close", () => entries.delete(watcher));
    return watcher;
  } as typeof fs.watch;

  watchTimers();
  syncBuiltinESMExports();
}

function watchTimers(): void {
  const { setTimeout, setInterval, setImmediate } = globalThis;
  const promisify = Symbol.for("nodejs.util.promisify.custom");
  const replace = (name: "setTimeout" | "setInterval" | "setImmediate", value: (...args: never[]) => object): void => {
    Object.defineProperty(value, "name", { value: name });
    const original = globalThis[name] as unknown as { [promisify]?: unknown };
    if (original[promisify]) Object.defineProperty(value, promisify, { value: original[promisify] });
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
    Object.assign(nodeTimers, { [name]: value });
  };
  // A timer that fired is forgotten before its callback runs, so thousands of them cost nothing later.
  const once =
    (make: (...args: never[]) => object, name: string, clear: (timer: never) => void) =>
    (callback: (...args: unknown[]) => void, ...rest: never[]): object => {
      if (typeof callback !== "function" || !current()) return make(callback as never, ...rest);
      const timer = make(
        function (this: unknown, ...args: unknown[]) {
          entries.delete(timer);
          Reflect.apply(callback, this, args);
        } as never,
        ...rest,
      );
      note(timer, { name, open: () => true, close: () => clear(timer as never) });
      return timer;
    };
  replace("setTimeout", once(setTimeout as never, "a timer", globalThis.clearTimeout as never));
  replace("setImmediate", once(setImmediate as never, "an immediate", globalThis.clearImmediate as never));
  replace("setInterval", (...args: never[]): object => {
    const timer = Reflect.apply(setInterval, globalThis, args) as unknown as NodeJS.Timeout & { _destroyed?: boolean };
    note(timer, { name: "an interval", open: () => !timer._destroyed, close: () => globalThis.clearInterval(timer) });
    return timer;
  });
}

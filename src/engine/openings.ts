// Where a cell can open something: the places in Node's own modules that are watched for it.
import childProcess from "node:child_process";
import dgram from "node:dgram";
import type { EventEmitter } from "node:events";
import fs from "node:fs";
import type http from "node:http";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import workerThreads from "node:worker_threads";
import { current, forSession } from "./attribution.js";
import { forget, note, type Openable } from "./opened.js";
import { placeOf, watchErrors } from "./origins.js";
import { watchTimers } from "./timers.js";

/** Wraps a method: `before` sees `this` and the arguments before the method gets them. */
function watchCalls<T extends object>(
  owner: T,
  method: keyof T & string,
  before: (self: never, args: unknown[]) => void,
): void {
  const original = owner[method] as (...args: unknown[]) => unknown;
  const watched = function (this: unknown, ...args: unknown[]): unknown {
    before(this as never, args);
    return Reflect.apply(original, this, args);
  };
  Object.defineProperty(watched, "name", { value: method });
  owner[method] = watched as T[keyof T & string];
}

/** Between a cell's call and the place where we notice it lie some of Node's own. */
const DEPTH = 20;

function noteEmitter(thing: EventEmitter, event: string, openable: Openable): void {
  const context = current();
  if (!context) return;
  note(thing, openable);
  thing.once(event, () => forget(thing));
  // A connection that is kept for others fails at the request that uses it, not at the one that opened it.
  if (!context.session) watchErrors(thing, placeOf(noteEmitter, DEPTH));
}

function addressOf(server: net.Server): string {
  const at = server.address();
  return at === null || typeof at === "string"
    ? (at ?? "")
    : `${at.family === "IPv6" ? `[${at.address}]` : at.address}:${at.port}`;
}

/** Notices from now on what a cell opens. */
export function watchOpenings(): void {
  watchCalls(net.Server.prototype, "listen", (server: net.Server) => {
    if (!current()) return;
    // Connections belong to the server that accepted them.
    const accepted = new Set<net.Socket>();
    const place = placeOf(server.listen, DEPTH);
    const add = (socket: net.Socket): void => {
      accepted.add(socket);
      watchErrors(socket, place);
      socket.once("close", () => accepted.delete(socket));
    };
    server.on("connection", add);
    noteEmitter(server, "close", {
      name: () => `server on ${addressOf(server)}`,
      open: () => server.listening,
      close: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          for (const socket of accepted) socket.destroy();
        }),
    });
    server.once("close", () => server.off("connection", add));
  });
  watchCalls(net.Socket.prototype, "connect", (socket: net.Socket) => {
    noteEmitter(socket, "close", {
      name: "a connection",
      open: () => !socket.destroyed,
      close: () => socket.destroy(),
    });
  });
  watchCalls(dgram.Socket.prototype, "bind", (socket: dgram.Socket) => {
    noteEmitter(socket, "close", {
      name: "a UDP socket",
      close: () => new Promise<void>((resolve) => socket.close(resolve)),
    });
  });
  watchCalls(
    childProcess.ChildProcess.prototype as unknown as { spawn(): unknown },
    "spawn",
    (child: childProcess.ChildProcess) => {
      noteEmitter(child, "exit", {
        name: () => `a child process (${child.spawnfile})`,
        open: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
        close: () => child.kill("SIGKILL"),
      });
    },
  );
  watchHttp();

  const Worker = workerThreads.Worker;
  workerThreads.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      noteEmitter(this, "exit", { name: "a worker", close: () => this.terminate() });
    }
  };
  const watch = fs.watch;
  fs.watch = function (this: unknown, ...args: unknown[]): fs.FSWatcher {
    const watcher = Reflect.apply(watch, fs, args) as fs.FSWatcher;
    noteEmitter(watcher, "close", { name: "a file watcher", close: () => watcher.close() });
    return watcher;
  } as typeof fs.watch;
  const watchFile = fs.watchFile;
  fs.watchFile = function (this: unknown, ...args: unknown[]): fs.StatWatcher {
    const watcher = Reflect.apply(watchFile, fs, args) as fs.StatWatcher;
    note(watcher, {
      name: "a file watcher",
      close: () => fs.unwatchFile(args[0] as string, args.at(-1) as () => void),
    });
    return watcher;
  } as typeof fs.watchFile;
  watchTimers();
  syncBuiltinESMExports();
}

/** The connections that an HTTP client keeps for later are everybody's; what a cell opens is its requests. */
function watchHttp(): void {
  // Not imported: as an ES module all its exports are read, and one of them loads fetch (30 ms at every start).
  const agent = process.getBuiltinModule("node:http").Agent.prototype as http.Agent & {
    addRequest(...args: unknown[]): void;
  };
  const addRequest = agent.addRequest;
  agent.addRequest = function (this: http.Agent, ...args: unknown[]): void {
    const request = args[0] as http.ClientRequest;
    noteEmitter(request, "close", {
      name: "an HTTP request",
      open: () => !request.closed,
      close: () => request.destroy(),
    });
    forSession(() => Reflect.apply(addRequest, this, args));
  };
  const original = globalThis.fetch;
  const watched = {
    async fetch(input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> {
      const context = current();
      if (!context || context.session) return original(input, init);
      const own = init?.signal ?? (input as Request | null)?.signal;
      const stop = new AbortController();
      note(stop, { name: "an HTTP request", close: () => stop.abort(context.run.controller.signal.reason) });
      const signal = own ? AbortSignal.any([own, stop.signal]) : stop.signal;
      try {
        return await forSession(() => original(input, { ...init, signal }));
      } finally {
        forget(stop);
      }
    },
  };
  Object.defineProperty(globalThis, "fetch", {
    value: watched.fetch,
    writable: true,
    configurable: true,
    enumerable: true,
  });
}

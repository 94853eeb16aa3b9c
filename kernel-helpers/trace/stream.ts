// "Follow the stream": what two ends said to each other, in the order in which it was said.

import { inspect } from "node:util";
import { escapeHtml } from "../host/table.js";
import type { MimeBundle } from "../host-contract.js";
import { hostPort } from "../socket/printed.js";
import type { Endpoint, WireEvent } from "./events.js";
import { hexdump, readable } from "./hexdump.js";

export interface Said {
  /** Who said it: the one that connected, or the one that it connected to. */
  readonly by: "client" | "server";
  readonly bytes: Buffer;
  /** Milliseconds since the trace began. */
  readonly at: number;
}

/** A conversation; shows itself as text. */
export interface Conversation {
  readonly client: string;
  readonly server: string;
  readonly said: readonly Said[];
  /** All that one of them said. */
  from(who: "client" | "server"): Buffer;
  readonly [inspect.custom]?: () => string;
}

/** Longer pieces are cut on the page; `from()` has all of it. */
const MOST = 4096;

export function follow(
  events: readonly WireEvent[],
  endpoint: Endpoint,
  { hex = false }: { hex?: boolean } = {},
): Conversation {
  const client = endpoint.role === "server" ? endpoint.twin : endpoint;
  const server = endpoint.role === "server" ? endpoint : endpoint.twin;
  const said: Said[] = [];
  for (const { endpoint: one, kind, payload, at, bytes } of events) {
    if (one !== client && one !== server) continue;
    // What an end of this process received, the other one of this process sent.
    if (kind !== "send" && !(kind === "recv" && !one.twin)) continue;
    const by = (one === client) === (kind === "send") ? "client" : "server";
    said.push({ by, bytes: payload ?? Buffer.from(`(${bytes} bytes that were not kept)`), at });
  }
  const [here, there] = [hostPort(endpoint.local), hostPort(endpoint.remote)];
  const names =
    endpoint.role === "server" ? { client: there, server: here } : { client: here, server: there };
  const conversation = {
    ...names,
    said,
    from: (who: "client" | "server") =>
      Buffer.concat(said.filter(({ by }) => by === who).map(({ bytes }) => bytes)),
  };
  const shown = (bytes: Buffer): string =>
    hex ? hexdump(bytes, { most: MOST }) : readable(bytes, { most: MOST, lines: true });
  const plain = (): string =>
    [
      `client ${names.client}, server ${names.server}`,
      ...said.map(({ by, bytes }) => `${arrow(by)} ${shown(bytes)}`),
    ].join("\n");
  Object.defineProperty(conversation, inspect.custom, { value: plain, enumerable: false });
  Object.defineProperty(conversation, Symbol.for("Jupyter.display"), {
    value: (): MimeBundle => ({
      "text/plain": plain(),
      "text/html": `<p>client ${escapeHtml(names.client)}, server ${escapeHtml(names.server)}</p>${said
        .map(({ by, bytes }) => block(by, shown(bytes)))
        .join("")}`,
    }),
    enumerable: false,
  });
  return conversation;
}

const arrow = (by: Said["by"]): string => (by === "client" ? "client →" : "server ←");

/** Told apart by side, border and word; colour is not needed. */
const block = (by: Said["by"], text: string): string =>
  `<pre style="margin:2px 0;padding:4px 10px;white-space:pre-wrap;overflow-wrap:anywhere;border-left:3px ${by === "client" ? "solid" : "double"} currentColor;margin-left:${by === "client" ? "0" : "48px"}"><b>${arrow(by)}</b>\n${escapeHtml(text)}</pre>`;

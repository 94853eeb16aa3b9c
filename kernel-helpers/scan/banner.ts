// What a server says of itself: its greeting (SSH, FTP, SMTP …); else its answer to HTTP's HEAD; else whom its certificate names.
// All of it comes from a stranger and is escaped.
import type { Socket } from "node:net";
import { ours } from "../socket/ours.js";
import { escapeBytes } from "./escape.js";
import type { Target } from "./target.js";

/** Of a greeting. */
const MOST_BYTES = 256;
const GREETING_MS = 500;
const ANSWER_MS = 1000;
/** Where a server waits for TLS's first word, and asking in plain text would only spoil the connection. */
const TLS_PORTS: ReadonlySet<number> = new Set([
  443, 465, 636, 853, 990, 992, 993, 994, 995, 5061, 6443, 8443, 8883,
]);

/**
 * @param stream connected, and closed here
 * @returns nothing where the server says nothing
 */
export async function readBanner(
  stream: Socket,
  { target, port, signal }: { target: Target; port: number; signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  try {
    if (!TLS_PORTS.has(port)) {
      const greeting = await read(stream, GREETING_MS, signal);
      if (greeting.length > 0) return summary(greeting);
      if (stream.writable && !stream.readableEnded) {
        stream.write(`HEAD / HTTP/1.0\r\nHost: ${hostOf(target)}\r\nUser-Agent: wirebook-scan\r\n\r\n`);
        const answer = await read(stream, ANSWER_MS, signal);
        // An alert of TLS (RFC 8446 6): it wants to be spoken to otherwise.
        if (answer.length > 0 && answer[0] !== 0x15) return summary(answer);
      }
    }
  } finally {
    stream.destroy();
  }
  return await certificate(target, port, signal);
}

function hostOf({ address, family }: Target): string {
  return family === 6 ? `[${address.replace(/%.*$/, "")}]` : address;
}

/** What comes within the time, and not longer than a moment after the first of it; however slowly it drips. */
function read(stream: Socket, ms: number, signal: AbortSignal | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const finish = (): void => {
      clearTimeout(timer);
      stream.off("data", take).off("end", finish).off("close", finish).pause();
      signal?.removeEventListener("abort", interrupt);
      resolve(Buffer.concat(parts).subarray(0, MOST_BYTES));
    };
    const take = (part: Buffer): void => {
      if (size === 0) {
        clearTimeout(timer);
        timer = setTimeout(finish, Math.min(ms, 100));
      }
      parts.push(part);
      size += part.length;
      if (size >= MOST_BYTES || /\n/.test(part.toString("latin1"))) finish();
    };
    function interrupt(): void {
      reject(signal?.reason);
      finish();
    }
    let timer = setTimeout(finish, ms);
    if (stream.destroyed) return finish();
    signal?.addEventListener("abort", interrupt, { once: true });
    stream.on("data", take).once("end", finish).once("close", finish).resume();
  });
}

/** The status and the server's name of an HTTP answer (RFC 9112), else the text as it came. */
export function summary(bytes: Uint8Array): string {
  // A character a byte, so that they can be had back.
  const text = Buffer.from(bytes).toString("latin1");
  const escaped = (part: string): string => escapeBytes(Buffer.from(part, "latin1"));
  const [status] = /^HTTP\/\d\.\d \d{3}[^\r\n]*/.exec(text) ?? [];
  if (status === undefined) return escaped(text.replace(/[\r\n\0 ]+$/, ""));
  const [, server = ""] = /^server:[ \t]*([^\r\n]*)/im.exec(text) ?? [];
  return [status, server]
    .map((part) => escaped(part.trim()))
    .filter(Boolean)
    .join(" · ");
}

/** The protocol, and whom the certificate names; it is not checked by whom. */
async function certificate(
  target: Target,
  port: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  // Seven megabytes that a scan without banners does not need.
  const tls = await import("node:tls");
  return new Promise((resolve) => {
    const stream = ours(() => tls.connect({ host: target.address, port, rejectUnauthorized: false }));
    const finish = (text?: string): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupt);
      stream.removeAllListeners("error").on("error", () => {});
      stream.destroy();
      resolve(text);
    };
    const interrupt = (): void => finish();
    const timer = setTimeout(finish, ANSWER_MS);
    signal?.addEventListener("abort", interrupt, { once: true });
    stream.once("error", () => finish());
    stream.once("secureConnect", () => {
      const { CN } = stream.getPeerCertificate().subject ?? {};
      const name = [CN].flat().filter(Boolean).join(", ");
      finish(
        [stream.getProtocol() ?? "TLS", ...(name ? [`CN=${escapeBytes(Buffer.from(name))}`] : [])].join(", "),
      );
    });
  });
}

// Frames and signatures, written anew: a mistake that the kernel makes must not also be the suite's.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
import { createHmac } from "node:crypto";
import { stripVTControlCharacters } from "node:util";

/** Whatever a message holds. */
// biome-ignore lint/suspicious/noExplicitAny: schemas judge what is in there; narrowing every field again would hide what a test says
export type Content = Record<string, any>;

export type Channel = "shell" | "control" | "stdin" | "iopub";

/** Contents of a connection file. */
export interface ConnectionFile {
  transport: "tcp" | "ipc";
  ip: string;
  shell_port: number;
  control_port: number;
  stdin_port: number;
  iopub_port: number;
  hb_port: number;
  key: string;
  signature_scheme: string;
  /** Z85; both or neither. */
  curve_publickey?: string;
  curve_secretkey?: string;
}

/** A message by its parts. */
export interface Message {
  channel: Channel;
  /** What stands before the delimiter: topic on iopub, routing elsewhere. */
  identities: Buffer[];
  header: Content;
  parent: Content;
  metadata: Content;
  content: Content;
  buffers: Buffer[];
}

/** What is wrong with frames, and the item of the checklist that says so. */
export class WireProblem extends Error {
  readonly item: number;
  constructor(item: number, message: string) {
    super(message);
    this.item = item;
  }
}

export const delimiter: Buffer = Buffer.from("<IDS|MSG>");
const partNames = ["header", "parent_header", "metadata", "content"] as const;
const utf8 = new TextDecoder("utf-8", { fatal: true });

export type Signing = Pick<ConnectionFile, "key" | "signature_scheme">;

/** Hex HMAC of the parts; empty where there is no key. */
export function sign({ key, signature_scheme }: Signing, parts: Uint8Array[]): Buffer {
  if (key === "") return Buffer.alloc(0);
  const hmac = createHmac(signature_scheme.slice("hmac-".length), key);
  for (const part of parts) hmac.update(part);
  return Buffer.from(hmac.digest("hex"));
}

/** The frames by role, nothing parsed. @throws {WireProblem} they are no message */
export function split(frames: Buffer[]): {
  identities: Buffer[];
  signature: Buffer;
  parts: Buffer[];
  buffers: Buffer[];
} {
  const at = frames.findIndex((frame) => frame.equals(delimiter));
  if (at < 0) throw new WireProblem(1, `no delimiter among ${frames.length} frames`);
  const rest = frames.slice(at + 1);
  if (rest.length < 5)
    throw new WireProblem(1, `only ${rest.length} frames after the delimiter, of at least 5`);
  return {
    identities: frames.slice(0, at),
    signature: rest[0] as Buffer,
    parts: rest.slice(1, 5),
    buffers: rest.slice(5),
  };
}

/** Checks and parses frames from a kernel. @throws {WireProblem} */
export function decode(signing: Signing, channel: Channel, frames: Buffer[]): Message {
  const { identities, signature, parts, buffers } = split(frames);
  if (signing.key === "" && signature.length > 0)
    throw new WireProblem(4, "a signature although there is no key");
  if (!sign(signing, parts).equals(signature))
    throw new WireProblem(
      2,
      `the signature is not the HMAC of the four parts${buffers.length > 0 ? " (there are buffers, which are not signed)" : ""}`,
    );
  const [header, parent, metadata, content] = parts.map((part, index) =>
    parse(partNames[index] as string, part),
  ) as [Content, Content, Content, Content];
  return { channel, identities, header, parent, metadata, content, buffers };
}

function parse(name: string, part: Buffer): Content {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(part));
  } catch (error) {
    throw new WireProblem(14, `${name} is not JSON in UTF-8: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new WireProblem(1, `${name} is not an object`);
  if (/\\u[dD][89a-fA-F]/.test(part.toString("latin1")) && !wellFormed(value))
    throw new WireProblem(14, `${name} has half a surrogate pair`);
  return value as Content;
}

function wellFormed(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, item]) => key.isWellFormed() && wellFormed(item));
}

/** The signed frames of a message. `bytes` replaces what would be written. */
export function encode(
  signing: Signing,
  message: Pick<Message, "identities" | "header" | "parent" | "metadata" | "content" | "buffers">,
  bytes: { content?: Buffer; signature?: Buffer } = {},
): Buffer[] {
  const parts: Buffer[] = [message.header, message.parent, message.metadata].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  parts.push(bytes.content ?? Buffer.from(JSON.stringify(message.content)));
  const signature = bytes.signature ?? sign(signing, parts);
  return [...message.identities, delimiter, signature, ...parts, ...message.buffers];
}

/** Where a socket of the kernel is. */
export function endpoint({ transport, ip }: Pick<ConnectionFile, "transport" | "ip">, port: number): string {
  return transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`;
}

/** `busy` and `idle` by their names, other messages by their type. */
export function nameOf({ header, content }: Pick<Message, "header" | "content">): string {
  return header.msg_type === "status" ? String(content.execution_state) : String(header.msg_type);
}

/** Text without a terminal's colours. */
export function plain(text: unknown): string {
  return stripVTControlCharacters(String(text));
}

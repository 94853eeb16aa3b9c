// JSON parts → a message. The border: what passes here has the shape that the rest of the kernel relies on.

import type { Channel, Header, Json, Message } from "../flow.js";

/** Why something that was signed correctly is no message. */
export class MalformedMessage extends Error {
  override name = "MalformedMessage";
}

/** A header has a handful of short fields; who signs megabytes of them wants something else. */
const maxHeader = 64 * 1024;
/** Deeper JSON parses, but cannot be written out again: JSON.stringify is recursive. */
const maxDepth = 500;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The frames of a message by their role, as the wire splits them. */
export interface Parts {
  identities: Uint8Array[];
  parts: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  buffers: Uint8Array[];
}

/**
 * Parses a verified message.
 * @throws {MalformedMessage} not UTF-8, not JSON, not objects, or a header without what it must have
 */
export function decodeMessage(channel: Channel, { identities, parts, buffers }: Parts): Message {
  const [header, parent, metadata, content] = parts;
  return {
    channel,
    identities,
    header: checkHeader(parseObject("header", header)),
    parent_header: parseObject("parent_header", parent) as Header | Record<string, never>,
    metadata: parseObject("metadata", metadata),
    content: parseObject("content", content),
    buffers,
  };
}

function parseObject(name: string, bytes: Uint8Array): Json {
  if ((name === "header" || name === "parent_header") && bytes.byteLength > maxHeader) {
    throw new MalformedMessage(`${name} is longer than ${maxHeader} bytes`);
  }
  let value: unknown;
  try {
    const text = utf8.decode(bytes);
    if (tooDeep(text)) throw new MalformedMessage(`${name} is nested deeper than ${maxDepth} levels`);
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof MalformedMessage) throw error;
    throw new MalformedMessage(`${name} is not JSON in UTF-8`);
  }
  // Some clients send null where there is no parent or no metadata.
  if (value === null && name !== "header" && name !== "content") return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedMessage(`${name} is not an object`);
  }
  return value as Json;
}

function checkHeader(header: Json): Header {
  for (const field of ["msg_id", "msg_type", "session"]) {
    if (typeof header[field] !== "string") throw new MalformedMessage(`header.${field} is not a string`);
  }
  return header as Header;
}

function tooDeep(text: string): boolean {
  if (text.length < maxDepth) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}

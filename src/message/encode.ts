// A message → its four JSON parts.

import type { Message } from "../flow.js";

/** Most messages have a parent that others had just before them, and no metadata. */
const parents = new Map<object, Buffer>();
const mostParents = 16;
const nothing: Buffer = Buffer.from("{}");

/**
 * Writes the signed parts of a message: header, parent header, metadata, content.
 * A half surrogate becomes U+FFFD, because no other language can write it as UTF-8.
 * @throws {RangeError} content nested too deeply to be written
 */
export function encodeMessage(message: Message): [Buffer, Buffer, Buffer, Buffer] {
  const { header, parent_header, metadata, content } = message;
  return [
    encodeFlat(header),
    parentOf(parent_header),
    Object.keys(metadata).length === 0 ? nothing : encode(metadata),
    encode(content),
  ];
}

/** Only the latest are kept: a header lives as long as its cell is remembered, and the bytes of one keep thousands of others in memory. */
function parentOf(header: object): Buffer {
  let bytes = parents.get(header);
  if (bytes) return bytes;
  bytes = encode(header);
  parents.set(header, bytes);
  if (parents.size > mostParents) parents.delete(parents.keys().next().value as object);
  return bytes;
}

/** Deeper JSON can be written by some versions of V8, and read by hardly any client. */
const maxDepth = 500;

function encode(value: unknown): Buffer {
  if (isDeeper(value, maxDepth)) throw new RangeError(`it is nested deeper than ${maxDepth} levels`);
  return encodeFlat(value);
}

function encodeFlat(value: unknown): Buffer {
  const text = JSON.stringify(value);
  // JSON.stringify escapes half surrogates only, so most messages need no second look.
  if (!text.includes("\\ud")) return Buffer.from(text);
  return Buffer.from(JSON.stringify(wellFormed(value)));
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value))
    if (isDeeper(item, levels - 1)) return true;
  return false;
}

function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key.toWellFormed(), wellFormed(item)]),
  );
}

// Bytes: what came over the network is often text, and often not, and sometimes a picture.
import { types } from "node:util";

const MOST_SHOWN = 256;
/** A page has to take the whole of it. */
const LARGEST_IMAGE = 16 * 1024 * 1024;

/** First bytes, in hexadecimal, of the kinds of images that every front end draws. */
const images: [start: RegExp, kind: string][] = [
  [/^89504e470d0a1a0a/, "png"],
  [/^ffd8ff/, "jpeg"],
  [/^474946383[79]61/, "gif"],
  [/^52494646.{8}57454250/, "webp"],
];
const SVG = /^\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^>]*-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/i;

/** The bytes of what holds nothing else: no numbers of other kinds. */
export function bytesOf(value: object): Uint8Array | undefined {
  if (types.isUint8Array(value)) return value;
  if (types.isAnyArrayBuffer(value)) return new Uint8Array(value);
  if (types.isDataView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return undefined;
}

/** MIME types of the picture that the bytes are, if they are one. */
export function imageOf(bytes: Uint8Array): Record<string, string> | undefined {
  if (bytes.length < 8 || bytes.length > LARGEST_IMAGE) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = buffer.toString("hex", 0, 16);
  const kind = images.find(([pattern]) => pattern.test(start))?.[1];
  if (kind !== undefined)
    return { [`image/${kind}`]: buffer.toString("base64"), "text/plain": about(kind.toUpperCase(), bytes) };
  if (!SVG.test(buffer.toString("utf8", 0, 2000))) return undefined;
  // Some front ends put an SVG image into the page itself, with its scripts, and nobody knows who has sent this one.
  const source = `data:image/svg+xml;base64,${buffer.toString("base64")}`;
  return {
    "text/html": `<img src="${source}" alt="${about("SVG", bytes)}">`,
    "text/plain": about("SVG", bytes),
  };
}

function about(kind: string, { length }: Uint8Array): string {
  return `[${kind} image, ${length} bytes]`;
}

/** Offset, bytes and characters, sixteen a line. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, MOST_SHOWN); at += 16) {
    const row = [...bytes.subarray(at, Math.min(at + 16, MOST_SHOWN))];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0"));
    const halves = [hex.slice(0, 8).join(" "), hex.slice(8).join(" ")].join("  ").padEnd(48);
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${halves}  |${text}|`);
  }
  if (bytes.length > MOST_SHOWN) lines.push(`… ${bytes.length - MOST_SHOWN} more bytes`);
  return lines.join("\n");
}

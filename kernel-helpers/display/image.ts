import { readFileSync } from "node:fs";
import { type Shown, shown } from "./shown.js";

/** Options of {@link image}. */
export interface ImageOptions {
  /** In CSS pixels. */
  width?: number;
  /** In CSS pixels. */
  height?: number;
  /** What it shows, for who cannot see it. */
  alt?: string;
}

/** First bytes, in hexadecimal, of the kinds of images that front ends draw. */
const kinds: [start: RegExp, mime: string][] = [
  [/^89504e470d0a1a0a/, "image/png"],
  [/^ffd8ff/, "image/jpeg"],
  [/^47494638/, "image/gif"],
  [/^52494646.{8}57454250/, "image/webp"],
  [/^424d/, "image/bmp"],
  [/^(efbbbf)?\s*3c(3f786d6c|737667|212d2d)/, "image/svg+xml"],
];

/**
 * An image.
 * @param source its bytes, or the path of a file
 * @throws Error where the file cannot be read or is no image
 */
export function image(source: string | Uint8Array, { alt, ...size }: ImageOptions = {}): Shown {
  const bytes = typeof source === "string" ? readFileSync(source) : Buffer.from(source);
  const start = bytes.subarray(0, 16).toString("hex");
  const mime = kinds.find(([pattern]) => pattern.test(start))?.[1];
  const name = typeof source === "string" ? source : "the bytes";
  if (mime === undefined)
    throw new TypeError(
      `image: ${name} begin${typeof source === "string" ? "s" : ""} with ${start || "nothing"}, which is no PNG, JPEG, GIF, WebP, BMP or SVG`,
    );
  const data = mime === "image/svg+xml" ? bytes.toString("utf8") : bytes.toString("base64");
  const text = alt ?? `[${mime.slice(6)} image, ${bytes.length} bytes]`;
  return shown({ [mime]: data, "text/plain": text }, { [mime]: { ...size, ...(alt && { alt }) } });
}

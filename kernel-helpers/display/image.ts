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
  [/^(efbbbf)?(20|09|0a|0d)*3c(3f786d6c|737667|2144|212d2d)/i, "image/svg+xml"],
];

/**
 * An image: PNG, JPEG, GIF, WebP, BMP or SVG.
 * @param source its bytes, or the path of a file, from the notebook's folder
 * @param options.width in CSS pixels, as `height`; the image's own size without them
 * @throws TypeError where it is no such image, or an address: cells fetch for themselves
 * @throws Error with the `code` of the file system where the file cannot be read
 * @see https://jupyter-client.readthedocs.io/en/stable/messaging.html#display-data
 */
export function image(source: string | URL | Uint8Array, { alt, ...size }: ImageOptions = {}): Shown {
  const address = typeof source === "string" && /^[a-z]{2,}:\/\//i.test(source) ? new URL(source) : source;
  if (address instanceof URL && address.protocol !== "file:")
    throw new TypeError(
      `image: ${address.href} is elsewhere; fetch it first: image(await (await fetch("…")).bytes())`,
    );
  const isFile = typeof address === "string" || address instanceof URL;
  const bytes = isFile ? readFileSync(address) : Buffer.from(address);
  const start = bytes.subarray(0, 16).toString("hex");
  const mime = kinds.find(([pattern]) => pattern.test(start))?.[1];
  if (mime === undefined)
    throw new TypeError(
      `image: ${isFile ? `${address} begins` : "the bytes begin"} with ${start || "nothing"}, which is no PNG, JPEG, GIF, WebP, BMP or SVG`,
    );
  const isSvg = mime === "image/svg+xml";
  const text = alt || `[${isSvg ? "SVG" : mime.slice(6).toUpperCase()} image, ${bytes.length} bytes]`;
  return shown(
    { [mime]: isSvg ? bytes.toString("utf8") : bytes.toString("base64"), "text/plain": text },
    { [mime]: { ...size, ...(alt && { alt }) } },
  );
}

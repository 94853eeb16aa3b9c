// A MIME bundle as a cell or a library makes it → one that every front end can read.
import { stripVTControlCharacters, types } from "node:util";
import type { Bundle, Json } from "../flow.js";
import { bytesOf } from "./bytes.js";
import { toJson } from "./json.js";
import { plotlyInWords } from "./plotly.js";

/** No parameters: clients look for the bare name. */
const MIME = /^[\w\-+.]+\/[\w\-+.]+$/;
const isJson = (mime: string): boolean => /[/+]json$/.test(mime);
const isText = (mime: string): boolean => /^text\/|^image\/svg\+xml$|[/+](json|javascript|xml)$/.test(mime);

/**
 * Bytes become base64, JSON becomes plain objects, and there is a text, neither empty nor coloured.
 * @param text what to say where the bundle has no text of its own
 * @throws TypeError where something in it is named by what is no MIME type
 * @throws RangeError where it is too large for a page
 */
export function completed(made: Json, metadata: Json = {}, text?: () => string): Bundle {
  const data: Json = {};
  for (const [key, content] of Object.entries(made)) {
    const mime = key.replace(/\s*;.*$/s, "");
    if (!MIME.test(mime))
      throw new TypeError(
        `a MIME bundle has a MIME type for each content, such as "text/html", not "${key}"`,
      );
    const plain = contentOf(mime, content);
    if (plain !== undefined) data[mime] = plain;
  }
  const plain = stripVTControlCharacters(String(data["text/plain"] ?? ""));
  data["text/plain"] = plain || text?.() || Object.keys(data).find((mime) => mime !== "text/plain") || " ";
  addWhatIsDrawn(data);
  return { data, metadata: toJson(metadata) as Json };
}

function contentOf(mime: string, content: unknown): unknown {
  if (content === undefined || (content === null && !isJson(mime))) return undefined;
  const bytes = typeof content === "object" && content !== null ? bytesOf(content) : undefined;
  if (bytes) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return isText(mime) ? contentOf(mime, buffer.toString()) : buffer.toString("base64");
  }
  if (!isJson(mime)) {
    // Notebook files have texts as lists of lines.
    if (Array.isArray(content) && content.every((line) => typeof line === "string")) return content.join("");
    return typeof content === "object" && !types.isBoxedPrimitive(content)
      ? toJson(content)
      : String(content);
  }
  if (typeof content === "string" && /^\s*[[{]/.test(content)) {
    try {
      return toJson(JSON.parse(content));
    } catch {
      return content;
    }
  }
  return toJson(content);
}

/** Charts that front ends draw in another version only, or not without an extension. */
function addWhatIsDrawn(data: Json): void {
  for (const [mime, spec] of Object.entries(data)) {
    const [, kind, major] = /^application\/vnd\.(vega(?:lite)?)\.v(\d+)\+json$/.exec(mime) ?? [];
    if (kind !== undefined && Number(major) > 5) data[`application/vnd.${kind}.v5+json`] ??= spec;
    if (mime === "application/vnd.plotly.v1+json") data["text/html"] ??= plotlyInWords(spec);
  }
}

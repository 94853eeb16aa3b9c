// Bytes as people read them. What comes from others never reaches a page or a terminal as it is.

/** Printable ASCII as it is, all else as a dot. */
const asText = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");

/** As `hexdump -C` shows it: offset, sixteen bytes, text. */
export function hexdump(bytes: Uint8Array, { most = 512 }: { most?: number } = {}): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) {
    const part = bytes.subarray(at, Math.min(at + 16, most));
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, "0"));
    const columns = `${hex.slice(0, 8).join(" ").padEnd(23)}  ${hex.slice(8).join(" ").padEnd(23)}`;
    lines.push(`${at.toString(16).padStart(8, "0")}  ${columns}  |${asText(part)}|`);
  }
  if (bytes.length > most) lines.push(`… ${bytes.length - most} more bytes`);
  return lines.join("\n");
}

/** UTF-8, with what is none, and what would steer a terminal, as escapes. Ends of lines stay where `lines` says so. */
export function readable(
  bytes: Uint8Array,
  { most = Number.POSITIVE_INFINITY, lines = false }: { most?: number; lines?: boolean } = {},
): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, most)).toString("utf8");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
  const escaped = text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (lines && (character === "\n" || character === "\t")) return character;
    if (lines && character === "\r") return "";
    const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" }[character];
    return known ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return bytes.length > most ? `${escaped}…` : escaped;
}

// What a stranger sent, as text that does nothing: not to a terminal, not to a page, not to the direction of writing.

/** Control characters (C0, DEL, C1), those that change the direction or cannot be seen, and what is no character. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\\]/gu;
const SHORT: Readonly<Record<string, string>> = { "\r": "\\r", "\n": "\\n", "\t": "\\t", "\\": "\\\\" };

/** UTF-8 as text; what does nothing good as `\n`, `\x1b` or `\u{202e}`, bytes that are no UTF-8 as `\xff`. HTML is left to whoever writes it. */
export function escapeBytes(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = lengthOf(bytes[at] as number);
    try {
      text += decoder.decode(bytes.subarray(at, at + length)).replace(HARMFUL, escapeCharacter);
      at += length;
    } catch {
      text += `\\x${(bytes[at] as number).toString(16).padStart(2, "0")}`;
      at++;
    }
  }
  return text;
}

/** Of the character that begins with this byte (RFC 3629). */
function lengthOf(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  return (
    SHORT[character] ??
    (code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`)
  );
}

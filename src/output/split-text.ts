// Long text in pieces that fit a message.

/**
 * Cuts text into pieces of at most `maxBytes` of UTF-8, never inside a character.
 * @param maxBytes at least 4
 */
export function splitText(text: string, maxBytes: number): string[] {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return [text];
  const pieces: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + maxBytes);
    // A UTF-16 unit is 1 to 3 bytes long, so halving at most twice is enough.
    while (Buffer.byteLength(text.slice(start, end)) > maxBytes) end = start + Math.ceil((end - start) / 2);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1)) && end - 1 > start) end--;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

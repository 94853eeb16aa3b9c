// Positions: clients count Unicode code points, JavaScript counts UTF-16 units.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#cursor-pos-and-unicode-offsets

/** The UTF-16 offset of a position in code points; positions beyond the text are its end. */
export function toUnits(text: string, codePoints: number): number {
  let offset = 0;
  for (let left = codePoints; left > 0 && offset < text.length; left--) {
    offset += (text.codePointAt(offset) as number) > 0xffff ? 2 : 1;
  }
  return offset;
}

/** The position in code points of a UTF-16 offset. */
export function toCodePoints(text: string, units: number): number {
  let count = 0;
  for (let offset = 0; offset < units && offset < text.length; count++) {
    offset += (text.codePointAt(offset) as number) > 0xffff ? 2 : 1;
  }
  return count;
}

// How Jupyter front ends name a cell: by a hash of its text.

/**
 * Murmur2, 32 bits, of the text's UTF-8 bytes.
 * https://github.com/aappleby/smhasher/blob/master/src/MurmurHash2.cpp
 */
export function murmur2(text: string, seed: number): number {
  const m = 0x5bd1e995;
  const bytes = Buffer.from(text, "utf8");
  const whole = bytes.length & ~3;
  let h = seed ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    let k = Math.imul(bytes.readUInt32LE(at), m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = bytes.length - whole;
  if (rest > 0) h = Math.imul(h ^ bytes.readUIntLE(whole, rest), m);
  h = Math.imul(h ^ (h >>> 13), m);
  return (h ^ (h >>> 15)) >>> 0;
}

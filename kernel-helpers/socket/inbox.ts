// Bytes that have come and that nobody has asked for yet, in the pieces they came in.

export class Inbox {
  #pieces: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  /** Comes before everything else. */
  putBack(bytes: Buffer): void {
    this.#pieces.unshift(bytes);
    this.#length += bytes.length;
  }

  /** The first `size` bytes, or all where there are fewer; they stay. */
  peek(size: number): Buffer {
    const first = this.#pieces[0];
    if (!first || first.length >= size) return (first ?? Buffer.alloc(0)).subarray(0, size);
    const pieces: Buffer[] = [];
    for (let at = 0, length = 0; at < this.#pieces.length && length < size; at++) {
      const piece = this.#pieces[at] as Buffer;
      pieces.push(piece);
      length += piece.length;
    }
    return Buffer.concat(pieces, Math.min(size, this.#length));
  }

  take(size: number): Buffer {
    const first = this.#pieces[0];
    // Mostly one piece has come, and all of it is wanted.
    if (first && this.#pieces.length === 1 && first.length <= size) return this.clear();
    const bytes = this.peek(size);
    this.#length -= bytes.length;
    let whole = 0;
    let left = bytes.length;
    for (; left > 0 && left >= (this.#pieces[whole] as Buffer).length; whole++)
      left -= (this.#pieces[whole] as Buffer).length;
    this.#pieces.splice(0, whole);
    if (left > 0) this.#pieces[0] = (this.#pieces[0] as Buffer).subarray(left);
    return bytes;
  }

  /** All of it. */
  clear(): Buffer {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#length = 0;
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }
}

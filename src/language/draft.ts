// A cell that is being written: a module like those that ran, but one that nobody will ever import.
import { placeIn } from "./server.js";

/** Where a question is asked: the draft's document, and the way between its offsets and positions. */
export class Draft {
  readonly path: string;
  readonly text: string;
  /** So many characters stand in front of the student's. */
  readonly shift: number;
  readonly #lines: number[];

  constructor(path: string, text: string, shift: number) {
    this.path = path;
    this.text = text;
    this.shift = shift;
    this.#lines = [0];
    for (const { index, 0: end } of text.matchAll(/\r\n|[\r\n\u2028\u2029]/g))
      this.#lines.push(index + end.length);
  }

  /** Names an offset of the student's text in a request. */
  at(offset: number): ReturnType<typeof placeIn> {
    const place = offset + this.shift;
    const line = this.#lines.findLastIndex((start) => start <= place);
    return placeIn(this.path, { line, character: place - (this.#lines[line] ?? 0) });
  }

  /** The offset in the student's text. */
  offset({ line, character }: { line: number; character: number }): number {
    return (this.#lines[line] ?? this.text.length) + character - this.shift;
  }
}

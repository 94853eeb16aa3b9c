// A cell that is being written: a module like those that ran, but one that nobody will ever import.
import type { Outline } from "../flow.js";
import { type Bindings, isPlain, namesLike } from "./bindings.js";
import { placeIn } from "./server.js";

/** What `@ts-nocheck` has to stand in. */
const COMMENTS = /^(?:\s+|\/\/.*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;
const UNCHECKED = /\/\/\s*@ts-nocheck\b/;
/** So many names whose modules have to be opened are put before the server when one begins to be typed. */
const mostBegun = 64;

/** Where a question is asked: the draft's document, and the way between its offsets and positions. */
export class Draft {
  readonly path: string;
  readonly text: string;
  /** So many characters stand in front of the student's. */
  readonly shift: number;
  readonly #lines: number[];

  /** @param joint stands in front of what may be unfinished, and would swallow what comes behind it */
  constructor(path: string, joint: string, { text, shift }: { text: string; shift: number }) {
    const before = `${UNCHECKED.test(COMMENTS.exec(text)?.[0] ?? "") ? "// @ts-nocheck\n" : ""}${joint}\n`;
    this.path = path;
    this.text = before + text;
    this.shift = before.length + shift;
    this.#lines = [0];
    for (const { index, 0: end } of this.text.matchAll(/\r\n|[\r\n\u2028\u2029]/g))
      this.#lines.push(index + end.length);
    this.head = this.#lines.indexOf(before.length);
  }

  /** The line on which the cell begins. */
  readonly head: number;

  /** The line behind the text. */
  get tail(): number {
    return this.#lines.length;
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

/** The notebook's names that begin so, and are not the cell's own. */
export function fitting(begun: string, { declared }: Outline, bindings: Bindings): string[] {
  const names = namesLike(begun, bindings).filter((name) => !declared.some((own) => own.name === name));
  const others = names.filter((name) => !isPlain(name, bindings)).slice(0, mostBegun);
  return names.filter((name) => isPlain(name, bindings) || others.includes(name));
}

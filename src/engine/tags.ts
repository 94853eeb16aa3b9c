// The tagged templates `html`, `md` and `svg`. The values go in as they are, as in Deno: what comes from others has to be
// escaped by who shows it, and each tag has the way to do so.
import { inspect } from "node:util";

/** A template that is shown as what it is written in, and the text that means itself there. */
export interface Tag {
  (strings: TemplateStringsArray, ...values: unknown[]): object;
  escape(value: unknown): string;
}

class Written {
  readonly #mime: string;
  readonly #text: string;
  constructor(mime: string, text: string) {
    this.#mime = mime;
    this.#text = text;
  }
  [Symbol.for("Jupyter.display")](): Record<string, string> {
    return { [this.#mime]: this.#text, "text/plain": this.#text || " " };
  }
  [inspect.custom](): string {
    return this.#text;
  }
  /** So that one can stand in another. */
  toString(): string {
    return this.#text;
  }
}

/** What it stands for is nobody's markup. */
const entity = (char: string): string => `&#${char.codePointAt(0)};`;

/** @param special characters that mean more than themselves */
function tag(mime: string, special: RegExp): Tag {
  const written = (strings: TemplateStringsArray, ...values: unknown[]): object =>
    new Written(mime, String.raw({ raw: strings.map((part) => part) }, ...values.map(textOf)));
  return Object.assign(written, { escape: (value: unknown) => String(value).replace(special, entity) });
}

/** The parts of a list follow one another. */
function textOf(value: unknown): string {
  return Array.isArray(value) ? value.map(textOf).join("") : String(value);
}

export const html: Tag = tag("text/html", /[&<>"'`]/g);
export const svg: Tag = tag("image/svg+xml", /[&<>"'`]/g);
// An entity is never structure in Markdown, nor the beginning of a formula. A line of its own would be a block of its own.
export const md: Tag = tag("text/markdown", /[!-/:-@[-`{-~\r\n]/g);

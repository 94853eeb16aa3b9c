// Documents that are open before a cell needs one. To open a document, or to change what one imports, makes the server put its
// program together anew: most of the time that a check takes. So they are opened while nobody waits, a few at once, and
// each imports from the beginning all that its cell may need. What else a cell needs it has all the same, only later.
import { join } from "node:path";
import type { Source } from "./bindings.js";
import { type LanguageServer, placeIn } from "./server.js";
import { prefix } from "./workspace.js";

/** A module's place. */
export interface Document extends Source {
  name: string;
  path: string;
  /** What it has to import, in this order, so that the server's program stays as it is. */
  listed: string[];
  /** It was open, and what the student's text imports was foreseen. */
  foreseen: boolean;
}

/** So many are open. */
const most = 8;
/** What a text imports by statements, in order. In a string or a comment it does no harm. */
const IMPORTED = /(?:^|;)\s*(?:import|export)\b(?:[^"'`;=(]*\bfrom)?\s*["']([^"'\n]+)["']/gm;

export class Spares {
  readonly #server: LanguageServer;
  readonly #directory: string;
  #count = 0;
  /** Each lists those before it, so they are taken in this order. */
  #batch: { document: Document; taken: boolean }[] = [];
  /** What the text of the next cell may import, or the beginning of it. */
  #packages: string[] = [];
  /** Documents that nobody needs any more, by path. */
  readonly #left = new Set<string>();

  constructor(server: LanguageServer, directory: string) {
    this.#server = server;
    this.#directory = directory;
    this.renew([]);
  }

  /** A place that the server has not been shown. */
  make(lang: "ts" | "tsx"): Document {
    const name = `${prefix}cell${++this.#count}`;
    const file = `${name}.${lang}`;
    const path = join(this.#directory, file);
    return { name, specifier: `./${file}`, path, listed: [], foreseen: false };
  }

  /** The place of a cell that is to be checked now. */
  take({ text, lang }: { text: string; lang: "ts" | "tsx" }): Document {
    const next = this.#batch[this.#batch.findLastIndex(({ taken }) => taken) + 1];
    if (!next || lang !== "ts") return this.make(lang);
    next.taken = true;
    const own = importedBy(text);
    const foreseen = own.every((specifier, at) => specifier === this.#packages[at]);
    const { listed } = next.document;
    return {
      ...next.document,
      listed: foreseen ? [...this.#packages.slice(own.length), ...listed] : listed,
      foreseen,
    };
  }

  /** Nobody needs what is there any more. */
  leave({ name, path }: Document): void {
    const spare = this.#batch.find(({ document }) => document.name === name);
    if (spare) spare.taken = false;
    else this.#left.add(path);
  }

  get used(): boolean {
    return this.#batch.at(-1)?.taken ?? true;
  }

  /**
   * Opens others, for cells like the last one.
   * @param sources what they may need
   * @param text the last cell's
   */
  renew(sources: Iterable<Source>, text?: string): void {
    if (text !== undefined) this.#packages = importedBy(text);
    for (const path of this.#left) this.#server.put(path, undefined);
    this.#left.clear();
    const listed = [...sources].map(({ specifier }) => specifier);
    this.#batch = this.#batch.filter(({ taken }) => !taken);
    while (this.#batch.length < most) this.#batch.push({ document: this.make("ts"), taken: false });
    for (const { document } of this.#batch) {
      document.listed = [...listed];
      this.#server.put(document.path, `export {};${imports([...this.#packages, ...listed])}`);
      listed.push(document.specifier);
    }
    // Whatever is asked makes the server look at all of them.
    const [first] = this.#batch;
    if (first && this.#server.ready)
      void this.#server.ask("textDocument/documentSymbol", placeIn(first.document.path));
  }
}

function imports(specifiers: string[]): string {
  return specifiers.map((specifier) => `import {} from '${specifier}';`).join("");
}

function importedBy(text: string): string[] {
  return [...text.matchAll(IMPORTED)].map(([, specifier = ""]) => specifier);
}

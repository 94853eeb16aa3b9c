// Documents that are open before a cell needs one. To open a document, or to change what one imports, makes the server put its
// program together anew: most of the time that a check takes. So they are opened while nobody waits, a few at once, and
// each imports from the beginning all that its cell may need. What else a cell needs it has all the same, only later.
import { join } from "node:path";
import type { Source } from "./bindings.js";
import { type LanguageServer, placeIn } from "./server.js";
import { prefix } from "./workspace.js";

/** Where a module lies. */
export interface Document extends Source {
  name: string;
  path: string;
}

/** A document for a cell. */
export interface Place extends Document {
  /** What its module has to import, in this order, so that the server's program stays as it is. */
  listed: string[];
  /** It is open, and what the student's text imports was foreseen. */
  foreseen: boolean;
}

interface Spare extends Document {
  listed: string[];
  taken: boolean;
}

/** So many are open. */
const most = 8;
/** What a text imports by statements, in order. In a string or a comment it does no harm. */
const IMPORTED = /(?:^|;)[ \t]*(?:import\b|export\b\s*(?:type\b\s*)?[*{])[^"'`;:=(]*["']([^"'\n]+)["']/gm;

export class Spares {
  readonly #server: LanguageServer;
  readonly #directory: string;
  #count = 0;
  /** Each imports those before it, so they are taken in this order. */
  #spares: Spare[] = [];
  /** What the text of the next cell may import, or the beginning of it. */
  #packages: string[] = [];
  /** What the last cell imported. */
  #last = "";
  /** Open, but nobody's any more. */
  #left: Document[] = [];

  constructor(server: LanguageServer, directory: string) {
    this.#server = server;
    this.#directory = directory;
    this.#open(1, []);
  }

  /** A document that the server has not been shown. */
  make(lang: "ts" | "tsx"): Place {
    const name = `${prefix}cell${++this.#count}`;
    const file = `${name}.${lang}`;
    const path = join(this.#directory, file);
    return { name, specifier: `./${file}`, path, listed: [], foreseen: false };
  }

  /** The document of a cell that is to be checked now. */
  take({ text, lang }: { text: string; lang: "ts" | "tsx" }): Place {
    const spare = this.#spares[this.#spares.findLastIndex(({ taken }) => taken) + 1];
    if (!spare || lang !== "ts") return this.make(lang);
    spare.taken = true;
    const { name, specifier, path, listed } = spare;
    const foreseen = this.#foresees(text);
    const others = foreseen ? this.#packages.slice(importedBy(text).length) : [];
    return { name, specifier, path, listed: [...others, ...listed], foreseen };
  }

  #foresees(text: string): boolean {
    return importedBy(text).every((specifier, at) => specifier === this.#packages[at]);
  }

  /** Nobody needs what is there any more. */
  leave({ name, specifier, path }: Document): void {
    const spare = this.#spares.find((one) => one.name === name);
    if (spare) spare.taken = false;
    else this.#left.push({ name, specifier, path });
  }

  /**
   * A cell has run.
   * @param sources what it needed
   * @returns are other spares wanted? What two cells import, one after the other, the third may import, too.
   */
  ran({ listed, foreseen }: Place, text: string, sources: Iterable<Source>): boolean {
    const before = this.#last;
    this.#last = importedBy(text).join();
    const isListed = [...sources].every(({ specifier }) => listed.includes(specifier));
    return !isListed || (!foreseen && this.#last === before) || (this.#spares.at(-1)?.taken ?? true);
  }

  /**
   * Opens others.
   * @param sources what their cells may need
   * @param text of the last cell: they may import the same, or less; a new engine has none
   */
  renew(sources: Iterable<Source>, text?: string): void {
    if (text === undefined || !this.#foresees(text)) this.#packages = importedBy(text ?? "");
    this.#open(most, sources);
    // Whatever is asked makes the server look at all of them.
    const [first] = this.#spares;
    if (first && this.#server.ready)
      void this.#server.ask("textDocument/documentSymbol", placeIn(first.path));
  }

  #open(count: number, sources: Iterable<Source>): void {
    const free = [...this.#spares.filter(({ taken }) => !taken), ...this.#left];
    this.#left = [];
    const again = free.filter(({ path }) => path.endsWith(".ts")).slice(0, count);
    for (const one of free) if (!again.includes(one)) this.#server.put(one.path, undefined);
    const listed = [...sources].map(({ specifier }) => specifier);
    this.#spares = Array.from({ length: count }, (_, at) => {
      const spare = { ...(again[at] ?? this.make("ts")), listed: [...listed], taken: false };
      const imports = [...this.#packages, ...listed].map((specifier) => `import {} from '${specifier}';`);
      this.#server.put(spare.path, `export {};${imports.join("")}`);
      listed.push(spare.specifier);
      return spare;
    });
  }
}

function importedBy(text: string): string[] {
  return [...text.matchAll(IMPORTED)].map(([, specifier = ""]) => specifier);
}

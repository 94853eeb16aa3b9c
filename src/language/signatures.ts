// What the server says of single members. Ten cost it as much as the whole list, and who writes a cell asks for the members of
// the same few values again and again.
import type { CompletionItem, Hover } from "vscode-languageserver-types";
import type { Draft } from "./draft.js";
import { textOf } from "./freeze.js";
import { inOwnNames } from "./module.js";
import { type LanguageServer, within } from "./server.js";

/** So many of the first get their signature, if it comes in so many milliseconds. */
const signed = { most: 10, ms: 100 };
/** A type that is being written means something else with each letter. */
const TYPES = /\b(?:class|interface|enum|namespace|module|type)\s+[\p{ID_Start}$_]/u;
/** A value, or a member of one, that stands before a dot. */
const RECEIVER = /[\p{ID_Continue}$](?=\s*(?:\?\.|!\.|\.)\s*#?[\p{ID_Continue}$\u200c\u200d]*$)/u;

export class Signatures {
  readonly #server: LanguageServer;
  /** By what the server says of the value, then by the member's name. */
  readonly #known = new Map<string, Map<string, string>>();

  constructor(server: LanguageServer) {
    this.#server = server;
  }

  /** A cell may change any type. */
  forget(): void {
    this.#known.clear();
  }

  /** What the server calls the value before the dot, and its type in full; `undefined`: that cannot be told. */
  async receiver(draft: Draft, offset: number, deadline: number): Promise<string | undefined> {
    const at = RECEIVER.exec(draft.text.slice(0, offset + draft.shift))?.index;
    if (at === undefined || TYPES.test(draft.text.slice(draft.shift))) return undefined;
    const hover = await this.#server.ask<Hover>("textDocument/hover", draft.at(at - draft.shift), deadline);
    const text = textOf(hover);
    // A long type is not told to its end.
    return text === "" || text.includes("...") ? undefined : text;
  }

  /** Are these known without asking? */
  has(items: CompletionItem[], receiver: string): boolean {
    const known = this.#known.get(receiver);
    return items.slice(0, signed.most).every(({ label }) => known?.has(label));
  }

  /**
   * The server's words for the first of these.
   * @param receiver whose members they are, as `receiver` has it
   */
  async of(items: CompletionItem[], receiver: string | undefined): Promise<Map<string, string>> {
    const known = new Map(receiver === undefined ? [] : this.#known.get(receiver));
    const asked = items
      .slice(0, signed.most)
      .filter(({ label }) => !known.has(label))
      .map(async (item) => {
        const { detail } = (await this.#server.ask<CompletionItem>("completionItem/resolve", item)) ?? {};
        if (detail !== undefined) known.set(item.label, inOwnNames(detail));
      });
    if (asked.length > 0) await within(Promise.all(asked), signed.ms);
    if (receiver !== undefined) this.#known.set(receiver, known);
    return known;
  }
}

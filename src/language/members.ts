// The members of what a name holds. Who writes a cell types them letter by letter: the list is the same each time.
import type { CompletionItem } from "vscode-languageserver-types";
import type { Outline } from "../flow.js";
import type { Bindings, ValueBinding } from "./bindings.js";

/** A place for the list. */
export interface Kept {
  /** `receiver`: what the server calls the value and its type. */
  members?: { items: CompletionItem[]; receiver: string };
}

/** A name, a dot, and the beginning of a member. */
const MEMBER = /(?<![\p{ID_Continue}$.#]|\.\s)([\p{ID_Start}$_][\p{ID_Continue}$]*)\.[\p{ID_Continue}$]*$/u;
/** In a class there may be more to see. */
const CLASS = /\bclass\b/;

export class Members {
  #lists = new WeakMap<ValueBinding, Kept>();

  /** Any type may be another one now. */
  forget(): void {
    this.#lists = new WeakMap();
  }

  /**
   * Where the list of this value is kept: that of an earlier cell's name which the text mentions nowhere else, so that nothing can have
   * narrowed its type, assigned to it or hidden it.
   * @param offset of the cursor, in the outline's text
   */
  of({ text, mentioned, declared, broken }: Outline, offset: number, bindings: Bindings): Kept | undefined {
    if (broken || CLASS.test(text)) return undefined;
    const match = MEMBER.exec(text.slice(0, offset));
    const name = match?.[1] ?? "";
    const value = bindings.get(name)?.value;
    const places = mentioned.get(name);
    if (!value || places?.length !== 1 || places[0] !== match?.index) return undefined;
    if (declared.some((own) => own.name === name)) return undefined;
    const kept = this.#lists.get(value) ?? {};
    this.#lists.set(value, kept);
    return kept;
  }
}

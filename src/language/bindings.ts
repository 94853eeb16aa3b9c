// What each name means to the next cell: the newest value and the newest type, each with the module that declares it.
import type { Declared } from "../flow.js";

/** A module that later ones can import from. */
export interface Source {
  /** As an import names it: `./…`. */
  specifier: string;
}

export interface ValueBinding {
  source: Source;
  /** Constants cannot be assigned to. */
  how: "let" | "const";
  /** Its type in words that mean the same everywhere, so that nobody has to infer it through the chain of cells again. */
  frozen?: string;
  /** Its type in words, whatever they mean. */
  words?: string;
  /** What is written above its declaration. */
  docs?: string;
  /** Of a function: all that there is to say of it, as Markdown. */
  told?: string;
}

export interface TypeBinding {
  source: Source;
  /** `class`: what is type and value (or namespace) at once. */
  how: "class" | "type";
  /** Its module has a variable of the same name. */
  beside: boolean;
}

export interface Binding {
  value?: ValueBinding;
  type?: TypeBinding;
}

/** The names of a notebook. A Map: `constructor` and `__proto__` are names like any other. */
export type Bindings = Map<string, Binding>;

/**
 * Enters what a cell has declared. A new type leaves an earlier plain value alone, and a new plain value an earlier plain
 * type; whatever is both at once replaces both, and is replaced by either.
 * @param hasValue did the cell come past this declaration? `undefined`: it went another way to its end, so the name has
 *   the value that it had, or none
 */
export function bind(
  bindings: Bindings,
  declared: Declared[],
  source: Source,
  hasValue: (name: string) => boolean | undefined,
): void {
  for (const { name, value, type, ambient } of declared) {
    const binding = { ...bindings.get(name) };
    const there = ambient || (hasValue(name) ?? binding.value === undefined);
    if (value && there) {
      if (binding.type?.how === "class" && !type) delete binding.type;
      binding.value = { source, how: value };
    }
    // Interfaces and aliases are there once the cell has run at all.
    if (type && (there || !value || type === "type")) {
      if (type === "class" && !value) delete binding.value;
      binding.type = { source, how: type, beside: type === "type" && value !== undefined };
    }
    if (binding.value || binding.type) bindings.set(name, binding);
  }
}

/** Those that begin so, the newest first. */
export function namesLike(begun: string, bindings: Bindings): string[] {
  const small = begun.toLowerCase();
  return [...bindings.keys()].filter((name) => name.toLowerCase().startsWith(small)).reverse();
}

/** Is this a variable whose type has been put in words, and nothing else? */
export function isPlain(name: string, bindings: Bindings): boolean {
  const binding = bindings.get(name);
  return binding?.value?.frozen !== undefined && binding.type === undefined;
}

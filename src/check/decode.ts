// Plain data from the engine → values for a check, made here: no method of a student's comes with them.

import type { Read } from "../flow.js";

/** Something that was not read, because that would have run code or taken too much. */
export class Unread {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

export function decode(read: Read): unknown {
  if (typeof read !== "object" || read === null) return read;
  switch (read.is) {
    case "undefined":
      return undefined;
    case "number":
      return Number(read.text);
    case "bigint":
      return BigInt(read.text);
    case "array":
      return read.items.map(decode);
    case "map":
      return new Map(read.entries.map(([key, value]) => [decode(key), decode(value)]));
    case "set":
      return new Set(read.items.map(decode));
    case "bytes":
      return Buffer.from(read.base64, "base64");
    case "date":
      return new Date(read.text);
    case "error":
      return Object.assign(new Error(read.message), own(read.entries), { name: read.name, stack: undefined });
    case "object":
      return own(read.entries);
    default:
      return new Unread(read.text);
  }
}

/** Its keys are a student's, too: `__proto__` is one like any other. */
function own(entries: [string, Read][]): object {
  const object = {};
  for (const [key, value] of entries)
    Object.defineProperty(object, key, {
      value: decode(value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return object;
}

import { types } from "node:util";
import { type Shown, shown } from "./shown.js";

/** Options of {@link json}. */
export interface JsonOptions {
  /** Opens the whole tree (otherwise the reader does). */
  expanded?: boolean;
  /** What stands at the root of the tree. */
  root?: string;
}

const mostEntries = 1000;
const mostValues = 50_000;
const deepest = 100;
/** More is not read as text. */
const mostCharacters = 20_000;

/**
 * A value as a tree to open and close. What JSON has no words for is written as text: `1n`, `[Circular]`, `[Getter]`; Maps are
 * objects, Sets lists. Of a long list the first 1,000 entries are there, of everything the first 50,000 values, and a hundred
 * levels; what is left out is said in its place. No getter is called; `toJSON` is, where there is one, as in `JSON.stringify`.
 * @throws what `toJSON` throws
 * @see https://jupyterlab.readthedocs.io/en/stable/user/file_formats.html#json
 */
export function json(value: unknown, { expanded = false, root }: JsonOptions = {}): Shown {
  const tree = treeOf(value);
  const text = JSON.stringify(tree, null, 2);
  return shown(
    {
      "application/json": tree,
      "text/plain": text.length > mostCharacters ? `${text.slice(0, mostCharacters)}\n…` : text,
    },
    { "application/json": { expanded, ...(root !== undefined && { root }) } },
  );
}

function treeOf(value: unknown): unknown {
  const above = new Set<object>();
  let values = 0;
  const branch = (one: unknown): unknown => {
    values++;
    if (typeof one === "bigint") return `${one}n`;
    if (typeof one === "number") return Number.isFinite(one) ? one : String(one);
    if (typeof one === "string" || typeof one === "boolean" || one === null) return one;
    if (typeof one !== "object") return one === undefined ? null : `[${typeof one}]`;
    if (above.has(one)) return "[Circular]";
    if (above.size === deepest || values > mostValues) return "…";
    above.add(one);
    const made = branches(one);
    above.delete(one);
    return made;
  };
  const branches = (one: object): unknown => {
    const own = types.isProxy(one) ? undefined : (one as { toJSON?: unknown }).toJSON;
    if (typeof own === "function") return branch(own.call(one));
    if (Array.isArray(one)) return list(one, one.length);
    if (types.isTypedArray(one)) return list(one as Uint8Array, one.length);
    if (types.isSet(one)) return list(one, one.size);
    if (types.isMap(one)) return record(pairs(one), one.size);
    const names = Object.keys(one);
    return record(fields(one, names), names.length);
  };
  const list = (items: Iterable<unknown>, length: number): unknown[] => {
    const made: unknown[] = [];
    for (const item of items) {
      if (made.length === mostEntries || values > mostValues) break;
      made.push(branch(item));
    }
    if (made.length < length) made.push(`… ${length - made.length} more`);
    return made;
  };
  const record = (entries: Iterable<[string, unknown]>, size: number): object => {
    const made: [string, unknown][] = [];
    for (const [name, item] of entries) {
      if (made.length === mostEntries || values > mostValues) break;
      made.push([name, branch(item)]);
    }
    if (made.length < size) made.push(["…", `${size - made.length} more`]);
    return Object.fromEntries(made);
  };
  return branch(value);
}

function* pairs(map: Map<unknown, unknown>): Generator<[string, unknown]> {
  for (const [key, value] of map) yield [typeof key === "object" ? "[object]" : String(key), value];
}

function* fields(object: object, names: string[]): Generator<[string, unknown]> {
  for (const name of names) {
    const field = Object.getOwnPropertyDescriptor(object, name);
    yield [name, field && "get" in field ? "[Getter]" : field?.value];
  }
}

// A value as text, as Node's own console has it, but bounded in time and size. `inspect` bounds the elements of a list and
// the depth, not the properties of an object nor the whole, and a few lists of lists of lists can hold billions.
import { type InspectOptions, inspect, types } from "node:util";
import { lookUp } from "./looking.js";

const LIMITS = {
  depth: 4,
  maxArrayLength: 100,
  maxStringLength: 10_000,
  breakLength: 100,
  compact: 3,
  getters: false,
  colors: false,
} satisfies InspectOptions;
const BRIEF = { ...LIMITS, depth: 1, maxArrayLength: 20, maxStringLength: 200, breakLength: 80 };

const MOST_CHARACTERS = 100_000;
/** So many things are looked at, all in all. */
const MOST_THINGS = 10_000;
const MOST_BRIEF_THINGS = 100;
/** So many properties of one that has too many. */
const FIRST_PROPERTIES = 200;
/** Writing out a number takes longer than in proportion to its digits. */
const LARGEST_BITS = 1n << 16n;

/** Never empty, never coloured. Of a value's own code only `inspect.custom` is run, and what Node reads of it (`Symbol.toStringTag`, an error's and a function's name). */
export function toText(value: unknown, { brief = false }: { brief?: boolean } = {}): string {
  const limits = brief ? BRIEF : LIMITS;
  for (const customInspect of [true, false]) {
    try {
      const text = written(value, { ...limits, customInspect }, brief ? MOST_BRIEF_THINGS : MOST_THINGS);
      return text.length > MOST_CHARACTERS
        ? `${text.slice(0, MOST_CHARACTERS)}\n… ${text.length - MOST_CHARACTERS} more characters`
        : text || " ";
    } catch {
      // Its own way of being inspected failed, then: so does ours.
    }
  }
  return `[${typeof value} that cannot be shown]`;
}

function written(value: unknown, options: typeof LIMITS & { customInspect: boolean }, most: number): string {
  if (typeof value === "bigint") {
    const largest = 1n << LARGEST_BITS;
    return value < largest && value > -largest ? `${value}n` : `[bigint of more than ${LARGEST_BITS} bits]`;
  }
  if ((typeof value !== "object" && typeof value !== "function") || value === null || types.isProxy(value))
    return inspect(value, options);
  if (options.customInspect && typeof lookUp(value, inspect.custom)?.value === "function")
    return inspect(value, options);
  const depth = affordableDepth(value, options, most);
  return depth < 0 ? inPart(value, options) : inspect(value, { ...options, depth });
}

/** How deep one may look without seeing more than `most` things; -1: not even its own properties are so few. */
function affordableDepth(
  value: object,
  { depth, maxArrayLength }: { depth: number; maxArrayLength: number },
  most: number,
): number {
  let level: object[] = [value];
  let seen = 0;
  for (let deep = 0; deep <= depth; deep++) {
    const next: object[] = [];
    for (const one of level) {
      const within = partsOf(one, maxArrayLength, most - seen);
      if (!within) return deep - 1;
      seen += within.length;
      if (seen > most) return deep - 1;
      for (const part of within)
        if (typeof part === "object" && part !== null && !types.isProxy(part)) next.push(part);
    }
    if (next.length === 0) return depth;
    level = next;
  }
  return depth;
}

/** What is shown of a value one level down, or nothing where that is more than `most`. */
function partsOf(value: object, maxArrayLength: number, most: number): unknown[] | undefined {
  if (types.isArrayBufferView(value) || types.isAnyArrayBuffer(value) || types.isBoxedPrimitive(value))
    return [];
  if (Array.isArray(value))
    return Array.from({ length: Math.min(value.length, maxArrayLength) }, (_, index) => part(value, index));
  if (types.isMap(value)) return first(Map.prototype.entries.call(value), maxArrayLength).flat();
  if (types.isSet(value)) return first(Set.prototype.values.call(value), maxArrayLength);
  const keys = Object.keys(value);
  return keys.length > most ? undefined : keys.map((key) => part(value, key));
}

function part(value: object, key: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value;
}

function first<T>(all: Iterable<T>, most: number): T[] {
  const found: T[] = [];
  for (const one of all) if (found.push(one) === most) break;
  return found;
}

/** The first properties, on something that looks the same otherwise. */
function inPart(value: object, options: typeof LIMITS): string {
  const keys = Object.keys(value);
  const exotic = typeof value === "function" || Object.values(types).some((is) => is(value as never));
  if (exotic) return inspect(value, { ...options, depth: -1 });
  const shown: object = Object.create(Object.getPrototypeOf(value));
  for (const key of keys.slice(0, FIRST_PROPERTIES))
    Object.defineProperty(shown, key, Object.getOwnPropertyDescriptor(value, key) ?? {});
  const depth = Math.max(0, affordableDepth(shown, options, MOST_THINGS));
  const text = inspect(shown, { ...options, depth });
  return text.replace(/\n?\s*\}$/, `,\n  … ${keys.length - FIRST_PROPERTIES} more properties\n}`);
}

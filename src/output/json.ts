// Plain JSON: what the protocol can carry, and every reader of it can read.
import { types } from "node:util";

/** Python's reader gives up at a thousand. */
const DEEPEST = 200;
const MOST_VALUES = 1_000_000;

/**
 * A value as JSON.stringify would write it, but that what JSON has no word for neither fails nor vanishes: cycles and what lies
 * too deep are marked, large integers are text, Maps are objects and Sets lists.
 * @throws RangeError where it is too large for a page
 */
export function toJson(value: unknown): unknown {
  let values = 0;
  const above = new Set<object>();
  const plain = (one: unknown, key: string): unknown => {
    if (++values > MOST_VALUES)
      throw new RangeError(`more than ${MOST_VALUES} values are too many for a page; show a part of them`);
    if (typeof one === "number") return Number.isFinite(one) ? one : null;
    if (typeof one === "bigint") {
      const number = Number(one);
      return Number.isSafeInteger(number) ? number : `${one}`;
    }
    if (typeof one === "string") return one.toWellFormed();
    if (typeof one !== "object" || one === null)
      return one === null || typeof one === "boolean" ? one : undefined;
    if (above.has(one)) return "[Circular]";
    if (above.size >= DEEPEST) return "…";
    const { toJSON } = one as { toJSON?: unknown };
    above.add(one);
    const made = typeof toJSON === "function" ? plain(toJSON.call(one, key), key) : parts(one);
    above.delete(one);
    return made;
  };
  const parts = (one: object): unknown => {
    if (types.isBoxedPrimitive(one)) return plain(one.valueOf(), "");
    if (Array.isArray(one) || types.isSet(one) || (ArrayBuffer.isView(one) && Symbol.iterator in one))
      return Array.from(one as Iterable<unknown>, (item, index) => plain(item, `${index}`) ?? null);
    const entries: Iterable<[unknown, unknown]> = types.isMap(one) ? one : Object.entries(one);
    const made: Record<string, unknown> = {};
    for (const [name, item] of entries) {
      const written = plain(item, String(name));
      // An assignment would take `__proto__` for something else.
      if (written !== undefined)
        Object.defineProperty(made, String(name).toWellFormed(), {
          value: written,
          enumerable: true,
          configurable: true,
          writable: true,
        });
    }
    return made;
  };
  return plain(value, "");
}

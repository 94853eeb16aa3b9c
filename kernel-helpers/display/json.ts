import { type Shown, shown } from "./shown.js";

/** Options of {@link json}. */
export interface JsonOptions {
  /** Opens the whole tree (otherwise the reader does). */
  expanded?: boolean;
  /** What stands at the root of the tree. */
  root?: string;
}

/**
 * A value as a tree to open and close. What JSON has no words for is written as text: `1n`, `[Circular]`; Maps are objects,
 * Sets lists.
 * @throws what a getter of the value throws
 */
export function json(value: unknown, { expanded = false, root }: JsonOptions = {}): Shown {
  const tree = toJson(value, []);
  return shown(
    { "application/json": tree, "text/plain": JSON.stringify(tree, null, 2) },
    { "application/json": { expanded, ...(root !== undefined && { root }) } },
  );
}

function toJson(value: unknown, above: object[]): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object") return value === undefined ? null : `[${typeof value}]`;
  if (above.includes(value)) return "[Circular]";
  const within = [...above, value];
  if (Array.isArray(value) || value instanceof Set) return [...value].map((one) => toJson(one, within));
  const own = (value as { toJSON?: unknown }).toJSON;
  if (typeof own === "function") return toJson(own.call(value), within);
  const entries =
    value instanceof Map ? [...value].map(([key, one]) => [String(key), one]) : Object.entries(value);
  return Object.fromEntries(entries.map(([key, one]) => [key, toJson(one, within)]));
}

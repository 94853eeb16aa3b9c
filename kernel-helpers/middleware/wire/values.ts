// What values look like on their way. Most are JSON; others (dates, maps, bytes, cycles, errors …) go through devalue. Functions, streams and
// objects that shall stay where they are travel as references.
import { parse, stringify } from "devalue";
import type { Packed } from "../flow.js";
import { fromError, type PlainError, toError } from "./failures.js";

/** A value that is packed: what happens to it from now on changes nothing of that. */
export interface Parcel {
  /** JSON: of the value itself, or of devalue's text. */
  readonly text: string;
  /** What does not travel; `undefined`: `text` is the value's own. */
  readonly lent: readonly object[] | undefined;
}

/** Deeper, or more, than this is left to devalue, which knows cycles and shared parts. */
const DEEPEST = 32;
const MOST = 100_000;

/**
 * @param stays is this left where it is?
 * @throws TypeError for what cannot be sent; says where it is
 */
export function pack(value: unknown, stays: (value: unknown) => boolean): Parcel {
  if (isPlain(value, DEEPEST, { left: MOST })) return { text: JSON.stringify(value), lent: undefined };
  const lent: object[] = [];
  try {
    const text = stringify(value, {
      Lent: (one) => stays(one) && lent.push(one as object),
      Error: (one) => one instanceof Error && fromError(one),
      Buffer: (one) => Buffer.isBuffer(one) && one.toString("base64"),
    });
    return { text: JSON.stringify(text), lent };
  } catch (error) {
    const { message, path, value: found } = error as Error & { path?: string; value?: unknown };
    if (path === undefined) throw error;
    const name = (found as object | undefined)?.constructor?.name;
    throw new TypeError(
      `${path.replace(/^\./, "") || "this"} cannot be sent (${name ? `it is a ${name}` : message}). Send its data, or byReference(it) to leave it where it is.`,
    );
  }
}

/** As who knows nothing but JSON would send it. */
export function packPlainly(value: unknown): Parcel {
  return { text: JSON.stringify(value) ?? "null", lent: undefined };
}

/** As JSON. @param lend what of it does not travel */
export function toWire({ text, lent }: Parcel, lend: (target: object) => unknown): string {
  return lent ? `[${text},${JSON.stringify(lent.map(lend))}]` : `[${text}]`;
}

export function unpack(packed: Packed, borrow: (lent: unknown) => unknown): unknown {
  const [text, lent] = packed;
  if (packed.length === 1) return text;
  return parse(text as string, {
    Lent: (at) => borrow((lent as unknown[])[(at as number) - 1]),
    Error: (plain) => toError(plain as PlainError),
    Buffer: (bytes) => Buffer.from(bytes as string, "base64"),
  });
}

/** Does it come out of JSON as it went in? */
function isPlain(value: unknown, depth: number, budget: { left: number }): boolean {
  if (value === null) return true;
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object":
      break;
    default:
      return false;
  }
  if (depth === 0 || --budget.left < 0) return false;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) if (!isPlain(value[at], depth - 1, budget)) return false;
    return true;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  for (const key of Object.keys(value))
    if (!isPlain((value as Record<string, unknown>)[key], depth - 1, budget)) return false;
  return Object.getOwnPropertySymbols(value).length === 0;
}

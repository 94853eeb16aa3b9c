// A live value → a MIME bundle. Runs in the engine. Looking must not change anything: getters are not called, size and
// depth are bounded, and whatever a hostile object does, there is a non-empty, uncoloured text/plain.
import { types } from "node:util";
import type { Bundle, Json } from "../flow.js";
import { bytesOf, hexDump, imageOf } from "./bytes.js";
import { describe } from "./callable.js";
import { completed } from "./complete.js";
import { methodOf } from "./looking.js";
import { shapeOf } from "./shapes.js";
import { toText } from "./text.js";

const DISPLAY = Symbol.for("Jupyter.display");

/** A bundle; nothing where a value has shown itself already. */
export type Shown = Bundle | undefined;

/**
 * Values that know how to show themselves do (`Symbol.for("Jupyter.display")`, Deno's protocol too), some are known by their
 * looks, and all others are text.
 * @throws what a value throws that shows itself
 */
export function toBundle(value: unknown): Shown | Promise<Shown> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null)
    return plain(toText(value));
  const display = displayOf(value);
  if (display) {
    const made: unknown = display.call(value);
    return types.isPromise(made) ? made.then((data) => fromDisplay(data, value)) : fromDisplay(made, value);
  }
  if (typeof value === "function") return ofFunction(value as () => unknown);
  if (types.isPromise(value))
    return plain(`${toText(value)}\nA promise: \`await\` in front of it gives its value.`);
  return ofBytes(value) ?? ofShape(value) ?? plain(toText(value));
}

function displayOf(value: object): (() => unknown) | undefined {
  if (!types.isProxy(value)) return attempt(() => methodOf(value, DISPLAY));
  // A proxy's traps are somebody's code. Those of data frames say so if they want to be asked, and no other trap is called.
  const own: unknown = attempt(() => DISPLAY in value && (value as Record<symbol, unknown>)[DISPLAY]);
  return typeof own === "function" ? (own as () => unknown) : undefined;
}

function ofFunction(value: () => unknown): Bundle {
  const { signature, ...callable } = describe(value);
  const heading = toText(value);
  const text = signature === "" ? heading : `${heading}\n${signature}`;
  return { ...plain(text), callable: { ...callable, heading } };
}

function ofBytes(value: object): Bundle | undefined {
  const bytes = attempt(() => bytesOf(value));
  if (!bytes || bytes.length === 0) return undefined;
  const image = imageOf(bytes);
  return image ? { data: image, metadata: {} } : plain(`${toText(value)}\n${hexDump(bytes)}`);
}

function ofShape(value: object): Bundle | Promise<Bundle> | undefined {
  if (types.isProxy(value)) return undefined;
  const completeWith = (data: Json | undefined): Bundle =>
    data ? completed(data, {}, () => toText(value)) : plain(toText(value));
  // What looks like something else and is not is shown as what it is.
  return attempt(() => {
    const data = shapeOf(value);
    if (!types.isPromise(data)) return data && completeWith(data);
    return data.then(completeWith).catch(() => completeWith(undefined));
  });
}

function plain(text: string): Bundle {
  return { data: { "text/plain": text }, metadata: {} };
}

/** A MIME bundle as libraries make it: MIME type → value, perhaps with `data` and `metadata` apart. */
function fromDisplay(made: unknown, value: unknown): Shown {
  // As IPython's `_ipython_display_`: it has displayed something itself, which it may renew.
  if (made === undefined) return undefined;
  if (typeof made !== "object" || made === null)
    throw new TypeError(`Symbol.for("Jupyter.display") gave ${typeof made}, not a MIME bundle`);
  return rawBundle(made as Json, {}, () => toText(value));
}

/**
 * The bundle that a cell or a library has made itself.
 * @throws TypeError, RangeError as {@link completed}
 */
export function rawBundle(made: Json, metadata: Json = {}, text?: () => string): Bundle {
  const apart =
    typeof made.data === "object" &&
    made.data !== null &&
    !Object.keys(made).some((key) => key.includes("/"));
  const all = apart ? { ...(made.metadata as Json | undefined), ...metadata } : metadata;
  return completed(apart ? (made.data as Json) : made, all, text);
}

function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

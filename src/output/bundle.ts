// A live value → a MIME bundle. Runs in the engine. Looking must not change anything: getters are not called, size and
// depth are bounded, and whatever a hostile object does, there is a non-empty, uncoloured text/plain.
import { inspect, types } from "node:util";
import type { Bundle } from "../flow.js";
import { hexDump, shapeOf } from "./shapes.js";

const DISPLAY = Symbol.for("Jupyter.display");
const LIMITS = {
  depth: 4,
  maxArrayLength: 100,
  maxStringLength: 10_000,
  breakLength: 100,
  compact: 3,
  getters: false,
  colors: false,
};
const MOST_CHARACTERS = 100_000;

/** Values that know how to show themselves: `Symbol.for("Jupyter.display")` (Deno's protocol too), `outerHTML`, images. */
export function toBundle(value: unknown): Bundle | Promise<Bundle> {
  if (typeof value !== "object" || value === null) return plain(toText(value));
  let own: unknown;
  try {
    // A proxy's traps are somebody's code, and asked by nobody.
    if (!types.isProxy(value)) own = (value as Record<symbol, unknown>)[DISPLAY];
  } catch {
    own = undefined;
  }
  if (typeof own === "function") {
    const made: unknown = own.call(value);
    return made instanceof Promise ? made.then((data) => fromDisplay(data, value)) : fromDisplay(made, value);
  }
  return image(value) ?? bytes(value) ?? shaped(value) ?? plain(toText(value));
}

function shaped(value: object): Bundle | undefined {
  try {
    const data = types.isProxy(value) ? undefined : shapeOf(value);
    return data && { data: { ...data, "text/plain": toText(value) }, metadata: {} };
  } catch {
    // What looks like something else is shown as what it is.
    return undefined;
  }
}

/** What came over the network is often text, and often not. */
function bytes(value: object): Bundle | undefined {
  if (!types.isUint8Array(value) || !Buffer.isBuffer(value) || value.length === 0) return undefined;
  return plain(`${toText(value)}\n${hexDump(value)}`);
}

function plain(text: string): Bundle {
  return { data: { "text/plain": text }, metadata: {} };
}

/** A MIME bundle as libraries make it: MIME type → value, perhaps with `data` and `metadata` apart. */
function fromDisplay(made: unknown, value: unknown): Bundle {
  if (typeof made !== "object" || made === null)
    throw new TypeError(`Symbol.for("Jupyter.display") gave ${typeof made}, not a MIME bundle`);
  const parts = made as { data?: Record<string, unknown>; metadata?: Record<string, unknown> };
  const data =
    typeof parts.data === "object" && !Object.keys(made).some((key) => key.includes("/"))
      ? { ...parts.data }
      : { ...(made as Record<string, unknown>) };
  for (const [mime, content] of Object.entries(data))
    if (content instanceof Uint8Array) data[mime] = Buffer.from(content).toString("base64");
  const text = data["text/plain"];
  if (typeof text !== "string" || text === "") data["text/plain"] = toText(value);
  return { data, metadata: parts.metadata ?? {} };
}

/** PNG and JPEG bytes are pictures. */
function image(value: object): Bundle | undefined {
  if (!types.isUint8Array(value) || value.length < 8) return undefined;
  const mime =
    value[0] === 0x89 && value[1] === 0x50 && value[2] === 0x4e && value[3] === 0x47
      ? "image/png"
      : value[0] === 0xff && value[1] === 0xd8 && value[2] === 0xff
        ? "image/jpeg"
        : undefined;
  if (!mime) return undefined;
  return {
    data: {
      [mime]: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64"),
      "text/plain": toText(value),
    },
    metadata: {},
  };
}

export function toText(value: unknown): string {
  for (const customInspect of [true, false]) {
    try {
      const text = inspect(value, { ...LIMITS, customInspect });
      // There is no limit to the properties of an object.
      return text.length > MOST_CHARACTERS
        ? `${text.slice(0, MOST_CHARACTERS)}\n… ${text.length - MOST_CHARACTERS} more characters`
        : text || " ";
    } catch {
      // Its own way of being inspected failed, then: so does ours.
    }
  }
  return `[${typeof value} that cannot be shown]`;
}

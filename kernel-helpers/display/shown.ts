import { inspect } from "node:util";
import type { MimeBundle } from "../host-contract.js";

const DISPLAY: unique symbol = Symbol.for("Jupyter.display") as never;

/** A value that knows how it is shown, by the protocol that Deno's kernel has too: `Symbol.for("Jupyter.display")`. */
export interface Shown {
  /** @returns the MIME bundle, and what a front end is told beside it */
  [DISPLAY](): { data: MimeBundle; metadata: { [mime: string]: unknown } };
}

/** @param data with `text/plain`, which is what a terminal prints */
export function shown(data: MimeBundle, metadata: { [mime: string]: unknown } = {}): Shown {
  return Object.defineProperty({ [DISPLAY]: () => ({ data, metadata }) }, inspect.custom, {
    value: () => data["text/plain"],
  });
}

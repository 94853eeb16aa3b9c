// What the kernel itself has to say, as outputs have it.
import type { Bundle } from "../flow.js";
import { escapeHtml } from "./escape.js";

/** The kernel's own words. */
export function textBundle(text: string): Bundle {
  return { data: { "text/plain": text }, metadata: {} };
}

const ESCAPE = String.fromCharCode(27);
const COLOURS = new RegExp(`${ESCAPE}\\[\\d+m`, "g");

/** Set apart from an error, which stops the cell. */
export function warningBundle(text: string): Bundle {
  const plain = text.replace(COLOURS, "");
  const style = "border-left: 3px solid var(--jp-warn-color1, orange); padding-left: 1em; margin: 0";
  return {
    data: { "text/plain": plain, "text/html": `<pre style="${style}">${escapeHtml(plain)}</pre>` },
    metadata: {},
  };
}

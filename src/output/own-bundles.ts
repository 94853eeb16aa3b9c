// What the kernel itself has to say, as outputs have it.
import type { Bundle } from "../flow.js";

/** The kernel's own words. */
export function textBundle(text: string): Bundle {
  return { data: { "text/plain": text }, metadata: {} };
}

const ESCAPE = String.fromCharCode(27);
const COLOURS = new RegExp(`${ESCAPE}\\[\\d+m`, "g");
const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Set apart from an error, which stops the cell. */
export function warningBundle(text: string): Bundle {
  const plain = text.replace(COLOURS, "");
  const escaped = plain.replace(/[&<>]/g, (char) => ENTITIES[char] ?? char);
  const style = "border-left: 3px solid var(--jp-warn-color1, orange); padding-left: 1em; margin: 0";
  return {
    data: { "text/plain": plain, "text/html": `<pre style="${style}">${escaped}</pre>` },
    metadata: {},
  };
}

/** A rough size, for the queue's water marks only. */
export function sizeOf(bundle: Bundle): number {
  let size = 200;
  for (const value of Object.values(bundle.data)) size += typeof value === "string" ? value.length : 1000;
  return size;
}

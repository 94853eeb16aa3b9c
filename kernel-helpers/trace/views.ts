// One diagram in all its forms: a page, a picture, Mermaid and text, in one bundle. Which one is shown is the front end's choice.
import type { MimeBundle } from "../host-contract.js";
import { fold, type Item } from "./folds.js";
import { toHtml } from "./html.js";
import type { Diagram } from "./rows.js";
import { toSvg } from "./svg.js";
import { toLadder, toMermaid } from "./text.js";

/** More rows would make pages slow; tables and files have everything. */
const MOST = { html: 1000, svg: 300, text: 200 };

export interface ViewOptions {
  title: string;
  legend: string;
  /** Only the last so many rows, for a picture that is renewed all the time. */
  last?: number;
}

export function toBundle({ lanes, rows }: Diagram, { title, legend, last }: ViewOptions): MimeBundle {
  const all = fold(last === undefined ? rows : rows.slice(-last));
  const first = (most: number): [items: Item[], legend: string] =>
    all.length <= most
      ? [all, legend]
      : [all.slice(0, most), `${all.length - most} more rows are in table() and save(). ${legend}`];
  if (rows.length === 0) return { "text/plain": `${title}: nothing yet` };
  return {
    "text/plain": `${toLadder(first(MOST.text)[0], lanes, legend)}\n${title}`,
    "text/html": toHtml(first(MOST.html)[0], lanes, title, first(MOST.html)[1]),
    // A picture that is renewed all the time is only looked at.
    ...(last === undefined && {
      "image/svg+xml": toSvg(first(MOST.svg)[0], lanes, title, first(MOST.svg)[1]),
      "text/vnd.mermaid": toMermaid(all, lanes),
    }),
  };
}

/**
 * `wirebook/display`: more than text, as a cell's value or given to `display`.
 *
 * ```ts
 * import { json, latex, mermaid } from 'wirebook/display';
 * display(mermaid`sequenceDiagram; client->>server: SYN; server->>client: SYN, ACK`);
 * display(latex`$t = \frac{n}{r}$`);
 * json(headers)
 * ```
 *
 * What needs no import: lists of plain objects are tables, specifications of Vega, Vega-Lite and Plotly are charts, bytes of
 * images are images; `html`, `md` and `svg` are there in every cell, and `html.escape` for what comes from others. Where nothing
 * can be drawn, all of them are text. Nothing is loaded from the network. All of it: docs/display.md.
 * @see https://jupyter-client.readthedocs.io/en/stable/messaging.html#display-data
 * @module
 */

export { plotly, vega, vegaLite } from "./charts.js";
export { type ImageOptions, image } from "./image.js";
export { type JsonOptions, json } from "./json.js";
export type { Shown } from "./shown.js";
export { latex, mermaid } from "./written.js";

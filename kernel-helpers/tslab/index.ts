/**
 * What `import * as tslab from 'tslab'` gives in Wirebook's kernel: tslab's own interface, so that its notebooks, and the
 * libraries made for it, run unchanged (https://github.com/yunabe/tslab).
 * @module
 */

import { randomUUID } from "node:crypto";
import { host } from "../host-contract.js";

/** Shows rich contents below the cell. */
export interface Display {
  javascript(s: string): void;
  html(s: string): void;
  markdown(s: string): void;
  latex(s: string): void;
  svg(s: string): void;
  png(b: Uint8Array): void;
  jpeg(b: Uint8Array): void;
  gif(b: Uint8Array): void;
  pdf(b: Uint8Array): void;
  text(s: string): void;
  /** @param contentType a MIME type */
  raw(contentType: string, b: string | Uint8Array): void;
}

/** Whose versions libraries look at. */
export const versions: { tslab: string; typescript: string; node: string } = {
  tslab: "1.0.22",
  typescript: "5.0.4",
  node: process.version,
};

/** Each call adds an output. */
export const display: Display = make((bundle) => host()?.display(bundle));

/** An output of its own: each call replaces what the one before has shown. */
export function newDisplay(): Display {
  const id = randomUUID();
  let shown = false;
  return make((bundle) => {
    if (shown) host()?.update(id, bundle);
    else host()?.display(bundle, { id });
    shown = true;
  });
}

function make(show: (bundle: { [mime: string]: unknown }) => void): Display {
  const as =
    (mime: string) =>
    (content: string | Uint8Array): void =>
      show({ [mime]: content });
  return {
    javascript: as("application/javascript"),
    html: as("text/html"),
    markdown: as("text/markdown"),
    latex: as("text/latex"),
    svg: as("image/svg+xml"),
    png: as("image/png"),
    jpeg: as("image/jpeg"),
    gif: as("image/gif"),
    pdf: as("application/pdf"),
    text: as("text/plain"),
    raw: (contentType, content) => as(contentType)(content),
  };
}

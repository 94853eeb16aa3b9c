// The diagram as a page: every row opens on a click, or with the keyboard, and shows what went over the wire. No script, so it works in
// exported pages, too.

import { escapeHtml } from "../host/table.js";
import { hostPort } from "../socket/printed.js";
import { drawHead, drawItem, HEAD, inWords, ROW, strokes, width } from "./drawing.js";
import { type Item, isFold } from "./folds.js";
import { hexdump, readable } from "./hexdump.js";
import type { Lane } from "./lanes.js";
import type { Row } from "./rows.js";
import { duration } from "./rows.js";

/** Rows inside one fold. */
const MOST_FOLDED = 100;

const ROOT = ".wirebook-trace";
const STYLE = `${ROOT}{font:12px system-ui,sans-serif;overflow-x:auto;max-width:100%}
div${ROOT} svg{display:block;flex:none;max-width:none}
${ROOT} details{content-visibility:auto;contain-intrinsic-height:${ROW}px}
${ROOT} summary{position:relative;list-style:none;cursor:pointer;width:max-content}
${ROOT} summary>span{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
${ROOT} summary::-webkit-details-marker{display:none}
${ROOT} summary:hover,${ROOT} details[open]>summary{background:rgba(128,128,128,.18)}
${ROOT} summary:focus-visible{outline:2px solid currentColor;outline-offset:-2px}
div${ROOT} details>pre{margin:0 0 6px 78px;padding:6px 10px;border-left:3px solid currentColor;white-space:pre-wrap;overflow-wrap:anywhere;font:11.5px/1.45 ui-monospace,monospace}
${ROOT} details details{margin-left:0}
${ROOT} p{margin:4px 0 0}
${strokes(ROOT, "var(--jp-layout-color0,Canvas)")}`;

export function toHtml(
  items: readonly Item[],
  lanes: readonly Lane[],
  title: string,
  legend: string,
): string {
  const wide = width(lanes);
  return `<div class="wirebook-trace" role="group" aria-label="${escapeHtml(title)}"><style>${STYLE}</style>
<div style="min-width:${wide}px">
<svg width="${wide}" height="${HEAD}" role="img" aria-label="${escapeHtml(lanes.map(({ name, address }) => `${name} ${address}`).join(", "))}">${drawHead(lanes, 0)}</svg>
${items.map((item) => toDetails(item, lanes, wide)).join("\n")}
</div>
<p>${escapeHtml(title)}. ${escapeHtml(legend)}</p></div>`;
}

function toDetails(item: Item, lanes: readonly Lane[], wide: number): string {
  const picture = `<svg width="${wide}" height="${ROW}" aria-hidden="true">${drawItem(item, lanes, 0)}</svg>`;
  const head = `<summary title="${escapeHtml(hint(item))}"><span>${escapeHtml(inWords(item))}</span>${picture}</summary>`;
  if (!isFold(item)) return `<details>${head}<pre>${escapeHtml(inFull(item))}</pre></details>`;
  const shown = item.rows.slice(0, MOST_FOLDED);
  const rest = item.rows.length - shown.length;
  const more = rest > 0 ? `<p>… and ${rest} more rows: table() has them.</p>` : "";
  return `<details>${head}${shown.map((row) => toDetails(row, lanes, wide)).join("")}${more}</details>`;
}

/** What a pointer that rests on it is told. */
function hint(item: Item): string {
  if (isFold(item)) return inWords(item);
  const { payload } = item.event;
  return payload && payload.length > 0 ? readable(payload, { most: 200 }) : inWords(item);
}

function inFull({ event, states, arrived }: Row): string {
  const { endpoint, number, at, cell, payload, bytes, offset, kind, detail } = event;
  const where = [hostPort(endpoint.local), hostPort(event.peer)].filter(Boolean).join(" ↔ ");
  const lines = [
    `event ${number}: ${kind} at ${duration(at)}${cell || endpoint.cell ? `, ${cell || endpoint.cell}` : ""}`,
    `socket ${endpoint.id} (${endpoint.protocol})${where && `: ${where}`}`,
  ];
  if (detail) lines.push(detail);
  if (states) lines.push(states);
  if (arrived !== undefined) lines.push(`received ${duration(arrived)} later`);
  if (bytes > 0 && endpoint.protocol !== "udp")
    lines.push(`bytes ${offset} to ${offset + bytes - 1} of the stream`);
  if (payload && payload.length > 0) lines.push("", hexdump(payload));
  else if (bytes > 0) lines.push("(its bytes were not kept)");
  return lines.join("\n");
}

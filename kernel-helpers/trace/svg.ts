// The whole diagram as one picture: for exports, and for programs that show no HTML. Dark on white, on whatever page it stands.
import { escapeHtml } from "../host/table.js";
import { drawHead, drawItem, HEAD, inWords, ROW, strokes, width } from "./drawing.js";
import type { Item } from "./folds.js";
import type { Lane } from "./lanes.js";

const NOTE = 22;

/** @param legend one line below the picture */
export function toSvg(items: readonly Item[], lanes: readonly Lane[], title: string, legend: string): string {
  const wide = width(lanes);
  const high = HEAD + items.length * ROW + NOTE + 8;
  const rows = items.map((item, index) => drawItem(item, lanes, HEAD + index * ROW)).join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}" role="img" color="#111">
<title>${escapeHtml(title)}</title>
<desc>${escapeHtml(items.map(inWords).join(". "))}</desc>
<style>${strokes("svg", "#fff")}</style>
<rect width="100%" height="100%" fill="#fff"/>
${drawHead(lanes, 0)}
${rows}
<text x="8" y="${high - 10}" class="time">${escapeHtml(legend)}</text>
</svg>`;
}

// One row of a sequence diagram as SVG. The same strokes make the whole picture and the rows of the page.
import { escapeHtml } from "../host/table.js";
import type { Fold, Item } from "./folds.js";
import { isFold } from "./folds.js";
import type { Lane } from "./lanes.js";
import { duration, type Row, size } from "./rows.js";

/** Pixels. */
export const ROW = 26;
const TIME = 78;
const LANE = 200;
const STATES = 350;
/** How wide a letter is at most, on average. */
const LETTER = 6.6;
/** Where the line of a row lies. */
const LINE = 18;

export const centre = (lane: { index: number }): number => TIME + LANE * (lane.index + 0.5);

export const width = (lanes: readonly Lane[]): number => TIME + LANE * Math.max(1, lanes.length) + STATES;

/** What one row says, in words: what a screen reader reads. */
export function inWords(item: Item): string {
  if (isFold(item)) return foldLabel(item);
  const { event, from, to, label, states } = item;
  const where = to ? `${from.name} to ${to.name}` : from.name;
  return `${duration(event.at)}, ${where}: ${labelOf(item, label)}${states && ` (${states})`}`;
}

export function foldLabel({ rows, period, times, bytes }: Fold): string {
  const first = rows[0] as Row;
  const last = rows.at(-1) as Row;
  const what = rows
    .slice(0, period)
    .filter(({ to }) => to)
    .map(({ from, to, event }) => `${from.name} → ${to?.name} ${event.kind}`);
  const shown = what.length > 0 ? what.join(", ") : first.label;
  return `${times} × ${shown}: ${size(bytes)} in ${duration(last.event.at - first.event.at)}`;
}

function labelOf(row: Row, label: string): string {
  return `${row.failed ? "✕ " : ""}${label}${row.arrived === undefined ? "" : `, there after ${duration(row.arrived)}`}`;
}

const text = (x: number, y: number, content: string, anchor = "start", extra = ""): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}"${extra}>${escapeHtml(content)}</text>`;

/** @param y the upper edge */
export function drawItem(item: Item, lanes: readonly Lane[], y: number): string {
  const lines = lanes
    .map((lane) => `<line x1="${centre(lane)}" y1="${y}" x2="${centre(lane)}" y2="${y + ROW}" class="life"/>`)
    .join("");
  if (isFold(item)) {
    const touched = item.rows
      .slice(0, item.period)
      .flatMap(({ from, to }) => (to ? [centre(from), centre(to)] : [centre(from)]));
    const label = foldLabel(item);
    const left = Math.min(...touched) - 30;
    const wide = Math.max(Math.max(...touched) + 30 - left, label.length * LETTER + 16);
    const time = text(TIME - 10, y + LINE, duration((item.rows[0] as Row).event.at), "end", ' class="time"');
    return `${lines}${time}<rect x="${left}" y="${y + 3}" width="${wide}" height="${ROW - 6}" rx="4" class="fold"/>${text(left + 8, y + LINE - 1, label, "start", ' class="over"')}`;
  }
  return lines + drawRow(item, lanes, y);
}

function drawRow(row: Row, lanes: readonly Lane[], y: number): string {
  const { event, from, to, label, inferred, failed, states } = row;
  const time = text(TIME - 10, y + LINE, duration(event.at), "end", ' class="time"');
  const right = states
    ? text(TIME + LANE * Math.max(1, lanes.length) + 4, y + LINE, states, "start", ' class="time"')
    : "";
  const x = centre(from);
  const said = labelOf(row, label);
  if (!to || to === from) {
    const last = from.index === lanes.length - 1 && lanes.length > 1;
    return `${time}<circle cx="${x}" cy="${y + LINE - 4}" r="3.5" class="${failed ? "dot bad" : "dot"}"/>${text(last ? x - 10 : x + 10, y + LINE, said, last ? "end" : "start", ' class="over"')}${right}`;
  }
  const end = centre(to);
  const way = end > x ? 1 : -1;
  const kind = `wire${inferred ? " inferred" : ""}${failed ? " bad" : ""}`;
  const head = `${end},${y + LINE} ${end - 9 * way},${y + LINE - 4.5} ${end - 9 * way},${y + LINE + 4.5}`;
  return `${time}<line x1="${x}" y1="${y + LINE}" x2="${end - 6 * way}" y2="${y + LINE}" class="${kind}"/><polygon points="${head}" class="${failed ? "head bad" : "head"}"/>${text((x + end) / 2, y + LINE - 5, said, "middle", ' class="over"')}${right}`;
}

/** The names at the top. @returns what takes `HEAD` pixels */
export const HEAD = 40;

export function drawHead(lanes: readonly Lane[], y: number): string {
  return lanes
    .map(
      (lane) =>
        `<rect x="${centre(lane) - 92}" y="${y + 1}" width="184" height="34" rx="4" class="fold"/>${text(centre(lane), y + 15, lane.name, "middle", ' class="name"')}${text(centre(lane), y + 29, shortened(lane.address), "middle", ' class="time"')}<line x1="${centre(lane)}" y1="${y + 35}" x2="${centre(lane)}" y2="${y + HEAD}" class="life"/>`,
    )
    .join("");
}

/** A path may be long; its end tells most. */
const shortened = (address: string): string => (address.length > 30 ? `…${address.slice(-29)}` : address);

/** @param root what stands before each selector @param paper what lies behind the words */
export function strokes(root: string, paper: string): string {
  return `${root} text{font:12px system-ui,sans-serif;fill:currentColor}
${root} .time{font-size:11px;opacity:.8}
${root} .name{font-weight:600}
${root} .over{paint-order:stroke;stroke:${paper};stroke-width:4px;stroke-linejoin:round}
${root} .life{stroke:currentColor;opacity:.35}
${root} .fold{fill:none;stroke:currentColor;opacity:.6}
${root} .wire{stroke:currentColor;stroke-width:1.6}
${root} .inferred{stroke-dasharray:5 4}
${root} .head,${root} .dot{fill:currentColor}
${root} .wire.bad{stroke:#d32f2f}
${root} .head.bad,${root} .dot.bad{fill:#d32f2f}`;
}

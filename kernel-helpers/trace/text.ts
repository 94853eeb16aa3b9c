// The diagram where nothing can be drawn: a ladder of characters, and Mermaid for pages that know it.
import { foldLabel } from "./drawing.js";
import { type Item, isFold } from "./folds.js";
import type { Lane } from "./lanes.js";
import { duration, type Row } from "./rows.js";

const COLUMN = 30;
const TIME = 10;

export function toLadder(items: readonly Item[], lanes: readonly Lane[], legend: string): string {
  const head = [lanes.map(({ name }) => name), lanes.map(({ address }) => address)].map(
    (names) =>
      " ".repeat(TIME) +
      names
        .map((name) => centred(name.slice(0, COLUMN - 1)))
        .join("")
        .trimEnd(),
  );
  return [...head, ...items.map((item) => ladderRow(item, lanes)), legend].join("\n");
}

const centred = (text: string): string => {
  const left = Math.max(0, Math.floor((COLUMN - text.length) / 2));
  return (" ".repeat(left) + text).padEnd(COLUMN);
};

function ladderRow(item: Item, lanes: readonly Lane[]): string {
  const at = isFold(item) ? (item.rows[0] as Row).event.at : item.event.at;
  const time = duration(at)
    .padStart(TIME - 2)
    .padEnd(TIME);
  if (isFold(item)) return `${time}  ⋮ ${foldLabel(item)}`;
  const { from, to, label, failed, inferred, states } = item;
  const said = `${failed ? "✕ " : ""}${label}`;
  const line = [...lanes.map(() => centred("│")).join("")];
  const x = middle(from);
  if (!to || to === from) {
    write(line, x, "●");
    // Left of the last line, where there is no room right of it.
    const last = from.index === lanes.length - 1 && lanes.length > 1;
    write(line, last ? Math.max(0, x - said.length - 1) : x + 2, said);
  } else {
    const [left, right] = [Math.min(x, middle(to)), Math.max(x, middle(to))];
    write(line, left + 1, (inferred ? "╌" : "─").repeat(right - left - 1));
    write(line, to === from ? right : middle(to) > x ? right - 1 : left + 1, middle(to) > x ? "▶" : "◀");
    write(line, Math.max(left + 2, Math.floor((left + right - said.length) / 2)), ` ${said} `);
  }
  return `${time}${line.join("").trimEnd()}${states && `   [${states}]`}`;
}

const middle = ({ index }: Lane): number => index * COLUMN + Math.floor((COLUMN - 1) / 2);

function write(line: string[], at: number, text: string): void {
  [...text].forEach((character, index) => {
    line[at + index] = character;
  });
  for (let index = 0; index < line.length; index++) line[index] ??= " ";
}

/** Mermaid refuses more text than fits into 50,000 characters. */
const MOST_ARROWS = 80;

/** @see https://mermaid.js.org/syntax/sequenceDiagram.html */
export function toMermaid(items: readonly Item[], lanes: readonly Lane[]): string {
  const id = ({ index }: Lane): string => `L${index}`;
  const lines = [
    "sequenceDiagram",
    ...lanes.map((lane) => `participant ${id(lane)} as ${said(lane.name)}<br/>${said(lane.address)}`),
  ];
  for (const item of items.slice(0, MOST_ARROWS)) {
    if (isFold(item)) {
      const [first] = item.rows as [Row];
      lines.push(`Note over ${id(first.from)}: ${said(foldLabel(item))}`);
    } else {
      const { from, to, label, failed, inferred } = item;
      const what = said(`${failed ? "✕ " : ""}${label}`);
      if (!to || to === from) lines.push(`Note over ${id(from)}: ${what}`);
      else lines.push(`${id(from)}${inferred ? "-->>" : "->>"}${id(to)}: ${what}`);
    }
  }
  const last = lanes.at(-1);
  if (items.length > MOST_ARROWS && last)
    lines.push(`Note over L0,${id(last)}: … and ${items.length - MOST_ARROWS} more`);
  return lines.join("\n");
}

/** Some characters and one word mean something there. */
const said = (text: string): string =>
  text.replace(/[#;<>"]|\bend\b/g, (found) => `#${found.codePointAt(0)};${found === "end" ? "nd" : ""}`);

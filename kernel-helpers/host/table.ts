// Arrays that a notebook shows as a table, and a console as text.
import { inspect } from "node:util";

export interface TableDisplay {
  /** As text, in columns. */
  readonly [inspect.custom]?: () => string;
}

export type Row = Record<string, string | number | boolean>;

export const escapeHtml = (text: unknown): string =>
  String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Rows as text in columns, and as HTML with everything escaped. */
export function tableBundle(rows: Row[]): Record<string, string> {
  return { "text/plain": toText(rows), "text/html": toHtml(rows) };
}

/**
 * Gives an array two faces: text in columns, and HTML.
 * @param show shows it in a notebook in its own way instead
 */
export function table<T>(
  items: T[],
  toRow: (item: T) => Row,
  show: () => Record<string, string> | undefined = () => tableBundle(items.map(toRow)),
): T[] & TableDisplay {
  const text = (): string => toText(items.map(toRow));
  Object.defineProperty(items, Symbol.for("Jupyter.display"), { value: show, enumerable: false });
  Object.defineProperty(items, inspect.custom, { value: text, enumerable: false });
  return items as T[] & TableDisplay;
}

function toText(rows: Row[]): string {
  const [first] = rows;
  if (!first) return "(none)";
  const columns = Object.keys(first);
  const lines = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? "")))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function toHtml(rows: Row[]): string {
  const [first] = rows;
  if (!first) return "<em>(none)</em>";
  const columns = Object.keys(first);
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join("");
  const body = rows
    .map((row) => `<tr>${columns.map((column) => `<td>${escapeHtml(row[column] ?? "")}</td>`).join("")}</tr>`)
    .join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

// Values that are better looked at than read: tables, charts, pictures, elements of a page. Only own data of plain objects is
// read; methods are called where a library offers them for this very purpose.
import { types } from "node:util";
import { escapeHtml } from "./escape.js";
import { toJson } from "./json.js";
import { isPlain, lookUp, methodOf, own } from "./looking.js";
import { isPlotly } from "./plotly.js";
import { toText } from "./text.js";

type Data = Record<string, unknown>;

const MOST_ROWS = 200;
const MOST_COLUMNS = 30;
const MOST_IN_A_CELL = 500;

/** MIME types beside `text/plain`, or nothing. */
export function shapeOf(value: object): Data | Promise<Data | undefined> | undefined {
  return tableOf(value) ?? chartOf(value) ?? frameOf(value) ?? canvasOf(value) ?? elementOf(value);
}

type Row = [name: string, row: object];

/** Plain objects, a row each: of a list, of a Map, of an object if all of its objects are alike. */
function tableOf(value: object): Data | undefined {
  const found = rowsIn(value);
  if (!found || found.rows.length === 0 || !found.rows.every(([, row]) => isPlain(row))) return undefined;
  return table(found.rows, found.size - found.rows.length);
}

function rowsIn(value: object): { rows: Row[]; size: number } | undefined {
  if (Array.isArray(value)) {
    const rows = Array.from({ length: Math.min(value.length, MOST_ROWS) }, (_, index) => [
      String(index),
      own(value, index),
    ]);
    return { rows: rows as Row[], size: value.length };
  }
  if (types.isMap(value)) {
    const rows: Row[] = [];
    for (const [key, row] of Map.prototype.entries.call(value)) {
      rows.push([textIn(key), row]);
      if (rows.length === MOST_ROWS || !isPlain(row)) break;
    }
    return { rows, size: value.size };
  }
  if (!isPlain(value)) return undefined;
  const names = Object.keys(value);
  if (names.length < 2 || names.length > MOST_ROWS) return undefined;
  const rows = names.map((name) => [name, own(value, name)] as Row);
  let columns: string | undefined;
  const alike = rows.every(([, row]) => {
    const names = isPlain(row) ? Object.keys(row) : [];
    if (names.length > MOST_COLUMNS) return false;
    columns ??= names.join("\n");
    return columns === names.join("\n");
  });
  return alike ? { rows, size: rows.length } : undefined;
}

function table(rows: Row[], more: number): Data | undefined {
  const columns = new Set<string>();
  for (const [, row] of rows) {
    const names = Object.keys(row);
    if (names.length > MOST_COLUMNS) return undefined;
    for (const name of names) columns.add(name);
    if (columns.size > MOST_COLUMNS) return undefined;
  }
  if (columns.size === 0) return undefined;
  const line = (cells: string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  const body = rows.map(([name, row]) =>
    line([name, ...[...columns].map((column) => cellOf(Object.getOwnPropertyDescriptor(row, column)))], "td"),
  );
  const rest = more > 0 ? `<p>… ${more} more rows</p>` : "";
  return {
    "text/html": `<table><thead>${line(["", ...columns], "th")}</thead><tbody>${body.join("")}</tbody></table>${rest}`,
  };
}

/** Getters are named, not called. */
function cellOf(property: PropertyDescriptor | undefined): string {
  if (!property) return "";
  return "value" in property ? textIn(property.value) : "[Getter]";
}

function textIn(value: unknown): string {
  const text = typeof value === "string" ? value : toText(value, { brief: true });
  return text.length > MOST_IN_A_CELL ? `${text.slice(0, MOST_IN_A_CELL)}…` : text;
}

/** A specification of Vega-Lite or Vega, as it is or as its library makes it, or a chart of Plotly. */
function chartOf(value: object): Data | undefined {
  if (isPlotly(value)) {
    const { data, layout, config = {} } = value as Data;
    return { "application/vnd.plotly.v1+json": toJson({ data, layout, config }) };
  }
  const spec: unknown = methodOf(value, "toSpec")?.call(value) ?? value;
  if (typeof spec !== "object" || spec === null) return undefined;
  const schema = own(spec, "$schema");
  const [, kind, major] =
    typeof schema === "string"
      ? (/vega\.github\.io\/schema\/(vega(?:-lite)?)\/v(\d+)/.exec(schema) ?? [])
      : [];
  if (kind === undefined) return undefined;
  return { [`application/vnd.${kind.replace("-", "")}.v${major}+json`]: toJson(spec) };
}

/** A data frame by the signs that Deno's kernel looks for, too. */
function frameOf(value: object): Data | undefined {
  const [head, toRecords] = [methodOf(value, "head"), methodOf(value, "toRecords")];
  if (!head || !toRecords || !lookUp(value, "schema")) return undefined;
  const records = (frame: object): unknown => methodOf(frame, "toRecords")?.call(frame);
  const rows = records(head.call(value, MOST_ROWS) as object);
  if (!Array.isArray(rows) || !rows.every(isPlain)) return undefined;
  const { height } = value as { height?: unknown };
  const more = typeof height === "number" ? Math.max(0, height - rows.length) : 0;
  return table(
    rows.map((row: object, index) => [String(index), row]),
    more,
  );
}

const DATA_URL = /^data:(image\/[\w+.-]+);base64,([A-Za-z0-9+/=\s]+)$/;

/** What a canvas shows. Some draw in the background. */
function canvasOf(value: object): Data | Promise<Data | undefined> | undefined {
  const url: unknown = methodOf(value, "toDataURL")?.call(value);
  const picture = (text: unknown): Data | undefined => {
    const [, mime, base64] = typeof text === "string" ? (DATA_URL.exec(text) ?? []) : [];
    return mime === undefined ? undefined : { [mime]: base64 };
  };
  return types.isPromise(url) ? url.then(picture) : picture(url);
}

/** Elements as DOM libraries for Node make them. */
function elementOf(value: object): Data | undefined {
  const made: unknown = lookUp(value, "constructor")?.value;
  const name = typeof made === "function" ? own(made, "name") : undefined;
  if (typeof name !== "string" || !/Element$/.test(name)) return undefined;
  const { outerHTML } = value as { outerHTML?: unknown };
  if (typeof outerHTML !== "string") return undefined;
  return /^<svg[\s>]/i.test(outerHTML) ? { "image/svg+xml": outerHTML } : { "text/html": outerHTML };
}

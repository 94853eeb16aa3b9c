// Values that are better looked at than read: tables, bytes, charts, elements of a page. Only own data of plain objects is
// read; methods are called where a library offers them for this very purpose.
import { inspect, types } from "node:util";

type Data = Record<string, unknown>;

const MOST_ROWS = 200;
const MOST_COLUMNS = 30;
const MOST_BYTES = 256;

/** MIME types beside `text/plain`, or nothing. */
export function shapeOf(value: object): Data | undefined {
  return tableOf(value) ?? chartOf(value) ?? elementOf(value);
}

/** A list of plain objects, a row each. */
function tableOf(value: object): Data | undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.slice(0, MOST_ROWS).every(isPlain))
    return undefined;
  const rows = value.slice(0, MOST_ROWS) as object[];
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (columns.length === 0 || columns.length > MOST_COLUMNS) return undefined;
  const line = (cells: string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("")}</tr>`;
  const body = rows.map((row, index) =>
    line([String(index), ...columns.map((name) => cellOf(Object.getOwnPropertyDescriptor(row, name)))], "td"),
  );
  const more = value.length - rows.length;
  const rest = more > 0 ? `<p>… ${more} more rows</p>` : "";
  return {
    "text/html": `<table><thead>${line(["", ...columns], "th")}</thead><tbody>${body.join("")}</tbody></table>${rest}`,
  };
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Getters are named, not called. */
function cellOf(property: PropertyDescriptor | undefined): string {
  if (!property) return "";
  if (!("value" in property)) return "[Getter]";
  if (typeof property.value === "string") return property.value.slice(0, 1000);
  return inspect(property.value, {
    depth: 1,
    getters: false,
    breakLength: 80,
    maxStringLength: 200,
    maxArrayLength: 20,
  });
}

/** A specification of Vega-Lite or Vega, as it is or as its library makes it. */
function chartOf(value: object): Data | undefined {
  const own = (value as { toSpec?: unknown }).toSpec;
  const spec: unknown = typeof own === "function" ? own.call(value) : value;
  if (typeof spec !== "object" || spec === null) return undefined;
  const schema: unknown = Object.getOwnPropertyDescriptor(spec, "$schema")?.value;
  const [, kind, major] =
    typeof schema === "string"
      ? (/vega\.github\.io\/schema\/(vega(?:-lite)?)\/v(\d+)/.exec(schema) ?? [])
      : [];
  if (kind === undefined) return undefined;
  return { [`application/vnd.${kind.replace("-", "")}.v${major}+json`]: JSON.parse(JSON.stringify(spec)) };
}

/** Elements as DOM libraries for Node make them. */
function elementOf(value: object): Data | undefined {
  const name: unknown = value.constructor?.name;
  if (typeof name !== "string" || !/Element$/.test(name)) return undefined;
  const { outerHTML } = value as { outerHTML?: unknown };
  if (typeof outerHTML !== "string") return undefined;
  return /^<svg[\s>]/i.test(outerHTML) ? { "image/svg+xml": outerHTML } : { "text/html": outerHTML };
}

/** Offset, bytes and characters, sixteen a line. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, MOST_BYTES); at += 16) {
    const row = [...bytes.subarray(at, Math.min(at + 16, MOST_BYTES))];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0"));
    const halves = [hex.slice(0, 8).join(" "), hex.slice(8).join(" ")].join("  ").padEnd(48);
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${halves}  |${text}|`);
  }
  if (bytes.length > MOST_BYTES) lines.push(`… ${bytes.length - MOST_BYTES} more bytes`);
  return lines.join("\n");
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

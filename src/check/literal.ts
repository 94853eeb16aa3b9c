// Values of a check → source text that makes them, with nothing that a cell could have replaced: no constructor's name stands in it.

/** @throws TypeError naming what has no such text */
export function toLiteral(value: unknown): string {
  if (value === undefined) return "void 0";
  if (value === null || typeof value === "boolean" || typeof value === "string") return quoted(value);
  if (typeof value === "number") {
    if (Number.isNaN(value)) return "(0/0)";
    if (!Number.isFinite(value)) return value > 0 ? "(1/0)" : "(-1/0)";
    return Object.is(value, -0) ? "(-0)" : `(${value})`;
  }
  if (typeof value === "bigint") return `(${value}n)`;
  if (value instanceof Uint8Array)
    return `__wirebook.bytes(${quoted(Buffer.from(value).toString("base64"))})`;
  if (Array.isArray(value)) return `[${value.map(toLiteral).join()}]`;
  if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value)))
    return `({${Object.entries(value)
      .map(([key, each]) => `[${quoted(key)}]:${toLiteral(each)}`)
      .join()}})`;
  throw new TypeError(
    `student.call takes plain values: numbers, strings, arrays, objects, bytes; not ${typeof value === "object" ? value.constructor?.name : typeof value}`,
  );
}

function quoted(value: unknown): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (sign) =>
    sign === "\u2028" ? "\\u2028" : "\\u2029",
  );
}

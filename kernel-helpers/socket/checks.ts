// Arguments of the wrong kind, in Python's words.

/** What Python calls the type of a value. */
export function pythonType(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (value instanceof Uint8Array) return "bytes";
  return (
    ({ string: "str", boolean: "bool", bigint: "int", function: "function" } as Record<string, string>)[
      typeof value
    ] ?? (Array.isArray(value) ? "tuple" : "object")
  );
}

/** Where Python names the type of an argument, nothing is called by its own name. */
export function argumentType(value: unknown): string {
  return value === null || value === undefined ? "None" : pythonType(value);
}

/** Booleans are numbers, as in Python. @throws TypeError */
export function checkInteger(value: unknown): void {
  if (typeof value !== "boolean" && !Number.isInteger(value))
    throw new TypeError(`'${pythonType(value)}' object cannot be interpreted as an integer`);
}

/** Text counts as its UTF-8. @throws TypeError */
export function toBytes(data: unknown): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError(`a bytes-like object is required, not '${pythonType(data)}'`);
}

/** @throws TypeError */
export function checkHost(method: string, name: unknown): void {
  if (typeof name !== "string")
    throw new TypeError(`${method}() argument 1 must be str, bytes or bytearray, not ${argumentType(name)}`);
}

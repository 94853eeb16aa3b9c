// Binary values of a widget's state travel beside its JSON: each is taken out, and the path to its place is told.
// https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/messages.md

type Path = (string | number)[];

/** Takes the binary values out of a state. */
export function removeBuffers(state: Record<string, unknown>): {
  state: Record<string, unknown>;
  paths: Path[];
  buffers: Uint8Array[];
} {
  const paths: Path[] = [];
  const buffers: Uint8Array[] = [];
  const without = (value: unknown, path: Path): unknown => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      paths.push(path);
      buffers.push(
        value instanceof ArrayBuffer
          ? new Uint8Array(value)
          : new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
      );
      return undefined;
    }
    if (Array.isArray(value)) return value.map((item, index) => without(item, [...path, index]) ?? null);
    if (typeof value !== "object" || value === null || "toJSON" in value) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, without(item, [...path, key])] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  };
  return { state: without(state, []) as Record<string, unknown>, paths, buffers };
}

/** Puts them back. */
export function putBuffers(state: Record<string, unknown>, paths: Path[], buffers: Uint8Array[]): void {
  for (const [index, path] of paths.entries()) {
    let at: unknown = state;
    for (const key of path.slice(0, -1)) at = (at as Record<string | number, unknown>)?.[key];
    const last = path.at(-1);
    if (typeof at === "object" && at !== null && last !== undefined && !isUnsafe(path))
      (at as Record<string | number, unknown>)[last] = buffers[index];
  }
}

/** A front end has no business there. */
function isUnsafe(path: Path): boolean {
  return path.some((key) => key === "__proto__" || key === "constructor" || key === "prototype");
}

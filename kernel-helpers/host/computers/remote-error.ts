// An error that was thrown on a computer, thrown again in the notebook: of the same class where there is one, with the same
// properties, and with its stack in the notebook's lines.
import type { Origin } from "../../host-contract.js";
import * as socketErrors from "../../socket/errors.js";
import type { RemoteError } from "./messages.js";

const CLASSES: Record<string, { prototype: object }> = {
  ...Object.fromEntries(
    Object.entries(socketErrors).filter(([, value]) => Object.prototype.isPrototypeOf.call(Error, value)),
  ),
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
} as Record<string, { prototype: object }>;

/** Positions in a function's text, as its process names them: `wirebook-run-7-8:3:5`. */
const PLACE = /wirebook-run-\d+-(\d+):(\d+):(\d+)/g;

/** Of a text from there: places in the function become those in the notebook. */
export function inNotebook(text: string, computer: string, origin: Origin | undefined): string {
  return text.replace(PLACE, (_, prefix: string, line: string, column: string) => {
    const place = placeOf(prefix, line, column, origin);
    return `${origin?.label ?? `${computer}.run`}:${place.line}:${place.column}`;
  });
}

export function toError(data: RemoteError, computer: string, origin: Origin | undefined): Error {
  const error = new Error(data.message);
  const known = CLASSES[data.name];
  if (known) Object.setPrototypeOf(error, known.prototype);
  Object.defineProperty(error, "name", { value: data.name, configurable: true, writable: true });
  for (const [key, value] of Object.entries(data.properties))
    Object.defineProperty(error, key, {
      value,
      configurable: true,
      writable: true,
      enumerable: key !== "args",
    });
  Object.assign(error, { computer });
  if (data.cause)
    Object.defineProperty(error, "cause", {
      value: toError(data.cause, computer, origin),
      configurable: true,
      writable: true,
    });
  const frames = [
    ...data.stack.matchAll(
      new RegExp(`(?:at (?:async )?([\\w$.<> ]*) \\(|at (?:async )?)${PLACE.source}`, "g"),
    ),
  ];
  origin?.placeError(
    error,
    frames.map(([, name = "", prefix, line, column]) => ({
      name: name === "eval" ? "" : name,
      ...placeOf(prefix as string, line as string, column as string, origin),
    })),
  );
  const own = data.stack
    .split("\n")
    .filter((line) => !/\b(node:internal|evalmachine|\[eval\])/.test(line))
    .join("\n");
  error.stack = `${inNotebook(own, computer, origin)}\n    on ${computer}`;
  return error;
}

/** Before the function's own text stands what brings its imports in. */
function placeOf(
  prefix: string,
  line: string,
  column: string,
  origin: Origin | undefined,
): { line: number; column: number } {
  const place = { line: Number(line), column: Number(column) - (line === "1" ? Number(prefix) : 0) };
  return origin?.at(place.line, place.column) ?? place;
}

// Errors on their way: class, message, cause, code, and the stack of where they were thrown.
import * as own from "../errors.js";

export interface PlainError {
  name: string;
  message: string;
  stack: string;
  cause?: unknown;
  /** What else it says of itself. */
  more?: Record<string, unknown>;
}

type ErrorClass = new (...args: never[]) => Error;

const known = new Map<string, ErrorClass>(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((one) => [one.name, one]),
);
for (const one of [
  own.Unreachable,
  own.NoSuchName,
  own.Uncertain,
  own.Stale,
  own.SessionLost,
  own.Forbidden,
  own.TooLarge,
  own.Deadlock,
])
  known.set(one.name, one);

/** Errors of this class keep it on their way to this node. Its constructor is not called. */
export function knowError(type: ErrorClass): void {
  known.set(type.name, type);
}

export function fromError(error: Error): PlainError {
  const { name, message, stack = "", cause, ...rest } = error;
  const more = Object.entries(rest).filter(
    ([key, value]) => key !== REMOTE && (value === null || /^(string|number|boolean)$/.test(typeof value)),
  );
  return {
    name,
    message,
    stack: (error as { remoteStack?: string }).remoteStack ?? stack,
    ...(cause !== undefined && { cause }),
    ...(more.length > 0 && { more: Object.fromEntries(more) }),
  };
}

const REMOTE = "remoteStack";

/** An error as the other node had it; `remoteStack` says where it was thrown. */
export function toError({ name, message, stack, cause, more = {} }: PlainError): Error {
  const error = new Error(message);
  const type = known.get(name);
  if (type) Object.setPrototypeOf(error, type.prototype);
  const { name: _, message: __, stack: ___, ...fields } = more;
  Object.assign(error, fields);
  if (error.name !== name) define(error, "name", name);
  if (cause !== undefined) define(error, "cause", cause);
  define(error, REMOTE, stack);
  // What the student reads begins with the place of the mistake.
  const here = (error.stack ?? "").split("\n").slice(1).join("\n");
  define(error, "stack", `${stack}\n    --- called from here ---\n${here}`);
  return error;
}

function define(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, configurable: true, enumerable: false });
}

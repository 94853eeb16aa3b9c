// An exception → plain data. Runs in the engine, beside the live object; nothing that the object does can make it fail.
import { inspect } from "node:util";
import type { ErrorReport, Frame } from "../flow.js";

interface Options {
  /** The frames of an error, innermost first. */
  frames(error: Error): Frame[];
  /** A line on what it comes from. */
  hint?(error: Error): string | undefined;
  /** Where it did not come from the run itself: `callback`, `unhandled rejection`. */
  origin?: string;
}

/** Own properties that every error has, or that are shown elsewhere. */
const KNOWN = new Set(["name", "message", "stack", "cause", "errors"]);
const DEPTH = 5;
const MOST_ERRORS = 10;

export function toErrorReport(error: unknown, options: Options, depth: number = DEPTH): ErrorReport {
  const origin = options.origin !== undefined && { origin: options.origin };
  if (!isError(error)) {
    const text =
      attempt(() => inspect(error, { depth: 2, getters: false, maxStringLength: 10_000 })) ?? typeof error;
    return {
      ename: "Uncaught",
      evalue: text,
      heading: `Uncaught ${text} (thrown value is not an Error)`,
      frames: [],
      details: {},
      ...origin,
    };
  }
  const ename = text(attempt(() => error.name)) || "Error";
  const evalue = text(attempt(() => error.message));
  const described = text(attempt(() => String(error)));
  const frames = attempt(() => options.frames(error)) ?? [];
  const cause = attempt(() => error.cause);
  const errors = attempt(() => (error as AggregateError).errors);
  const hint = attempt(() => options.hint?.(error));
  const inner = (value: unknown): ErrorReport => toErrorReport(value, { frames: options.frames }, depth - 1);
  return {
    ename,
    evalue,
    heading: described.startsWith("[object") || described === "" ? `${ename}: ${evalue}` : described,
    frames,
    details: details(error),
    ...(hint !== undefined && { hint }),
    ...(cause !== undefined && cause !== null && depth > 0 && { cause: inner(cause) }),
    ...(Array.isArray(errors) && depth > 0 && { errors: errors.slice(0, MOST_ERRORS).map(inner) }),
    ...origin,
  };
}

function isError(value: unknown): value is Error {
  return (
    attempt(() => value instanceof Error || Object.prototype.toString.call(value) === "[object Error]") ??
    false
  );
}

function details(error: Error): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [key, property] of Object.entries(
    attempt(() => Object.getOwnPropertyDescriptors(error)) ?? {},
  )) {
    if (
      KNOWN.has(key) ||
      !property.enumerable ||
      !("value" in property) ||
      property.value === undefined ||
      typeof property.value === "function"
    )
      continue;
    const value = attempt(() =>
      inspect(property.value, {
        depth: 1,
        getters: false,
        breakLength: Infinity,
        maxStringLength: 200,
        maxArrayLength: 10,
      }),
    );
    if (value !== undefined) shown[key] = value.length > 300 ? `${value.slice(0, 300)}…` : value;
  }
  return shown;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "" : (attempt(() => String(value)) ?? "");
}

function attempt<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

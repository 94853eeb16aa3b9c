// Where a failure came from when its own stack does not say so: what the event loop hands back has no stack of the student's.
import { type EventEmitter, errorMonitor } from "node:events";
import { types } from "node:util";
import type { Frame } from "../flow.js";
import { currentRun, type RunState } from "./attribution.js";
import { cameBy, framesAt, type Place } from "./positions.js";

/** Promises that calls gave and nobody took. */
const dropped = new WeakMap<object, Place>();

/**
 * The place of whoever calls `above`.
 * @param depth so many frames are looked at for one of the student's
 */
export function placeOf(above: (...args: never[]) => unknown, depth = 3): Place {
  const place = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = depth;
  Error.captureStackTrace(place, above);
  Error.stackTraceLimit = limit;
  return place;
}

/** A statement that is a call: what it gives is not used. */
export function drop(value: unknown): unknown {
  if (types.isPromise(value)) dropped.set(value, placeOf(drop));
  return value;
}

/** The same at the top level of a cell, where it may be a forgotten `await`. */
export function dropAtTop(value: unknown): unknown {
  if (types.isPromise(value)) {
    const place = placeOf(dropAtTop);
    dropped.set(value, place);
    currentRun()?.dropped.push(place);
  }
  return value;
}

const sites = new WeakMap<TemplateStringsArray, Place>();

/** A place in the student's text, by the template that stands there: looked for once, however often it is passed. */
export function site(strings: TemplateStringsArray): Place {
  let place = sites.get(strings);
  if (!place) sites.set(strings, (place = placeOf(site)));
  return place;
}

const { then } = Promise.prototype;

/** An `await` within a function waits for the same promise as ever; if that fails, the error has come by here. */
export function via(place: Place, value: unknown): unknown {
  if (types.isPromise(value)) then.call(value, undefined, (error) => cameBy(error, place));
  return value;
}

/** Whatever fails in this emitter has come from the call that began it. */
export function watchErrors(emitter: EventEmitter, place: Place): void {
  emitter.on(errorMonitor, (error) => cameBy(error, place));
}

/** Where the call stands whose promise this is, if nobody took it. */
export function framesOfDropped(promise: object): Frame[] {
  return framesAt(dropped.get(promise)).slice(0, 1);
}

/** What to say of the promises that a cell's own statements gave, and nobody took. */
export function forgottenAwaits({ dropped: places }: RunState): string | undefined {
  const lines = [...new Set(places.flatMap((place) => framesAt(place).slice(0, 1)).map(({ line }) => line))];
  if (lines.length === 0) return undefined;
  const where = lines.length === 1 ? `Line ${lines[0]}: the call` : `Lines ${lines.join(", ")}: these calls`;
  return `${where} gave a promise that nothing waits for. Put \`await\` in front, or \`void\` if it is meant to go on by itself.`;
}

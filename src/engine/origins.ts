// Where a failure came from when its own stack does not say so: what the event loop hands back has no stack of the student's.
import { types } from "node:util";
import type { Frame } from "../flow.js";
import { currentRun, type RunState } from "./attribution.js";
import { framesOfError } from "./positions.js";

/** A place in the code. It is looked up when somebody asks, which most often nobody does. */
export type Place = object;

/** Promises that calls gave and nobody took. */
const dropped = new WeakMap<object, Place>();

/** The place of whoever calls `above`. */
export function placeOf(above: (...args: never[]) => unknown): Place {
  const place = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 3;
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

/** The student's frames of a place. */
export function framesAt(place: Place | undefined): Frame[] {
  if (place === undefined) return [];
  // Asking for the stack is what makes its frames.
  void (place as { stack?: string }).stack;
  return framesOfError(place as Error).filter(({ run }) => run !== undefined);
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

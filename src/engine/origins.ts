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
  const known = sites.get(strings);
  if (known) return known;
  const place = placeOf(site);
  sites.set(strings, place);
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

/** What to say of the promises that a cell's own statements gave, and nobody took; and of those that became text. */
export function forgottenAwaits({ dropped: calls, texts }: RunState): string | undefined {
  const one = (lines: number[]): boolean => lines.length === 1;
  const told = [
    [
      linesOf(calls),
      (lines: number[]) =>
        `${one(lines) ? "the call" : "these calls"} gave a promise that nothing waits for. Put \`await\` in front, or \`void\` if it is meant to go on by itself.`,
    ],
    [
      linesOf(texts),
      () =>
        "a promise became text, `[object Promise]`. Put `await` in front of what gives it: `(await …).toString()`.",
    ],
  ] as const;
  const lines = told.flatMap(([at, words]) =>
    at.length === 0 ? [] : [`${one(at) ? "Line" : "Lines"} ${at.join(", ")}: ${words(at)}`],
  );
  return lines.length > 0 ? lines.join("\n") : undefined;
}

function linesOf(places: Place[]): number[] {
  return [...new Set(places.flatMap((place) => framesAt(place).slice(0, 1)).map(({ line }) => line))];
}

const MOST_TEXTS = 20;

/** A promise that becomes text is one that was taken for what it gives. */
export function watchPromiseTexts(): void {
  const text = {
    toString(): string {
      const run = currentRun();
      if (run?.active && run.texts.length < MOST_TEXTS && types.isPromise(this))
        run.texts.push(placeOf(text.toString));
      return Object.prototype.toString.call(this);
    },
  };
  Object.defineProperty(Promise.prototype, "toString", {
    value: text.toString,
    configurable: true,
    writable: true,
    enumerable: false,
  });
}

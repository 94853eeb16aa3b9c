// `progress(iterable)`: how far a loop is, at what rate, and how long it will take, in one output that is renewed in place.
import type { Bundle } from "../flow.js";

interface Options {
  /** How many there will be, where the iterable does not tell. */
  total?: number;
  /** What is being done. */
  label?: string;
}

interface Screen {
  show(bundle: Bundle): void;
  renew(bundle: Bundle): void;
}

/** It is drawn anew no more often than so many milliseconds. */
const everyMs = 100;
const barLength = 30;

/** Wraps a list, anything iterable, or anything that is iterated with `for await`. */
export type Progress = (
  iterable: Iterable<unknown> | AsyncIterable<unknown>,
  options?: Options,
) => Iterable<unknown> | AsyncIterable<unknown>;

/** @param screen makes an output of the current cell */
export function createProgress(screen: () => Screen): Progress {
  const follow = (known: number | undefined, label: string) => {
    const place = screen();
    const began = performance.now();
    let done = 0;
    let drawn = began;
    const draw = (state: "runs" | "done" | "stopped"): Bundle => {
      const text = line({ done, total: known, seconds: (performance.now() - began) / 1000, label, state });
      return { data: { "text/plain": text }, metadata: {} };
    };
    place.show(draw("runs"));
    return {
      step(): void {
        done++;
        if (performance.now() - drawn < everyMs) return;
        drawn = performance.now();
        place.renew(draw("runs"));
      },
      end: (whole: boolean): void => place.renew(draw(whole ? "done" : "stopped")),
    };
  };

  function* each<T>(items: Iterable<T>, total: number | undefined, label: string): Generator<T> {
    const bar = follow(total, label);
    let whole = false;
    try {
      for (const item of items) {
        yield item;
        bar.step();
      }
      whole = true;
    } finally {
      bar.end(whole);
    }
  }

  async function* eachLater<T>(items: AsyncIterable<T>, total: number | undefined, label: string) {
    const bar = follow(total, label);
    let whole = false;
    try {
      for await (const item of items) {
        yield item;
        bar.step();
      }
      whole = true;
    } finally {
      bar.end(whole);
    }
  }

  return (iterable, { total, label = "" } = {}) => {
    const { length, size } = Object(iterable) as { length?: unknown; size?: unknown };
    const known = total ?? [length, size].find((count) => typeof count === "number");
    const kind: object = Object(iterable);
    if (Symbol.iterator in kind) return each(iterable as Iterable<unknown>, known, label);
    if (Symbol.asyncIterator in kind) return eachLater(iterable as AsyncIterable<unknown>, known, label);
    throw new TypeError("progress: give it something to iterate over, like an array");
  };
}

function line(at: {
  done: number;
  total: number | undefined;
  seconds: number;
  label: string;
  state: "runs" | "done" | "stopped";
}): string {
  const { done, total, seconds, label, state } = at;
  const rate = seconds > 0 ? done / seconds : 0;
  const parts = label === "" ? [] : [label];
  if (total !== undefined && total > 0) {
    const share = Math.min(1, done / total);
    const full = Math.round(share * barLength);
    parts.push(`${Math.floor(share * 100)} %`.padStart(5), "█".repeat(full) + "░".repeat(barLength - full));
  }
  parts.push(total === undefined ? String(done) : `${done}/${total}`, clock(seconds));
  if (rate > 0) parts.push(rate >= 1 ? `${rate.toFixed(1)}/s` : `${(1 / rate).toFixed(1)} s each`);
  if (state === "runs" && total !== undefined && rate > 0) parts.push(`${clock((total - done) / rate)} left`);
  if (state === "stopped") parts.push("stopped");
  return parts.join("  ");
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const pad = (part: number): string => String(part).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${pad(minutes)}:${pad(whole % 60)}`;
}

// Every await of a socket can end early: by its own deadline, by the socket's (`settimeout`), by a signal, or because its cell
// was interrupted.
import { host } from "../host-contract.js";
import { osError, TimeoutError } from "./errors.js";
import { checkTimeout } from "./timeouts.js";

/** What every call that waits takes as its last argument. Of a number in its place the compiler then says that it is none. */
export type WaitOptions = object & {
  /** Seconds for this call, instead of what `settimeout` says; `null`: for ever, 0: not at all. */
  timeout?: number | null | undefined;
  /** Ends the call with the signal's reason. */
  signal?: AbortSignal | undefined;
};

/** What most calls are given. */
export const NO_WAIT: WaitOptions = Object.freeze({});

/** Seconds that a call may take: its own, else the socket's. @throws TypeError, ValueError, OverflowError */
export function limitOf({ timeout }: WaitOptions, seconds: number | null): number | null {
  return timeout === undefined ? seconds : checkTimeout(timeout);
}

/** Why a call cannot even begin: its cell was interrupted, or its signal has come before. */
export function endedBy({ signal }: WaitOptions): Error | undefined {
  const run = host()?.signal();
  if (run?.aborted) return run.reason as Error;
  return signal?.aborted
    ? ((signal.reason ?? new DOMException("aborted", "AbortError")) as Error)
    : undefined;
}

/** What Node's timers can count; they fire at once where they are asked for more. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Waits for `start` to settle, but not longer than `seconds` (`null`: for ever, 0: not at all) and not longer than the
 * current cell's run.
 * @param start begins the work; what it returns undoes it, where the wait ended early, and is told why
 * @param options.patience milliseconds that a socket which does not block gives what is ready to arrive
 * @param options.unready the error where nothing was ready
 * @param options.wait what the caller said for this call
 * @throws TimeoutError `timed out`; BlockingIOError where the socket does not block; the reason of an interrupt
 */
export function withDeadline<T>(
  seconds: number | null,
  start: (
    resolve: (value: T) => void,
    reject: (error: Error) => void,
  ) => ((reason: Error) => void) | undefined,
  {
    patience = 0,
    unready = "EAGAIN",
    wait = {},
  }: { patience?: number; unready?: string; wait?: WaitOptions } = {},
): Promise<T> {
  const signal = host()?.signal();
  const limit = limitOf(wait, seconds);
  if (limit === null && !signal && !wait.signal) return new Promise(start);
  return new Promise<T>((resolve, reject) => {
    let undo: ((reason: Error) => void) | undefined;
    // One of the two; clearing the other's kind does nothing.
    let timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
    let over = false;
    const finish = (): boolean => {
      if (over) return false;
      over = true;
      if (timer !== undefined) {
        clearImmediate(timer as NodeJS.Immediate);
        clearTimeout(timer as NodeJS.Timeout);
      }
      if (signal) waitingFor(signal).delete(giveUp);
      if (wait.signal) waitingFor(wait.signal).delete(giveUp);
      return true;
    };
    const giveUp = (error: Error): void => {
      if (!finish()) return;
      undo?.(error);
      reject(error);
    };
    const ended = endedBy(wait);
    if (ended) {
      giveUp(ended);
      return;
    }
    if (signal) waitingFor(signal).add(giveUp);
    if (wait.signal) waitingFor(wait.signal).add(giveUp);
    if (limit === 0 && patience === 0) timer = setImmediate(() => giveUp(osError(unready)));
    else if (limit === 0) timer = setTimeout(() => giveUp(osError(unready)), patience);
    else if (limit !== null)
      timer = setTimeout(() => giveUp(new TimeoutError("timed out")), Math.min(limit * 1000, LONGEST_MS));
    undo = start(
      (value) => {
        if (finish()) resolve(value);
      },
      (error) => {
        if (finish()) reject(error);
      },
    );
  });
}

const waits = new WeakMap<AbortSignal, Set<(reason: Error) => void>>();

/** Calls that a signal ends. It has one listener for all of them: one each would take longer than most calls. */
function waitingFor(signal: AbortSignal): Set<(reason: Error) => void> {
  const known = waits.get(signal);
  if (known) return known;
  const calls = new Set<(reason: Error) => void>();
  waits.set(signal, calls);
  signal.addEventListener(
    "abort",
    () => {
      for (const giveUp of [...calls]) giveUp(signal.reason as Error);
    },
    { once: true },
  );
  return calls;
}

/** Waits for what cannot be undone, under the same conditions. */
export function interruptible<T>(work: Promise<T>, wait: WaitOptions = {}): Promise<T> {
  return withDeadline<T>(
    null,
    (resolve, reject) => {
      work.then(resolve, reject);
      return undefined;
    },
    { wait },
  );
}

/**
 * For a call of several steps: its time is that of all of them.
 * @returns what the next step may still take
 */
export function stepwise(wait: WaitOptions, seconds: number | null): () => WaitOptions {
  const limit = limitOf(wait, seconds);
  if (limit === null || limit === 0) return () => ({ ...wait, timeout: limit });
  const end = performance.now() + limit * 1000;
  // Never 0, which would mean not to wait at all, and is another error.
  return () => ({ ...wait, timeout: Math.max(1e-6, (end - performance.now()) / 1000) });
}

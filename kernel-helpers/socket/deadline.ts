// Every await of a socket can end early: by its own deadline (`settimeout`), or because its cell was interrupted.
import { host } from "../host-contract.js";
import { osError, TimeoutError } from "./errors.js";

/**
 * Waits for `start` to settle, but not longer than `seconds` (`null`: for ever, 0: not at all) and not longer than the
 * current cell's run.
 * @param start begins the work; what it returns undoes it, where the wait ended early
 * @param options.patience milliseconds that a socket which does not block gives what is ready to arrive
 * @param options.unready the error where nothing was ready
 * @throws TimeoutError `timed out`; BlockingIOError where the socket does not block; the reason of an interrupt
 */
export function withDeadline<T>(
  seconds: number | null,
  start: (resolve: (value: T) => void, reject: (error: Error) => void) => (() => void) | undefined,
  { patience = 0, unready = "EAGAIN" }: { patience?: number; unready?: string } = {},
): Promise<T> {
  const signal = host()?.signal();
  return new Promise<T>((resolve, reject) => {
    let undo: (() => void) | undefined;
    // One of the two; clearing the other's kind does nothing.
    let timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
    let over = false;
    const finish = (): boolean => {
      if (over) return false;
      over = true;
      clearImmediate(timer as NodeJS.Immediate);
      clearTimeout(timer as NodeJS.Timeout);
      signal?.removeEventListener("abort", interrupt);
      return true;
    };
    const giveUp = (error: Error): void => {
      if (!finish()) return;
      undo?.();
      reject(error);
    };
    function interrupt(): void {
      giveUp(signal?.reason as Error);
    }
    if (signal?.aborted) {
      interrupt();
      return;
    }
    signal?.addEventListener("abort", interrupt, { once: true });
    if (seconds === 0 && patience === 0) timer = setImmediate(() => giveUp(osError(unready)));
    else if (seconds === 0) timer = setTimeout(() => giveUp(osError(unready)), patience);
    else if (seconds !== null)
      timer = setTimeout(() => giveUp(new TimeoutError("timed out")), seconds * 1000);
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

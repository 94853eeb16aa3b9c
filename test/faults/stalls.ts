// How long this process, or the whole machine, stood still: what it would have noticed meanwhile is not the kernel's delay.
import { readFileSync } from "node:fs";

const EVERY_MS = 5;
/** What Linux counts its times in (USER_HZ). */
const TICK_MS = 10;

export interface Stalls extends Disposable {
  /** Milliseconds, all of them together. */
  readonly total: number;
}

export function watchStalls(): Stalls {
  let total = 0;
  let last = performance.now();
  let taken = stolen();
  const timer = setInterval(() => {
    const now = performance.now();
    const own = Math.max(0, now - last - 2 * EVERY_MS);
    const before = taken;
    taken = stolen();
    const others = Math.max(0, ...taken.map((ms, cpu) => ms - (before[cpu] ?? 0)));
    // Where the machine did not run, neither did this process.
    total += Math.max(own, others);
    last = now;
  }, EVERY_MS);
  return {
    get total() {
      return total;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/**
 * How long each processor was lent to other machines of the same host, in milliseconds; nothing where the system does not tell.
 * @see proc_stat(5)
 */
function stolen(): number[] {
  try {
    const lines = readFileSync("/proc/stat", "latin1").split("\n");
    return lines.filter((line) => /^cpu\d/.test(line)).map((line) => Number(line.split(" ")[8]) * TICK_MS);
  } catch {
    return [];
  }
}

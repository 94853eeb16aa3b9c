// How long this process itself stood still: what it would have noticed meanwhile is not the kernel's delay.

const EVERY_MS = 5;

export interface Stalls extends Disposable {
  /** Milliseconds, all of them together. */
  readonly total: number;
}

export function watchStalls(): Stalls {
  let total = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    total += Math.max(0, now - last - 2 * EVERY_MS);
    last = now;
  }, EVERY_MS);
  return {
    get total() {
      return total;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

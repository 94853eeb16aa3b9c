// Has the machine stood still? Where this process was kept from running, a student's was, too, and limits of time say nothing about the student.

const everyMs = 250;
/** Longer than this process itself is ever busy with one thing. */
const standstillMs = 2000;

export interface Stalls extends Disposable {
  readonly happened: boolean;
}

export function watchStalls(): Stalls {
  let last = performance.now();
  let worst = 0;
  const look = (): void => {
    const now = performance.now();
    worst = Math.max(worst, now - last - everyMs);
    last = now;
  };
  const timer = setInterval(look, everyMs).unref();
  return {
    get happened() {
      look();
      return worst > standstillMs;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

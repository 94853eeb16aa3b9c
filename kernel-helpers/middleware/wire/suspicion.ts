// Is the other side silent for longer than it usually is? Phi accrual (Hayashibara et al. 2004): how unlikely the silence is, as a
// power of ten, judged by the gaps between what came before. Suspected is not dead: only a lease that has run out says that.

/** Gaps that are remembered. */
const REMEMBERED = 64;
/** One in so many powers of ten. */
const THRESHOLD = 8;

export class Suspicion {
  readonly #least: number;
  readonly #gaps: number[] = [];
  #sum = 0;
  #squares = 0;
  #heard: number;

  /** @param options.least milliseconds of silence that are never suspect */
  constructor(now: number, { least }: { least: number }) {
    this.#heard = now;
    this.#least = least;
  }

  /** Something has come. @param expected something was: silence that nobody asked to break says nothing */
  heard(now: number, expected: boolean): void {
    if (expected) this.#remember(now - this.#heard);
    this.#heard = now;
  }

  silence(now: number): number {
    return now - this.#heard;
  }

  suspects(now: number): boolean {
    const silence = this.silence(now);
    return silence >= this.#least && this.#phi(silence) >= THRESHOLD;
  }

  #remember(gap: number): void {
    this.#gaps.push(gap);
    this.#sum += gap;
    this.#squares += gap * gap;
    if (this.#gaps.length <= REMEMBERED) return;
    const old = this.#gaps.shift() as number;
    this.#sum -= old;
    this.#squares -= old * old;
  }

  #phi(silence: number): number {
    const count = this.#gaps.length;
    if (count < 3) return THRESHOLD;
    const mean = this.#sum / count;
    const deviation = Math.max(Math.sqrt(Math.max(0, this.#squares / count - mean * mean)), this.#least / 10);
    // The normal distribution's tail, by a logistic curve that is close enough.
    const y = (silence - mean) / deviation;
    const tail = 1 / (1 + Math.exp(y * (1.5976 + 0.070566 * y * y)));
    return tail === 0 ? Number.POSITIVE_INFINITY : -Math.log10(tail);
  }
}

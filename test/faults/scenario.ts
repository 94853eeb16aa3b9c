// What a scenario of faults is: a load on a real kernel, and figures that are held against bars.

export interface Figure {
  what: string;
  value: number;
  unit?: string;
  /** `value` must not be above it; left out: for information. */
  most?: number;
  /** Depends on how fast and how busy the machine is; otherwise a matter of right and wrong. */
  timed?: boolean;
  /** Why the bar may be missed, where that is known. */
  reason?: string;
}

export interface Context {
  /** The long form, whose bars count. */
  full: boolean;
  /** Figures are kept in docs/; a scenario may have more to keep there. */
  doc: boolean;
  /** The Node that the kernel runs on. */
  node: string;
  /** Where every random choice comes from. */
  seed: number;
  /** How far it is. */
  say(text: string): void;
}

export interface Scenario {
  /** What is done to the kernel, in one line. */
  title: string;
  run(context: Context): Promise<Figure[]>;
}

export function isMet({ value, most }: Figure): boolean {
  return most === undefined || value <= most;
}

/** What clients have noticed, as a figure; in words on stderr. */
export function violationsOf(clients: readonly { violations: readonly string[] }[]): Figure {
  const all = clients.flatMap(({ violations }) => violations);
  for (const violation of all.slice(0, 10)) console.error(`violation: ${violation}`);
  return { what: "violations of the protocol", value: all.length, most: 0 };
}

/** Numbers that look random and are the same for the same seed: from 0 up to, and without, `below`. */
export function createDice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    // mulberry32: small, and good enough to choose with.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** @param at 0.99: so many of the values are not above it */
export function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))] ?? 0;
}

// When wall clocks jump, and how far.
import { createDice } from "../scenario.js";

/** Milliseconds between two jumps. */
export const JUMP_MS = 2500;

/** Milliseconds that the clock is wrong by from this jump to the next; now and then it is right. */
export function jumpAt(seed: number, step: number): number {
  const dice = createDice(seed + step * 7919);
  return dice(4) === 0 ? 0 : dice(7_200_000) - 3_600_000;
}

// Calls that were sent back to their callers, since the object was not here. A caller may have sent more by then, and whatever was made later must not run
// before those come again, here or somewhere else: it is sent back as well.
import { type Answered, parted } from "./results.js";

/** Of more callers it is not remembered. */
const MOST = 1000;

export class SentBack {
  /** An object and a caller → counts. */
  readonly #counts = new Map<string, Set<number>>();

  add(target: string, key: string): void {
    const [caller, count] = parted(key);
    // Calls that methods make have no order.
    if (count === 0) return;
    const way = `${target} ${caller}`;
    const counts = this.#counts.get(way) ?? new Set();
    this.#counts.delete(way);
    this.#counts.set(way, counts.add(count));
    if (this.#counts.size > MOST) this.#counts.delete(this.#counts.keys().next().value as string);
  }

  /** Was an earlier one sent back that its caller still waits for? */
  isBefore(target: string, key: string, answered: Answered): boolean {
    if (this.#counts.size === 0) return false;
    const [caller, count] = parted(key);
    const way = `${target} ${caller}`;
    const counts = this.#counts.get(way);
    if (!counts) return false;
    const below = typeof answered === "number" ? answered : answered[0];
    // This one has come again; the others are over.
    for (const one of [...counts]) if (one === count || one < below) counts.delete(one);
    if (counts.size === 0) this.#counts.delete(way);
    for (const one of counts) if (one < count) return true;
    return false;
  }
}

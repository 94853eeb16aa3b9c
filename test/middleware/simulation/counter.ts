import type { ExactlyOnce, Local, Reads, SemanticsOf, Stateful } from "../../../kernel-helpers/middleware/remote.js";

export interface Counter {
  add(by: number): ExactlyOnce<number>;
  value(): Reads<number>;
  /** At most once. */
  bump(): number;
}

export const semantics: SemanticsOf<Counter> = { add: "exactly-once", value: "reads" };

export class CounterObject implements Local<Counter>, Stateful<number> {
  #value = 0;

  add(by: number): number {
    this.#value += by;
    return this.#value;
  }

  bump(): number {
    return this.add(1);
  }

  value(): number {
    return this.#value;
  }

  dehydrate(): number {
    return this.#value;
  }

  rehydrate(state: number): void {
    this.#value = state;
  }
}

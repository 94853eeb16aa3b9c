import type {
  ExactlyOnce,
  Local,
  Reads,
  SemanticsOf,
  Stateful,
} from "../../../kernel-helpers/middleware/remote.js";

export interface Counter {
  add(by: number): ExactlyOnce<number>;
  value(): Reads<number>;
  /** At most once. */
  bump(): number;
}

export const semantics: SemanticsOf<Counter> = { add: "exactly-once", value: "reads" };

export class CounterObject implements Local<Counter>, Stateful<number> {
  #value = 0;
  /** Waits in the middle of a call, now and then. */
  readonly #pause: () => Promise<void> | undefined;

  constructor(pause: () => Promise<void> | undefined = () => undefined) {
    this.#pause = pause;
  }

  add(by: number): number | Promise<number> {
    const before = this.#value;
    const end = (): number => {
      this.#value = before + by;
      return this.#value;
    };
    return this.#pause()?.then(end) ?? end();
  }

  bump(): number | Promise<number> {
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

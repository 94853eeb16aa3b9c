import type {
  ExactlyOnce,
  Local,
  Reads,
  SemanticsOf,
  Stateful,
} from "../../../kernel-helpers/middleware/remote.js";

export interface Register {
  write(value: number): ExactlyOnce<number>;
  read(): Reads<number>;
  /** Writes `next` where `expected` is there. @returns 1: it was */
  exchange(expected: number, next: number): ExactlyOnce<number>;
}

export const semantics: SemanticsOf<Register> = {
  write: "exactly-once",
  read: "reads",
  exchange: "exactly-once",
};

export class RegisterObject implements Local<Register>, Stateful<number> {
  #value = 0;
  readonly #pause: () => Promise<void> | undefined;

  constructor(pause: () => Promise<void> | undefined) {
    this.#pause = pause;
  }

  async write(value: number): Promise<number> {
    await this.#pause();
    this.#value = value;
    return 0;
  }

  read(): number {
    return this.#value;
  }

  async exchange(expected: number, next: number): Promise<number> {
    const fits = this.#value === expected;
    await this.#pause();
    if (fits) this.#value = next;
    return fits ? 1 : 0;
  }

  dehydrate(): number {
    return this.#value;
  }

  rehydrate(state: number): void {
    this.#value = state;
  }
}

// One turn at a time: calls of an object wait for one another, in the order in which they came. Calls that only read run beside each other.

export interface Turn {
  readonly reads: boolean;
  run(): Promise<void> | undefined;
}

export class Turns {
  /** The first is at `#next`. */
  #queue: Turn[] = [];
  #next = 0;
  #writing = 0;
  #reading = 0;
  #held = false;
  #idle: (() => void)[] = [];
  /** As many at once as come. */
  readonly #together: boolean;
  /** Told after each turn, before the next. */
  readonly #told: () => void;

  constructor({ together, ended }: { together: boolean; ended: () => void }) {
    this.#together = together;
    this.#told = ended;
  }

  get isIdle(): boolean {
    return this.#writing + this.#reading === 0;
  }

  /** Is a call with an effect under way? */
  get isWriting(): boolean {
    return this.#writing > 0;
  }

  add(turn: Turn): void {
    this.#queue.push(turn);
    this.#go();
  }

  /** At once, whoever runs: it belongs to who runs. */
  enter(turn: Turn): void {
    this.#start(turn);
  }

  /** Starts no other; resolves when none runs. */
  hold(): Promise<void> {
    this.#held = true;
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  release(): void {
    this.#held = false;
    this.#go();
  }

  /** Those that have not begun. */
  takeAll(): Turn[] {
    const left = this.#queue.slice(this.#next);
    this.#queue = [];
    this.#next = 0;
    return left;
  }

  #go(): void {
    while (!this.#held && this.#next < this.#queue.length) {
      const turn = this.#queue[this.#next] as Turn;
      if (!this.#together && (this.#writing > 0 || (!turn.reads && this.#reading > 0))) break;
      if (++this.#next === this.#queue.length) this.takeAll();
      this.#start(turn);
    }
    if (this.#next > 1000) {
      this.#queue.splice(0, this.#next);
      this.#next = 0;
    }
  }

  #start(turn: Turn): void {
    if (turn.reads) this.#reading++;
    else this.#writing++;
    const running = turn.run();
    if (running) void running.then(() => this.#ended(turn));
    else this.#ended(turn);
  }

  #ended({ reads }: Turn): void {
    if (reads) this.#reading--;
    else this.#writing--;
    this.#told();
    if (this.isIdle) for (const resolve of this.#idle.splice(0)) resolve();
    this.#go();
  }
}

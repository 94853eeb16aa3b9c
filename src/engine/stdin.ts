// `process.stdin` of the student's code: whoever reads makes the front end ask for a line, and nothing is asked before.
// Each cell finds a fresh one, so that what an earlier cell left listening, or ended, is nobody's concern.
import { syncBuiltinESMExports } from "node:module";
import readline from "node:readline";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { type Asking, EOFError, NoCellAsks } from "./ask.js";
import { currentRun } from "./attribution.js";

type Lines = Pick<Asking, "asker" | "line">;

class CellInput extends Readable {
  readonly fd = 0;
  readonly isTTY = false;
  used = false;
  readonly #lines: Lines;
  readonly #interfaces = new Set<readline.Interface>();
  /** Nobody wanted the next line. */
  #resting = false;
  #came = 0;

  constructor(lines: Lines) {
    // No line is asked for in advance.
    super({ highWaterMark: 0 });
    this.#lines = lines;
  }

  override _read(): void {
    this.used = true;
    // Who has just got a line may be about to stop listening.
    setImmediate(() => void this.#next());
  }

  async #next(): Promise<void> {
    if (this.destroyed) return;
    if (!this.#wanted()) return this.#rest();
    try {
      const line = await this.#lines.line("process.stdin");
      this.#came++;
      this.push(line === undefined ? null : `${line}\n`);
    } catch (error) {
      // A listener that stays behind when its cell is over has had what it could get.
      if (currentRun()?.interrupted || (error instanceof NoCellAsks && this.#came > 0)) this.#rest();
      else this.destroy(error as Error);
    }
  }

  #wanted(): boolean {
    return (
      this.listenerCount("readable") > 0 ||
      // An interface listens as long as it lives, whether or not anybody listens to it.
      this.listenerCount("data") > this.#interfaces.size ||
      [...this.#interfaces].some((one) => one.listenerCount("line") > 0)
    );
  }

  #rest(): void {
    this.#resting = true;
    this.pause();
    this.push("");
  }

  #wake(): void {
    if (!this.#resting) return;
    this.#resting = false;
    this.resume();
  }

  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    this.used = true;
    super.on(event as string, listener as () => void);
    if (event === "data") this.#wake();
    return this;
  }

  override addListener(event: string | symbol, listener: (...args: never[]) => void): this {
    return this.on(event, listener);
  }

  /** This one reads on behalf of others. */
  serves(one: readline.Interface): void {
    this.#interfaces.add(one);
    one.on("newListener", (event) => event === "line" && this.#wake());
    one.once("close", () => this.#interfaces.delete(one));
  }

  // As a terminal has them.
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  setRawMode(): this {
    return this;
  }
}

/** @returns to be called when a run is over */
export function installStdin(lines: Lines): { renew(): void } {
  let input: CellInput | undefined;
  const property = {
    get: () => {
      input ??= new CellInput(lines);
      return input;
    },
    configurable: true,
    enumerable: true,
  };
  Object.defineProperty(process, "stdin", property);
  installQuestions(lines);
  return {
    renew() {
      if (!input?.used) return;
      input = undefined;
      // `import { stdin } from "node:process"`
      syncBuiltinESMExports();
    },
  };
}

interface QuestionOptions {
  signal?: AbortSignal;
}

/** `rl.question` asks by itself: so the question stands at the box where it is answered. */
function installQuestions(lines: Lines): void {
  const ask = async (
    one: readline.Interface,
    question: string,
    { signal }: QuestionOptions = {},
  ): Promise<string> => {
    signal?.throwIfAborted();
    const line = await unlessAborted(lines.line("rl.question", question), signal);
    if (line !== undefined) return line;
    one.close();
    throw new EOFError("rl.question");
  };
  const ours = (one: readline.Interface & { input?: unknown; closed?: boolean }): boolean =>
    one.input instanceof CellInput && one.closed !== true;

  const classic = readline.Interface.prototype;
  const { question } = classic;
  const asked = function (this: readline.Interface, ...args: unknown[]): unknown {
    if (!ours(this)) return Reflect.apply(question, this, args);
    const then = args.find((arg) => typeof arg === "function") as ((answer: string) => void) | undefined;
    const options = typeof args[1] === "object" && args[1] !== null ? args[1] : {};
    lines.asker("rl.question");
    void ask(this, String(args[0]), options).then(
      (answer) => then && process.nextTick(then, answer),
      (error: unknown) => {
        // In these cases Node does not call back either.
        if (!(error instanceof EOFError || (error as Error).name === "AbortError")) throw error;
      },
    );
  };
  Object.defineProperty(asked, promisify.custom, {
    value(this: readline.Interface, query: string, options?: QuestionOptions) {
      return ours(this)
        ? ask(this, query, options)
        : (Reflect.get(question, promisify.custom) as typeof asked).call(this, query, options);
    },
  });
  classic.question = asked as typeof question;

  const promised = readline.promises.Interface.prototype;
  const { question: promisedQuestion } = promised;
  promised.question = function (this: readline.promises.Interface, query: string, options?: QuestionOptions) {
    return ours(this as unknown as readline.Interface)
      ? ask(this as unknown as readline.Interface, query, options)
      : Reflect.apply(promisedQuestion, this, [query, options]);
  } as typeof promisedQuestion;

  for (const module of [readline, readline.promises] as { createInterface: unknown }[]) {
    const create = module.createInterface as (...args: unknown[]) => readline.Interface;
    module.createInterface = function createInterface(...args: unknown[]) {
      const made = create(...args);
      const { input } = made as unknown as { input: unknown };
      if (input instanceof CellInput) input.serves(made);
      return made;
    };
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      const error = new Error("The operation was aborted", { cause: signal.reason });
      reject(Object.assign(error, { name: "AbortError", code: "ABORT_ERR" }));
    };
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

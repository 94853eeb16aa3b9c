// Programs of a cluster: made of their sources once, started, asked and killed.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { build } from "rolldown";
import { root } from "../../places.js";
import type { Answer, Ask } from "./program.js";

/** Makes programs of the sources here, as `folder/NAME.mjs`. */
export async function makePrograms(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names)
    await build({
      input: join(root, "test", "faults", "middleware", `${name}.ts`),
      platform: "node",
      logLevel: "silent",
      output: { file: join(folder, `${name}.mjs`), format: "esm" },
    });
}

export interface ProgramOptions {
  /** Node, and whatever it is started by. */
  command: string[];
  file: string;
  argument: string;
  env?: NodeJS.ProcessEnv;
}

export class Program {
  readonly process: ChildProcess;
  /** The end of what it has complained of. */
  complaints = "";
  readonly #open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #count = 0;
  #isKilled = false;

  constructor({ command: [first = "", ...more], file, argument, env = {} }: ProgramOptions) {
    this.process = spawn(first, [...more, file, argument], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.process.stderr?.on("data", (data) => {
      this.complaints = (this.complaints + String(data)).slice(-4000);
    });
    this.process.on("message", (message) => {
      if (typeof message === "string") return;
      const { ask, value, error } = message as Answer;
      const open = this.#open.get(ask);
      this.#open.delete(ask);
      if (error === undefined) open?.resolve(value);
      else open?.reject(new Error(error));
    });
    this.process.on("error", () => {});
    this.process.once("exit", (code, signal) => {
      for (const { reject } of this.#open.values())
        reject(new Error(`the process has ended with ${code ?? signal}`));
      this.#open.clear();
    });
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** It has ended, and nobody has killed it. */
  get hasFailed(): boolean {
    return this.hasEnded && !this.#isKilled && this.process.exitCode !== 0;
  }

  /** Waits for its first word. @throws where there is none in so many milliseconds */
  async up(ms: number): Promise<void> {
    const [word] = await Promise.race([
      once(this.process, "message", { signal: AbortSignal.timeout(ms) }),
      once(this.process, "exit").then(() => [""]),
    ]);
    if (word !== "up") throw new Error(`a program has ended at once: ${this.complaints}`);
  }

  /** @throws what it throws; where it ends before, or gives no answer in so many milliseconds */
  ask<T>(task: string, given?: unknown, ms: number = 60_000): Promise<T> {
    const ask = ++this.#count;
    return new Promise<T>((resolve, reject) => {
      if (this.hasEnded) return reject(new Error(`the process has ended: ${this.complaints}`));
      const late = setTimeout(() => {
        this.#open.delete(ask);
        reject(new Error(`no answer to ${task} in ${ms} ms`));
      }, ms);
      const over = <A>(end: (one: A) => void): ((one: A) => void) => {
        return (one) => {
          clearTimeout(late);
          end(one);
        };
      };
      this.#open.set(ask, { resolve: over(resolve as (value: unknown) => void), reject: over(reject) });
      this.process.send({ ask, task, with: given } satisfies Ask, () => {});
    });
  }

  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.process.kill(name);
  }

  /** At once. */
  async kill(): Promise<void> {
    this.#isKilled = true;
    if (!this.process.kill("SIGKILL")) return;
    await this.ended(10_000);
  }

  /** @returns false: it goes on after so many milliseconds */
  async ended(ms: number): Promise<boolean> {
    if (this.hasEnded) return true;
    return await once(this.process, "exit", { signal: AbortSignal.timeout(ms) }).then(
      () => true,
      () => false,
    );
  }
}

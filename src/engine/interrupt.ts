// Ending what the main thread does. `Runtime.terminateExecution` kills whatever JavaScript runs next, the engine's own and Node's
// included, so it is the main thread itself that sends it, when it has seen that the student's code is what holds it (strike.ts).
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { type Shared, Word } from "./ring.js";
import { runsIn } from "./running.js";
import { MISSED } from "./strike.js";

interface Parts {
  shared: Shared;
  /** To the main thread. */
  post(
    message:
      | { type: "interrupt"; runs: number[] }
      | { type: "noop"; seq: number }
      | { type: "settle"; runs: number[]; callback: number },
  ): void;
  /** Ends the student's code, if that holds the main thread. @returns its run, or `MISSED` */
  strike(interrupt: number, options: { sure: boolean }): Promise<number>;
  /** Whoever holds the main thread at a breakpoint. */
  debugging?: {
    /** Ends the standstill with a termination; `false`: there was none. */
    release(strike: () => Promise<unknown>): Promise<boolean>;
    rearm(): void;
  };
  /** The main thread has been had back. A wake-up of the worker may have been lost on the way. */
  recovered(): void;
  /** The last resort: the engine cannot be had back. */
  giveUp(): void;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** A thread that answers within this time is not stuck. */
const PATIENCE_MS = 100;
/** Between one strike and the next. */
const STRIKES_MS = 3;
/** When to end child processes, for the synchronous kinds (`execSync`) that nothing else ends. */
const CHILDREN_MS = 300;
/** How long the last words of terminated runs are waited for, before other code may run. */
const SETTLE_MS = 1000;
/** When to give the engine up. */
const LAST_RESORT_MS = 8000;

export class Interrupter {
  readonly #parts: Parts;
  #seq = 0;
  /** How many there were. */
  #interrupts = 0;
  #current: Promise<unknown> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Does this once no interrupt is under way; what is asked for later comes later. */
  afterwards(work: () => void): void {
    this.#current = this.#current.then(work);
  }

  /** @returns whether there was something to interrupt */
  interrupt(): Promise<boolean> {
    const { words } = this.#parts.shared;
    const next = this.#current.then(async () => {
      Atomics.store(words, Word.interrupt as number, ++this.#interrupts);
      try {
        return await this.#interrupt();
      } finally {
        Atomics.store(words, Word.interrupt as number, 0);
        Atomics.store(words, Word.killed as number, 0);
        this.#parts.debugging?.rearm();
      }
    });
    this.#current = next.catch(() => {});
    return next;
  }

  async #interrupt(): Promise<boolean> {
    const { shared, post, debugging } = this.#parts;
    const runs = runsIn(shared);
    // At its awaits a run ends by itself; a thread in a loop hears this only after it was struck.
    post({ type: "interrupt", runs });
    let callback = MISSED;
    const strike = async (sure: boolean): Promise<void> => {
      callback = Math.max(callback, await this.#parts.strike(this.#interrupts, { sure }));
    };
    // Code that stands still is ended like code that loops, idle or not: nobody else can end it.
    if (!(await debugging?.release(() => strike(true)))) {
      const answers = await this.#answers(runs.length === 0 ? PATIENCE_MS : 20);
      if (answers && runs.length === 0) return false;
      if (answers && (await this.#over(runs, 20))) return true;
    }
    if (!(await this.#free(strike))) return true;
    this.#parts.recovered();
    if (runs.length === 0 && callback === MISSED) return false;
    post({ type: "settle", runs, callback });
    if (!(await this.#free(strike))) return true;
    await this.#over(runs, SETTLE_MS);
    return true;
  }

  /** Strikes until the main thread comes back to its event loop. @returns `false`: it never will */
  async #free(strike: (sure: boolean) => Promise<void>): Promise<boolean> {
    const start = performance.now();
    const seq = this.#noop();
    for (let childrenKilled = false; !(await this.#answered(seq, STRIKES_MS)); ) {
      const spent = performance.now() - start;
      if (spent > LAST_RESORT_MS) {
        this.#parts.giveUp();
        return false;
      }
      // Under way before its child ends: what waited for that does not get as far as to say so.
      const struck = strike(spent > CHILDREN_MS);
      if (spent > CHILDREN_MS && !childrenKilled) {
        childrenKilled = true;
        Atomics.store(this.#parts.shared.words, Word.killed as number, 1);
        killChildren(process.pid);
      }
      await Promise.race([struck, sleep(PATIENCE_MS)]);
    }
    return true;
  }

  /** Does the main thread answer a no-op within this time? */
  #answers(ms: number): Promise<boolean> {
    return this.#answered(this.#noop(), ms);
  }

  #noop(): number {
    this.#parts.post({ type: "noop", seq: ++this.#seq });
    return this.#seq;
  }

  #answered(seq: number, ms: number): Promise<boolean> {
    return this.#until(() => Atomics.load(this.#parts.shared.words, Word.pong as number) >= seq, ms);
  }

  #over(runs: number[], ms: number): Promise<boolean> {
    return this.#until(() => {
      const left = new Set(runsIn(this.#parts.shared));
      return !runs.some((run) => left.has(run));
    }, ms);
  }

  async #until(test: () => boolean, ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    for (let pause = 0; !test(); pause = Math.min(pause + 1, 5)) {
      if (performance.now() >= end) return false;
      await sleep(pause);
    }
    return true;
  }
}

/** Ends the direct children of a process and theirs, by the means of the platform. */
export function killChildren(pid: number, platform: NodeJS.Platform = process.platform): void {
  for (const child of childrenOf(pid, platform)) {
    killChildren(child, platform);
    try {
      process.kill(child, "SIGKILL");
    } catch {
      // It is gone already.
    }
  }
}

export function childrenOf(pid: number, platform: NodeJS.Platform = process.platform): number[] {
  if (platform === "linux") return linuxChildren(pid);
  const [command, args] =
    platform === "win32"
      ? [
          "powershell",
          [
            "-NoProfile",
            "-Command",
            'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId)" }',
          ],
        ]
      : ["ps", ["-A", "-o", "pid=,ppid="]];
  const listing = spawnSync(command as string, args as string[], {
    encoding: "utf8",
    timeout: 3000,
    windowsHide: true,
  });
  return childrenIn(listing.stdout ?? "", pid);
}

/** From lines of process and parent. */
export function childrenIn(listing: string, pid: number): number[] {
  const pairs = listing.split(/\r?\n/).map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([child, parent]) => (child && parent === pid ? [child] : []));
}

function linuxChildren(pid: number): number[] {
  const children: number[] = [];
  try {
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      children.push(
        ...readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
      );
    }
  } catch {
    // The process or one of its threads has ended meanwhile.
  }
  return children;
}

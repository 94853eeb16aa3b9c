// Ending what the main thread does. `Runtime.terminateExecution` kills whatever JavaScript runs next, the engine's own
// included, so it is sent only while a cell or a callback is known to run, and afterwards no-ops are sent until one is
// answered cleanly: a stray termination hits nothing but them.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Shared } from "./ring.js";
import { Word } from "./ring.js";
import { runsIn } from "./running.js";

interface Parts {
  shared: Shared;
  /** To the main thread. */
  post(
    message:
      | { type: "interrupt"; runs: number[] }
      | { type: "noop"; seq: number }
      | { type: "settle"; runs: number[]; callback: number },
  ): void;
  inspection: { terminate(): Promise<void>; callbackRun(): Promise<number> };
  /** Whoever holds the main thread at a breakpoint. */
  debugging?: {
    readonly paused: boolean;
    /** Ends the standstill with a termination; `false`: there was none. */
    release(terminate: () => Promise<void>): Promise<boolean>;
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
/** When to end child processes, for the synchronous kinds (`execSync`) that nothing else ends. */
const CHILDREN_MS = 300;
/** How long the last words of terminated runs are waited for, before other code may run. */
const SETTLE_MS = 1000;
/** When to give the engine up. */
const LAST_RESORT_MS = 8000;

export class Interrupter {
  readonly #parts: Parts;
  #seq = 0;
  /** Sent and not yet confirmed. */
  #terminations = 0;
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
      Atomics.store(words, Word.doomed as number, 1);
      try {
        return await this.#interrupt();
      } finally {
        Atomics.store(words, Word.doomed as number, 0);
        this.#parts.debugging?.rearm();
      }
    });
    this.#current = next.catch(() => {});
    return next;
  }

  async #interrupt(): Promise<boolean> {
    const { shared, post } = this.#parts;
    const runs = runsIn(shared);
    const start = performance.now();
    // At its awaits a run ends by itself; a thread in a loop hears this only after the termination.
    post({ type: "interrupt", runs });
    let callback = 0;
    const { debugging } = this.#parts;
    if (runs.length === 0 && debugging?.paused)
      callback = await Promise.race([this.#parts.inspection.callbackRun(), sleep(PATIENCE_MS).then(() => 0)]);
    // Code that stands still is ended like code that loops, idle or not: nobody else can end it.
    if (await debugging?.release(() => this.#terminate())) {
      // The rest is as for a thread in a loop.
    } else if (runs.length === 0) {
      if (await this.#answers(PATIENCE_MS)) return false;
      callback = await Promise.race([this.#parts.inspection.callbackRun(), sleep(20).then(() => 0)]);
    } else if (await this.#answers(20)) {
      if (await this.#over(runs, 20)) return true;
    }
    // All that runs is meant, so no termination can hit the wrong one.
    if (runs.length === 0 || !(await this.#over(runs, 0))) {
      for (let clean = 0, childrenKilled = false; clean < 2 || this.#terminations > 0; ) {
        if (await this.#answers(clean === 0 && performance.now() - start < 60 ? 1 : PATIENCE_MS)) {
          // A termination that is still on its way would hit what comes next.
          if (++clean >= 2 && this.#terminations > 0) await sleep(5);
          if (performance.now() - start < LAST_RESORT_MS) continue;
        }
        clean = 0;
        const spent = performance.now() - start;
        if (spent > LAST_RESORT_MS) {
          this.#parts.giveUp();
          return true;
        }
        if (spent > CHILDREN_MS && !childrenKilled) {
          childrenKilled = true;
          killChildren(process.pid);
        }
        await Promise.race([this.#terminate(), sleep(PATIENCE_MS)]);
      }
    }
    this.#parts.recovered();
    post({ type: "settle", runs, callback });
    await this.#answers(PATIENCE_MS);
    await this.#over(runs, SETTLE_MS);
    return true;
  }

  async #terminate(): Promise<void> {
    this.#terminations++;
    await this.#parts.inspection.terminate();
    this.#terminations--;
  }

  /** Does the main thread answer a no-op within this time? */
  async #answers(ms: number): Promise<boolean> {
    const { shared, post } = this.#parts;
    const seq = ++this.#seq;
    post({ type: "noop", seq });
    return this.#until(() => Atomics.load(shared.words, Word.pong as number) === seq, ms);
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

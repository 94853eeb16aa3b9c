// Loaded before everything else in a process, and in each of its threads: a wall clock that jumps by up to an hour, forwards and backwards, every
// few seconds. Clocks that never jump (`performance.now`, `process.hrtime`) stay as they are. All threads of a process jump at once,
// since each jump follows from the machine's own clock and a seed.
import { syncBuiltinESMExports } from "node:module";
import workers, { isMainThread, Worker, type WorkerOptions } from "node:worker_threads";
import { JUMP_MS, jumpAt } from "./jumps.js";

const seed = Number(process.env.WIREBOOK_SKEW);
const Real = Date;

function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  const step = Math.floor((seconds * 1000 + nanoseconds / 1e6) / JUMP_MS);
  return Real.now() + jumpAt(seed, step);
}

globalThis.Date = new Proxy(Real, {
  construct: (target, args, type) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, type) as object,
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});

// Threads load nothing before their program but what their own options say.
if (isMainThread) {
  workers.Worker = class extends Worker {
    constructor(file: string | URL, options: WorkerOptions = {}) {
      super(file, { ...options, execArgv: [...(options.execArgv ?? []), `--import=${import.meta.url}`] });
    }
  };
  syncBuiltinESMExports();
}

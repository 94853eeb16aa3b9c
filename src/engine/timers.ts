// Timers of all kinds, as things that a cell opens. One that has fired or was cleared is forgotten, so thousands of them
// cost nothing later. A promised timer whose run is over stays pending: nothing of an abandoned run wakes up.
import timers from "node:timers";
import promised from "node:timers/promises";
import { promisify } from "node:util";
import { current } from "./attribution.js";
import { forget, note } from "./opened.js";

type Make = (...args: unknown[]) => object;
type Name =
  | "setTimeout"
  | "setInterval"
  | "setImmediate"
  | "clearTimeout"
  | "clearInterval"
  | "clearImmediate";

/** Notices timers from now on. The caller makes the change known to ES modules. */
export function watchTimers(): void {
  watchPromised();
  const put = (name: Name, value: (...args: never[]) => unknown): void => {
    const original = timers[name] as unknown as { [key: symbol]: unknown };
    Object.defineProperty(value, "name", { value: name });
    if (original[promisify.custom]) {
      const key = name as "setTimeout" | "setImmediate";
      Object.defineProperty(value, promisify.custom, { enumerable: true, get: () => promised[key] });
    }
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
    Object.assign(timers, { [name]: value });
  };
  const once =
    (make: Make, name: string, clear: (timer: never) => void): Make =>
    (callback, ...rest) => {
      if (typeof callback !== "function" || !current()) return make(callback, ...rest);
      const timer = make(
        function (this: unknown, ...args: unknown[]) {
          // It may be refreshed from within; then it is open again, and found by nobody: a case too rare to pay for.
          forget(timer);
          return Reflect.apply(callback, this, args);
        },
        ...rest,
      );
      note(timer, {
        name,
        open: () => !(timer as { _destroyed?: boolean })._destroyed,
        close: () => clear(timer as never),
      });
      return timer;
    };
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = timers;
  put("setTimeout", once(setTimeout as Make, "a timer", clearTimeout));
  put("setImmediate", once(setImmediate as Make, "an immediate", clearImmediate));
  put("setInterval", (...args: unknown[]) => {
    const timer = (setInterval as unknown as Make)(...args) as NodeJS.Timeout & { _destroyed?: boolean };
    note(timer, { name: "an interval", open: () => !timer._destroyed, close: () => clearInterval(timer) });
    return timer;
  });
  const clears = { clearTimeout, clearInterval, clearImmediate };
  for (const [name, clear] of Object.entries(clears)) {
    put(name as Name, (timer?: unknown) => {
      forget(timer);
      clear(timer as never);
    });
  }
}

type Options = { signal?: AbortSignal } | undefined;

function watchPromised(): void {
  const { setTimeout, setImmediate, setInterval } = promised;
  const wait = (
    name: string,
    start: (signal: AbortSignal) => Promise<unknown>,
    options: Options,
  ): Promise<unknown> => {
    const stop = new AbortController();
    const signal = options?.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const waiting = new Promise((resolve, reject) => {
      start(signal).then(
        (value) => {
          forget(stop);
          resolve(value);
        },
        (error) => {
          forget(stop);
          if (!stop.signal.aborted) reject(error);
        },
      );
    });
    note(stop, { name, close: () => stop.abort() });
    return waiting;
  };
  const ours = (options: unknown): boolean =>
    current() !== undefined && (options === undefined || (typeof options === "object" && options !== null));
  Object.assign(promised, {
    setTimeout(delay?: number, value?: unknown, options?: Options) {
      if (!ours(options)) return setTimeout(delay, value, options);
      return wait("a timer", (signal) => setTimeout(delay, value, { ...options, signal }), options);
    },
    setImmediate(value?: unknown, options?: Options) {
      if (!ours(options)) return setImmediate(value, options);
      return wait("an immediate", (signal) => setImmediate(value, { ...options, signal }), options);
    },
    setInterval(delay?: number, value?: unknown, options?: Options) {
      if (!ours(options)) return setInterval(delay, value, options);
      return ticks((signal) => setInterval(delay, value, { ...options, signal }), options);
    },
  });
  Object.assign(promised.scheduler, {
    wait: (delay: number, options?: Options) => promised.setTimeout(delay, undefined, options),
  });
}

async function* ticks(
  start: (signal: AbortSignal) => AsyncIterable<unknown>,
  options: Options,
): AsyncGenerator<unknown> {
  const stop = new AbortController();
  note(stop, { name: "an interval", close: () => stop.abort() });
  try {
    yield* start(options?.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal);
  } catch (error) {
    if (stop.signal.aborted) await new Promise(() => {});
    throw error;
  } finally {
    forget(stop);
  }
}

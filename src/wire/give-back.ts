// After a flood of messages their memory goes back to the system. V8 would keep it until it needs it itself, which in a process that
// has nothing to do may be never.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** So many bytes of messages make a flood. */
const flood = 16 * 1024 * 1024;
/** It is over when nothing has come or gone for so many milliseconds. */
const quiet = 500;

/** @returns what is to be told of the bytes of each message */
export function createGiveBack(collect: () => void = collectGarbage): (bytes: number) => void {
  let moved = 0;
  let timer: NodeJS.Timeout | undefined;
  return (bytes) => {
    moved += bytes;
    if (moved < flood) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      moved = 0;
      collect();
    }, quiet).unref();
    timer.refresh();
  };
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

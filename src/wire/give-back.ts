// After a flood of messages their memory goes back to the system, and while it lasts they do not pile up. V8 would keep them until it
// needs the memory itself, which in a process that has nothing to do may be never.
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** After so many bytes of messages it is worth some milliseconds to look what of them is left. */
const wave = 6 * 1024 * 1024;
/** The flood is over when nothing has come or gone for so many milliseconds. */
const quiet = 500;

/** @returns what is to be told of the bytes of each message */
export function createGiveBack(collect: () => void = collectGarbage): (bytes: number) => void {
  let moved = 0;
  let timer: NodeJS.Timeout | undefined;
  return (bytes) => {
    moved += bytes;
    if (moved >= wave) {
      moved = 0;
      collect();
      timer ??= setTimeout(() => {
        timer = undefined;
        collect();
      }, quiet).unref();
    }
    timer?.refresh();
  };
}

let gc: (() => void) | undefined;
let trim: (() => void) | undefined;

function collectGarbage(): void {
  if (!gc) {
    setFlagsFromString("--expose-gc");
    gc = runInNewContext("gc") as () => void;
  }
  gc();
  trim ??= trimmer();
  trim();
}

/**
 * What a million small messages have left between what is still used, glibc keeps: 40 MB of them. Elsewhere nothing is done.
 * @see https://man7.org/linux/man-pages/man3/malloc_trim.3.html
 */
function trimmer(platform: NodeJS.Platform = process.platform): () => void {
  if (platform !== "linux") return () => {};
  try {
    const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
    const malloc_trim = koffi.load("libc.so.6").func("int malloc_trim(size_t pad)");
    return () => malloc_trim(0);
  } catch {
    // Another C library.
    return () => {};
  }
}

// After a flood of messages their memory goes back to the system, and while it lasts they do not pile up. V8 would keep them until it
// needs the memory itself, which in a process that has nothing to do may be never.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { mallocTrim } from "./libc.js";

/** What is sent in messages from this size on leaves the nursery before they have gone. */
const large = 64 * 1024;
/** After so many bytes of messages it is worth some milliseconds to look what of them is left. */
const wave = { lasting: 2 * 1024 * 1024, passing: 6 * 1024 * 1024 };
/** Of what passes soon only the nursery is looked at, and with every so many waves the rest. */
const rarely = 8;
/** The flood is over when nothing has come or gone for so many milliseconds. */
const quiet = 500;

/**
 * What is to be collected: the nursery alone takes a tenth of the time. The pages that a collection frees V8 keeps for itself, up to
 * the largest that its heap has been; only one that is meant for the want of memory lets them go, and takes twice the time.
 */
type What = "nursery" | "all" | "pages";

/** To be told of the bytes of each message. */
export interface GiveBack {
  came(bytes: number): void;
  left(bytes: number): void;
}

export function createGiveBack(collect: (what: What) => void = collectGarbage): GiveBack {
  const moved = { lasting: 0, passing: 0 };
  let waves = 0;
  let timer: NodeJS.Timeout | undefined;
  const add = (kind: keyof typeof wave, bytes: number): void => {
    moved[kind] += bytes;
    if (moved[kind] >= wave[kind]) {
      moved[kind] = 0;
      collect(kind === "lasting" || ++waves % rarely === 0 ? "all" : "nursery");
      timer ??= setTimeout(() => {
        timer = undefined;
        collect("pages");
      }, quiet).unref();
    }
    timer?.refresh();
  };
  return {
    came: (bytes) => add("passing", bytes),
    left: (bytes) => add(bytes >= large ? "lasting" : "passing", bytes),
  };
}

let gc: ((options?: { type: "minor" | "major"; flavor?: "last-resort" }) => void) | undefined;
let trim: (() => void) | undefined;

function collectGarbage(what: What): void {
  if (!gc) {
    setFlagsFromString("--expose-gc");
    gc = runInNewContext("gc") as NonNullable<typeof gc>;
  }
  if (what === "nursery") gc({ type: "minor" });
  else if (what === "pages") gc({ type: "major", flavor: "last-resort" });
  else gc();
  trim ??= mallocTrim();
  trim();
}

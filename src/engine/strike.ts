// The main thread's part in an interrupt: V8's inspector has it run in the middle of whatever holds the thread. It alone can see
// what that is, so it ends the student's code and nothing else: a thread that is merely slow may be in the middle of a turn of
// Node's timers, and a termination there would lose timers that have nothing to do with it. For the same reason it is ended between
// two calls of its own, not in the middle of one into Node: half a `setTimeout` leaves Node a list of timers that never ends.
import { Session } from "node:inspector";
import { getCallSites } from "node:util";
import { currentRun } from "./attribution.js";
import { type Shared, Word } from "./ring.js";

const OWN = new URL("./", import.meta.url).href;
const MOST_FRAMES = 200;
/** Seen twice, with so much between, the student's code holds the thread; once, it may be a callback that is about to end. */
const APART_MS = 1;
/** So long it is waited for code that is between two calls. After that any place will do: it may spend its life in one. */
const BETWEEN_MS = 300;
/** After so much work without a turn of the event loop, of the kernel's or of Node's code, that is endless, too. */
const WORK_MS = 50;

/** Nothing was ended. */
export const MISSED = -1;

/**
 * @returns what the control worker calls through the inspector: it ends the code below it if that holds the thread. `interrupt` is
 *   the number of the one that is meant: a call that comes late does nothing. With `sure`, having seen the student's code once will
 *   do. It gives the run that the code belongs to, 0 if that is unknown, or `MISSED`.
 */
export function createStrike({ words }: Shared): (interrupt: number, sure: boolean) => number {
  const session = new Session();
  session.connect();
  /** The turn of the event loop that was looked into last: the work before, and when the student's code was first seen in it. */
  let turn: { pong: number; work: number; seen?: number | undefined } | undefined;
  return (interrupt, sure) => {
    if (Atomics.load(words, Word.interrupt as number) !== interrupt) return MISSED;
    const pong = Atomics.load(words, Word.pong as number);
    const [now, work] = [performance.now(), worked()];
    if (turn?.pong !== pong) turn = { pong, work };
    const depth = studentsDepth();
    turn.seen = depth < 0 ? undefined : (turn.seen ?? now);
    if (turn.seen === undefined) {
      if (work - turn.work < WORK_MS) return MISSED;
    } else if (!(sure || now - turn.seen >= APART_MS) || (depth > 0 && now - turn.seen < BETWEEN_MS))
      return MISSED;
    turn = undefined;
    const run = currentRun()?.run ?? 0;
    // The next function that is entered, or loop that goes on, is ended: it must not be one of this call.
    session.post("Runtime.terminateExecution");
    return run;
  };
}

/** How many frames of the kernel's or of Node's stand above the student's code; -1: it is not on the stack. */
function studentsDepth(): number {
  // Above all come this function, its caller and the inspector's text.
  const frames = getCallSites(MOST_FRAMES).slice(3);
  return frames.findIndex(({ scriptName }) => !scriptName.startsWith("node:") && !scriptName.startsWith(OWN));
}

/** Processor time of this thread, in milliseconds. */
function worked(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

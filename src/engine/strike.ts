// The main thread's part in an interrupt: V8's inspector has it run in the middle of whatever holds the thread. It alone can see
// what that is, so it ends the student's code and nothing else, and that between two calls of its own. A termination in the middle of
// Node's timers loses timers that have nothing to do with it, or leaves a list of them that Node never comes to the end of.
import { Session } from "node:inspector";
import { getCallSites } from "node:util";
import { currentRun } from "./attribution.js";
import { type Shared, Word } from "./ring.js";

const OWN = new URL("./", import.meta.url).href;
const MOST_FRAMES = 200;
/** Cells may replace it. */
const { nodeTiming } = performance;
/** Seen all the time for so long, the student's code holds the thread. */
const HOLDS_MS = 1;
/** The same where a timer has called it: it may be the callbacks of a thousand timers, each of which is about to end. */
const TIMER_HOLDS_MS = 50;
/** So long it is waited for code that is between two calls. After that any place will do: it may spend its life in one. */
const BETWEEN_MS = 100;
/** After so much work without a turn of the event loop, Node's code is endless, too. */
const WORK_MS = 50;
/** So often nothing stands on the stack where microtasks follow each other without end; between two callbacks of the loop it is once. */
const BARE = 3;

/** Nothing was ended. */
export const MISSED = -1;

/**
 * @returns what the control worker calls through the inspector: it ends the code below it if that holds the thread. `interrupt` is
 *   the number of the one that is meant: a call that comes late does nothing. With `sure`, having seen the student's code once, between
 *   two calls of its own and not called by a timer, will do. It gives the run that the code belongs to, 0 if that is unknown, or `MISSED`.
 */
export function createStrike({ words }: Shared): (interrupt: number, sure: boolean) => number {
  const session = new Session();
  session.connect();
  /** The turn of the event loop that was looked into last: the work before, and since when the student's code has been seen in it. */
  let turn: { loop: number; work: number; bare: number; seen?: number | undefined } | undefined;
  return (interrupt, sure) => {
    if (Atomics.load(words, Word.interrupt as number) !== interrupt) return MISSED;
    const { loopCount: loop } = nodeTiming.uvMetricsInfo;
    const [now, work] = [performance.now(), worked()];
    if (turn?.loop !== loop) turn = { loop, work, bare: 0 };
    const found = look();
    if (found.bare) turn.bare++;
    turn.seen = found.students ? (turn.seen ?? now) : undefined;
    const seen = turn.seen === undefined ? 0 : now - turn.seen;
    const holds = found.students
      ? seen >= (found.byTimer ? TIMER_HOLDS_MS : sure ? 0 : HOLDS_MS) && (found.onTop || seen >= BETWEEN_MS)
      : (found.bare ? turn.bare >= BARE : found.nodes) && work - turn.work >= WORK_MS;
    if (!holds || found.inTimers) return MISSED;
    turn = undefined;
    const run = currentRun()?.run ?? 0;
    // The next function that is entered, or loop that goes on, is ended: it must not be one of this call.
    session.post("Runtime.terminateExecution");
    return run;
  };
}

/** What stands on the stack. */
interface Found {
  /** The student's code. */
  students: boolean;
  /** Above all else. */
  onTop: boolean;
  /** A timer called it. */
  byTimer: boolean;
  /** Node's timers are at work, for the student's code or by themselves. */
  inTimers: boolean;
  /** Node's code, and nothing of the kernel's, which does come to an end. */
  nodes: boolean;
  /** Nothing at all. */
  bare: boolean;
}

function look(): Found {
  // Above all come this function, its caller and the inspector's text.
  const files = getCallSites(MOST_FRAMES)
    .slice(3)
    .map(({ scriptName }) => scriptName);
  const isOwn = (file: string): boolean => file.startsWith(OWN);
  const isTimers = (file: string): boolean =>
    /^node:(internal\/)?(timers|priority_queue|linkedlist)$/.test(file);
  const top = files.findIndex((file) => !file.startsWith("node:") && !isOwn(file));
  const above = top < 0 ? files : files.slice(0, top);
  return {
    students: top >= 0,
    onTop: top === 0,
    byTimer: top >= 0 && files.slice(top).some(isTimers),
    inTimers: above.some(isTimers),
    nodes: files.length > 0 && !files.some(isOwn),
    bare: files.length === 0,
  };
}

/** Processor time of this thread, in milliseconds. */
function worked(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

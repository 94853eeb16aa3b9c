// The code comes to a standstill, and goes on: which stops are told of, and what a step means in cells.
import type { Debugger, Runtime } from "node:inspector";
import type { Json } from "../flow.js";
import { type Breakpoints, hitsEnough } from "./breakpoints.js";
import { describe } from "./describe.js";
import { type Filter, isStudents } from "./exceptions.js";
import { DebugProblem, type Inspector } from "./inspector.js";
import type { DebuggerOptions } from "./needs.js";
import type { Sources } from "./sources.js";
import { isAtReturn, isTopLevel, type StudentFrame, studentFrames } from "./stack.js";
import type { Variables } from "./variables.js";

/** JavaScript has one. */
export const THREAD = 1;

/** Where the code stands still. */
export interface Stop {
  frames: StudentFrame[];
  atReturn: boolean;
  exception?: Runtime.RemoteObject;
}

type Step = "Debugger.stepOver" | "Debugger.stepInto" | "Debugger.stepOut";

interface Parts {
  inspector: Inspector;
  sources: Sources;
  breakpoints: Breakpoints;
  variables: Variables;
  say(event: string, body: Json): void;
}

export class Stops {
  readonly #options: DebuggerOptions;
  readonly #parts: Parts;
  #stop: Stop | undefined;
  /** What a stop will be called that has no reason of its own. */
  #expected: "step" | "pause" | undefined;
  /** A cell is several scripts: this breakpoint of V8's takes a step from one to the next. */
  #bridge: string | undefined;
  /** Tells a stop that is over by the time that it is understood. */
  #count = 0;
  /** At which errors to stop. */
  filters: Filter[] = [];

  constructor(options: DebuggerOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
  }

  get current(): Stop | undefined {
    return this.#stop;
  }

  async onPaused(paused: Debugger.PausedEventDataType): Promise<void> {
    const { sources, breakpoints, variables, say } = this.#parts;
    const mine = ++this.#count;
    const why = this.#expected;
    this.#expected = undefined;
    await this.#unbridge();
    const frames = studentFrames(paused, sources);
    const hit = (paused.hitBreakpoints ?? [])
      .map((id) => breakpoints.byId(id))
      .filter((one) => one !== undefined);
    const isError = /exception|promiseRejection/i.test(paused.reason);
    const top = paused.callFrames[0];
    if (hit.length > 0) {
      for (const one of hit) one.hits++;
      if (!hit.some(({ asked, hits }) => hitsEnough(asked.hitCondition, hits))) return this.#further(why);
    } else if (isError) {
      const { isCaught } = this.#options;
      if (!isStudents(paused, frames, { filters: this.filters, sources, isCaught }))
        return this.#further(why);
    } else if (why === "step" && (!top || frames[0]?.call !== top)) {
      // What the kernel put into the cell, the end of one of its scripts, or the kernel itself.
      if (!top?.url.startsWith("wirebook:"))
        return this.#go(frames[0]?.call ? "Debugger.stepOut" : "Debugger.resume");
      if (!isAtReturn(paused)) return this.#go("Debugger.stepOver");
      await this.#bridgeFrom(top.url);
      return this.#go("Debugger.resume");
    }
    if (mine !== this.#count) return;
    if (frames.length === 0) return this.#go("Debugger.resume");
    const reason = isError ? "exception" : hit.length > 0 || why === undefined ? "breakpoint" : why;
    const exception = isError ? (paused.data as Runtime.RemoteObject | undefined) : undefined;
    this.#stop = { frames, atReturn: isAtReturn(paused), ...(exception && { exception }) };
    variables.begin();
    say("stopped", {
      reason,
      threadId: THREAD,
      allThreadsStopped: true,
      ...(hit.length > 0 && { hitBreakpointIds: hit.map(({ id }) => id) }),
      ...(reason === "breakpoint" && hit.length === 0 && { description: "debugger statement" }),
      ...(exception && { description: "An error is thrown", text: describe(exception) }),
    });
  }

  onResumed(): void {
    this.#count++;
    this.#parts.variables.release();
    if (!this.#stop) return;
    this.#stop = undefined;
    this.#parts.say("continued", { threadId: THREAD, allThreadsContinued: true });
  }

  /** The engine is gone, or the debugger. */
  forget(): void {
    this.#expected = this.#bridge = undefined;
    this.onResumed();
  }

  async step(how: Step): Promise<void> {
    if (!this.#stop) throw new DebugProblem("nothing stands still");
    const { frames, atReturn } = this.#stop;
    const call = frames[0]?.call;
    if (call && isTopLevel(call)) await this.#bridgeFrom(call.url);
    // Past the end of a handler nothing of the student's follows: a step would stop wherever code runs next.
    const last = frames.length === 1 && (atReturn || how === "Debugger.stepOut");
    await this.#go(last ? "Debugger.resume" : how);
  }

  async goOn(): Promise<void> {
    if (this.#stop) await this.#go("Debugger.resume");
  }

  async pause(): Promise<void> {
    if (this.#stop) return;
    this.#expected = "pause";
    await this.#parts.inspector.call("Debugger.pause");
  }

  /** Not worth a stop: on as before. */
  #further(why: "step" | "pause" | undefined): Promise<void> {
    return this.#go(why === "step" ? "Debugger.stepOver" : "Debugger.resume");
  }

  async #go(method: Step | "Debugger.resume"): Promise<void> {
    if (method !== "Debugger.resume") this.#expected = "step";
    await this.#parts.inspector.call(method).catch(() => {});
  }

  /** At the end of one of a cell's scripts comes the next, which nobody calls. */
  async #bridgeFrom(url: string): Promise<void> {
    const { inspector, sources, breakpoints } = this.#parts;
    const [, run = "", script = ""] = /^wirebook:\/\/cell\/(\d+)\/(\d+)$/.exec(url) ?? [];
    const execution = this.#options.execution(Number(run));
    const next = Number(script) + 1;
    if (!execution || sources.scriptsOf(execution.code).length <= next) return;
    const first = (await breakpoints.stoppable(sources.pathOf(execution.code)))
      .filter((place) => place.script === next && place.statement)
      .sort((a, b) => a.line - b.line || a.column - b.column)[0];
    if (!first) return;
    this.#bridge = await inspector
      .call("Debugger.setBreakpointByUrl", {
        url: `wirebook://cell/${run}/${next}`,
        lineNumber: first.line,
        columnNumber: first.column,
      })
      .then(({ breakpointId }) => breakpointId)
      // A breakpoint of the student's stands there already.
      .catch(() => undefined);
    this.#expected = "step";
  }

  async #unbridge(): Promise<void> {
    if (this.#bridge === undefined) return;
    const breakpointId = this.#bridge;
    this.#bridge = undefined;
    await this.#parts.inspector.call("Debugger.removeBreakpoint", { breakpointId }).catch(() => {});
  }
}

// The debugger's end in the engine: V8's inspector protocol, passed on as it is between the supervisor and the main thread.
// Nothing of it exists until the first command of the protocol comes, and nothing is left once the debugger is off. Steps
// are kept to the student's code here, where a step costs no way between processes.
import { type Debugger, Session } from "node:inspector";
import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "../flow.js";

const SKIP_MS = 20;
const PAUSE_MS = 20;
const NUDGE_MS = 50;
/** So many steps in a row may lead through Node's inside before that is left as a whole. */
const MOST_STEPS = 400;

/** The answer to one command of the inspector's protocol. */
export type InspectorAnswer = { result: Json } | { error: string };

interface Parts {
  /** A notification of the protocol. */
  notify(method: string, params: Json): void;
  /** Told while it may stop at exceptions. */
  watchExceptions(on: boolean): void;
  /** The kernel's own folder: its scripts are nobody's business. */
  own: string;
}

type Step = "Debugger.stepInto" | "Debugger.stepOver" | "Debugger.stepOut" | "Debugger.pause";

export class Debugging {
  readonly #parts: Parts;
  #session: Session | undefined;
  #paused = false;
  readonly #urls = new Map<string, string>();
  /** The step that is under way, and how many have been added to it. */
  #step: { how: Step; added: number } | undefined;
  #nudge: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  /** Steps that were added on the way are not told of. */
  #silent = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Sends a command to the main thread's inspector, which answers while cells run and while they stand still. */
  post(method: string, params: Json): Promise<InspectorAnswer> {
    const session = this.#session ?? this.#connect();
    // Node 26 may leave a message lie, either way, when the thread is just coming to a standstill; the next one takes it along.
    if (method === "Debugger.enable")
      this.#nudge ??= setInterval(
        () => session.post("Runtime.getIsolateId" as "Debugger.enable", () => {}),
        NUDGE_MS,
      );
    if (method === "Debugger.setPauseOnExceptions") this.#parts.watchExceptions(params.state !== "none");
    if (/^Debugger\.(step|pause)/.test(method)) this.#step = { how: method as Step, added: 0 };
    else if (method === "Debugger.resume") this.#step = undefined;
    return new Promise((resolve) => {
      session.post(method as "Debugger.enable", params as never, (error: Error | null, result?: object) => {
        resolve(error ? { error: error.message } : { result: (result ?? {}) as Json });
      });
    });
  }

  /** The debugger goes, and with it all that it cost. A thread that stands still goes on. */
  off(): void {
    clearTimeout(this.#again);
    clearInterval(this.#nudge);
    this.#nudge = undefined;
    this.#session?.disconnect();
    this.#session = undefined;
    this.#paused = false;
    this.#urls.clear();
    this.#parts.watchExceptions(false);
  }

  /** For an interrupt: what stands still is struck on the spot, and until `rearm` nothing stops again. */
  async release(strike: () => Promise<unknown>): Promise<boolean> {
    if (!this.#session) return false;
    clearTimeout(this.#again);
    // A thread in native code hears nothing for now, and does not stop either.
    await Promise.race([this.post("Debugger.setSkipAllPauses", { skip: true }), sleep(SKIP_MS)]);
    if (!this.#paused) return false;
    // It ends when it goes on.
    await Promise.race([strike(), sleep(PAUSE_MS)]);
    await this.post("Debugger.resume", {});
    return true;
  }

  rearm(): void {
    if (this.#session) void this.post("Debugger.setSkipAllPauses", { skip: false });
  }

  #connect(): Session {
    const session = new Session();
    session.connectToMainThread();
    session.on("inspectorNotification", (message: { method: string; params?: unknown }) =>
      this.#hear(message.method, message.params ?? {}),
    );
    this.#session = session;
    return session;
  }

  #hear(method: string, params: object): void {
    if (method === "Debugger.scriptParsed") {
      const { scriptId, url } = params as Debugger.ScriptParsedEventDataType;
      this.#urls.set(scriptId, url);
      // Files only: of cells the supervisor knows more than the inspector, and Node's own scripts are hundreds.
      if (!url.startsWith("file:") || url.startsWith(this.#parts.own)) return;
    } else if (method === "Debugger.paused") {
      this.#paused = true;
      const stop = params as Debugger.PausedEventDataType;
      // Node leaves the names of the scripts out.
      for (const frame of stop.callFrames) frame.url ||= this.#urls.get(frame.location.scriptId) ?? "";
      const next = this.#further(stop);
      this.#silent = next !== undefined;
      if (next) {
        const step = this.#step;
        void this.post(next, {});
        if (step?.how === "Debugger.pause" && next === "Debugger.resume") this.#pauseLater();
        else if (step && next !== "Debugger.resume") this.#step = { how: step.how, added: step.added + 1 };
        return;
      }
      this.#step = undefined;
    } else if (method === "Debugger.resumed") {
      this.#paused = false;
      if (this.#silent) return;
    } else if (method !== "Debugger.breakpointResolved") return;
    this.#parts.notify(method, params as Json);
  }

  /** V8 cannot be told to step over Node's inside: how to get from there to the student's code. */
  #further({ callFrames, hitBreakpoints, reason }: Debugger.PausedEventDataType): string | undefined {
    if (!this.#step || hitBreakpoints?.length || /exception|promiseRejection/.test(reason)) return undefined;
    const { how, added } = this.#step;
    if (this.#isStudents(callFrames[0]?.url ?? "")) return undefined;
    const below = callFrames.some(({ url }) => this.#isStudents(url));
    if (how === "Debugger.pause") return below ? undefined : "Debugger.resume";
    if (added < MOST_STEPS && how === "Debugger.stepInto") return how;
    if (below || added < MOST_STEPS / 4) return "Debugger.stepOut";
    return "Debugger.resume";
  }

  /** Nothing of the student's was on the way: as soon as there is, it is to stand still. */
  #pauseLater(): void {
    this.#again = setTimeout(() => {
      if (!this.#paused && !this.#step && this.#session) void this.post("Debugger.pause", {});
    }, PAUSE_MS);
  }

  #isStudents(url: string): boolean {
    return url.startsWith("wirebook:") || (url.startsWith("file:") && !url.startsWith(this.#parts.own));
  }
}

// Commands of V8's inspector protocol, from here to the engine's main thread.
// https://chromedevtools.github.io/devtools-protocol/v8/
import type { Debugger, Runtime } from "node:inspector";
import type { Json } from "../flow.js";
import type { DebuggerOptions } from "./needs.js";

/** A request that cannot be done; its message is for people. */
export class DebugProblem extends Error {
  override name = "DebugProblem";
}

/** What each command that is used gives. */
interface Results {
  "Debugger.enable": object;
  "Runtime.enable": object;
  "Debugger.setBlackboxPatterns": object;
  "Debugger.setAsyncCallStackDepth": object;
  "Debugger.setPauseOnExceptions": object;
  "Debugger.setBreakpointByUrl": Debugger.SetBreakpointByUrlReturnType;
  "Debugger.removeBreakpoint": object;
  "Debugger.getPossibleBreakpoints": Debugger.GetPossibleBreakpointsReturnType;
  "Debugger.resume": object;
  "Debugger.stepOver": object;
  "Debugger.stepInto": object;
  "Debugger.stepOut": object;
  "Debugger.pause": object;
  "Debugger.evaluateOnCallFrame": Debugger.EvaluateOnCallFrameReturnType;
  "Runtime.evaluate": Runtime.EvaluateReturnType;
  "Runtime.compileScript": Runtime.CompileScriptReturnType;
  "Runtime.callFunctionOn": Runtime.CallFunctionOnReturnType;
  "Runtime.getProperties": Runtime.GetPropertiesReturnType;
  "Runtime.globalLexicalScopeNames": Runtime.GlobalLexicalScopeNamesReturnType;
  "Runtime.releaseObjectGroup": object;
}

/** A main thread that answers at all answers within this time; interrupts wait behind a question, so it is short. */
const DEADLINE_MS = 800;
/** After this nobody expects an answer any more. */
const FORGET_MS = 3_600_000;

export interface Inspector {
  /** @throws {DebugProblem} refused, or not answered in time */
  call<M extends keyof Results>(method: M, params?: Json, deadline?: number): Promise<Results[M]>;
}

export function createInspector(engine: DebuggerOptions["engine"]): Inspector {
  /** Asked, and not answered within the deadline: while there are such, others need not wait as long. */
  let overdue = 0;
  return {
    async call(method, params = {}, deadline = DEADLINE_MS) {
      const asked = engine.ask((id) => ({ type: "inspector", id, method, params }), FORGET_MS);
      const late = Symbol();
      let timer: NodeJS.Timeout | undefined;
      const answer = await Promise.race([
        asked,
        new Promise((resolve) => {
          timer = setTimeout(resolve, overdue > 0 ? 20 : deadline, late);
        }),
      ]);
      clearTimeout(timer);
      if (answer === late) {
        overdue++;
        void asked.then(() => overdue--);
        throw new DebugProblem(
          "the code that runs does not answer: it waits in native code, as `execSync` does; interrupt it",
        );
      }
      if (answer === undefined) throw new DebugProblem("there is no engine that could answer");
      const { result, error } = answer as { result: never; error?: string };
      if (error !== undefined) throw new DebugProblem(error.replace(/^Inspector error -?\d+: /, ""));
      return result;
    },
  };
}

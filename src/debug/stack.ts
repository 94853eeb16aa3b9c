// Where the code stands still: the student's frames, on the stack and across awaits.
import type { Debugger, Runtime } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { SourcePlace, Sources } from "./sources.js";
import type { Variables } from "./variables.js";

/** A frame of the student's. */
export interface StudentFrame {
  id: number;
  name: string;
  place: SourcePlace;
  /** Missing across an await: there nothing is on the stack any more. */
  call?: Debugger.CallFrame;
}

let lastFrame = 0;

/** The frames of a stop, the innermost first; the kernel's and Node's are left out. */
export function studentFrames(stop: Debugger.PausedEventDataType, sources: Sources): StudentFrame[] {
  const frames: StudentFrame[] = [];
  const add = (
    { functionName, url, line, column, scriptId }: Where,
    more: { asynchronous: boolean; call?: Debugger.CallFrame },
  ): void => {
    const place = sources.place(url, scriptId, line, column);
    if (!place) return;
    const top = more.call ? isTopLevel(more.call) : functionName === "";
    const name = functionName || (top && place.run !== undefined ? place.name : "(anonymous)");
    frames.push({
      id: ++lastFrame,
      name: more.asynchronous ? `async ${name}` : name,
      place,
      ...(more.call && { call: more.call }),
    });
  };
  for (const call of stop.callFrames) {
    const { functionName, url, location } = call;
    const { scriptId, lineNumber: line, columnNumber: column = 0 } = location;
    add({ functionName, url, scriptId, line, column }, { asynchronous: false, call });
  }
  for (let trace: Runtime.StackTrace | undefined = stop.asyncStackTrace; trace; trace = trace.parent) {
    for (const { functionName, url, scriptId, lineNumber: line, columnNumber: column } of trace.callFrames)
      add({ functionName, url, scriptId, line, column }, { asynchronous: true });
  }
  return frames;
}

interface Where {
  functionName: string;
  url: string;
  scriptId: string;
  line: number;
  column: number;
}

/** A cell's own level is the script, which has no scope of a function. */
export function isTopLevel({ functionName, scopeChain }: Debugger.CallFrame): boolean {
  return functionName === "" && !scopeChain.some(({ type }) => type === "local" || type === "closure");
}

/** Does a function end here? */
export function isAtReturn(stop: Debugger.PausedEventDataType): boolean {
  return stop.callFrames[0]?.returnValue !== undefined;
}

/** A frame as the protocol has it. */
export function toStackFrame({ id, name, place }: StudentFrame): DebugProtocol.StackFrame {
  const library = /[\\/]node_modules[\\/]/.test(place.path);
  return {
    id,
    name,
    source: {
      name: place.name,
      path: place.path,
      ...(library && { presentationHint: "deemphasize" as const }),
    },
    line: place.line,
    column: place.column,
    ...(library && { presentationHint: "subtle" as const }),
  };
}

/** The scopes of a frame: what is local is one, then functions around it, then the notebook's variables. */
export function toScopes({ call }: StudentFrame, variables: Variables): DebugProtocol.Scope[] {
  const globals = {
    name: "Globals",
    variablesReference: variables.hold({ kind: "globals" }),
    expensive: false,
  };
  if (!call) return [globals];
  const frame = call.callFrameId;
  const made: DebugProtocol.Scope[] = [];
  const local = call.scopeChain.filter((_, index, all) => {
    const outer = all.findIndex(({ type }) => /^(closure|script|global|module)$/.test(type));
    return outer < 0 || index < outer;
  });
  const extra: [string, Runtime.RemoteObject][] = [];
  if (call.returnValue) extra.push(["(return value)", call.returnValue]);
  if (call.this.type !== "undefined" && call.this.className !== "global") extra.push(["this", call.this]);
  if (local.length > 0 || extra.length > 0) {
    const variablesReference = variables.hold({ kind: "scopes", scopes: local, extra, frame });
    made.push({ name: "Locals", presentationHint: "locals", variablesReference, expensive: false });
  }
  for (const scope of call.scopeChain) {
    if (scope.type !== "closure" && scope.type !== "module") continue;
    const title = scope.type === "module" ? "Module" : scope.name ? `Closure of ${scope.name}` : "Closure";
    const same = made.filter(({ name }) => name.startsWith(title)).length;
    const variablesReference = variables.hold({ kind: "scopes", scopes: [scope], extra: [], frame });
    made.push({ name: same > 0 ? `${title} (${same + 1})` : title, variablesReference, expensive: false });
  }
  return [...made, globals];
}

// The debug adapter: what front ends ask in the words of the Debug Adapter Protocol, done by V8's inspector.
// https://microsoft.github.io/debug-adapter-protocol/specification
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#debug-request
import type { Debugger } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { Json } from "../flow.js";
import { Breakpoints } from "./breakpoints.js";
import { describe } from "./describe.js";
import { Evaluation } from "./evaluate.js";
import type { Filter } from "./exceptions.js";
import { createInspector, DebugProblem } from "./inspector.js";
import type { DebuggerOptions, Execution } from "./needs.js";
import { escapePattern, HASH_SEED, nameOf, Sources, SUFFIX } from "./sources.js";
import { type StudentFrame, toScopes, toStackFrame } from "./stack.js";
import { Stops, THREAD } from "./stops.js";
import { Variables } from "./variables.js";

/** The debugger of one kernel. */
export interface KernelDebugger {
  /** Answers one request; never rejects. */
  request(content: Json): Promise<Json>;
  /** To be awaited before a cell runs, if there is something to await. */
  beforeRun(execution: Execution): Promise<void> | undefined;
  /** A notification of V8's inspector. */
  onNotification(method: string, params: Json): void;
  /** The engine has died, and the next one knows of nothing. */
  onDeath(): void;
}

const ASYNC_DEPTH = 32;
/** An engine that has just been started takes a moment. */
const START_MS = 5000;
/** Steps do not lead into libraries. */
const LIBRARIES = "/node_modules/";

const capabilities: DebugProtocol.Capabilities = {
  supportsConfigurationDoneRequest: true,
  supportsConditionalBreakpoints: true,
  supportsHitConditionalBreakpoints: true,
  supportsLogPoints: true,
  supportsEvaluateForHovers: true,
  supportsSetVariable: true,
  supportsExceptionInfoRequest: true,
  supportsModulesRequest: true,
  supportsLoadedSourcesRequest: true,
  supportsBreakpointLocationsRequest: true,
  supportsDelayedStackTraceLoading: true,
  supportsTerminateRequest: true,
  exceptionBreakpointFilters: [
    {
      filter: "raised",
      label: "Raised Exceptions",
      description: "Wherever an error is thrown, caught or not",
      default: false,
    },
    {
      filter: "uncaught",
      label: "Uncaught Exceptions",
      description: "Where an error is thrown that no `catch` in your code will catch",
      default: false,
    },
  ],
};

/** Creates a debugger that is off. @param options.own where the kernel's own scripts lie, as a URL */
export function createDebugger(options: DebuggerOptions & { own: string }): KernelDebugger {
  const inspector = createInspector(options.engine);
  const sources = new Sources(options);
  const breakpoints = new Breakpoints(options, inspector, sources);
  const variables = new Variables(inspector);
  let seq = 0;
  const say = (event: string, body: Json = {}): void =>
    options.publish({ type: "event", seq: ++seq, event, body });
  const stops = new Stops(options, { inspector, sources, breakpoints, variables, say });
  const evaluation = new Evaluation(options, inspector, variables, () => stops.current !== undefined);

  // ── on and off
  /** A front end has said `initialize`. */
  let started = false;
  let attached = false;
  let attaching: Promise<void> | undefined;
  const attach = (): Promise<void> => {
    if (attached) return Promise.resolve();
    attaching ??= attachNow().finally(() => {
      attaching = undefined;
    });
    return attaching;
  };
  const attachNow = async (): Promise<void> => {
    await inspector.call("Debugger.enable", {}, START_MS);
    // Only so are scripts compiled without being run.
    await inspector.call("Runtime.enable");
    const patterns = [escapePattern(options.own), LIBRARIES];
    await inspector.call("Debugger.setBlackboxPatterns", { patterns, skipAnonymous: true });
    await inspector.call("Runtime.evaluate", { expression: "__wirebook.withoutInspectorHook()" });
    await inspector.call("Debugger.setAsyncCallStackDepth", { maxDepth: ASYNC_DEPTH });
    attached = true;
    await setFilters();
    await breakpoints.restore();
  };
  const setFilters = async (): Promise<void> => {
    const state = stops.filters.length > 0 ? "all" : "none";
    await inspector.call("Debugger.setPauseOnExceptions", { state });
  };
  const detach = (): void => {
    attached = started = false;
    stops.filters = [];
    breakpoints.clear();
    sources.reset();
    stops.forget();
    options.engine.send({ type: "inspectorOff" });
    say("terminated");
  };

  const frameOf = (id: unknown): StudentFrame => {
    const frame = stops.current?.frames.find((one) => one.id === id);
    if (!frame) throw new DebugProblem("this frame is out of date: the code has gone on");
    return frame;
  };
  const pathIn = (source: unknown): string => {
    const { path } = (source ?? {}) as DebugProtocol.Source;
    if (path === undefined) throw new DebugProblem("the request needs the path of a source");
    return path;
  };

  // ── the whole protocol of requests
  type Handler = (args: Json) => object | Promise<object> | Promise<void> | void;
  const always: Record<string, Handler> = {
    initialize({ clientID }) {
      started = true;
      // JupyterLab's tree shows a type instead of the value.
      variables.types = clientID !== "jupyterlab";
      return capabilities;
    },
    debugInfo: () => ({
      isStarted: started,
      hashMethod: "Murmur2",
      hashSeed: HASH_SEED,
      tmpFilePrefix: sources.prefix,
      tmpFileSuffix: SUFFIX,
      breakpoints: breakpoints.list(),
      stoppedThreads: stops.current ? [THREAD] : [],
      richRendering: true,
      exceptionPaths: ["Exceptions"],
      copyToGlobals: true,
    }),
    async inspectVariables() {
      variables.begin();
      return { variables: await variables.globals().catch(() => []) };
    },
    richInspectVariables: ({ variableName, frameId }) =>
      evaluation.rich(
        String(variableName),
        frameId === undefined ? stops.current?.frames[0] : frameOf(frameId),
      ),
    variables: async (args) => ({
      variables: await variables.list(args as unknown as DebugProtocol.VariablesArguments),
    }),
    modules() {
      const modules = sources.files().map((path, id) => ({ id, name: nameOf(path), path }));
      return { modules, totalModules: modules.length };
    },
  };
  const whenStarted: Record<string, Handler> = {
    async attach() {
      await attach();
      say("initialized");
    },
    configurationDone() {},
    disconnect: detach,
    terminate: detach,
    dumpCell: ({ code }) => ({ sourcePath: sources.dump(String(code)) }),
    async setBreakpoints({ source, breakpoints: asked = [] }) {
      const path = pathIn(source);
      await attach();
      return { breakpoints: await breakpoints.replace(path, asked as DebugProtocol.SourceBreakpoint[]) };
    },
    async breakpointLocations({ source, line, endLine = line }) {
      const path = pathIn(source);
      await attach();
      const places = (await breakpoints.stoppable(path)).map(({ student }) => student);
      return {
        breakpoints: places.filter((place) => place.line >= Number(line) && place.line <= Number(endLine)),
      };
    },
    async setExceptionBreakpoints({ filters = [] }) {
      stops.filters = (filters as Filter[]).filter((one) => one === "raised" || one === "uncaught");
      await attach();
      await setFilters();
      return { breakpoints: stops.filters.map(() => ({ verified: true })) };
    },
    threads: () => ({ threads: [{ id: THREAD, name: "main" }] }),
    stackTrace({ startFrame = 0, levels }) {
      const frames = (stops.current?.frames ?? []).map(toStackFrame);
      const from = Number(startFrame);
      const to = Number(levels) > 0 ? from + Number(levels) : undefined;
      return { stackFrames: frames.slice(from, to), totalFrames: frames.length };
    },
    scopes: ({ frameId }) => ({ scopes: toScopes(frameOf(frameId), variables) }),
    evaluate({ expression, frameId, context }) {
      const frame = frameId === undefined ? stops.current?.frames[0] : frameOf(frameId);
      return evaluation.evaluate(String(expression), { frame, hover: context === "hover" });
    },
    setVariable: ({ variablesReference, name, value }) =>
      evaluation.assign(Number(variablesReference), String(name), String(value)),
    copyToGlobals: ({ srcVariableName, dstVariableName, srcFrameId }) =>
      evaluation.copy(String(srcVariableName), String(dstVariableName), frameOf(srcFrameId)),
    source({ source }) {
      const content = sources.text(pathIn(source));
      if (content === undefined) throw new DebugProblem("source unavailable");
      return { content, mimeType: "text/typescript" };
    },
    loadedSources: () => ({ sources: sources.files().map((path) => ({ name: nameOf(path), path })) }),
    exceptionInfo() {
      const { exception } = stops.current ?? {};
      if (!exception) throw new DebugProblem("no error was thrown here");
      const { className = "Error", description = "" } = exception;
      const details = { message: describe(exception), typeName: className, stackTrace: description };
      return { exceptionId: className, description: details.message, breakMode: "always", details };
    },
    pause: () => stops.pause(),
    async continue() {
      await stops.goOn();
      return { allThreadsContinued: true };
    },
    next: () => stops.step("Debugger.stepOver"),
    stepIn: () => stops.step("Debugger.stepInto"),
    stepOut: () => stops.step("Debugger.stepOut"),
  };

  const handlerOf = (command: string): Handler => {
    if (Object.hasOwn(always, command)) return always[command] as Handler;
    if (!Object.hasOwn(whenStarted, command))
      throw new DebugProblem(`this debugger does not know the request ${command}`);
    if (!started) throw new DebugProblem("the debugger is off: `initialize` and `attach` come first");
    return whenStarted[command] as Handler;
  };

  return {
    async request({ seq: asked, command, arguments: args }) {
      const answer = { type: "response", seq: ++seq, request_seq: asked, command };
      try {
        const body = await handlerOf(String(command))((args ?? {}) as Json);
        return { ...answer, success: true, body: body ?? {} };
      } catch (error) {
        if (!(error instanceof DebugProblem)) console.error("wirebook:", error);
        const { message } = error as Error;
        return { ...answer, success: false, message, body: { error: { id: 1, format: message } } };
      }
    },
    beforeRun(execution) {
      const ready = attaching
        ? attaching.then(() => breakpoints.beforeRun(execution))
        : attached
          ? breakpoints.beforeRun(execution)
          : undefined;
      // A cell does not stand still because it cannot be stopped.
      return ready?.catch(() => {});
    },
    onNotification(method, params) {
      if (method === "Debugger.paused")
        void stops.onPaused(params as unknown as Debugger.PausedEventDataType);
      else if (method === "Debugger.resumed") stops.onResumed();
      else if (method === "Debugger.scriptParsed")
        sources.loaded(params as unknown as Debugger.ScriptParsedEventDataType);
    },
    onDeath() {
      sources.reset();
      stops.forget();
      if (!attached) return;
      attached = false;
      void attach().catch(() => {});
    },
  };
}

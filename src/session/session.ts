// The session: who asked, what is answered, in which order. The table below is the whole protocol of requests.

import type { Event, Header, Json, Message, TypesMode } from "../flow.js";
import { createComms, diagnosticsTarget, submitTarget } from "./comms.js";
import { createEvents } from "./events.js";
import { createExecutor } from "./execute.js";
import { createInput } from "./input.js";
import { complete, diagnose, inspect, type Oracles } from "./introspect.js";
import { createLane } from "./lane.js";
import { createMissedOutput } from "./missed.js";
import type { Checks, Engine, KernelDebugger, Outlet, Output, OwnComm, Translation, Types } from "./needs.js";
import type { Running, Runs } from "./runs.js";
import { createServe, type Handler, ok } from "./serve.js";
import { createShellLane } from "./shell-lane.js";
import { signature } from "./signature.js";
import { createSubshells, isCell, unknownSubshell } from "./subshells.js";
import { createTypeCheck } from "./typed.js";

export interface SessionOptions {
  outlet: Outlet;
  output: Output;
  engine(): Engine;
  /** The translator, loaded when it is first needed. */
  translation(): Promise<Translation>;
  /** What answers checks, loaded when one is first met. */
  checks(): Promise<Checks>;
  /** The type checker, loaded when it is first needed; `undefined`: there is none. */
  types(): Promise<Types | undefined>;
  /** How strictly types are taken where no cell says otherwise. */
  typesMode(): Promise<TypesMode>;
  /** Are cells run without strict mode? */
  sloppy(): Promise<boolean>;
  runs: Runs;
  /** The debugger, loaded when a front end first asks it something. */
  debugger(parts: {
    /** Sends a debug_event. */
    publish(event: Json): void;
    /** Tells the type checker of a variable that no cell has declared. */
    declare(name: string): void;
  }): Promise<KernelDebugger>;
  /** Answers a front end's button that hands in; left out: there is none. */
  submitting?(): OwnComm;
  /** Content of `kernel_info_reply`. */
  kernelInfo: Json;
  /** Content of `connect_reply`. */
  connectInfo(): Promise<Json>;
  /** Called once the answer to a shutdown_request is on its way. */
  onShutdown(restart: boolean): void;
}

/** One kernel's session. */
export interface Session {
  receive(message: Message): void;
  /** A client subscribed to this topic of iopub. */
  subscribed(topic: string): void;
  interrupt(): void;
  onEvent(event: Event): void;
  onDeath(reason: string, givenUp: boolean): void;
  /** No request is served any more. */
  stop(): void;
}

/** A client whose subscription is still on its way would miss the first `idle` and wait for it for ever. */
const subscriptionGrace = 250;

/** Creates the session. `runs` comes from outside because tracebacks need the cells' sources too. */
export function createSession(options: SessionOptions): Session {
  const { outlet, output, engine, translation, types, runs, kernelInfo, connectInfo, onShutdown } = options;
  const input = createInput(outlet, output);
  let audience = 0;
  const shared = {
    output,
    engine,
    runs,
    running: new Map<number, Running>(),
    input,
    missed: createMissedOutput(),
    notices: [],
    audience: () => audience,
  };
  const typeCheck = createTypeCheck({ output, types, mode: options.typesMode });
  const events = createEvents(shared);
  const subshells = createSubshells({
    executor: (own) =>
      createExecutor({
        ...shared,
        translation,
        checks: options.checks,
        sloppy: options.sloppy,
        typeCheck,
        signature: async (outline, callable) => await signature(outline, callable, await oracles()),
        beforeRun: (run) => loaded?.beforeRun(run),
        ...own,
      }),
    lane: (shell) =>
      createShellLane(
        (request, aborted) => serve(request, { shell, aborted }),
        () => shell.cells,
      ),
  });
  const interrupt = (): void => {
    for (const { executor } of subshells.all()) executor.interrupt();
    void engine().ask((id) => ({ type: "interrupt", id }), 0);
    input.cancel();
  };

  let debugging: Promise<KernelDebugger> | undefined;
  let loaded: KernelDebugger | undefined;
  let told = Promise.resolve();
  let asking: Header | Record<string, never> = {};
  const debug = async ({ content, header }: Message): Promise<Json> => {
    asking = header;
    debugging ??= options.debugger({
      publish(event) {
        told = told.then(async () => {
          // What was printed before a stop is seen before it.
          if (event.event === "stopped") await output.flushed();
          output.message("debug_event", event, asking);
        });
      },
      declare: (name) =>
        void translation().then((text) => typeCheck.declare(text.outline(`let ${name}: any;`))),
    });
    loaded = await debugging;
    return await loaded.request(content);
  };

  const parentOf = (run: number): Header | Record<string, never> => {
    const found = runs.get(run);
    return found && !found.check ? found.parent : {};
  };

  const comms = createComms({
    output,
    engine,
    own: {
      [diagnosticsTarget]: () => ({
        async receive({ code, id }, say) {
          if (typeof code === "string") say({ ...(await diagnose(code, await oracles())), id });
        },
        close() {},
      }),
      ...(options.submitting && { [submitTarget]: options.submitting }),
    },
  });

  const oracles = async (): Promise<Oracles> => ({
    translation: await translation(),
    engine: engine(),
    types: await types().catch(() => undefined),
  });

  const handlers: Record<string, Handler> = {
    async execute_request(request, { executor }) {
      const { content, abort } = await executor.execute(request);
      return { msgType: "execute_reply", content, abort };
    },
    kernel_info_request: () => ok("kernel_info_reply", kernelInfo),
    async connect_request() {
      return ok("connect_reply", await connectInfo());
    },
    async is_complete_request({ content }) {
      const code = typeof content.code === "string" ? content.code : "";
      return { msgType: "is_complete_reply", content: { ...(await translation()).isComplete(code) } };
    },
    async complete_request({ content }) {
      return ok("complete_reply", await complete(content, await oracles()));
    },
    async inspect_request({ content }) {
      return ok("inspect_reply", await inspect(content, await oracles()));
    },
    history_request: ({ content }, { history }) => ok("history_reply", { history: history.find(content) }),
    comm_info_request: ({ content }) => ok("comm_info_reply", { comms: comms.list(content.target_name) }),
    comm_open: (request) => comms.receive("open", request),
    comm_msg: (request) => comms.receive("msg", request),
    comm_close: (request) => comms.receive("close", request),
    async debug_request(request) {
      if (request.channel !== "control") return undefined;
      return { msgType: "debug_reply", content: await debug(request) };
    },
    interrupt_request() {
      interrupt();
      return ok("interrupt_reply", {});
    },
    create_subshell_request: () => ok("create_subshell_reply", { subshell_id: subshells.create() }),
    delete_subshell_request({ content }) {
      const shell = subshells.remove(content.subshell_id);
      if (!shell) throw unknownSubshell(content.subshell_id);
      shell.lane.abort();
      const run = shell.executor.interrupt();
      // The others go on, so it ends where it awaits.
      if (run) void engine().ask((id) => ({ type: "interrupt", id, run: run.run }), 0);
      if (run) input.cancel(run);
      return ok("delete_subshell_reply", {});
    },
    list_subshell_request: () => ok("list_subshell_reply", { subshell_id: subshells.list() }),
    shutdown_request({ content, header }) {
      const restart = content.restart === true;
      const reply = ok("shutdown_reply", { restart });
      output.message("shutdown_reply", reply.content, header);
      return { ...reply, after: () => onShutdown(restart) };
    },
  };

  const serve = createServe({
    outlet,
    output,
    handlers,
    mainShell: () => subshells.main,
    listening: () => listening,
  });
  const control = createLane((request) => serve(request, { shell: subshells.main }));
  /** Whose lane a request on the shell channel goes to. */
  const receive = (message: Message): void => {
    const { header } = message;
    // What a comm said last is not lost with its subshell.
    const gone = header.msg_type.startsWith("comm_") && subshells.wasRemoved(header.subshell_id);
    const shell = gone ? subshells.main : subshells.of(header);
    if (!shell) return void serve(message, { shell });
    if (isCell(message) && ++shell.cells > 1) shell.executor.onQueued();
    shell.lane.push(message);
  };

  let heard: () => void = () => {};
  let listening: Promise<void> | undefined = new Promise((resolve) => {
    heard = () => {
      listening = undefined;
      resolve();
    };
  });
  let stopped = false;
  let grace: NodeJS.Timeout | undefined;

  return {
    receive(message) {
      if (listening) grace ??= setTimeout(heard, subscriptionGrace);
      if (stopped) return;
      if (message.channel === "shell") receive(message);
      else if (message.channel === "control") control.push(message);
      else if (message.header.msg_type === "input_reply") input.reply(message);
    },
    subscribed(topic) {
      audience++;
      clearTimeout(grace);
      output.message("iopub_welcome", { subscription: topic }, {});
      heard();
    },
    interrupt,
    onEvent(event) {
      if (event.type === "inspector") loaded?.onNotification(event.method, event.params);
      else if (event.type === "target") comms.target(event.name);
      else if (event.type === "comm") comms.send(event, parentOf(event.run));
      else events.onEvent(event);
    },
    onDeath(reason, givenUp) {
      comms.reset();
      typeCheck.reset();
      loaded?.onDeath();
      events.onDeath(reason, givenUp);
    },
    stop() {
      stopped = true;
      clearTimeout(grace);
      comms.reset();
      for (const { lane } of subshells.all()) lane.stop();
      control.stop();
    },
  };
}

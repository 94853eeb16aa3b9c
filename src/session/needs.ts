// What the session is handed by the joining file. It knows no socket, no translator and no process.

import type {
  Bundle,
  Channel,
  Command,
  ErrorReport,
  Event,
  Header,
  Json,
  Outline,
  Program,
  Reading,
  TypedCompletions,
  TypeProblem,
  TypesDirective,
} from "../flow.js";

/** The way out over the sockets that have an addressee. */
export interface Outlet {
  /**
   * Sends to one client. `sent` resolves once the socket has taken the message.
   * @param to the routing prefix of the request that this answers
   */
  send(
    channel: Exclude<Channel, "iopub">,
    to: Uint8Array[],
    msgType: string,
    content: Json,
    parent: Header,
  ): { msgId: string; sent: Promise<unknown> };
  /** Resolves when every request that has arrived on the shell socket has been received. */
  shellDrained(): Promise<void>;
}

/** One comm that the kernel itself answers. */
export interface OwnComm {
  /** @param say answers this message; may be called later, and more than once */
  receive(data: Json, say: (data: Json) => void): void | Promise<void>;
  /** The front end is gone, or wants no more. */
  close(): void;
}

/** Whose output it is. */
export interface Target {
  parent: Header | Record<string, never>;
  silent: boolean;
  executionCount: number;
}

/** The events that are outputs. */
export type OutputEvent = Extract<
  Event,
  { type: "stream" | "display" | "clear" | "result" | "error" | "warning" | "notice" }
>;

/** The way to iopub. */
export interface Output {
  event(target: Target, event: OutputEvent): void;
  message(
    msgType: string,
    content: Json,
    parent: Target["parent"],
    more?: { metadata?: Json; buffers?: Uint8Array[] },
  ): void;
  toErrorContent(report: ErrorReport): Json & { ename: string; evalue: string; traceback: string[] };
  flushed(): Promise<void>;
  /** Text of this target that cannot be shown soon goes to `instead`, until the returned function is called. */
  divert(target: Target, instead: (text: string) => void): () => void;
}

/** What the session asks of whatever runs the code. */
export interface Engine {
  /** Hands a command over; `false` where no engine will take it. */
  send(command: Command): boolean;
  /** Sends a command that is answered; `undefined` where no answer came within `deadline` milliseconds. */
  ask(command: (id: number) => Command, deadline: number): Promise<unknown>;
}

/** What answers a front end's debugger. */
export interface KernelDebugger {
  /** Answers one request of the Debug Adapter Protocol. */
  request(content: Json): Promise<Json>;
  /** To be awaited before a cell runs, if there is something to await. */
  beforeRun(run: { run: number; label: string; code: string }): Promise<void> | undefined;
  /** A notification of V8's inspector. */
  onNotification(method: string, params: Json): void;
  onDeath(): void;
}

/** What answers cells that are checks. */
export interface Checks {
  /**
   * Decides how well the student's work does.
   * @throws an error with a message for the student where there is no such check, or it cannot be made
   */
  run(id: string, options: CheckOptions): Promise<Bundle>;
}

export interface CheckOptions {
  signal: AbortSignal;
  /** Whose work it is, as who asked says; left out: as this machine says. */
  student?: string;
  /** What an expression gives in the engine, promises awaited. */
  read(
    expression: string,
    seconds: number,
  ): Promise<Exclude<Reading, { pending: true }> | { failed: string }>;
}

/** From the student's text to what the engine runs, and what can be read from the text alone. */
export interface Translation {
  /**
   * @param options.sloppy it runs without strict mode
   * @throws an error with a `report` where the text is no TypeScript
   */
  cell(
    code: string,
    label: string,
    options?: { sloppy: boolean },
  ): { outline: Outline; directive?: TypesDirective; program(): Program };
  expression(code: string, label: string): Program;
  /** What a cell says about names, finished or not. */
  outline(code: string): Outline;
  isComplete(code: string): { status: string; indent?: string };
  /** Offsets in UTF-16 units. */
  expressionAt(
    code: string,
    cursor: number,
  ): { expression: string | null; prefix: string; start: number; end: number };
}

/** The type checker. */
export interface Types {
  /** Looks at a cell that is about to run; `wanted`: and for problems. Waits no longer than a cell may wait. */
  check(outline: Outline, options: { label: string; cellId?: string; wanted: boolean }): Promise<CheckedCell>;
  /** What may stand at an offset (UTF-16); `undefined`: nobody knows in time. */
  complete(outline: Outline, offset: number): Promise<TypedCompletions | undefined>;
  /** The type errors of a cell that nobody runs; `undefined`: nobody knows in time. */
  diagnose(outline: Outline): Promise<TypeProblem[] | undefined>;
  /** Signature, type and documentation of what stands there, as Markdown; in an open bracket, of what is called. */
  inspect(outline: Outline, offset: number): Promise<string | undefined>;
  /** A new engine knows no names. */
  reset(): void;
}

/** A cell before it runs. Either `enter` or `discard` is called once it is known whether it did. */
export interface CheckedCell {
  problems: TypeProblem[];
  /** What to say, as where nobody could check. */
  notice?: string;
  /**
   * @param hasValue has the name its value? `undefined`: none was given to it, though the cell ran to its end
   * @returns what there is to say afterwards
   */
  enter(hasValue: (name: string) => boolean | undefined): string | undefined;
  discard(): void;
}

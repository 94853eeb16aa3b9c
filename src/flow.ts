// The nouns that the stages share, in the order in which a cell meets them. Types only: nothing here runs.
//
//   Frames ──wire──▶ Message ──session──▶ Job ──translate──▶ Program ──engine──▶ Event ──output──▶ Message ──wire──▶ Frames
//
// Supervisor and engine are two processes. What crosses the pipe between them is `Command` (to the engine) and
// `Event` (from it); both are plain JSON, so an `Event` carries a finished bundle, never a live value.

// ───────────────────────────────────────────────────────────── 1 wire, 2 message

/** One multipart ZeroMQ message as it travels. */
export type Frames = Uint8Array[];

/** The sockets that carry messages (heartbeat carries bytes only). */
export type Channel = "shell" | "control" | "stdin" | "iopub";

/** A Jupyter message header; unknown keys are kept. */
export interface Header {
  msg_id: string;
  session: string;
  username: string;
  date: string;
  msg_type: string;
  version: string;
  subshell_id?: string | null;
  [key: string]: unknown;
}

export type Json = Record<string, unknown>;

export interface Message {
  channel: Channel;
  /** Routing prefix of a request (all of it goes back on the reply); the topic for iopub. */
  identities: Uint8Array[];
  header: Header;
  /** A copy of the request's header; `{}` where there is no parent. */
  parent_header: Header | Record<string, never>;
  metadata: Json;
  content: Json;
  buffers: Uint8Array[];
}

// ───────────────────────────────────────────────────────────── 3 session, 4 translate

/** Which execution of which cell: travels with everything that the execution causes. */
export interface Run {
  /** Number of this execution, unique in the life of the supervisor; every event names it. */
  run: number;
  /** The front end's id of the cell, where it sends one (`metadata.cellId`). */
  cellId?: string;
  /** How people call the cell: `Cell [5]`. Also what stack traces say. */
  label: string;
}

/** One `execute_request`, as the engine gets it. */
export interface Job extends Run {
  program: Program;
  /** No execute_result, no output. */
  silent: boolean;
  /** May `input()` and `prompt()` ask? */
  allowStdin: boolean;
  /** Evaluated after success: name → program of one expression, or the message of its syntax error. */
  userExpressions: Record<string, Program | { syntaxError: string }>;
}

/** A cell made ready for V8's REPL mode. */
export interface Program {
  /** Evaluated in order. The first hoists imports and functions, the last gives the cell's value. */
  scripts: Script[];
  /** Top-level names that the cell declares (values only). */
  names: string[];
  /** The names that have their values once the cell has come past its n-th mark. */
  marks: string[][];
  /** Each `var` in a block, or written twice: names that have values once the cell has come by there, if it ever does. */
  detours?: string[][];
  /** What to say where other cells wait behind this one, which will not end by itself. */
  advice?: string;
}

/** What becomes of a cell with type errors: it does not run; it runs, and they are shown; nobody looks for them. */
export type TypesMode = "error" | "warn" | "off";

export interface TypesDirective {
  mode: TypesMode;
  /** Until it is said otherwise, or in this cell only. */
  scope: "notebook" | "cell";
}

/**
 * What a cell's text says about names: all that the type checker needs to join its module to those of earlier cells.
 * Offsets are UTF-16.
 */
export interface Outline {
  lang: "ts" | "tsx";
  /** The student's text; a lone object literal stands in parentheses. */
  text: string;
  /** So many columns does the first line of `text` lie further right than the student's. */
  shift: 0 | 1;
  declared: Declared[];
  /** Names that the cell itself exports. */
  exported: string[];
  /** Identifiers that may be those of other cells, and where they stand. */
  mentioned: Map<string, number[]>;
  /** Those that functions mention, which may be called long after the cell has ended. */
  closedOver: Set<string>;
  /** What the types of the declared names do not depend on, in order; `by` stands for it where something has to. */
  spare: Spare[];
  /** Packages that the student has named in another runtime's way (`npm:x`): Node's name, which stands in `text` → what is written. */
  specifiers: Map<string, string>;
  /** Where the expression stands whose value is the cell's, if its last statement is one. */
  value?: [start: number, end: number];
  /** Where `declare global` and `declare module "x"` stand. */
  augmentations: [start: number, end: number][];
  /** The text is no program (yet). */
  broken: boolean;
}

export interface Spare {
  start: number;
  end: number;
  by: string;
  /** Only once the type of this variable is known in words, which then stand for it. */
  typeOf?: string;
}

/** A top-level name of a cell, in its meanings. */
export interface Declared {
  name: string;
  /** As a value: may other cells assign to it? */
  value?: "let" | "const";
  /** As a type; `class` is what is type and value (or namespace) at once: class, enum, namespace, import. */
  type?: "class" | "type";
  /** Type parameters as written, and their names. */
  parameters?: { text: string; names: string[] };
  /** Exists without being run: types, and what is only declared. */
  ambient?: boolean;
}

/** Something wrong with a cell's types. Positions are the student's own, 1-based; columns count UTF-16 units. */
export interface TypeProblem {
  /** TypeScript's number, as in `TS2322`. */
  code: number;
  message: string;
  start: { line: number; column: number };
  end: { line: number; column: number };
}

export interface Script {
  code: string;
  /** Generated position → the student's position. One entry a generated line (0-based). */
  map: LineMap[];
}

/**
 * Segments of one generated line, by generated column: `[generated column, source line, source column]`, 0-based.
 * A position lies in the last segment at or before it, and is as many columns behind that segment's source as it is
 * behind its generated column. An empty list: the line is not the student's.
 */
export type LineMap = [generatedColumn: number, line: number, column: number][];

// ───────────────────────────────────────────────────────────── 5 engine

/** A message between the two ends of a comm: one in a front end, one in a cell. */
export interface CommMessage {
  action: "open" | "msg" | "close";
  commId: string;
  /** Whom a front end asks for; only with `open`. */
  target?: string;
  data: Json;
  metadata: Json;
  /** In base64. */
  buffers: string[];
}

/** Supervisor → engine. */
export type Command =
  | { type: "run"; job: Job }
  /**
   * Interrupt all that runs, or whatever callback holds the thread; `run`: only this one, where it awaits. Of the runs that went
   * straight to the main thread nobody else may know.
   */
  | { type: "interrupt"; id: number; run?: number; straight?: number[] }
  /** Dispose of what these cells (by the front end's id) left open. */
  | { type: "dispose"; cellIds: string[] }
  /** Completion and inspection of run-time values, answered while a cell runs too; never with effects. */
  | { type: "complete"; id: number; expression: string | null; prefix: string }
  | { type: "inspect"; id: number; expression: string; detail: 0 | 1 }
  /** The value that an expression of a check has left; answered by `Reading`. */
  | { type: "read"; id: number }
  /** A command of V8's inspector protocol, for the main thread; answered by `{ result }` or `{ error }`. */
  | { type: "inspector"; id: number; method: string; params: Json }
  /** No debugger any more: whatever stands still goes on. */
  | { type: "inspectorOff" }
  /** What a front end's comm says. */
  | ({ type: "comm" } & CommMessage)
  /** Answer to an engine's `call`. */
  | { type: "return"; id: number; value?: unknown; error?: string }
  /** V8 shall compile soon what every cell goes through. */
  | { type: "compileSoon" }
  /** Dispose of everything, then end. */
  | { type: "shutdown" };

/** Engine → supervisor. `run` 0: nobody's. */
export type Event =
  | { type: "ready"; pid: number; node: string }
  | { type: "stream"; run: number; name: "stdout" | "stderr"; text: string }
  | { type: "display"; run: number; bundle: Bundle; displayId?: string; update?: boolean; last?: Bundle }
  | { type: "clear"; run: number; wait: boolean }
  | { type: "result"; run: number; bundle: Bundle }
  /** An error of the run itself comes just before its `done`; otherwise it is a callback's. */
  | { type: "error"; run: number; error: ErrorReport }
  /** `passed`: how many of its program's marks the run has come past. */
  | {
      type: "done";
      run: number;
      status: "ok" | "error";
      passed: number;
      /** The detours that it took, from 1. */
      detours?: number[];
      expressions: Record<string, Expression>;
    }
  /** From now on somebody in the engine opens comms of this target with front ends. */
  | { type: "target"; name: string }
  /** What a cell's comm says. */
  | ({ type: "comm"; run: number } & CommMessage)
  /** Problems that do not keep the cell from running. */
  | { type: "warning"; run: number; error: ErrorReport }
  /** One line about the cell from the kernel itself (what a re-run closed, a value lost …). */
  | { type: "notice"; run: number; text: string }
  /** The engine asks the supervisor: `input` {prompt, password}, `missed` {}. Answered by `return`. */
  | { type: "call"; id: number; run: number; method: "input" | "missed"; params: Json }
  /** A notification of V8's inspector protocol, while a debugger is attached. */
  | { type: "inspector"; method: string; params: Json }
  /** Answer to a command that has an id; to `complete` with `Completions`, to `inspect` with `Inspection`. */
  | { type: "reply"; id: number; value: unknown };

/** What may stand at the cursor, the likeliest first. */
export interface Completions {
  matches: Completion[];
}

export interface Completion {
  text: string;
  /** `function`, `property`, `class` …, for the front end's icons. */
  type: string;
  /** Of what can be called: parameters and result. */
  signature?: string;
}

/** Completions by types. UTF-16 offsets of what they replace in the student's text. */
export interface TypedCompletions extends Completions {
  start: number;
  end: number;
}

/** A run-time value. */
export interface Inspection {
  found: boolean;
  text: string;
  /** A function or a class: `text` is its source. */
  callable: boolean;
}

/** What came of reading a value: the value, what was thrown, or a promise that nothing has come of yet. */
export type Reading = { value: Read } | { thrown: { name: string; message: string } } | { pending: true };

/**
 * A value of the engine's in plain data. `other`: in words, what cannot be read without running code (getters, proxies), functions,
 * and what lies too deep or is too much.
 */
export type Read =
  | null
  | boolean
  | number
  | string
  | { is: "undefined" }
  | { is: "number" | "bigint"; text: string }
  | { is: "array"; items: Read[] }
  | { is: "object"; name: string; entries: [string, Read][] }
  | { is: "map"; entries: [Read, Read][] }
  | { is: "set"; items: Read[] }
  | { is: "bytes"; base64: string }
  | { is: "date" | "regexp" | "symbol" | "other"; text: string }
  | { is: "error"; name: string; message: string; entries: [string, Read][] };

/** A MIME bundle; `text/plain` is always there and never empty. JSON types hold objects, not strings. */
export interface Bundle {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  /** What is shown is a function or a class. */
  callable?: Callable;
}

export interface Callable {
  /** May be empty. */
  name: string;
  isClass: boolean;
  /** The text without its signature. */
  heading: string;
}

export type Expression = { ok: true; bundle: Bundle } | { ok: false; error: ErrorReport };

/** An exception in plain data. Positions are the student's own, 1-based. */
export interface ErrorReport {
  ename: string;
  evalue: string;
  /** What `String(error)` or the inspected value gives: first line of the traceback. */
  heading: string;
  frames: Frame[];
  /** Own extra properties worth showing (`code`, `errno`, `syscall` …), already inspected. */
  details: Record<string, string>;
  cause?: ErrorReport;
  /** AggregateError's. */
  errors?: ErrorReport[];
  /** A line on what it comes from, where only the values could tell. */
  hint?: string;
  /** Where it did not come from the run itself: `callback`, `unhandled rejection`, `uncaught exception`. */
  origin?: string;
}

export interface Frame {
  /** Function name, empty at top level. */
  name: string;
  /** A cell's label, a file's path or a `node:` module. */
  file: string;
  /** The run, where the frame lies in a cell. */
  run?: number;
  line: number;
  column: number;
  /** Where what is meant ends, if it is more than one place. */
  end?: { line: number; column: number };
  /** The kernel's own or Node's inside: folded. */
  internal: boolean;
}

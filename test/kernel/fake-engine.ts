// An engine that runs no code: a cell is a list of events, as JSON lines. Tests of the supervisor drive it by hand.

import type { Command, Event, Outline, Program } from "../../src/flow.js";
import type { KeeperOptions } from "../../src/session/keeper.js";
import type { Translation } from "../../src/session/needs.js";

/** What a test can do with the engine. */
export interface FakeEngine {
  start: KeeperOptions["start"];
  /** Every command that came, in order. */
  commands: Command[];
  /** How often an engine was started. */
  starts: number;
  paused: boolean;
  /** Says something, as the engine would; `run` defaults to the current one. */
  emit(event: Event): void;
  die(reason: string): void;
  /** Number of the newest run. */
  run: number;
  /** Called for every command; the default runs a cell's lines. */
  onCommand(command: Command): void;
}

export function createFakeEngine(): FakeEngine {
  let handlers: Parameters<KeeperOptions["start"]>[0];
  const fake: FakeEngine = {
    commands: [],
    starts: 0,
    paused: false,
    run: 0,
    start(given) {
      handlers = given;
      fake.starts++;
      fake.paused = false;
      queueMicrotask(() => given.onEvent({ type: "ready", pid: 1, node: "fake" }));
      return {
        send(command) {
          fake.commands.push(command);
          setImmediate(() => fake.onCommand(command));
        },
        pause() {
          fake.paused = true;
        },
        resume() {
          fake.paused = false;
        },
        async stop() {},
        kill() {},
      };
    },
    emit: (event) => handlers.onEvent(event),
    die: (reason) => handlers.onExit({ reason }),
    onCommand(command) {
      if (command.type !== "run") return;
      fake.run = command.job.run;
      // The "program" is the cell's text: one event a line, `wait` leaves the cell running.
      const lines = (command.job.program.scripts[0]?.code ?? "")
        .split("\n")
        .filter((line) => line.trim() !== "");
      let status: "ok" | "error" = "ok";
      for (const line of lines) {
        if (line === "wait") return;
        const event = { run: command.job.run, ...JSON.parse(line) } as Event;
        if (event.type === "error" && event.error.origin === undefined) status = "error";
        fake.emit(event);
      }
      fake.emit({ type: "done", run: command.job.run, status, passed: 0, expressions: {} });
    },
  };
  return fake;
}

/** Hands a cell's text on as it is; text with a `§` has a syntax error. */
export async function loadFakeTranslation(): Promise<Translation> {
  const program = (code: string): Program => {
    if (code.includes("§")) {
      const heading = "SyntaxError: unexpected §";
      const report = { ename: "SyntaxError", evalue: "unexpected §", heading, frames: [], details: {} };
      throw Object.assign(new SyntaxError("unexpected §"), { report });
    }
    return { scripts: [{ code, map: [] }], names: [], marks: [] };
  };
  const outline = (text: string): Outline => ({
    lang: "ts",
    text,
    shift: 0,
    declared: [...text.matchAll(/^let (\w+)/gm)].map(([, name = ""]) => ({ name, value: "let" as const })),
    exported: [],
    mentioned: new Map([...text.matchAll(/\w+/g)].map(({ 0: name, index }) => [name, [index]])),
    specifiers: new Map(),
    closedOver: new Set(),
    spare: [],
    augmentations: [],
    broken: false,
  });
  return {
    cell(code) {
      const made = program(code);
      return { outline: outline(code), program: () => made };
    },
    expression: program,
    outline,
    isComplete: (code) =>
      code.endsWith("{") ? { status: "incomplete", indent: "  " } : { status: "complete" },
    expressionAt(code, cursor) {
      const [, expression = null, prefix = ""] =
        /(?:([\w.]+)\.)?([^\s.(]*)$/.exec(code.slice(0, cursor)) ?? [];
      return { expression, prefix, start: cursor - prefix.length, end: cursor };
    },
  };
}

/** A line of a fake cell that prints. */
export function print(text: string, name: "stdout" | "stderr" = "stdout"): string {
  return JSON.stringify({ type: "stream", name, text });
}

/** A line of a fake cell that fails. */
export function fail(message: string, origin?: string): string {
  const error = { ename: "Error", evalue: message, heading: `Error: ${message}`, frames: [], details: {} };
  return JSON.stringify({ type: "error", error: origin === undefined ? error : { ...error, origin } });
}

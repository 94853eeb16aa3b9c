// The built engine as a process of its own, without a supervisor: cells go in translated, events come out.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineExit, type EngineProcess, startEngine } from "../../src/engine/process.js";
import type { Command, Event, Job } from "../../src/flow.js";
import { valuesOf } from "../../src/session/typed.js";
import { translateCell, translateExpression } from "../../src/translate/cell.js";
import { dist } from "../places.js";

export interface Ran {
  run: number;
  events: Event[];
  status: "ok" | "error";
  /** `text/plain` of the result. */
  value: string | undefined;
  stdout: string;
  stderr: string;
  /** `Name: message` of each error event, in order. */
  errors: string[];
  expressions: Extract<Event, { type: "done" }>["expressions"];
  /** Has this name its value? */
  hasValue(name: string): boolean | undefined;
}

export interface RunOptions {
  cellId?: string;
  silent?: boolean;
  allowStdin?: boolean;
  expressions?: Record<string, string>;
}

export interface EngineUnderTest extends AsyncDisposable {
  folder: string;
  process: EngineProcess;
  exit: Promise<EngineExit>;
  /** Everything that has come so far. */
  events: Event[];
  /** Starts a cell. Its number is in `run`; the promise resolves with its `done`. */
  start(code: string, options?: RunOptions): { run: number; done: Promise<Ran> };
  /** Runs a cell to its end. */
  cell(code: string, options?: RunOptions): Promise<Ran>;
  /** Interrupts as soon as the run has printed `in`. */
  interrupted(code: string, options?: RunOptions): Promise<Ran>;
  interrupt(): Promise<unknown>;
  ask(command: (id: number) => Command): Promise<unknown>;
  /** Resolves with the first event, of those that have come or will, that fits. */
  event(test: (event: Event) => boolean, what: string): Promise<Event>;
  /** All that a run has written so far. */
  text(run: number, name?: "stdout" | "stderr"): string;
}

const DEADLINE_MS = 10_000;

/** @param options.folder where cells run; one of its own, which goes with it, where none is given */
export function startEngineUnderTest(
  options: { env?: NodeJS.ProcessEnv; folder?: string } = {},
): EngineUnderTest {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "wirebook-engine-"));
  const events: Event[] = [];
  const waiting = new Set<(event: Event) => void>();
  let failed: (exit: EngineExit) => void = () => {};
  const exit = new Promise<EngineExit>((resolve) => {
    failed = resolve;
  });
  const engine = startEngine({
    engineFile: join(dist, "engine.js"),
    cwd: folder,
    env: { ...process.env, ...options.env },
    onEvent(event) {
      events.push(event);
      for (const hear of [...waiting]) hear(event);
    },
    onExit(why) {
      failed(why);
      for (const cancel of cancels) cancel(`the engine ended: ${why.reason}`);
    },
  });
  const cancels = new Set<(why: string) => void>();
  let runs = 0;
  let ids = 0;

  const event = (test: (event: Event) => boolean, what: string): Promise<Event> => {
    const found = events.find(test);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const cancel = (why: string): void => {
        waiting.delete(hear);
        cancels.delete(cancel);
        clearTimeout(timer);
        reject(
          new Error(
            `${what} did not come, ${why}; the last events: ${JSON.stringify(events.slice(-5)).slice(0, 2000)}`,
          ),
        );
      };
      cancels.add(cancel);
      const timer = setTimeout(cancel, DEADLINE_MS, "in time");
      const hear = (one: Event): void => {
        if (!test(one)) return;
        clearTimeout(timer);
        cancels.delete(cancel);
        waiting.delete(hear);
        resolve(one);
      };
      waiting.add(hear);
    });
  };
  const text = (run: number, name: "stdout" | "stderr" = "stdout"): string =>
    events
      .map((one) => (one.type === "stream" && one.run === run && one.name === name ? one.text : ""))
      .join("");
  const start: EngineUnderTest["start"] = (
    code,
    { cellId, silent = false, allowStdin = false, expressions = {} } = {},
  ) => {
    const run = ++runs;
    const label = `Cell [${run}]`;
    const job: Job = {
      run,
      label,
      ...(cellId !== undefined && { cellId }),
      program: translateCell(code, { label }),
      silent,
      allowStdin,
      userExpressions: Object.fromEntries(
        Object.entries(expressions).map(([name, expression]) => [
          name,
          translateExpression(expression, { label }),
        ]),
      ),
    };
    engine.send({ type: "run", job });
    const done = event((one) => one.type === "done" && one.run === run, `the end of ${label}`).then(
      (end): Ran => {
        const own = events.filter((one) => "run" in one && one.run === run);
        const result = own.find((one) => one.type === "result");
        return {
          run,
          events: own,
          status: end.type === "done" ? end.status : "error",
          value: result?.type === "result" ? (result.bundle.data["text/plain"] as string) : undefined,
          stdout: text(run),
          stderr: text(run, "stderr"),
          errors: own.flatMap((one) =>
            one.type === "error" ? [`${one.error.ename}: ${one.error.evalue}`] : [],
          ),
          expressions: end.type === "done" ? end.expressions : {},
          hasValue: valuesOf(job.program, end.type === "done" ? end : { status: "error", passed: 0 }),
        };
      },
    );
    return { run, done };
  };
  const ask: EngineUnderTest["ask"] = async (command) => {
    const id = ++ids;
    engine.send(command(id));
    const reply = await event(
      (one) => one.type === "reply" && one.id === id,
      `the reply to ${JSON.stringify(command(id))}`,
    );
    return reply.type === "reply" ? reply.value : undefined;
  };
  const interrupt = (): Promise<unknown> => ask((id) => ({ type: "interrupt", id }));
  return {
    folder,
    process: engine,
    exit,
    events,
    start,
    cell: (code, more) => start(code, more).done,
    async interrupted(code, more) {
      const { run, done } = start(code, more);
      await event(
        (one) => one.type === "stream" && one.run === run && text(run).includes("in\n"),
        `the beginning of run ${run}`,
      );
      await interrupt();
      return done;
    },
    interrupt,
    ask,
    event,
    text,
    async [Symbol.asyncDispose]() {
      await engine.stop(1000);
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

// One execute_request after another: counted, translated, run, answered. Each subshell has an executor of its own.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#execute

import type { Bundle, Callable, ErrorReport, Expression, Job, Json, Message, Outline } from "../flow.js";
import { checkIn } from "./check-cell.js";
import { explain, questionIn } from "./help.js";
import type { History } from "./history.js";
import type { Input } from "./input.js";
import { toJob } from "./job.js";
import type { MissedOutput } from "./missed.js";
import type { Checks, Engine, Output, Translation } from "./needs.js";
import {
  checkInterruptedError,
  givenUpError,
  interruptedError,
  plainError,
  unknownError,
} from "./own-errors.js";
import { createProbe } from "./probe.js";
import { type ExecuteContent, readExecute } from "./read-execute.js";
import type { Outcome, Running, RunRecord, Runs } from "./runs.js";
import type { TypeCheck } from "./typed.js";

export interface ExecutorOptions {
  output: Output;
  engine(): Engine;
  translation(): Promise<Translation>;
  /** What answers checks, loaded when one is first met. */
  checks(): Promise<Checks>;
  /** Are cells run without strict mode? */
  sloppy(): Promise<boolean>;
  typeCheck: TypeCheck;
  runs: Runs;
  /** The cells that run, of all subshells: this one puts its own there. */
  running: Map<number, Running>;
  history: History;
  input: Input;
  missed: MissedOutput;
  /** What the next cell has to say, whichever it is. */
  notices: string[];
  /** Behind a cell's name, where it is not of the main shell. */
  suffix?: string;
  /** How many subscriptions there have been. */
  audience(): number;
  /** What a function takes and gives, in TypeScript's words, if somebody knows. */
  signature(outline: Outline, callable: Callable): Promise<string | undefined>;
  /** Do other cells wait for the one that runs? */
  queued(): boolean;
  /** To be awaited before a cell runs, if there is something to await. */
  beforeRun(run: RunRecord): Promise<void> | undefined;
}

/** What an execution answers. */
export interface Answer {
  content: Json;
  /** The cells behind it are not to be run. */
  abort: boolean;
}

/** Runs cells. */
export interface Executor {
  execute(request: Message): Promise<Answer>;
  /** The answer to a cell that is not to be run. */
  aborted(): Json;
  /** A cell that is not in the engine yet does not get there. @returns the run that is */
  interrupt(): RunRecord | undefined;
  /** A cell has to wait. */
  onQueued(): void;
}

/** Creates the executor of a subshell; requests are handed to it one after another. */
export function createExecutor(options: ExecutorOptions): Executor {
  const { output, engine, translation, typeCheck, runs, running, history, input, missed } = options;
  const { audience, queued, notices, beforeRun, suffix = "" } = options;
  const probe = createProbe(options);
  let count = 0;
  let current: Running | undefined;
  /** A cell is being read and checked. */
  let preparing: { interrupted: boolean } | undefined;
  /** Ends the check that is under way. */
  let checking: AbortController | undefined;
  /** To be said once, when a cell waits behind the one that runs. */
  let advice: string | undefined;
  let undoHush: (() => void) | undefined;

  const execute = async (request: Message): Promise<Answer> => {
    const content = readExecute(request.content);
    const { deletedCells, cellId, wirebook } = request.metadata;
    if (Array.isArray(deletedCells) && deletedCells.length > 0) {
      engine().send({ type: "dispose", cellIds: deletedCells.filter((id) => typeof id === "string") });
    }
    if (content.storeHistory) history.add(++count, content.code);
    const check = checkIn(content.code);
    const run = runs.add({
      ...(typeof cellId === "string" && { cellId }),
      label: `Cell [${content.storeHistory ? count : `unnumbered ${request.header.msg_id.slice(-4)}`}]${suffix}`,
      parent: request.header,
      identities: request.identities,
      code: content.code,
      silent: content.silent,
      allowStdin: content.allowStdin,
      executionCount: count,
      audience: audience(),
      ...(check !== undefined && { check: true }),
    });
    if (!run.silent) announce(run);
    const outcome =
      check === undefined
        ? await outcomeOf(run, content)
        : await checked(run, check, (wirebook as Json | undefined)?.student);
    run.ended = true;
    undoHush?.();
    input.cancel(run);
    if (outcome.status === "ok") {
      const { payload = [] } = outcome;
      const content = {
        status: "ok",
        execution_count: count,
        payload,
        user_expressions: expressions(outcome),
      };
      return { content, abort: false };
    }
    const error = output.toErrorContent(outcome.error ?? unknownError);
    return {
      content: { status: "error", execution_count: count, ...error, payload: [], user_expressions: {} },
      abort: content.stopOnError && !run.silent,
    };
  };

  const announce = (run: RunRecord): void => {
    output.message("execute_input", { code: run.code, execution_count: run.executionCount }, run.parent);
    const lines = [...notices.splice(0), ...missed.notices()];
    if (lines.length > 0) output.event(run, { type: "notice", run: run.run, text: lines.join("\n") });
  };

  const outcomeOf = async (run: RunRecord, content: ExecuteContent): Promise<Outcome> => {
    // Clients ask so for the counter; no need to wake the engine.
    if (content.silent && content.code.trim() === "") return { status: "ok", expressions: {} };
    const question = questionIn(content.code);
    if (question) return { status: "ok", expressions: {}, payload: [await explain(question, engine())] };
    const before = { interrupted: false };
    preparing = before;
    try {
      const translate = await translation();
      const { outline, directive, program } = translate.cell(content.code, run.label, {
        sloppy: await options.sloppy(),
      });
      const cell = await typeCheck.check(run, { outline, program, ...(directive && { directive }) });
      let outcome: Outcome | undefined;
      try {
        const job = toJob(run, program(), content, translate);
        const ready = beforeRun(run);
        if (ready) await ready;
        const error = before.interrupted ? interruptedError : cell.refused;
        outcome = error ? failed(run, error) : await ranBy(run, job, cell.typed ? outline : undefined);
        return outcome;
      } finally {
        cell.ended(outcome);
      }
    } catch (error) {
      const { report, name, message } = error as Error & { report?: ErrorReport };
      return failed(run, report ?? plainError(name, message));
    } finally {
      preparing = undefined;
    }
  };

  const checked = async (run: RunRecord, id: string, student: unknown): Promise<Outcome> => {
    const stop = new AbortController();
    checking = stop;
    try {
      const bundle = await (await options.checks()).run(id, {
        signal: stop.signal,
        read: (expression, seconds) => probe(expression, { seconds, check: run }),
        ...(typeof student === "string" && { student }),
      });
      output.event(run, { type: "result", run: run.run, bundle });
      return { status: "ok", expressions: {} };
    } catch (error) {
      const { name, message } = error as Error;
      return failed(run, stop.signal.aborted ? checkInterruptedError : plainError(name, message));
    } finally {
      checking = undefined;
    }
  };

  const ranBy = (run: RunRecord, job: Job, outline: Outline | undefined): Promise<Outcome> =>
    new Promise<Outcome>((settle) => {
      preparing = undefined;
      const fail = (error: ErrorReport): void => settle(failed(run, error));
      current = {
        run,
        history,
        settle,
        fail,
        ...(outline && { signed: (bundle, callable) => signed(bundle, callable, outline) }),
      };
      advice = job.program.advice;
      running.set(run.run, current);
      if (queued()) advise();
      if (!engine().send({ type: "run", job })) fail(givenUpError);
    }).finally(() => {
      current = undefined;
      running.delete(run.run);
    });

  const advise = (): void => {
    if (!current || advice === undefined) return;
    output.event(current.run, { type: "notice", run: current.run.run, text: advice });
    advice = undefined;
  };

  /** What an interrupted cell printed too fast for the reader is kept instead of being shown for minutes. */
  const hush = (run: RunRecord): void => {
    let length = 0;
    undoHush?.();
    const undo = output.divert(run, (text) => {
      length += text.length;
      missed.keep(run, text, { told: true });
    });
    undoHush = () => {
      undo();
      undoHush = undefined;
      if (length === 0) return;
      const text = `${length} characters that were still waiting when the cell was interrupted are not shown here: missed()`;
      output.event(run, { type: "notice", run: run.run, text });
    };
  };

  /** With its types, where they are known; as the code has it otherwise. */
  const signed = async (bundle: Bundle, callable: Callable, outline: Outline): Promise<Bundle> => {
    const signature = await options.signature(outline, callable).catch(() => undefined);
    if (signature === undefined) return bundle;
    return { ...bundle, data: { ...bundle.data, "text/plain": `${callable.heading}\n${signature}` } };
  };

  const failed = (run: RunRecord, error: ErrorReport): Outcome => {
    output.event(run, { type: "error", run: run.run, error });
    return { status: "error", error, expressions: {} };
  };

  const expressions = (outcome: Outcome): Json =>
    Object.fromEntries(
      Object.entries(outcome.expressions).map(([name, value]: [string, Expression]) => [
        name,
        value.ok
          ? { status: "ok", data: value.bundle.data, metadata: value.bundle.metadata }
          : { status: "error", ...output.toErrorContent(value.error) },
      ]),
    );

  return {
    execute,
    aborted: () => ({ status: "aborted", execution_count: count, payload: [], user_expressions: {} }),
    interrupt() {
      if (preparing) preparing.interrupted = true;
      checking?.abort();
      if (current && !current.run.silent) hush(current.run);
      return current?.run;
    },
    onQueued: advise,
  };
}

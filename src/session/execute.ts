// One execute_request after another: counted, translated, run, answered. And what becomes of the engine's events, which
// may come long after the cell that caused them has been answered.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#execute

import type { Bundle, ErrorReport, Event, Expression, Job, Json, Message } from "../flow.js";
import { explain, questionIn } from "./help.js";
import type { History } from "./history.js";
import type { Input } from "./input.js";
import { toJob } from "./job.js";
import type { MissedOutput } from "./missed.js";
import type { Engine, Output, Translation } from "./needs.js";
import { diedError, givenUpError, interruptedError, plainError, unknownError } from "./own-errors.js";
import { type ExecuteContent, readExecute } from "./read-execute.js";
import type { Outcome, RunRecord, Runs } from "./runs.js";
import type { TypeCheck } from "./typed.js";

export interface ExecutorOptions {
  output: Output;
  engine(): Engine;
  translation(): Promise<Translation>;
  typeCheck: TypeCheck;
  runs: Runs;
  history: History;
  input: Input;
  missed: MissedOutput;
  /** How many subscriptions there have been. */
  audience(): number;
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
  interrupt(): void;
  onEvent(event: Event): void;
  onDeath(reason: string, givenUp: boolean): void;
  /** A cell has to wait. */
  onQueued(): void;
}

/** The cell that runs. */
interface Current {
  run: RunRecord;
  error?: ErrorReport;
  /** To be said once, when a cell waits behind it. */
  advice?: string;
  settle(outcome: Outcome): void;
}

/** Creates the one executor of a kernel; requests are handed to it one after another. */
export function createExecutor(options: ExecutorOptions): Executor {
  const {
    output,
    engine,
    translation,
    typeCheck,
    runs,
    history,
    input,
    missed,
    audience,
    queued,
    beforeRun,
  } = options;
  let count = 0;
  let current: Current | undefined;
  /** A cell is being read and checked. */
  let preparing: { interrupted: boolean } | undefined;
  /** The ended run whose callbacks were heard of last. */
  let lastLate: RunRecord | undefined;
  let undoHush: (() => void) | undefined;
  /** For the next cell to say. */
  let notices: string[] = [];
  /** What open displays shall show when their engine has died, by display id. */
  const lastWords = new Map<string, { run: RunRecord; bundle: Bundle }>();

  const execute = async (request: Message): Promise<Answer> => {
    const content = readExecute(request.content);
    const { deletedCells, cellId } = request.metadata;
    if (Array.isArray(deletedCells) && deletedCells.length > 0) {
      engine().send({ type: "dispose", cellIds: deletedCells.filter((id) => typeof id === "string") });
    }
    if (content.storeHistory) history.add(++count, content.code);
    const run = runs.add({
      ...(typeof cellId === "string" && { cellId }),
      label: content.storeHistory
        ? `Cell [${count}]`
        : `Cell [unnumbered ${request.header.msg_id.slice(-4)}]`,
      parent: request.header,
      identities: request.identities,
      code: content.code,
      silent: content.silent,
      allowStdin: content.allowStdin,
      executionCount: count,
      audience: audience(),
    });
    if (!run.silent) announce(run);
    const outcome = await outcomeOf(run, content);
    run.ended = true;
    undoHush?.();
    input.cancel();
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
    const lines = [...notices, ...missed.notices()];
    notices = [];
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
      const { outline, directive, ...program } = translate.cell(content.code, run.label);
      const job = toJob(run, program, content, translate);
      const cell = await typeCheck.check(run, { outline, program, ...(directive && { directive }) });
      const ready = beforeRun(run);
      if (ready) await ready;
      const error = before.interrupted ? interruptedError : cell.refused;
      const outcome = error ? failed(run, error) : await ranBy(run, job);
      cell.ended(outcome);
      return outcome;
    } catch (error) {
      const { report, name, message } = error as Error & { report?: ErrorReport };
      return failed(run, report ?? plainError(name, message));
    } finally {
      preparing = undefined;
    }
  };

  const ranBy = (run: RunRecord, job: Job): Promise<Outcome> =>
    new Promise<Outcome>((settle) => {
      preparing = undefined;
      current = { run, settle, ...(job.program.advice && { advice: job.program.advice }) };
      if (queued()) advise();
      if (!engine().send({ type: "run", job })) settle(failed(run, givenUpError));
    }).finally(() => {
      current = undefined;
    });

  const advise = (): void => {
    if (!current?.advice) return;
    output.event(current.run, { type: "notice", run: current.run.run, text: current.advice });
    delete current.advice;
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

  const failed = (run: RunRecord, error: ErrorReport): Outcome => {
    output.event(run, { type: "error", run: run.run, error });
    return { status: "error", error, expressions: {} };
  };

  const expressions = (outcome: Outcome): Json =>
    Object.fromEntries(
      Object.entries(outcome.expressions).map(([name, value]: [string, Expression]) => [
        name,
        value.ok
          ? { status: "ok", ...value.bundle }
          : { status: "error", ...output.toErrorContent(value.error) },
      ]),
    );

  return {
    execute,
    aborted: () => ({ status: "aborted", execution_count: count, payload: [], user_expressions: {} }),
    interrupt() {
      if (preparing) preparing.interrupted = true;
      if (current && !current.run.silent) hush(current.run);
      void engine().ask((id) => ({ type: "interrupt", id }), 0);
      input.cancel();
    },
    onEvent(event) {
      if (!("run" in event) || event.type === "comm") return;
      const run = event.run === 0 ? runs.newest() : runs.get(event.run);
      if (event.type === "call") return void answerCall(event, run);
      const mine = current !== undefined && current.run === run ? current : undefined;
      if (event.type === "done") {
        mine?.settle({
          status: event.status,
          passed: event.passed,
          expressions: event.expressions,
          ...(event.status === "error" && mine.error && { error: mine.error }),
        });
        return;
      }
      if (!run) return output.event({ parent: {}, silent: false, executionCount: count }, event);
      if (run.ended) lastLate = run;
      if (event.type === "error" && mine && event.error.origin === undefined) mine.error = event.error;
      if (event.type === "result") {
        const text = event.bundle.data["text/plain"];
        if (typeof text === "string") history.output(run.executionCount, text);
      }
      if (event.type === "display" && event.displayId !== undefined) {
        if (event.last) lastWords.set(event.displayId, { run, bundle: event.last });
        else lastWords.delete(event.displayId);
      }
      if (run.audience < audience()) {
        if (event.type === "stream") missed.keep(run, event.text);
        if (event.type === "error") missed.keep(run, `${event.error.heading}\n`);
      }
      output.event(run, event);
    },
    onDeath(reason, givenUp) {
      for (const [displayId, { run, bundle }] of lastWords) {
        output.event(run, { type: "display", run: run.run, bundle, displayId, update: true });
      }
      lastWords.clear();
      input.cancel();
      typeCheck.reset();
      const error = diedError(reason, givenUp);
      if (current) current.settle(failed(current.run, error));
      else if (lastLate) output.event(lastLate, { type: "error", run: lastLate.run, error });
      else notices.push(error.heading);
      lastLate = undefined;
    },
    onQueued: advise,
  };

  async function answerCall(
    call: Extract<Event, { type: "call" }>,
    run: RunRecord | undefined,
  ): Promise<void> {
    const answer = call.method === "missed" ? { value: missed.take() } : await input.ask(run, call.params);
    if (answer) engine().send({ type: "return", id: call.id, ...answer });
  }
}

// A cell's scripts, through V8's own inspector: REPL mode gives top-level await, redeclaration and the value of the last
// expression. Whatever happens, exactly one `done` follows.
import { type Runtime, Session } from "node:inspector";
import { promiseHooks } from "node:v8";
import type { Bundle, ErrorReport, Event, Expression, Job, Program } from "../flow.js";
import { type RunState, within } from "./attribution.js";
import { framesOfError, placeEarlyError, rememberPositions, scriptName } from "./positions.js";

/** Thrown at the awaits of a run that was interrupted. */
export class Interrupted extends Error {
  override name = "Interrupted";
  constructor(message = "the cell was interrupted; its variables are kept") {
    super(message);
  }
}

/** What cells have made is held by the inspector for so many milliseconds longer. */
const PAUSE_MS = 50;
/** With more names than this it matters how one of them is found. */
const MANY_NAMES = 100;

/** Cells may replace them. */
const { then } = Promise.prototype;
const { apply } = Reflect;

interface Parts {
  /** @param next `more`: another one follows at once */
  say(event: Event, next?: "more"): void;
  toBundle(value: unknown): Bundle | undefined | Promise<Bundle | undefined>;
  toReport(error: unknown): ErrorReport;
  /** May errors of cells be noticed by V8's inspector? A debugger then stops at them. */
  noticed(): boolean;
  /** Has an interrupt ended child processes? Whatever fails now fails by that. */
  killed(): boolean;
  /** How names are found begins to matter. */
  hasManyNames(): void;
}

type Outcome = { value: unknown } | { error: unknown };

export class Evaluator {
  readonly #session = new Session();
  readonly #held = new Set<Promise<unknown>>();
  readonly #declared = new Set<string>();
  readonly #parts: Parts;
  #taken: unknown;
  #releasing: NodeJS.Timeout | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#session.connect();
  }

  /** Called by evaluated code to hand a live value over. */
  readonly take = (value: unknown): void => {
    this.#taken = value;
  };

  /** What was handed over last, for whoever looks from outside. */
  readonly taken = (): unknown => this.#taken;

  /** Runs a job; events for its result or error are said, `done` is not: the caller settles. */
  async run(
    job: Job,
    state: RunState,
  ): Promise<{ status: "ok" | "error"; expressions: Record<string, Expression> }> {
    const outcome: Outcome = state.interrupted
      ? { value: undefined }
      : await this.#program(job.program, state);
    if ("error" in outcome && this.#parts.killed()) state.interrupt(new Interrupted());
    try {
      while (state.held.length > 0) await state.until(Promise.allSettled(state.held.splice(0)));
    } catch {
      // Interrupted, as is said next.
    }
    if (state.interrupted) return this.#fail(state, { error: state.controller.signal.reason });
    if ("error" in outcome) return this.#fail(state, outcome);
    try {
      if (outcome.value !== undefined && !job.silent) {
        const bundle = await state.until(within(state, () => this.#parts.toBundle(outcome.value)));
        const next = Object.keys(job.userExpressions).length === 0 ? "more" : undefined;
        if (bundle && state.active) this.#parts.say({ type: "result", run: state.run, bundle }, next);
      }
    } catch (error) {
      return this.#fail(state, { error });
    }
    return { status: "ok", expressions: await this.#expressions(job, state) };
  }

  #fail(
    state: RunState,
    outcome: { error: unknown },
  ): { status: "error"; expressions: Record<string, never> } {
    if (state.active)
      this.#parts.say({
        type: "error",
        run: state.run,
        error: within(state, () => this.#parts.toReport(outcome.error)),
      });
    return { status: "error", expressions: {} };
  }

  async #expressions(job: Job, state: RunState): Promise<Record<string, Expression>> {
    const answers: Record<string, Expression> = {};
    for (const [name, program] of Object.entries(job.userExpressions)) {
      try {
        if ("syntaxError" in program) throw new SyntaxError(program.syntaxError);
        const outcome = await this.#program(program, state);
        if ("error" in outcome) throw outcome.error;
        const bundle = await state.until(this.#parts.toBundle(outcome.value));
        answers[name] = { ok: true, bundle: bundle ?? { data: { "text/plain": "" }, metadata: {} } };
      } catch (error) {
        answers[name] = { ok: false, error: this.#parts.toReport(error) };
      }
    }
    return answers;
  }

  async #program(program: Program, state: RunState): Promise<Outcome> {
    const fresh = program.names.filter((name) => !this.#declared.has(name));
    if (fresh.length > 0) {
      // Known at once, lest another run declares them anew while this one is told that they are there.
      for (const name of fresh) this.#declared.add(name);
      if (this.#declared.size > MANY_NAMES) this.#parts.hasManyNames();
      const declared = await this.#evaluate(`let ${fresh.map((name) => `${name}=void 0`).join()};`, state);
      if ("error" in declared) {
        for (const name of fresh) this.#declared.delete(name);
        return declared;
      }
    }
    rememberPositions(state.run, state.label, program.scripts);
    let outcome: Outcome = { value: undefined };
    for (const [index, script] of program.scripts.entries()) {
      outcome = await this.#evaluate(`${script.code}\n//# sourceURL=${scriptName(state.run, index)}`, state);
      if ("error" in outcome) break;
    }
    return outcome;
  }

  /** The session is this thread's own, so what needs no promise is answered before `post` returns. */
  #post<T>(
    method: string,
    params: object,
    answered: (error: Error | null, result: T | undefined) => void = () => {},
  ): void {
    this.#session.post(
      method as "Runtime.evaluate",
      params as Runtime.EvaluateParameterType,
      (error, result) => answered(error, result as T | undefined),
    );
  }

  /**
   * A script in REPL mode is an async function, and the inspector answers when its promise settles. After a termination
   * it never does; when it is then collected, the inspector calls back in the middle of the garbage collection, which V8
   * punishes with the death of the process. So the promise is caught at its birth and held until there is an answer; it
   * also gives the live value at once.
   */
  async #evaluate(expression: string, state: RunState): Promise<Outcome> {
    try {
      return await this.#evaluated(expression, state);
    } finally {
      this.#release();
    }
  }

  #evaluated(expression: string, state: RunState): Promise<Outcome> {
    let script: Promise<unknown> | undefined;
    return new Promise((resolve) => {
      const stop = promiseHooks.onInit((promise) => {
        script ??= promise;
        stop();
      }) as () => void;
      const answered = (error: Error | null, result: Runtime.EvaluateReturnType | undefined): void => {
        if (script) this.#held.delete(script);
        // The protocol answers a terminated evaluation with an error of its own.
        if (error) {
          state.interrupt(new Interrupted());
          resolve({ error: state.controller.signal.reason });
        } else if (!script) resolve({ error: this.#early(expression, result?.exceptionDetails) });
      };
      within(state, () =>
        this.#post(
          "Runtime.evaluate",
          {
            expression,
            replMode: true,
            silent: !this.#parts.noticed(),
            objectGroup: "cells",
          },
          answered,
        ),
      );
      stop();
      if (!script) return;
      this.#held.add(script);
      apply(then, script, [
        // Wrapped, so that a promise as the cell's value is not awaited.
        (wrapped: { ".repl_result"?: unknown } | undefined) => resolve({ value: wrapped?.[".repl_result"] }),
        (error: unknown) => resolve({ error }),
      ]);
    });
  }

  /** Lets go of what the inspector holds of the cells. A short cell takes hardly longer than this, so it waits for a pause. */
  #release(): void {
    this.#releasing ??= setTimeout(() => {
      this.#releasing = undefined;
      this.#post("Runtime.releaseObjectGroup", { objectGroup: "cells" });
    }, PAUSE_MS).unref();
  }

  /** Answers whatever evaluation is still unanswered as interrupted: after a termination nothing else does. */
  renew(): void {
    this.#session.disconnect();
    this.#session.connect();
    this.#held.clear();
    // Should its timer have gone with what was terminated, the next cell starts another.
    this.#releasing = undefined;
  }

  /** An error from before the script ran. */
  #early(expression: string, details: Runtime.ExceptionDetails | undefined): unknown {
    const error = details?.exception ? this.#live(details.exception) : new Error(details?.text);
    if (details && error instanceof SyntaxError && framesOfError(error).length === 0) {
      const name = /\/\/# sourceURL=(\S+)$/.exec(expression)?.[1] ?? "";
      placeEarlyError(error, name, details.lineNumber + 1, details.columnNumber + 1);
    }
    return error;
  }

  /** What an expression is; whatever would have an effect is refused. */
  readonly look = (expression: string): "promise" | "async function" | undefined => {
    let found: Runtime.RemoteObject | undefined;
    this.#post<Runtime.EvaluateReturnType>(
      "Runtime.evaluate",
      { expression, throwOnSideEffect: true, silent: true, objectGroup: "look" },
      (_, answer) => {
        if (!answer?.exceptionDetails) found = answer?.result;
      },
    );
    this.#post("Runtime.releaseObjectGroup", { objectGroup: "look" });
    if (found?.subtype === "promise") return "promise";
    return found?.className === "AsyncFunction" ? "async function" : undefined;
  };

  /** The real value behind a remote one. */
  #live(remote: Runtime.RemoteObject): unknown {
    if (!remote.objectId) return remote.value;
    this.#post("Runtime.callFunctionOn", {
      objectId: remote.objectId,
      functionDeclaration: "function(value){__wirebook.take(value)}",
      arguments: [{ objectId: remote.objectId }],
      silent: true,
    });
    const taken = this.#taken;
    this.#taken = undefined;
    return taken;
  }
}

// One cell at a time, through V8's own inspector: REPL mode gives top-level await, redeclaration and the value of the last
// expression. Whatever happens, exactly one `done` follows.
import { type Runtime, Session } from "node:inspector";
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

interface Parts {
  say(event: Event): void;
  toBundle(value: unknown): Bundle | Promise<Bundle>;
  toReport(error: unknown): ErrorReport;
}

type Outcome = { value: unknown } | { error: unknown };

export class Evaluator {
  readonly #session = new Session();
  readonly #declared = new Set<string>();
  readonly #parts: Parts;
  #taken: unknown;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#session.connect();
  }

  /** Called by evaluated code to hand a live value over. */
  readonly take = (value: unknown): void => {
    this.#taken = value;
  };

  /** Runs a job; events for its result or error are said, `done` is not: the caller settles. */
  async run(
    job: Job,
    state: RunState,
  ): Promise<{ status: "ok" | "error"; expressions: Record<string, Expression> }> {
    const outcome: Outcome = state.interrupted
      ? { value: undefined }
      : await this.#program(job.program, state);
    if (state.interrupted) return this.#fail(state, { error: state.controller.signal.reason });
    if ("error" in outcome) return this.#fail(state, outcome);
    try {
      if (outcome.value !== undefined && !job.silent) {
        const bundle = await state.until(within(state, () => this.#parts.toBundle(outcome.value)));
        if (state.active) this.#parts.say({ type: "result", run: state.run, bundle });
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
        answers[name] = { ok: true, bundle: await state.until(this.#parts.toBundle(outcome.value)) };
      } catch (error) {
        answers[name] = { ok: false, error: this.#parts.toReport(error) };
      }
    }
    return answers;
  }

  async #program(program: Program, state: RunState): Promise<Outcome> {
    const fresh = program.names.filter((name) => !this.#declared.has(name));
    if (fresh.length > 0) {
      const declared = await this.#evaluate(`let ${fresh.map((name) => `${name}=void 0`).join()};`, state);
      if ("error" in declared) return declared;
      for (const name of fresh) this.#declared.add(name);
    }
    rememberPositions(state.run, state.label, program.scripts);
    let outcome: Outcome = { value: undefined };
    for (const [index, script] of program.scripts.entries()) {
      outcome = await this.#evaluate(`${script.code}\n//# sourceURL=${scriptName(state.run, index)}`, state);
      if ("error" in outcome) break;
    }
    return outcome;
  }

  #post<T>(method: string, params: object): Promise<{ error: Error | null; result: T | undefined }> {
    return new Promise((resolve) => {
      this.#session.post(
        method as "Runtime.evaluate",
        params as Runtime.EvaluateParameterType,
        (error, result) => resolve({ error, result: result as T | undefined }),
      );
    });
  }

  async #evaluate(expression: string, state: RunState): Promise<Outcome> {
    const { error, result } = await within(state, () =>
      this.#post<Runtime.EvaluateReturnType>("Runtime.evaluate", {
        expression,
        replMode: true,
        awaitPromise: true,
        silent: true,
        objectGroup: "cell",
      }),
    );
    if (error && /collected/i.test(error.message))
      return { error: new Error("the cell awaits a promise that nobody can ever settle") };
    // The protocol answers a terminated evaluation with an error of its own.
    if (error || !result) {
      state.interrupt(new Interrupted());
      return { error: state.controller.signal.reason };
    }
    const failed = result.exceptionDetails;
    const value = failed ? failed.exception : result.result;
    const live = value ? (await this.#live(value)).value : new Error(failed?.text);
    if (!failed) return { value: live };
    if (live instanceof SyntaxError && failed.scriptId && framesOfError(live).length === 0) {
      const name = /\/\/# sourceURL=(\S+)$/.exec(expression)?.[1] ?? "";
      placeEarlyError(live, name, failed.lineNumber + 1, failed.columnNumber + 1);
    }
    return { error: live };
  }

  /** The real value behind a remote one. */
  async #live(remote: Runtime.RemoteObject): Promise<{ value: unknown }> {
    // Never returned bare: it may be a promise, and an async function would await that.
    if (!remote.objectId) return { value: toPrimitive(remote) };
    await this.#post("Runtime.callFunctionOn", {
      objectId: remote.objectId,
      functionDeclaration: "function(value){__wirebook.take(value)}",
      arguments: [{ objectId: remote.objectId }],
      silent: true,
    });
    const taken = this.#taken;
    this.#taken = undefined;
    await this.#post("Runtime.releaseObjectGroup", { objectGroup: "cell" });
    return { value: taken };
  }
}

function toPrimitive(remote: Runtime.RemoteObject): unknown {
  if (remote.type === "bigint") return BigInt((remote.unserializableValue ?? "0n").slice(0, -1));
  if (remote.unserializableValue !== undefined) return Number(remote.unserializableValue);
  if (remote.type === "undefined") return undefined;
  return remote.subtype === "null" ? null : remote.value;
}

// Expressions of the student's, evaluated where the code stands still or among the notebook's variables.
import type { Runtime } from "node:inspector";
import type { Json } from "../flow.js";
import { describe, typeOf } from "./describe.js";
import { DebugProblem, type Inspector } from "./inspector.js";
import type { DebuggerOptions } from "./needs.js";
import type { StudentFrame } from "./stack.js";
import { argumentOf, messageOf, type Variables } from "./variables.js";

/** Nothing can end an evaluation from outside, interrupts included. */
const TIME_MS = 2000;
const HOVER_MS = 300;
const FOR_LONG_MS = 3_600_000;

export class Evaluation {
  readonly #options: DebuggerOptions;
  readonly #inspector: Inspector;
  readonly #variables: Variables;
  readonly #standing: () => boolean;

  /** @param standing does the code stand still? Then nothing is awaited. */
  constructor(options: DebuggerOptions, inspector: Inspector, variables: Variables, standing: () => boolean) {
    this.#standing = standing;
    this.#options = options;
    this.#inspector = inspector;
    this.#variables = variables;
  }

  /** @throws {DebugProblem} with the student's error */
  async evaluate(
    expression: string,
    { frame, hover = false }: { frame?: StudentFrame | undefined; hover?: boolean },
  ): Promise<Json> {
    const value = await this.#run(this.#toJavaScript(expression), placeOf(frame), { hover });
    return {
      result: describe(value),
      ...(this.#variables.types && { type: typeOf(value) }),
      ...this.#variables.children(value, expression),
    };
  }

  async assign(reference: number, name: string, text: string): Promise<Json> {
    const value = await this.#variables.assign(
      reference,
      name,
      bare(this.#toJavaScript(text)),
      (code, frame) => this.#run(code, frame, {}),
    );
    return {
      value: describe(value),
      ...(this.#variables.types && { type: typeOf(value) }),
      ...this.#variables.children(value),
    };
  }

  /** A variable as a cell would show it. */
  async rich(name: string, frame: StudentFrame | undefined): Promise<Json> {
    const nothing = { data: {}, metadata: {} };
    let code: string;
    try {
      code = bare(this.#options.translateExpression(name));
    } catch {
      return nothing;
    }
    const expression = `__wirebook.bundle(${code})`;
    const callFrameId = placeOf(frame);
    try {
      // What takes an await to be shown cannot be awaited where everything stands still.
      const { value } = callFrameId
        ? await this.#run(
            `((made) => made instanceof Promise ? undefined : made)(${expression})`,
            callFrameId,
            {
              byValue: true,
            },
          )
        : await this.#run(expression, undefined, { byValue: true, wait: true });
      if (value?.data) return value;
    } catch (error) {
      if (!(error instanceof DebugProblem)) throw error;
      if (/ReferenceError/.test(error.message)) return nothing;
    }
    const value = await this.#run(code, callFrameId, {});
    return { data: { "text/plain": describe(value) }, metadata: {} };
  }

  /** Gives one of the notebook's variables the value that a frame's has. */
  async copy(source: string, target: string, frame: StudentFrame): Promise<void> {
    const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
    if (!name.test(source) || !name.test(target))
      throw new DebugProblem("both have to be names of variables");
    const value = await this.#run(source, placeOf(frame), {});
    // It is declared at once, and answered when the code goes on: answers of this mode are promises.
    const expression = `let ${target} = void 0`;
    void this.#inspector
      .call("Runtime.evaluate", { expression, replMode: true, silent: true }, FOR_LONG_MS)
      .catch(() => {});
    const root = await this.#run("globalThis", undefined, {});
    await this.#inspector.call("Runtime.callFunctionOn", {
      objectId: root.objectId,
      functionDeclaration: `function(value) { ${target} = value; }`,
      arguments: [argumentOf(value)],
      silent: true,
    });
    this.#options.declare(target);
  }

  /** Types go; what is no single expression is left as it is. */
  #toJavaScript(text: string): string {
    try {
      return this.#options.translateExpression(text);
    } catch {
      return text;
    }
  }

  async #run(
    expression: string,
    callFrameId: string | undefined,
    { hover = false, byValue = false, wait = false }: { hover?: boolean; byValue?: boolean; wait?: boolean },
  ): Promise<Runtime.RemoteObject> {
    const timeout = hover ? HOVER_MS : TIME_MS;
    const params = {
      expression,
      objectGroup: this.#variables.group,
      silent: true,
      throwOnSideEffect: hover,
      timeout,
      ...(byValue ? { returnByValue: true } : { generatePreview: true }),
    };
    if (callFrameId && !hover) this.#variables.changed = true;
    const { result, exceptionDetails } = callFrameId
      ? await this.#inspector.call("Debugger.evaluateOnCallFrame", { ...params, callFrameId }, timeout + 500)
      : await this.#inspector.call(
          "Runtime.evaluate",
          { ...params, replMode: !this.#standing(), awaitPromise: wait },
          timeout + 500,
        );
    if (exceptionDetails) throw new DebugProblem(messageOf(exceptionDetails));
    return result;
  }
}

/** At a cell's own level there is nothing but the notebook's variables, and V8 takes those of this cell for unborn. */
function placeOf(frame: StudentFrame | undefined): string | undefined {
  if (!frame?.call) return undefined;
  const local = frame.call.scopeChain.some(({ type }) => type !== "script" && type !== "global");
  return local ? frame.call.callFrameId : undefined;
}

/** A translated expression without the words before it. */
export function bare(script: string): string {
  return script.replace(/^"use strict";void 0;\n/, "").replace(/;\s*$/, "");
}

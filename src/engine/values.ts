// Looking at run-time values from the control worker, also while a cell runs. V8 is asked to refuse whatever would have an
// effect (`throwOnSideEffect`), so getters do not fire and nothing the student wrote runs.
import { type Runtime, Session } from "node:inspector";
import type { Completion, Completions, Inspection as Inspected } from "../flow.js";

const DEADLINE_MS = 400;
/** Node 26 may leave a message lie, either way, when the thread is just coming to rest; the next one takes it along. */
const NUDGE_MS = 20;
const nothing: Inspected = { found: false, text: "", callable: false };

export class Inspection {
  #session: Session | undefined;

  #connected(): Session {
    if (!this.#session) {
      this.#session = new Session();
      this.#session.connectToMainThread();
    }
    return this.#session;
  }

  #post<T>(method: string, params: object = {}): Promise<T | undefined> {
    const session = this.#connected();
    return new Promise((resolve) => {
      let left = DEADLINE_MS / NUDGE_MS;
      const nudge = setInterval(() => {
        if (left-- <= 0 || this.#session !== session) clearInterval(nudge);
        else session.post("Runtime.getIsolateId" as "Runtime.enable", () => {});
      }, NUDGE_MS).unref();
      session.post(method as "Runtime.evaluate", params as Runtime.EvaluateParameterType, (error, result) => {
        clearInterval(nudge);
        resolve(error ? undefined : (result as T));
      });
    });
  }

  /** Before the process ends: Node would wait for us, and say so on stderr. */
  close(): void {
    this.#session?.disconnect();
    this.#session = undefined;
  }

  /** Calls what `createStrike` made, in the middle of whatever the main thread does. */
  async strike(interrupt: number, { sure }: { sure: boolean }): Promise<number> {
    const answer = await this.#post<Runtime.EvaluateReturnType>("Runtime.evaluate", {
      expression: `__wirebook.strike(${interrupt},${sure})`,
      returnByValue: true,
      silent: true,
    });
    // Without an answer it was ended, too, with what it struck.
    return answer ? Number(answer.result.value) : 0;
  }

  async #look(expression: string): Promise<Runtime.RemoteObject | undefined> {
    const answer = await this.#post<Runtime.EvaluateReturnType>("Runtime.evaluate", {
      expression,
      throwOnSideEffect: true,
      silent: true,
      objectGroup: "look",
      generatePreview: true,
      timeout: DEADLINE_MS,
    });
    return answer && !answer.exceptionDetails ? answer.result : undefined;
  }

  async #members(objectId: string): Promise<Completion[]> {
    const found = new Map<string, Completion>();
    const answer = await this.#post<Runtime.GetPropertiesReturnType>("Runtime.getProperties", {
      objectId,
      ownProperties: false,
    });
    for (const property of answer?.result ?? []) {
      if (property.symbol || !/^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(property.name))
        continue;
      const kind = property.value?.type === "function" ? "function" : "property";
      found.set(property.name, { text: property.name, type: kind });
    }
    return [...found.values()];
  }

  /** Members of a value (or, without one, names in scope) that begin with `prefix`. */
  complete(expression: string | null, prefix: string): Promise<Completions> {
    const work = async (): Promise<Completions> => {
      let candidates: Completion[] = [];
      if (expression === null) {
        const names = await this.#post<Runtime.GlobalLexicalScopeNamesReturnType>(
          "Runtime.globalLexicalScopeNames",
        );
        candidates = (names?.names ?? []).map((text) => ({ text, type: "variable" }));
        const scope = await this.#look("globalThis");
        if (scope?.objectId) candidates.push(...(await this.#members(scope.objectId)));
      } else {
        const value = await this.#look(`Object(${expression})`);
        if (value?.objectId) candidates = await this.#members(value.objectId);
      }
      await this.#post("Runtime.releaseObjectGroup", { objectGroup: "look" });
      const seen = new Set<string>();
      const matches = candidates.filter(
        ({ text }) => text.startsWith(prefix) && text !== "__wirebook" && !seen.has(text) && seen.add(text),
      );
      return { matches };
    };
    return within(work(), { matches: [] });
  }

  inspect(expression: string, detail: 0 | 1): Promise<Inspected> {
    const work = async (): Promise<Inspected> => {
      const value = await this.#look(expression);
      await this.#post("Runtime.releaseObjectGroup", { objectGroup: "look" });
      if (!value) return nothing;
      const callable = value.type === "function";
      return { found: true, text: describe(expression, value, detail), callable };
    };
    return within(work(), nothing);
  }
}

function within<T>(work: Promise<T>, otherwise: T): Promise<T> {
  return Promise.race([work, new Promise<T>((resolve) => setTimeout(() => resolve(otherwise), DEADLINE_MS))]);
}

function describe(expression: string, value: Runtime.RemoteObject, detail: 0 | 1): string {
  if (value.type === "function") {
    const source = value.description ?? "";
    return detail === 1 ? source : `${expression}: ${source.split(/\r?\n/, 1)[0]}`;
  }
  if (value.type !== "object") {
    const shown =
      value.type === "string"
        ? JSON.stringify(value.value)
        : (value.unserializableValue ?? value.description ?? String(value.value));
    return `${expression}: ${value.type} = ${shown}`;
  }
  const lines = (value.preview?.properties ?? []).map(
    ({ name, value: shown, type }) => `  ${name}: ${shown || type}`,
  );
  return [
    `${expression}: ${value.description ?? value.subtype ?? "object"}`,
    ...lines,
    ...(value.preview?.overflow ? ["  …"] : []),
  ].join("\n");
}

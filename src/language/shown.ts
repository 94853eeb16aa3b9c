// The executions that the server sees. What it does not see costs nothing.
import type { Source } from "./bindings.js";
import type { Execution } from "./execution.js";
import type { LanguageServer } from "./server.js";

/** So many stay with the server although the newest cell does not need them. */
const most = 32;

export class Shown {
  readonly #server: LanguageServer;
  /** The latest used last. */
  readonly #executions = new Set<Execution>();

  constructor(server: LanguageServer) {
    this.#server = server;
  }

  has(execution: Execution): boolean {
    return this.#executions.has(execution);
  }

  add(execution: Execution): void {
    this.#executions.add(execution);
    this.update(execution);
  }

  /** It has another text. */
  update(execution: Execution): void {
    const { path, text, module } = execution;
    if (this.has(execution)) this.#server.put(path, text ?? module.text);
  }

  /** @returns was it seen? */
  delete(execution: Execution): boolean {
    return this.#executions.delete(execution);
  }

  /** Lets the server see these, and all that they import. */
  show(sources: Iterable<Source>): void {
    const shown = new Set<Source>();
    const show = (source: Source): void => {
      if (shown.has(source)) return;
      shown.add(source);
      const execution = source as Execution;
      const { path, text, module } = execution;
      // Where it is seen in full, it may stay so: a change would cost more.
      if (!this.#executions.delete(execution)) this.#server.put(path, text ?? module.text);
      this.#executions.add(execution);
      for (const other of module.imports) show(other);
    };
    for (const source of sources) show(source);
    if (this.#executions.size > 2 * most) this.#hide(shown);
  }

  /** Of all that is seen only the newest text, and of what was not used lately nothing. */
  tidy(): Iterable<Source> {
    this.#hide(new Set());
    for (const execution of this.#executions) this.update(execution);
    return this.#executions;
  }

  #hide(needed: Set<Source>): void {
    for (const one of this.#executions) {
      if (this.#executions.size <= most) break;
      if (needed.has(one) || !one.entered) continue;
      this.#executions.delete(one);
      this.#server.put(one.path, undefined);
    }
  }
}

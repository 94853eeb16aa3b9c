// The cells that ran, as modules: each execution is one, and sees only those before it. So there are no circles, and running
// a cell again is nothing but a later execution.
import { join } from "node:path";
import type { Diagnostic } from "vscode-languageserver-types";
import type { Outline, TypeProblem } from "../flow.js";
import { type Bindings, bind, type Source } from "./bindings.js";
import { toProblems } from "./diagnostics.js";
import { freeze } from "./freeze.js";
import { type CellModule, toModule, withoutAugmentations } from "./module.js";
import { type LanguageServer, uriOf } from "./server.js";
import { prefix } from "./workspace.js";

/** One execution of a cell, checked or not. */
export interface Execution extends Source {
  path: string;
  label: string;
  cellId: string | undefined;
  outline: Outline;
  module: CellModule;
  /** Has it run? */
  entered: boolean;
}

/** A cell that was looked at, but has not run yet. */
export interface Candidate {
  problems: TypeProblem[];
  /** Was there an answer? */
  checked: boolean;
  /**
   * It ran: its names are the newest from now on.
   * @param hasValue did it come past this declaration?
   */
  enter(hasValue: (name: string) => boolean): void;
  /** It did not run: nothing of it stays. */
  discard(): void;
}

export interface CheckOptions {
  label: string;
  cellId?: string;
  /** How long to wait for the answer, in milliseconds; 0: nobody asks for it. */
  deadline: number;
}

export class Chain {
  readonly bindings: Bindings = new Map();
  readonly #server: LanguageServer;
  readonly #directory: string;
  readonly #executions = new Map<string, Execution>();
  /** Those that change global types. */
  readonly #augmenting = new Set<Execution>();
  #count = 0;

  constructor(server: LanguageServer, directory: string) {
    this.#server = server;
    this.#directory = directory;
  }

  async check(outline: Outline, { label, cellId, deadline }: CheckOptions): Promise<Candidate> {
    // What the cell did to global types when it last ran is over now, unless it does not run after all.
    const replaced = [...this.#augmenting].filter((one) => cellId !== undefined && one.cellId === cellId);
    for (const old of replaced) this.#withdraw(old);
    const name = `${prefix}cell${++this.#count}`;
    const execution: Execution = {
      specifier: `./${name}.${outline.lang}`,
      path: join(this.#directory, `${name}.${outline.lang}`),
      label,
      cellId,
      outline,
      module: toModule(outline, this.bindings, this.#augmenting),
      entered: false,
    };
    this.#executions.set(name, execution);
    this.#server.put(execution.path, execution.module.text);
    const problems = deadline > 0 ? await this.#problems(execution, deadline) : undefined;
    return {
      problems: problems ?? [],
      checked: problems !== undefined,
      enter: (hasValue) => this.#enter(execution, hasValue),
      discard: () => {
        this.#forget(name, execution);
        for (const old of replaced) {
          this.#augmenting.add(old);
          this.#server.put(old.path, old.module.text);
        }
      },
    };
  }

  /** A new engine knows no names. */
  reset(): void {
    for (const [name, execution] of this.#executions) this.#forget(name, execution);
    this.#augmenting.clear();
    this.bindings.clear();
  }

  /** The modules of the program, the newest last. */
  get size(): number {
    return this.#executions.size;
  }

  async #problems(execution: Execution, deadline: number): Promise<TypeProblem[] | undefined> {
    const report = await this.#server.ask<{ items?: Diagnostic[] }>(
      "textDocument/diagnostic",
      { textDocument: { uri: uriOf(execution.path) } },
      deadline,
    );
    if (!report) return undefined;
    return toProblems(report.items ?? [], {
      outline: execution.outline,
      tail: execution.module.tail.line,
      labelOf: (file) => {
        const name = /([^\\/]+?)(?:\.tsx?)?$/.exec(file)?.[1] ?? "";
        return this.#executions.get(name)?.label;
      },
    });
  }

  #enter(execution: Execution, hasValue: (name: string) => boolean): void {
    execution.entered = true;
    bind(this.bindings, execution.outline.declared, execution, hasValue);
    if (execution.outline.augmentations.length > 0) this.#augmenting.add(execution);
    void freeze(execution, this.bindings, this.#server).then(() => this.#prune());
  }

  #withdraw(old: Execution): void {
    this.#augmenting.delete(old);
    this.#server.put(old.path, withoutAugmentations(old.module.text, old.outline));
  }

  /** Lets go of executions that no living name needs. */
  #prune(): void {
    const needed = new Set<Source>();
    const need = (source: Source): void => {
      if (needed.has(source)) return;
      needed.add(source);
      for (const other of (source as Execution).module.imports) need(other);
    };
    for (const { value, type } of this.bindings.values()) {
      if (value && value.frozen === undefined) need(value.source);
      if (type) need(type.source);
    }
    for (const execution of this.#augmenting) need(execution);
    for (const execution of this.#executions.values()) if (!execution.entered) need(execution);
    for (const [name, execution] of this.#executions)
      if (!needed.has(execution)) this.#forget(name, execution);
  }

  #forget(name: string, { path }: Execution): void {
    this.#executions.delete(name);
    this.#server.put(path, undefined);
  }
}

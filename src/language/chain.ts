// The cells that ran, as modules: each execution is one, and sees only those before it. So there are no circles, and running
// a cell again is nothing but a later execution.
import { join } from "node:path";
import type { Diagnostic } from "vscode-languageserver-types";
import type { Outline, TypeProblem } from "../flow.js";
import { type Bindings, bind, type ValueBinding } from "./bindings.js";
import { changedTypes } from "./changed.js";
import { toProblems } from "./diagnostics.js";
import { Draft, fitting } from "./draft.js";
import type { Execution } from "./execution.js";
import { freeze, type Words, wordsOf } from "./freeze.js";
import { installed } from "./installed.js";
import { essence, toModule, withoutAugmentations } from "./module.js";
import { isMeant, neededFor } from "./needed.js";
import { type LanguageServer, placeIn, within } from "./server.js";
import { Shown } from "./shown.js";
import { Spares } from "./spares.js";
import { draftName } from "./workspace.js";

/** A look at whatever is kept comes once in so many times fewer cells than that is. */
const SHARE = 16;

/** A cell that was looked at, but has not run yet. */
export interface Candidate {
  problems: TypeProblem[];
  /** Was there an answer? */
  checked: boolean;
  /**
   * It ran: its names are the newest from now on.
   * @param hasValue did it come past this declaration? `undefined`: it did not, though it ran to its end
   * @returns what to say of names that have another type now
   */
  enter(hasValue: (name: string) => boolean | undefined): string | undefined;
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
  readonly #javascript: boolean;
  readonly #executions = new Map<string, Execution>();
  /** Those that change global types. */
  readonly #augmenting = new Set<Execution>();
  readonly #shown: Shown;
  readonly #spares: Spares;
  /** Nothing can import it yet. */
  #newest: Execution | undefined;
  /** Cells that have run since it was last looked what is needed. */
  #unlooked = 0;
  /** The types of the newest execution have been put in words. */
  #settled: Promise<void> = Promise.resolve();

  constructor(server: LanguageServer, { directory, javascript }: { directory: string; javascript: boolean }) {
    this.#server = server;
    this.#directory = directory;
    this.#javascript = javascript;
    this.#shown = new Shown(server);
    this.#spares = new Spares(server, directory);
  }

  async check(outline: Outline, { label, cellId, deadline }: CheckOptions): Promise<Candidate> {
    const asked = performance.now();
    if (deadline > 0) await within(this.#settled, deadline);
    // What the cell did to global types when it last ran is over now, unless it does not run after all.
    const replaced = [...this.#augmenting].filter((one) => cellId !== undefined && one.cellId === cellId);
    for (const old of replaced) this.#withdraw(old);
    const always = [...this.#augmenting];
    // What nobody looks at, the server gets when a later cell mentions it.
    const place = deadline > 0 ? this.#spares.take(outline) : this.#spares.make(outline.lang);
    const module = toModule(outline, this.bindings, always, place.listed);
    const closedOver = new Map<string, ValueBinding>();
    for (const name of outline.closedOver) {
      const value = module.uses.get(name)?.value;
      if (value) closedOver.set(name, value);
    }
    const execution: Execution = {
      ...place,
      label,
      cellId,
      outline,
      module,
      always,
      closedOver,
      entered: false,
    };
    this.#keep(execution);
    if (deadline > 0) {
      this.#shown.show(module.imports);
      this.#shown.add(execution);
    }
    const left = deadline - (performance.now() - asked);
    let problems = left > 0 ? await this.#problems(execution, left) : undefined;
    const found = installed(problems ?? [], outline, this.#directory);
    this.#server.touched(found);
    if (found.length > 0) problems = await this.#problems(execution, left);
    const changed =
      problems?.length === 0
        ? await changedTypes(execution, {
            bindings: this.bindings,
            executions: this.#executions.values(),
            server: this.#server,
            deadline: Math.max(0, deadline - (performance.now() - asked)),
          })
        : undefined;
    // While it runs.
    const words = problems && wordsOf(execution, this.#server, () => this.#shown.has(execution));
    return {
      problems: problems ?? [],
      checked: problems !== undefined,
      enter: (hasValue) => {
        this.#enter(execution, hasValue, words);
        const told = [...(changed ?? [])].filter(([name]) => hasValue(name)).map(([, text]) => text);
        return told.length > 0 ? told.join("\n") : undefined;
      },
      discard: () => {
        this.#withdraw(execution);
        this.#forget(execution);
        for (const old of replaced) {
          if (!this.#knows(old)) continue;
          this.#augmenting.add(old);
          delete old.text;
          this.#shown.update(old);
        }
      },
    };
  }

  /** A new engine knows no names. */
  reset(): void {
    for (const execution of this.#executions.values()) this.#forget(execution);
    this.#augmenting.clear();
    this.bindings.clear();
    this.#spares.renew([]);
  }

  /** How many modules are kept. */
  get size(): number {
    return this.#executions.size;
  }

  async #problems(execution: Execution, deadline: number): Promise<TypeProblem[] | undefined> {
    const report = await this.#server.ask<{ items?: Diagnostic[] }>(
      "textDocument/diagnostic",
      placeIn(execution.path),
      deadline,
    );
    if (!report) return undefined;
    const { outline, module } = execution;
    return toProblems(report.items ?? [], { outline, tail: module.tail.line, ...this.#reading });
  }

  /** The problems of a cell that does not run, within `patience` milliseconds. */
  async diagnose(outline: Outline, patience: number): Promise<TypeProblem[] | undefined> {
    const { path, head, tail } = await this.draft(outline, { patience });
    const report = await this.#server.ask<{ items?: Diagnostic[] }>(
      "textDocument/diagnostic",
      placeIn(path),
      patience,
    );
    return report && toProblems(report.items ?? [], { outline, head, tail, ...this.#reading });
  }

  get #reading(): { javascript: boolean; labelOf(file: string): string | undefined } {
    return { javascript: this.#javascript, labelOf: this.#labelOf };
  }

  readonly #labelOf = (file: string): string | undefined => {
    const name = /([^\\/]+?)(?:\.tsx?)?$/.exec(file)?.[1] ?? "";
    return this.#executions.get(name)?.label;
  };

  #enter(
    execution: Execution,
    hasValue: (name: string) => boolean | undefined,
    words: Promise<Map<string, Words>> = Promise.resolve(new Map()),
  ): void {
    execution.entered = true;
    // It was looked at before the engine was another one, and ran in that. Its document is somebody else's.
    if (!this.#knows(execution)) Object.assign(execution, this.#spares.make(execution.outline.lang));
    this.#keep(execution);
    bind(this.bindings, execution.outline.declared, execution, hasValue);
    if (execution.outline.augmentations.length > 0) this.#augmenting.add(execution);
    this.#settled = words.then((all) => {
      freeze(execution, this.bindings, all);
      this.#settle(execution);
    });
  }

  #withdraw(old: Execution): void {
    this.#augmenting.delete(old);
    old.text = withoutAugmentations(old.module.text, old.outline);
    this.#shown.update(old);
  }

  /** Nobody looks at its text any more: only at the types of its names. */
  #settle(execution: Execution): void {
    const typeOf = (name: string): string | undefined => {
      const { value } = this.bindings.get(name) ?? {};
      return value?.source === execution ? value.frozen : undefined;
    };
    const { module, outline } = execution;
    execution.module = toModule(essence(outline, typeOf), module.uses, execution.always);
    this.#prune(execution);
    if (!this.#shown.has(execution)) return;
    if (!this.#spares.ran(execution, outline.text, module.imports)) return;
    this.#shown.show(this.#augmenting);
    this.#spares.renew(this.#shown.tidy(), outline.text);
  }

  /**
   * Writes what is being typed into a module that sees all earlier executions.
   * @param options.begun the beginning of a name that is being typed
   */
  async draft(outline: Outline, { patience, begun }: { patience: number; begun?: string }): Promise<Draft> {
    await within(this.#settled, patience);
    const mentioned = new Map(outline.mentioned);
    if (begun !== undefined)
      for (const name of fitting(begun, outline, this.bindings)) mentioned.set(name, []);
    const { joint, imports } = toModule({ ...outline, mentioned }, this.bindings, this.#augmenting);
    this.#shown.show(imports);
    const draft = new Draft(join(this.#directory, draftName(outline.lang)), joint, outline);
    this.#server.put(draft.path, draft.text);
    return draft;
  }

  /** Lets go of executions that no living name needs: of the one that was just settled at once, of others in time. */
  #prune(settled: Execution): void {
    const isOver =
      settled === this.#newest && !this.#augmenting.has(settled) && !isMeant(settled, this.bindings);
    if (isOver) this.#letGo(settled);
    if (++this.#unlooked < (this.#executions.size + this.bindings.size) / SHARE) return;
    this.#unlooked = 0;
    const running = [...this.#executions.values()].filter(({ entered }) => !entered);
    const needed = neededFor([...this.#augmenting, ...running], this.bindings);
    for (const execution of this.#executions.values()) if (!needed.has(execution)) this.#letGo(execution);
  }

  #keep(execution: Execution): void {
    this.#executions.set(execution.name, execution);
    this.#newest = execution;
  }

  #knows(execution: Execution): boolean {
    return this.#executions.get(execution.name) === execution;
  }

  /** Also of what it saw of those before it, and they of those before them: it may be known for long whose name that was. */
  #letGo(execution: Execution): void {
    this.#forget(execution);
    execution.always = [];
    execution.closedOver.clear();
    execution.module.uses.clear();
    execution.module.imports.clear();
  }

  #forget(execution: Execution): void {
    if (!this.#knows(execution)) return;
    this.#executions.delete(execution.name);
    if (this.#shown.delete(execution)) this.#spares.leave(execution);
  }
}

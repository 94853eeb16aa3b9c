// The cells that ran, as modules: each execution is one, and sees only those before it. So there are no circles, and running
// a cell again is nothing but a later execution.
import { join } from "node:path";
import type { Diagnostic } from "vscode-languageserver-types";
import type { Outline, TypeProblem } from "../flow.js";
import { type Bindings, bind, type Source, type ValueBinding } from "./bindings.js";
import { changedTypes } from "./changed.js";
import { missingPackage, toProblems } from "./diagnostics.js";
import { Draft } from "./draft.js";
import { packageFolder } from "./files.js";
import { freeze } from "./freeze.js";
import { type CellModule, essence, toModule, withoutAugmentations } from "./module.js";
import { type LanguageServer, placeIn, within } from "./server.js";
import { draftName, prefix } from "./workspace.js";

/** One execution of a cell, checked or not. */
export interface Execution extends Source {
  name: string;
  path: string;
  label: string;
  cellId: string | undefined;
  outline: Outline;
  module: CellModule;
  /** Modules that it imports because they change global types. */
  always: Source[];
  /** Instead of the module's own text. */
  text?: string;
  /** The names of earlier cells in its functions, and where they came from. */
  closedOver: Map<string, ValueBinding>;
  /** The document in which it was looked at, unless that is its own. */
  passing?: string;
  /** Has it run? */
  entered: boolean;
}

/** So many modules stay with the server although the newest cell does not need them: what it does not see costs nothing. */
const mostVisible = 32;
/** What `@ts-nocheck` has to stand in. */
const COMMENTS = /^(?:\s+|\/\/.*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;
const UNCHECKED = /\/\/\s*@ts-nocheck\b/;
/**
 * The document of cells that nobody may ever import from. To change one with the same imports takes the server a tenth of the time
 * that it takes to open another.
 */
function passingName(lang: "ts" | "tsx"): string {
  return `${prefix}cell-passing-${lang}.${lang}`;
}
/** So many names whose modules have to be opened are put before the server when one begins to be typed. */
const mostBegun = 64;

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
  /** What the server sees, the latest used last. */
  readonly #visible = new Set<Execution>();
  #count = 0;
  /** Whose text the passing document holds. */
  #passing: Execution | undefined;
  /** The types of the newest execution have been put in words. */
  #settled: Promise<void> = Promise.resolve();

  constructor(server: LanguageServer, { directory, javascript }: { directory: string; javascript: boolean }) {
    this.#server = server;
    this.#directory = directory;
    this.#javascript = javascript;
    server.put(join(directory, passingName("ts")), "export {};\n");
  }

  async check(outline: Outline, { label, cellId, deadline }: CheckOptions): Promise<Candidate> {
    const asked = performance.now();
    if (deadline > 0) await within(this.#settled, deadline);
    // What the cell did to global types when it last ran is over now, unless it does not run after all.
    const replaced = [...this.#augmenting].filter((one) => cellId !== undefined && one.cellId === cellId);
    for (const old of replaced) this.#withdraw(old);
    const always = [...this.#augmenting];
    const name = `${prefix}cell${++this.#count}`;
    const module = toModule(outline, this.bindings, always);
    const closedOver = new Map<string, ValueBinding>();
    for (const name of outline.closedOver) {
      const value = module.uses.get(name)?.value;
      if (value) closedOver.set(name, value);
    }
    const execution: Execution = {
      name,
      specifier: `./${name}.${outline.lang}`,
      path: join(this.#directory, `${name}.${outline.lang}`),
      label,
      cellId,
      outline,
      module,
      always,
      closedOver,
      entered: false,
    };
    this.#executions.set(name, execution);
    // What nobody looks at, the server gets when a later cell mentions it.
    if (deadline > 0) this.#present(execution);
    const left = deadline - (performance.now() - asked);
    let problems = left > 0 ? await this.#problems(execution, left) : undefined;
    if (problems && this.#installed(problems, outline)) problems = await this.#problems(execution, left);
    const changed =
      problems?.length === 0
        ? await changedTypes(execution, {
            bindings: this.bindings,
            executions: this.#executions.values(),
            server: this.#server,
            deadline: Math.max(0, deadline - (performance.now() - asked)),
          })
        : undefined;
    return {
      problems: problems ?? [],
      checked: problems !== undefined,
      enter: (hasValue) => {
        this.#enter(execution, hasValue);
        const told = [...(changed ?? [])].filter(([name]) => hasValue(name)).map(([, text]) => text);
        return told.length > 0 ? told.join("\n") : undefined;
      },
      discard: () => {
        this.#forget(name, execution);
        for (const old of replaced) {
          this.#augmenting.add(old);
          delete old.text;
          if (this.#visible.has(old)) this.#server.put(old.path, old.module.text);
        }
      },
    };
  }

  #present(execution: Execution): void {
    this.#show(execution.module.imports);
    if (isPassing(execution.outline)) {
      execution.passing = join(this.#directory, passingName(execution.outline.lang));
      this.#passing = execution;
    } else this.#visible.add(execution);
    this.#server.put(execution.passing ?? execution.path, execution.module.text);
  }

  /** A new engine knows no names. */
  reset(): void {
    for (const [name, execution] of this.#executions) this.#forget(name, execution);
    this.#augmenting.clear();
    this.bindings.clear();
  }

  /** How many modules are kept. */
  get size(): number {
    return this.#executions.size;
  }

  /** Are there packages that the server did not find, but are there now? It is told of them. */
  #installed(problems: TypeProblem[], { specifiers }: Outline): boolean {
    const missing = new Set(problems.map(({ code, message }) => missingPackage(code, message, specifiers)));
    const found = [...missing].flatMap(
      (name) => (name !== undefined && packageFolder(name, this.#directory)) || [],
    );
    this.#server.touched(
      found.flatMap((folder) =>
        [folder, join(folder, "package.json")].map((path) => ({ path, how: "created" as const })),
      ),
    );
    return found.length > 0;
  }

  async #problems(execution: Execution, deadline: number): Promise<TypeProblem[] | undefined> {
    const report = await this.#server.ask<{ items?: Diagnostic[] }>(
      "textDocument/diagnostic",
      placeIn(execution.passing ?? execution.path),
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

  #enter(execution: Execution, hasValue: (name: string) => boolean | undefined): void {
    execution.entered = true;
    bind(this.bindings, execution.outline.declared, execution, hasValue);
    if (execution.outline.augmentations.length > 0) this.#augmenting.add(execution);
    const stands = (): boolean => this.#passing === execution || this.#visible.has(execution);
    this.#settled = freeze(execution, this.bindings, this.#server, stands).then(() =>
      this.#settle(execution),
    );
  }

  #withdraw(old: Execution): void {
    this.#augmenting.delete(old);
    old.text = withoutAugmentations(old.module.text, old.outline);
    if (this.#visible.has(old)) this.#server.put(old.path, old.text);
  }

  /** Nobody looks at its text any more: only at the types of its names. */
  #settle(execution: Execution): void {
    const typeOf = (name: string): string | undefined => {
      const { value } = this.bindings.get(name) ?? {};
      return value?.source === execution ? value.frozen : undefined;
    };
    const { module } = execution;
    execution.module = toModule(essence(execution.outline, typeOf), module.uses, execution.always);
    this.#prune();
    // The next cell may want it, and need not wait until then.
    if (execution.passing && this.#executions.has(execution.name)) this.#visible.add(execution);
    if (this.#visible.has(execution)) this.#server.put(execution.path, execution.module.text);
  }

  /**
   * Writes what is being typed into a module that sees all earlier executions.
   * @param options.begun the beginning of a name that is being typed
   */
  async draft(outline: Outline, { patience, begun }: { patience: number; begun?: string }): Promise<Draft> {
    await within(this.#settled, patience);
    const mentioned = new Map(outline.mentioned);
    if (begun !== undefined) {
      const declared = new Set(outline.declared.map(({ name }) => name));
      const fitting = this.namesLike(begun).filter((name) => !declared.has(name));
      const others = fitting.filter((name) => !this.isPlain(name)).slice(0, mostBegun);
      for (const name of fitting) if (this.isPlain(name) || others.includes(name)) mentioned.set(name, []);
    }
    const { joint, imports } = toModule({ ...outline, mentioned }, this.bindings, this.#augmenting);
    this.#show(imports);
    // In front of what may be unfinished, and would swallow what comes behind it.
    const before = `${UNCHECKED.test(COMMENTS.exec(outline.text)?.[0] ?? "") ? "// @ts-nocheck\n" : ""}${joint}\n`;
    const draft = new Draft(join(this.#directory, draftName(outline.lang)), before, outline);
    this.#server.put(draft.path, draft.text);
    return draft;
  }

  /** The notebook's names that begin so, the newest first. */
  namesLike(begun: string): string[] {
    const small = begun.toLowerCase();
    return [...this.bindings.keys()].filter((name) => name.toLowerCase().startsWith(small)).reverse();
  }

  /** Is this a variable whose type has been put in words, and nothing else? */
  isPlain(name: string): boolean {
    const binding = this.bindings.get(name);
    return binding?.value?.frozen !== undefined && binding.type === undefined;
  }

  /** Lets the server see all that a module imports, and no more old ones than it saw before. */
  #show(imports: Set<Source>): void {
    const shown = new Set<Source>();
    const show = (source: Source): void => {
      if (shown.has(source)) return;
      shown.add(source);
      const { path, text, module } = source as Execution;
      this.#server.put(path, text ?? module.text);
      this.#visible.delete(source as Execution);
      this.#visible.add(source as Execution);
      for (const other of module.imports) show(other);
    };
    for (const source of imports) show(source);
    for (const source of this.#augmenting) show(source);
    if (this.#visible.size <= 2 * mostVisible) return;
    for (const one of this.#visible) {
      if (this.#visible.size <= mostVisible) break;
      if (shown.has(one) || !one.entered) continue;
      this.#visible.delete(one);
      this.#server.put(one.path, undefined);
    }
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

  #forget(name: string, execution: Execution): void {
    this.#executions.delete(name);
    this.#visible.delete(execution);
    this.#server.put(execution.path, undefined);
  }
}

/** Are its names most likely nothing but plain values, which mean the same without it? If not, it is opened once it has run. */
function isPassing({ declared, augmentations }: Outline): boolean {
  return augmentations.length === 0 && declared.every(({ type }) => type === undefined);
}

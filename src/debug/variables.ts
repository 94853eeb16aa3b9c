// Variables by reference: front ends ask for what they see, a level at a time.
import type { Debugger, Runtime } from "node:inspector";
import type { DebugProtocol } from "@vscode/debugprotocol";
import { Contents, MOST_SHOWN } from "./contents.js";
import { describe, typeOf } from "./describe.js";
import { DebugProblem, type Inspector } from "./inspector.js";

type Remote = Runtime.RemoteObject;

/** What a reference stands for. */
export type Held =
  /** Scopes of a frame, the innermost first. */
  | {
      kind: "scopes";
      scopes: Debugger.Scope[];
      extra: [name: string, value: Remote][];
      frame?: string | undefined;
    }
  /** The notebook's own variables. */
  | { kind: "globals" }
  | { kind: "object"; objectId: string; path?: string | undefined; plain: boolean }
  /** Part of a long list. */
  | { kind: "range"; objectId: string; path?: string | undefined; start: number; end: number }
  | { kind: "getter"; objectId: string; name: string };

/** So many inspections back, references still hold: an idle front end inspects again after every message. */
const KEPT = 8;
export const IDENTIFIER: RegExp = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

export class Variables {
  readonly #inspector: Inspector;
  readonly #contents: Contents;
  #held = new Map<number, Held>();
  #last = 0;
  #group = 0;
  readonly #used = new Set<number>();
  /** May types be sent? */
  types = true;
  /** Has something been evaluated that may have changed what is in scope? */
  changed = false;

  constructor(inspector: Inspector) {
    this.#inspector = inspector;
    this.#contents = new Contents(inspector, this);
  }

  hold(held: Held): number {
    this.#held.set(++this.#last, held);
    return this.#last;
  }

  /** Objects asked for from now on are kept together; those of long ago are let go. */
  begin(): void {
    this.#group++;
    this.#letGo((group) => group <= this.#group - KEPT);
    for (const reference of this.#held.keys()) {
      if (this.#held.size < 5000) break;
      this.#held.delete(reference);
    }
  }

  /** Nothing holds any more. */
  release(): void {
    this.#held = new Map();
    this.changed = false;
    this.#letGo(() => true);
    this.#group++;
  }

  #letGo(which: (group: number) => boolean): void {
    for (const group of [...this.#used].filter(which)) {
      this.#used.delete(group);
      const objectGroup = groupName(group);
      void this.#inspector.call("Runtime.releaseObjectGroup", { objectGroup }).catch(() => {});
    }
  }

  /** The name under which objects are kept that are asked for now. */
  get group(): string {
    this.#used.add(this.#group);
    return groupName(this.#group);
  }

  /** @throws {DebugProblem} the reference is none, or holds no longer */
  async list({
    variablesReference,
    filter,
    start,
    count,
  }: DebugProtocol.VariablesArguments): Promise<DebugProtocol.Variable[]> {
    const held = this.#held.get(variablesReference);
    if (!held) throw new DebugProblem("this value is out of date: look at it again");
    switch (held.kind) {
      case "globals":
        return this.globals();
      case "scopes":
        return this.#scopes(held);
      case "getter":
        return [this.toVariable(held.name, await this.#contents.get(held))];
      case "range":
        return this.#contents.range(held, held.start, held.end);
      case "object":
        if (filter === "indexed")
          return this.#contents.range(held, start ?? 0, (start ?? 0) + (count || MOST_SHOWN));
        return this.#contents.object(held, filter === "named");
    }
  }

  /** The notebook's own variables, by name. */
  async globals(): Promise<DebugProtocol.Variable[]> {
    const { names } = await this.#inspector.call("Runtime.globalLexicalScopeNames");
    const own = [...new Set(names)].filter(isStudents).sort();
    const { result, exceptionDetails } = await this.#inspector.call("Runtime.evaluate", {
      expression: `({${own.map((name) => `${JSON.stringify(name)}:${name}`).join()}})`,
      objectGroup: this.group,
      silent: true,
    });
    if (exceptionDetails || !result.objectId) return this.#oneByOne(own);
    const { properties } = await this.#contents.properties(result.objectId, true);
    return properties.map(({ name, value }) => this.toVariable(name, value ?? { type: "undefined" }, name));
  }

  /** Where one of them has no value yet, the others have. */
  async #oneByOne(names: string[]): Promise<DebugProtocol.Variable[]> {
    const found: DebugProtocol.Variable[] = [];
    for (const name of names) {
      const { result, exceptionDetails } = await this.#inspector.call("Runtime.evaluate", {
        expression: name,
        objectGroup: this.group,
        generatePreview: true,
        silent: true,
      });
      if (!exceptionDetails) found.push(this.toVariable(name, result, name));
    }
    return found;
  }

  /** A value as a line, and a reference to what is in it. */
  toVariable(name: string, value: Remote, path?: string): DebugProtocol.Variable {
    return {
      name,
      value: describe(value, IDENTIFIER.test(name) ? name : ""),
      ...(this.types && { type: typeOf(value) }),
      ...(path !== undefined && { evaluateName: path }),
      ...this.children(value, path),
    };
  }

  children(
    value: Remote,
    path?: string,
  ): Pick<DebugProtocol.Variable, "variablesReference" | "namedVariables" | "indexedVariables"> {
    if (value.objectId === undefined || value.type === "symbol") return { variablesReference: 0 };
    const length = lengthOf(value);
    const plain = value.className === "Object" || value.subtype === "array" || value.type === "function";
    const variablesReference = this.hold({ kind: "object", objectId: value.objectId, path, plain });
    return length === undefined
      ? { variablesReference }
      : { variablesReference, indexedVariables: length, namedVariables: 1 };
  }

  /** Gives a variable or a property a value. @throws {DebugProblem} it cannot have one */
  async assign(
    reference: number,
    name: string,
    expression: string,
    evaluate: (expression: string, frame: string | undefined) => Promise<Remote>,
  ): Promise<Remote> {
    const held = this.#held.get(reference);
    if (held?.kind === "scopes" || held?.kind === "globals") {
      if (!IDENTIFIER.test(name)) throw new DebugProblem(`${name} is no variable`);
      return evaluate(`${name} = (${expression})`, held.kind === "scopes" ? held.frame : undefined);
    }
    if (held?.kind !== "object" && held?.kind !== "range")
      throw new DebugProblem("this has no parts to change");
    const value = await evaluate(expression, undefined);
    const { result, exceptionDetails } = await this.#inspector.call("Runtime.callFunctionOn", {
      objectId: held.objectId,
      functionDeclaration: "function(name, value) { 'use strict'; return this[name] = value; }",
      arguments: [{ value: name }, argumentOf(value)],
      objectGroup: this.group,
      generatePreview: true,
      silent: true,
    });
    if (exceptionDetails) throw new DebugProblem(messageOf(exceptionDetails));
    return result;
  }

  async #scopes({
    scopes,
    extra,
    frame,
  }: Extract<Held, { kind: "scopes" }>): Promise<DebugProtocol.Variable[]> {
    const found = new Map<string, DebugProtocol.Variable>();
    for (const [name, value] of extra)
      found.set(name, this.toVariable(name, value, name === "this" ? name : undefined));
    for (const { object } of scopes) {
      if (!object.objectId) continue;
      const { properties } = await this.#contents.properties(object.objectId, true);
      for (const { name, value } of properties) {
        if (found.has(name) || !isStudents(name)) continue;
        const now = this.changed && frame !== undefined ? await this.#now(name, frame) : value;
        found.set(name, this.toVariable(name, now ?? { type: "undefined" }, name));
      }
    }
    return [...found.values()];
  }

  /** V8 shows a scope as it was when the code came to a standstill. */
  async #now(expression: string, callFrameId: string): Promise<Remote | undefined> {
    const { result, exceptionDetails } = await this.#inspector.call("Debugger.evaluateOnCallFrame", {
      callFrameId,
      expression,
      objectGroup: this.group,
      generatePreview: true,
      silent: true,
    });
    return exceptionDetails ? undefined : result;
  }
}

/** A compiler's own names are nobody's business. */
function isStudents(name: string): boolean {
  return IDENTIFIER.test(name) && !name.startsWith("__wirebook");
}

function groupName(group: number): string {
  return `debug-${group}`;
}

/** Of arrays and bytes. */
function lengthOf({ subtype, description = "" }: Remote): number | undefined {
  if (subtype !== "array" && subtype !== "typedarray") return undefined;
  return Number(/\((\d+)\)/.exec(description)?.[1] ?? 0);
}

export function argumentOf({ objectId, unserializableValue, value }: Remote): Runtime.CallArgument {
  if (objectId !== undefined) return { objectId };
  return unserializableValue === undefined ? { value } : { unserializableValue };
}

export function messageOf({ exception, text }: Runtime.ExceptionDetails): string {
  return exception?.description?.split("\n", 1)[0] ?? (exception ? describe(exception) : text);
}
